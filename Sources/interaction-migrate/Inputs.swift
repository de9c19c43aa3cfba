// The inputs that a command names.

internal import ArgumentParser
internal import Glibc
internal import InteractionConversion

/// Turns arguments into paths.
enum Inputs {
    /// Folders and patterns become the files that they stand for.
    static func expand(_ arguments: [String], _ terminal: Terminal) throws -> [String] {
        do {
            return try Converter.expand(arguments)
        } catch {
            terminal.fail(error.description)
            throw ExitStatus.failed
        }
    }

    /// Batches to map at the same time unless told otherwise: one a core, up to what one reader can feed.
    static var defaultJobs: Int { max(1, min(8, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Where what exceeds the memory goes unless told otherwise.
    static func spillFolder(_ given: String?) -> String {
        given ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    }

    /// The bytes of all inputs together, or nil if one of them has no size.
    static func size(_ paths: [String]) -> Int64? {
        var total: Int64 = 0
        for path in paths {
            var status = stat()
            guard (path == "-" ? fstat(STDIN_FILENO, &status) : stat(path, &status)) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { return nil }
            total += Int64(status.st_size)
        }
        return total
    }
}
