// Ctrl-C: the first one stops the reading and lets the rest drain, the second one ends the process.

internal import Glibc
internal import Synchronization

/// The process's reaction to signals.
enum Signals {
    private static let stopRequests = Atomic<Int>(0)

    /// Whether somebody asked to stop.
    static var isStopped: Bool { stopRequests.load(ordering: .relaxed) > 0 }

    /// Asks whether somebody asked to stop.
    @Sendable static func stopped() -> Bool { isStopped }

    /// Takes the signals over.
    static func install() {
        // Made now, since a signal handler must not be the first to touch it.
        guard !isStopped else { return }
        // A closed pipe and a full disk limit show as errors of write(2) instead.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            // No SA_RESTART: a read that waits must return to see the request.
            action.__sigaction_handler.sa_handler = { _ in
                // Safety: an atomic add and _exit are all that happens here, both async-signal-safe.
                if Signals.stopRequests.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { _exit(130) }
            }
            sigaction(number, &action, nil)
        }
    }
}
