// The only place with exit codes; docs/CLI.md lists them.

/// How a run ended, for scripts.
///
/// Usage errors are ArgumentParser's 64.
enum ExitStatus: Int32, Error {
    /// All good, also for an empty input.
    case success = 0
    /// Finished, but something was rejected.
    case rejected = 1
    /// Could not finish, or an input could not be read.
    case failed = 2
    /// Stopped by a signal, after what had been read was written.
    case interrupted = 130
}
