// From the arguments of a command to the files that it reads: folders and patterns.

import Glibc

/// Finds the files that arguments stand for, in an order that is the same on every machine.
package enum InputExpansion {
    /// The endings of the names that are taken from a folder; each may be followed by `.gz`.
    package static let suffixes = [".json", ".ndjson", ".jsonl", ".json5"]

    /// Expands folders and patterns.
    ///
    /// A file that is named twice is read twice; one that a folder or pattern finds is left out if it is named
    /// elsewhere or was found before. What cannot be opened stays, so that its reader reports it in turn. Names
    /// that are not UTF-8 are reported in that way too.
    ///
    /// - Parameter arguments: Paths, patterns and `-`.
    /// - Returns: Paths of files and `-`, by argument, then by the bytes of the path within the argument.
    /// - Throws: `no-match` for a folder or pattern without files, `cannot-open` for a pattern's unreadable folder.
    package static func expand(_ arguments: [String]) throws(SourceError) -> [String] {
        var known = Set<FileIdentity>()
        for argument in arguments where argument != "-" {
            if let status = FileStatus(of: argument), !status.isFolder { known.insert(status.identity) }
        }
        var result: [String] = []
        for argument in arguments {
            let found = try candidates(for: argument)
            guard found != [argument] else {
                result.append(argument)
                continue
            }
            result += found.filter { path in
                guard let status = FileStatus(of: path) else { return true }
                return known.insert(status.identity).inserted
            }
        }
        return result
    }

    private static func candidates(for argument: String) throws(SourceError) -> [String] {
        guard argument != "-" else { return [argument] }
        if let status = FileStatus(of: argument) {
            guard status.isFolder else { return [argument] }
            let found = files(in: argument)
            guard found.isEmpty else { return found }
            let wanted = "no file in this folder ends in \(suffixes.joined(separator: ", ")), or these + .gz"
            throw SourceError(.noMatch, path: argument, detail: wanted)
        }
        guard argument.utf8.contains(where: { "*?[".utf8.contains($0) }) else { return [argument] }
        var found: [String] = []
        for path in try matches(of: argument) {
            let isFolder = FileStatus(of: path)?.isFolder ?? false
            found += isFolder ? files(in: path) : [path]
        }
        guard found.isEmpty else { return found }
        throw SourceError(.noMatch, path: argument, detail: "no file fits this pattern")
    }

    private static func matches(of pattern: String) throws(SourceError) -> [String] {
        // Safety: `glob` fills the structure and `globfree` frees what it points to; the names are copied before.
        var matched = glob_t()
        defer { globfree(&matched) }
        let status = glob(pattern, GLOB_ERR | GLOB_NOSORT, nil, &matched)
        if status == GLOB_NOMATCH { return [] }
        guard status == 0 else {
            let reason = status == GLOB_NOSPACE ? "out of memory" : String(cString: strerror(errno))
            throw SourceError(.cannotOpen, path: pattern, detail: reason)
        }
        var paths: [String] = []
        for index in 0..<Int(matched.gl_pathc) {
            if let name = matched.gl_pathv[index] { paths.append(String(cString: name)) }
        }
        return sortedByBytes(paths)
    }

    private static func files(in folder: String) -> [String] {
        var walk = FolderWalk()
        walk.visit(folder)
        return sortedByBytes(walk.found)
    }

    /// Paths of one folder share their start, so that this is also the order of their relative paths.
    private static func sortedByBytes(_ paths: [String]) -> [String] {
        paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

/// What makes two paths the same file.
private struct FileIdentity: Hashable {
    let device: UInt
    let inode: UInt
}

private struct FileStatus {
    let identity: FileIdentity
    let isFolder: Bool
    let isRegularFile: Bool
    let isLink: Bool

    init?(of path: String, followingLinks: Bool = true) {
        var status = stat()
        guard fstatat(AT_FDCWD, path, &status, followingLinks ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        identity = FileIdentity(device: UInt(status.st_dev), inode: UInt(status.st_ino))
        isFolder = status.st_mode & S_IFMT == S_IFDIR
        isRegularFile = status.st_mode & S_IFMT == S_IFREG
        isLink = status.st_mode & S_IFMT == S_IFLNK
    }
}

/// One walk through a folder; links are followed last, so that a file keeps its own path where it has one.
private struct FolderWalk {
    private(set) var found: [String] = []
    private var seen = Set<FileIdentity>()
    private var folders: [String] = []
    private var links: [String] = []

    mutating func visit(_ root: String) {
        take(root, FileStatus(of: root))
        while true {
            while let folder = folders.popLast() { list(folder) }
            guard !links.isEmpty else { break }
            links.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let link = links.removeFirst()
            take(link, FileStatus(of: link))
        }
    }

    private mutating func take(_ path: String, _ status: FileStatus?) {
        guard let status else {
            // A dangling link, or a name that is not UTF-8: its reader says so.
            if Self.hasWantedSuffix(path) { found.append(path) }
            return
        }
        if status.isLink {
            links.append(path)
        } else if status.isFolder {
            if seen.insert(status.identity).inserted { folders.append(path) }
        } else if status.isRegularFile, Self.hasWantedSuffix(path), seen.insert(status.identity).inserted {
            found.append(path)
        }
    }

    private mutating func list(_ folder: String) {
        guard let names = Self.visibleNames(in: folder) else {
            found.append(folder)
            return
        }
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            let path = prefix + name
            take(path, FileStatus(of: path, followingLinks: false))
        }
    }

    private static func visibleNames(in folder: String) -> [String]? {
        guard let handle = opendir(folder) else { return nil }
        defer { closedir(handle) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(handle) else { return errno == 0 ? names : nil }
            // Safety: the name ends in a NUL within the entry, which lives until the next `readdir`. Its address is
            // taken inside the entry itself, since the kernel makes it no longer than the name.
            let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
            let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            let text = String(cString: name)
            if !text.hasPrefix(".") { names.append(text) }
        }
    }

    private static func hasWantedSuffix(_ path: String) -> Bool {
        var name = path.lowercased()
        if name.hasSuffix(".gz") { name.removeLast(3) }
        return InputExpansion.suffixes.contains { name.hasSuffix($0) }
    }
}
