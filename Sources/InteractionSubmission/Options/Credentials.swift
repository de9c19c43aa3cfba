// Who sends: from the environment or from files that only their owner can read, never from the command line.

internal import Glibc

/// Where tokens come from.
package enum Credentials: Sendable, Hashable {
    /// OAuth2 client credentials.
    case client(id: Secret, secret: Secret)
    /// A file with a token, which something else keeps fresh.
    case file(String)
    /// A program that prints a token, with its arguments.
    case command([String])
    /// A token from the environment.
    case token(Secret)
}

/// Reads files that hold secrets.
package enum SecretFile {
    /// Reads a file, without white space around its text.
    ///
    /// - Parameters:
    ///   - path: The file; its owner must be the only one who can read it.
    ///   - option: The option or variable that names it, for the error.
    /// - Returns: The text.
    /// - Throws: ``SubmissionError`` if others can read it, or it holds no text.
    package static func read(_ path: String, option: String) throws(SubmissionError) -> Secret {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw SubmissionError(.credentials, "\(option): cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw SubmissionError(.credentials, "\(option): \(path) is not a file")
        }
        // What root has mounted for a group, as Kubernetes does, is not for that group's members to change.
        let allowed: mode_t = facts.st_uid == 0 && geteuid() != 0 ? 0o040 : 0
        guard facts.st_mode & 0o077 & ~allowed == 0 else {
            let mode = String(facts.st_mode & 0o777, radix: 8)
            throw SubmissionError(
                .credentials,
                "\(option): others can read \(path) (mode \(mode)); make it yours alone: chmod 600 \(path)"
            )
        }
        guard facts.st_uid == geteuid() || facts.st_uid == 0 else {
            throw SubmissionError(.credentials, "\(option): \(path) belongs to another user")
        }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count >= 0 else {
            throw SubmissionError(.credentials, "\(option): cannot read \(path): \(String(cString: strerror(errno)))")
        }
        guard let text = trimmed(bytes.prefix(count)) else {
            throw SubmissionError(.credentials, "\(option): \(path) must hold one line of printable text")
        }
        return Secret(text)
    }

    /// One line of printable ASCII without the white space around it; nil for anything else.
    static func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> String? {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }),
            let last = bytes.lastIndex(where: { !isSpace($0) }),
            bytes[first...last].allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
        else { return nil }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }
}
