// The one error of the input layer: what stops the reading of a file.

/// Why an input could not be read, as opposed to a finding about one of its records.
package struct SourceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, stable across versions so that scripts can rely on it.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case cannotOpen = "cannot-open"
            case isDirectory = "is-directory"
            case cannotRead = "cannot-read"
            case gzipCorrupt = "gzip-corrupt"
            case gzipTruncated = "gzip-truncated"
            case encodingUnsupported = "encoding-unsupported"
            case encodingCorrupt = "encoding-corrupt"
            case encodingUnknown = "encoding-unknown"
            case archiveCorrupt = "archive-corrupt"
            case archiveRefused = "archive-refused"
            case archiveUnsupported = "archive-unsupported"
            case noMatch = "no-match"
            case interrupted = "interrupted"
        }

        private let value: Value

        /// The file does not exist or may not be opened.
        package static let cannotOpen = Code(value: .cannotOpen)
        /// A folder was given where a file is read.
        package static let isDirectory = Code(value: .isDirectory)
        /// The operating system failed while the file was being read.
        package static let cannotRead = Code(value: .cannotRead)
        /// The gzip data contradicts itself or its checksum, or something else follows it.
        package static let gzipCorrupt = Code(value: .gzipCorrupt)
        /// The gzip data ends before its checksum.
        package static let gzipTruncated = Code(value: .gzipTruncated)
        /// The text is in an encoding that is not read, such as UTF-32.
        package static let encodingUnsupported = Code(value: .encodingUnsupported)
        /// The text breaks the rules of its encoding where no record can be blamed for it.
        package static let encodingCorrupt = Code(value: .encodingCorrupt)
        /// The encoding that was named is none that the C library knows.
        package static let encodingUnknown = Code(value: .encodingUnknown)
        /// The archive contradicts itself or its checksums, or ends too early.
        package static let archiveCorrupt = Code(value: .archiveCorrupt)
        /// The archive, or something in it, is not opened because it could do harm.
        package static let archiveRefused = Code(value: .archiveRefused)
        /// The archive is of a kind that is not opened.
        package static let archiveUnsupported = Code(value: .archiveUnsupported)
        /// A pattern or folder holds no file to read.
        package static let noMatch = Code(value: .noMatch)
        /// The run was cancelled while it waited for input.
        package static let interrupted = Code(value: .interrupted)

        /// The kebab-case name that reports and documentation use.
        package var description: String { value.rawValue }

        fileprivate var remedy: String? {
            switch value {
            case .cannotOpen: "check the path and its permissions"
            case .isDirectory: "name the files in it"
            case .cannotRead: "check the disk or network share and run again"
            case .gzipCorrupt: "test the file with 'gzip -t' and fetch or create it again"
            case .gzipTruncated: "the file is incomplete, fetch or create it again"
            case .encodingUnsupported: "convert the file to UTF-8, for instance with 'iconv -t UTF-8'"
            case .encodingCorrupt:
                "the file is damaged or incomplete, fetch or create it again, or name another encoding if you named one"
            case .encodingUnknown: "name one that 'iconv -l' lists, such as windows-1252, or none to recognise it"
            case .archiveCorrupt: "fetch or create the archive again"
            case .archiveRefused: "unpack it yourself if you trust it, and name the files"
            case .archiveUnsupported: "unpack it yourself and name the files, or pack them as .zip, .tar, .gz or .zst"
            case .noMatch: "check the spelling, or name the files themselves"
            case .interrupted: nil
            }
        }

        fileprivate var summary: String {
            switch value {
            case .cannotOpen: "cannot be opened"
            case .isDirectory: "is a folder, not a file"
            case .cannotRead: "cannot be read"
            case .gzipCorrupt: "is damaged gzip data"
            case .gzipTruncated: "is gzip data that ends too early"
            case .encodingUnsupported: "is in a text encoding that is not supported"
            case .encodingCorrupt: "breaks the rules of its text encoding"
            case .encodingUnknown: "cannot be read in an unknown text encoding"
            case .archiveCorrupt: "is a damaged archive"
            case .archiveRefused: "is refused"
            case .archiveUnsupported: "is an archive of a kind that is not opened"
            case .noMatch: "matches no file"
            case .interrupted: "was not read to its end because the run was cancelled"
            }
        }
    }

    /// What went wrong.
    package let code: Code
    /// The path, pattern or folder as the user gave it; `-` is the standard input.
    package let path: String
    /// How many bytes of the file (as stored, before any decompression) had been used, where that is known.
    package let offset: Int64?
    /// What the operating system or library said, or an empty string.
    package let detail: String

    /// Creates an error about one input.
    package init(_ code: Code, path: String, offset: Int64? = nil, detail: String = "") {
        self.code = code
        self.path = path
        self.offset = offset
        self.detail = detail
    }

    /// What happened and what to do about it, in one line without any content of the file.
    package var description: String {
        var text = path == "-" ? "standard input" : "'\(Self.printable(path))'"
        text += " \(code.summary)"
        if !detail.isEmpty { text += " (\(detail))" }
        if let offset { text += ", after byte \(offset)" }
        if let remedy = code.remedy { text += "; \(remedy)" }
        return text
    }

    /// File names are foreign text: control characters must not reach a terminal.
    private static func printable(_ path: String) -> String {
        var text = String.UnicodeScalarView()
        for scalar in path.unicodeScalars {
            text.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
        }
        return String(text)
    }
}
