// The folder for one file an Interaction.

internal import Glibc

/// Makes output folders.
enum OutputFolder {
    /// Makes a folder and those above it, if they are missing.
    static func make(_ path: String) throws(OutputFailure) {
        var current = path.hasPrefix("/") ? "/" : ""
        for name in path.split(separator: "/") {
            current += current.isEmpty || current == "/" ? String(name) : "/" + name
            if mkdir(current, 0o777) != 0, errno != EEXIST { throw OutputFailure(path: path, code: errno) }
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw OutputFailure(path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw OutputFailure(path: path, code: ENOTDIR) }
    }
}
