// What a run has done so far, and how it ended.

/// Counts of a run at one moment.
package struct SubmissionProgress: Sendable, Hashable {
    /// Messages of which at least one attempt was made.
    package var sent = 0
    /// Messages that the tenant has taken, those that it has also worked on among them.
    package var accepted = 0
    /// Messages of which the tenant has said that it has worked on them.
    package var completed = 0
    /// Messages that were refused for good.
    package var rejected = 0
    /// Messages without a known outcome, given up for this run.
    package var unknown = 0
    /// Messages that were not sent because an earlier one of their thread has no known outcome.
    package var heldBack = 0
    /// Attempts after the first.
    package var retries = 0
    /// Replies that belong to no message of the last minutes, or name none.
    package var strayReplies = 0
    package var inFlight = 0
    /// How many may be in flight at this moment.
    package var window = 0
    /// Messages a second that got an outcome during the last ten seconds.
    package var rate = 0.0
    /// How long half, 95 and 99 of 100 answers took at most, in microseconds; 0 before the first.
    package var latencyP50: Int64 = 0
    package var latencyP95: Int64 = 0
    package var latencyP99: Int64 = 0
    /// Until when nothing is sent because the tenant asked so or does not answer, in milliseconds since 1970.
    package var pausedUntil: Int64?

    /// Makes counts of nothing.
    package init() {}
}

/// What became of a run.
package struct SubmissionSummary: Sendable, Hashable {
    /// Why a run ended.
    package enum Ending: Sendable, Hashable {
        /// Everything was sent and has an outcome.
        case finished
        /// It was asked to stop.
        case stopped
        /// It could not go on.
        case failed(SubmissionError)
    }

    package var ending: Ending
    package var progress: SubmissionProgress
    /// How long it took, in microseconds.
    package var duration: Int64

    /// Makes a summary.
    package init(ending: Ending, progress: SubmissionProgress, duration: Int64) {
        self.ending = ending
        self.progress = progress
        self.duration = duration
    }
}
