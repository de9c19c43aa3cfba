// Folders, the clock, and a file of credentials.

internal import Glibc

extension MachineCheck {
    /// Less than this is full soon.
    private static let littleSpace: UInt64 = 1 << 30

    /// Looks at a folder that will be written to.
    static func folder(_ path: String, as name: String) -> MachineCheck {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            return MachineCheck(name, .error, "\(path) is no folder", remedy: "make it, or name another")
        }
        guard access(path, W_OK | X_OK) == 0 else {
            return MachineCheck(
                name,
                .error,
                "\(path) cannot be written to",
                remedy: "change its rights, or name another"
            )
        }
        var space = statvfs()
        guard statvfs(path, &space) == 0 else {
            return MachineCheck(name, .warning, "\(path): how much is free, is not known")
        }
        let free = UInt64(space.f_bavail) * UInt64(space.f_frsize)
        let found = "\(path): \(free >> 20) MB free"
        if free < littleSpace { return MachineCheck(name, .warning, found, remedy: "free some space, or name another") }
        if name == "temporary", isMemory(path) {
            let remedy = "name a folder on disk with --spill-dir, if conversations exceed --memory"
            return MachineCheck(name, .warning, found + ", which is memory", remedy: remedy)
        }
        return MachineCheck(name, found)
    }

    /// Whether a folder is in memory: of the file systems that it is below, the last one that was mounted counts.
    private static func isMemory(_ path: String) -> Bool {
        guard let real = realpath(path, nil) else { return false }
        defer { free(real) }
        let place = String(cString: real) + "/"
        var kind: Substring = ""
        var depth = 0
        for line in contents("/proc/self/mounts")?.split(separator: "\n") ?? [] {
            let words = line.split(separator: " ")
            guard words.count > 2, words[1] == "/" || place.hasPrefix(words[1] + "/"), words[1].count >= depth else {
                continue
            }
            depth = words[1].count
            kind = words[2]
        }
        return kind == "tmpfs"
    }

    /// Compares the clock with the times of files, which another machine may write.
    static func clock(in folder: String) -> MachineCheck {
        let now = time(nil)
        var own = stat()
        // A program cannot be younger than now.
        if stat("/proc/self/exe", &own) == 0, own.st_mtim.tv_sec > now + 60 {
            let remedy = "set the clock: what is submitted bears its time"
            return MachineCheck("clock", .error, "it is behind the time at which this program was made", remedy: remedy)
        }
        var path = Array("\(folder)/.interaction-migrate.XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { return MachineCheck("clock", "not compared with that of the output folder") }
        defer { close(descriptor) }
        unlink(path)
        var written = stat()
        guard fstat(descriptor, &written) == 0 else { return MachineCheck("clock", "plausible") }
        let difference = written.st_mtim.tv_sec - now
        guard abs(difference) <= 5 else {
            let found = "that of the output folder differs by \(difference) seconds"
            return MachineCheck("clock", .warning, found, remedy: "set the clocks by the network")
        }
        return MachineCheck("clock", "plausible")
    }

    /// Looks at the rights of a file that holds secrets, and not into it.
    ///
    /// - Parameter path: The file.
    /// - Returns: Whether nobody else can read or replace it.
    public static func credentials(_ path: String) -> MachineCheck {
        let name = "credentials"
        var status = stat()
        guard stat(path, &status) == 0 else {
            return MachineCheck(
                name,
                .error,
                "\(path): \(String(cString: strerror(errno)))",
                remedy: "name another file"
            )
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return MachineCheck(name, .error, "\(path) is no file", remedy: "name a file")
        }
        guard access(path, R_OK) == 0 else {
            return MachineCheck(name, .error, "\(path) cannot be read", remedy: "run as its owner")
        }
        guard status.st_mode & 0o077 == 0 else {
            return MachineCheck(name, .error, "\(path) is open to other users", remedy: "chmod 600 \(path)")
        }
        guard status.st_uid == geteuid() else {
            return MachineCheck(name, .warning, "\(path) belongs to another user", remedy: "chown it to who runs this")
        }
        return MachineCheck(name, "\(path) is its owner's alone")
    }
}
