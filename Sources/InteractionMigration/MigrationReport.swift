// What a submission has done so far, and at its end.

package import InteractionModel
package import InteractionSubmission

/// What became of the messages that a submission has read.
public struct MigrationCounts: Sendable, Hashable {
    /// Records that were read.
    public var records = 0
    /// Of these, records that were not converted again, since an earlier run had finished with them.
    ///
    /// Their messages are among ``delivered``.
    public var finishedEarlier = 0
    /// Messages that came of them.
    public var messages = 0
    /// Records that are no valid message and cannot become one.
    public var invalid = 0
    /// Messages that the ledger did not know.
    public var new = 0
    /// Of these, messages of a thread that the ledger knows; a changed conversation whose ids are derived is one.
    public var newInKnownThreads = 0
    /// Messages that an earlier run has registered, and that have no outcome yet.
    public var pending = 0
    /// Messages that the tenant has from an earlier run.
    public var delivered = 0
    /// Messages that an earlier run was refused.
    public var rejectedEarlier = 0
    /// Messages whose thread and request the ledger knows with other content.
    public var changed = 0
    /// Of these, messages that are not sent because nobody said that they may be.
    public var heldChanges = 0
    /// Messages that came up before in this run.
    public var duplicates = 0
    /// Messages that are sent, or would be.
    public var toSend = 0
    /// Messages that are the business of other shards, and counted nowhere else here.
    public var otherShards = 0

    /// Makes counts of nothing.
    public init() {}
}

/// How a submission stands, or ended.
public struct MigrationReport: Sendable {
    /// Why it ended.
    public enum Ending: String, Sendable, Hashable {
        /// Everything was read, and everything sent has an outcome.
        case finished
        /// It was asked to stop.
        case interrupted
        /// It could not go on.
        case failed
    }

    /// What was read, and what the ledger said to it.
    public var counts = MigrationCounts()
    /// What was sent, and what the tenant said to it.
    package var delivery = SubmissionProgress()
    /// Why it ended.
    public var ending = Ending.finished
    /// What ended it, if it failed.
    public var failure: String?
    /// How long it took, in microseconds.
    public var duration: Int64 = 0
    /// Whether somebody has said how many records may be no valid message, and they are not more.
    public var acceptsInvalid = false
    /// Whether an input could not be read to its end, or is of no known format.
    public var hasUnreadableInput = false

    /// Makes a report of nothing.
    public init() {}

    /// Messages of which at least one attempt was made.
    public var sent: Int { delivery.sent }
    /// Messages that the tenant has taken in this run.
    public var accepted: Int { delivery.accepted }
    /// Of these, messages that it says it has worked on.
    public var completed: Int { delivery.completed }
    /// Messages that were refused for good in this run.
    public var rejected: Int { delivery.rejected }
    /// Messages without a known outcome.
    public var unknown: Int { delivery.unknown }
    /// Messages that were not sent because an earlier one of their thread has no known outcome.
    public var heldBack: Int { delivery.heldBack }

    /// Whether the tenant has everything that was read.
    public var isComplete: Bool {
        ending == .finished && !hasUnreadableInput && (counts.invalid == 0 || acceptsInvalid)
            && counts.rejectedEarlier == 0
            && counts.heldChanges == 0 && rejected == 0 && unknown == 0 && heldBack == 0
    }

    /// The report as one JSON object.
    ///
    /// - Parameter version: The program's version.
    /// - Returns: UTF-8 text with a line feed at its end.
    public func json(version: String) -> String { json(version: version, nil) }

    /// The report as one JSON object, with the values of all metrics.
    package func json(version: String, _ metrics: PrometheusMetrics?) -> String {
        OutputBuffer.text(object: {
            $0.member("schema", "interaction-migrate/submission/1")
            $0.member("version", version)
            $0.member("ending", ending.rawValue)
            if let failure { $0.member("failure", failure) }
            $0.member("read", object: counts.write)
            $0.member("sent", sent)
            $0.member("accepted", accepted)
            $0.member("completed", completed)
            $0.member("rejected", rejected)
            $0.member("unknown", unknown)
            $0.member("heldBack", heldBack)
            $0.member("retries", delivery.retries)
            $0.member("strayReplies", delivery.strayReplies)
            $0.member(
                "latencyMicroseconds",
                object: {
                    $0.member("p50", Int(delivery.latencyP50))
                    $0.member("p95", Int(delivery.latencyP95))
                    $0.member("p99", Int(delivery.latencyP99))
                }
            )
            $0.member("durationMicroseconds", Int(duration))
            if let metrics { $0.member("metrics", object: metrics.write) }
        }) + "\n"
    }
}

extension MigrationCounts {
    /// Appends the counts as members of an object.
    package func write(to out: inout OutputBuffer) {
        out.member("records", records)
        out.member("finishedEarlier", finishedEarlier)
        out.member("messages", messages)
        out.member("invalid", invalid)
        out.member("new", new)
        out.member("newInKnownThreads", newInKnownThreads)
        out.member("pending", pending)
        out.member("delivered", delivered)
        out.member("rejectedEarlier", rejectedEarlier)
        out.member("changed", changed)
        out.member("heldChanges", heldChanges)
        out.member("duplicates", duplicates)
        out.member("toSend", toSend)
        out.member("otherShards", otherShards)
    }
}
