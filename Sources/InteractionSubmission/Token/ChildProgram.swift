// Runs a program without a shell and takes what it prints.

internal import Glibc

/// A program that is run for its output.
enum ChildProgram {
    /// Why there is no output.
    struct Failure: Error, Sendable, Hashable {
        var isPermanent: Bool
        var reason: String
    }

    /// Runs a program to its end; blocks the thread.
    ///
    /// Its input is empty, and its errors go where those of this program go.
    ///
    /// - Parameters:
    ///   - arguments: The program, looked for in `PATH`, and its arguments.
    ///   - limit: Bytes of output at most.
    ///   - timeout: How long it may take, in microseconds; then it is killed.
    /// - Returns: What it has printed, if it has ended with 0.
    static func output(of arguments: [String], limit: Int, timeout: Int64) -> Result<[UInt8], Failure> {
        guard let name = arguments.first else { return .failure(Failure(isPermanent: true, reason: "no program")) }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return .failure(Failure(isPermanent: false, reason: lastError())) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        let texts = arguments.map { strdup($0) }
        defer { for text in texts { free(text) } }
        var child = pid_t()
        let status = posix_spawnp(&child, name, &actions, nil, texts + [nil], environ)
        close(ends[1])
        guard status == 0 else {
            let reason = "cannot run \(name): \(String(cString: strerror(status)))"
            return .failure(Failure(isPermanent: true, reason: reason))
        }
        let output = readAll(ends[0], limit: limit, until: MachineClock.now + timeout)
        if output == nil { kill(child, SIGKILL) }
        var end: Int32 = 0
        while waitpid(child, &end, 0) < 0, errno == EINTR {}
        guard let output else {
            let reason = "\(name) has printed too much, or not ended after \(timeout / 1_000_000) s"
            return .failure(Failure(isPermanent: false, reason: reason))
        }
        guard end == 0 else {
            let how = end & 0x7F == 0 ? "ended with \(end >> 8 & 0xFF)" : "was killed by signal \(end & 0x7F)"
            return .failure(Failure(isPermanent: false, reason: "\(name) \(how)"))
        }
        return .success(output)
    }

    private static func readAll(_ file: Int32, limit: Int, until deadline: Int64) -> [UInt8]? {
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let left = deadline - MachineClock.now
            guard left > 0 else { return nil }
            var poller = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            let ready = poll(&poller, 1, Int32(min(left / 1000 + 1, 1_000_000)))
            if ready < 0, errno != EINTR { return nil }
            guard ready > 0 else { continue }
            let count = read(file, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, output.count + count <= limit else { return nil }
            if count == 0 { return output }
            output += piece.prefix(count)
        }
    }

    private static func lastError() -> String { String(cString: strerror(errno)) }
}
