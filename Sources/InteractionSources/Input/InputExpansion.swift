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
        try find(arguments, taking: .named).map(\.path)
    }

    /// Expands folders and patterns as ``expand(_:)`` does, but takes every regular file from a folder.
    ///
    /// - Parameter arguments: Paths, patterns and `-`.
    /// - Returns: The files, in the same order.
    /// - Throws: `no-match` for a folder or pattern without files, `cannot-open` for a pattern's unreadable folder.
    package static func everyFile(of arguments: [String]) throws(SourceError) -> [ExpandedFile] {
        try find(arguments, taking: .all)
    }

    private static func find(
        _ arguments: [String],
        taking selection: FolderSelection
    ) throws(SourceError) -> [ExpandedFile] {
        var known = Set<FileIdentity>()
        for argument in arguments where argument != "-" {
            if let status = FileStatus(of: argument), !status.isFolder { known.insert(status.identity) }
        }
        var result: [ExpandedFile] = []
        for argument in arguments {
            let found = try candidates(for: argument, taking: selection)
            let named = ExpandedFile(path: argument, folder: nil)
            guard found != [named] else {
                result.append(named)
                continue
            }
            result += found.filter { file in
                guard let status = FileStatus(of: file.path) else { return true }
                return known.insert(status.identity).inserted
            }
        }
        return result
    }

    private static func candidates(
        for argument: String,
        taking selection: FolderSelection
    ) throws(SourceError) -> [ExpandedFile] {
        let named = ExpandedFile(path: argument, folder: nil)
        guard argument != "-" else { return [named] }
        if let status = FileStatus(of: argument) {
            guard status.isFolder else { return [named] }
            let found = files(in: argument, taking: selection)
            guard found.isEmpty else { return found }
            throw SourceError(.noMatch, path: argument, detail: selection.lack)
        }
        guard argument.utf8.contains(where: { "*?[".utf8.contains($0) }) else { return [named] }
        var found: [ExpandedFile] = []
        for path in try matches(of: argument) {
            let isFolder = FileStatus(of: path)?.isFolder ?? false
            found += isFolder ? files(in: path, taking: selection) : [ExpandedFile(path: path, folder: nil)]
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

    private static func files(in folder: String, taking selection: FolderSelection) -> [ExpandedFile] {
        var walk = FolderWalk(selection: selection)
        walk.visit(folder)
        return sortedByBytes(walk.found).map { ExpandedFile(path: $0, folder: folder) }
    }

    /// Paths of one folder share their start, so that this is also the order of their relative paths.
    private static func sortedByBytes(_ paths: [String]) -> [String] {
        paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

/// A file that an argument stands for.
package struct ExpandedFile: Sendable, Hashable {
    package let path: String
    /// The folder in which it was found; nil for a file that was named, or fits a pattern.
    package let folder: String?
}

/// Which files of a folder are meant.
private enum FolderSelection {
    /// Those with one of the known endings.
    case named
    /// All but hidden ones and what file managers leave behind.
    case all

    var lack: String {
        switch self {
        case .named:
            "no file in this folder ends in \(InputExpansion.suffixes.joined(separator: ", ")), or these + .gz"
        case .all: "no file in this folder"
        }
    }

    func takes(_ path: String) -> Bool {
        guard self == .named else { return true }
        var name = path.lowercased()
        if name.hasSuffix(".gz") { name.removeLast(3) }
        return InputExpansion.suffixes.contains { name.hasSuffix($0) }
    }

    func enters(_ name: String) -> Bool { self == .named || name != "__MACOSX" }
}

/// What makes two paths the same file.
struct FileIdentity: Hashable {
    let device: UInt
    let inode: UInt
}

/// What the file system says of a path.
struct FileStatus {
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
    let selection: FolderSelection
    private(set) var found: [String] = []
    private var seen = Set<FileIdentity>()
    private var folders: [String] = []
    private var links: [String] = []

    init(selection: FolderSelection) { self.selection = selection }

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
            if selection.takes(path) { found.append(path) }
            return
        }
        if status.isLink {
            links.append(path)
        } else if status.isFolder {
            if seen.insert(status.identity).inserted { folders.append(path) }
        } else if status.isRegularFile, selection.takes(path), seen.insert(status.identity).inserted {
            found.append(path)
        }
    }

    private mutating func list(_ folder: String) {
        guard let names = Self.visibleNames(in: folder) else {
            found.append(folder)
            return
        }
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where selection.enters(name) {
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
}
