// What a path holds: one file, the files of a folder, or the files of an archive.

/// One file to read, wherever it lies.
package struct InputMember: Sendable, Hashable {
    /// The file, folder or archive, as it was named.
    package let container: String
    /// The path inside the folder or archive, with `/` between folders; empty for a file of its own.
    package let name: String
    /// Its place among an archive's entries; nil for what lies in no archive.
    package let position: Int?
    /// What people are told instead of its name.
    private var label: String?

    /// Names a file.
    package init(container: String, name: String = "", position: Int? = nil) {
        self.container = container
        self.name = name
        self.position = position
    }

    /// The file on disk that has its bytes: the archive, for what lies in one.
    package var storedPath: String { position == nil ? path : container }

    /// Names the standard input.
    ///
    /// - Parameter label: What people are told instead of `-`.
    package init(standardInputCalled label: String?) {
        self.init(container: "-")
        self.label = label
    }

    /// How people are told of it, such as `export.zip!channel/2024.json`.
    package var displayName: String { label ?? path }

    /// Where it is, for whoever opens it.
    var path: String {
        if name.isEmpty { return container }
        if position != nil { return container + "!" + name }
        return container.hasSuffix("/") ? container + name : container + "/" + name
    }
}

/// What a path is.
package enum InputContainer: Sendable, Hashable {
    /// One file, compressed or not; also the standard input.
    case file
    case folder
    /// A `.zip`, `.tar`, `.tar.gz` or `.tar.zst` archive.
    case archive

    /// Finds out by looking at the file's first bytes.
    ///
    /// - Parameter path: The path; `-` is the standard input, which is never taken for an archive.
    /// - Returns: What it is; a path that cannot be looked at counts as a file, whose reader says why.
    package static func of(_ path: String) -> InputContainer {
        guard path != "-", let status = FileStatus(of: path) else { return .file }
        if status.isFolder { return .folder }
        guard status.isRegularFile, let file = try? FileBytes(path: path) else { return .file }
        let head = HeadedBytes(file)
        switch head.kind {
        case .zip, .tar: return .archive
        case .gzip, .zstandard: return (try? head.unpacked(path))?.kind == .tar ? .archive : .file
        case .foreign, nil: return .file
        }
    }

    /// Lists every file that arguments stand for.
    ///
    /// The files of a folder come in the byte order of their names, archives among them in their place. Those of an
    /// archive come in the archive's own order, so that one pass reads them all; none is read yet.
    ///
    /// - Parameter arguments: Files, folders, archives, patterns and `-`.
    /// - Returns: The files, by argument. What an archive holds and must not be read is among them, and so is the fault
    ///   of a broken archive: opening such a member throws.
    /// - Throws: `no-match`, or `cannot-open` for a pattern's unreadable folder.
    package static func members(of arguments: [String]) throws(SourceError) -> [InputMember] {
        var members: [InputMember] = []
        for found in try InputExpansion.everyFile(of: arguments) {
            if of(found.path) == .archive {
                let files = listing(of: found.path)
                if files.isEmpty, found.folder == nil {
                    throw SourceError(.noMatch, path: found.path, detail: "no file in this archive")
                }
                members += files
            } else if let folder = found.folder {
                let name = found.path.dropFirst(folder.count).drop { $0 == "/" }
                members.append(InputMember(container: folder, name: String(name)))
            } else {
                members.append(InputMember(container: found.path))
            }
        }
        return members
    }

    /// The files of an archive up to the first fault, which stands for the rest.
    private static func listing(of path: String) -> [InputMember] {
        var members: [InputMember] = []
        var position = 0
        do {
            var reader = try ArchiveReader(path: path)
            while let entry = try reader.nextEntry() {
                members.append(InputMember(container: path, name: entry.name, position: entry.position))
                position = entry.position + 1
            }
        } catch {
            // Whoever opens this one meets the fault again.
            members.append(InputMember(container: path, position: position))
        }
        return members
    }
}
