// What a run may do, in the machines' units.

/// Limits of a run.
struct Limits: Sendable {
    var concurrency: Int
    var rate: SendingRate?
    var attempts: Int
    /// How long one message is tried, however often, in microseconds; nil for as often as ``attempts`` says.
    var deadline: Int64?
    var backoff: Backoff
    var failureLimit: FailureLimit?
    /// How long there may be no good answer at all, in microseconds.
    var patience: Int64
    /// Lost connections after which a message is sent alone, to find out whether it is to blame.
    var lossesBeforeSuspicion = 4
    /// Closes for too big a message that was alone, after which it is refused.
    var oversizes = 3

    init(_ options: SubmissionOptions) {
        concurrency = options.concurrency
        rate = options.rate
        attempts = options.attempts
        deadline = options.deadline?.microseconds
        backoff = Backoff(cap: options.retryCap.microseconds)
        failureLimit = options.failureLimit
        patience = options.patience.microseconds
    }

    /// Messages that must have an outcome before a part of them means anything.
    static let sample = 20

    /// Why a run must not go on, if it must not.
    func exceeded(_ progress: SubmissionProgress, lastReason: String?) -> SubmissionError? {
        let failures = progress.rejected + progress.unknown
        let settled = failures + progress.accepted
        let isTooMuch =
            switch failureLimit {
            case .count(let limit): failures > limit
            case .percent(let limit): settled >= Self.sample && Double(failures) * 100 > limit * Double(settled)
            case nil: failures == settled && settled >= Self.sample
            }
        guard isTooMuch else { return nil }
        let last = lastReason.map { "; the last: \($0)" } ?? ""
        return SubmissionError(.tooManyFailures, "\(failures) of \(settled) messages failed\(last)")
    }
}
