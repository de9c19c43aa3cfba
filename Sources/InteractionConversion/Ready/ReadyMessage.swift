// What the reading of messages for submission hands out.

package import InteractionMapping
package import InteractionModel

/// An Interaction that is ready to be sent, and where it comes from.
package struct ReadyMessage: Sendable {
    package var message: FinishedMessage
    /// The input as it was named.
    package var file: String
    /// The number of the record in it, from 1; of a conversation, the first.
    package var record: Int
    /// The position in the run of the legacy record or conversation that it comes from, if it was converted.
    package var position: Int?
    /// Whether a run has put it aside as refused, and somebody hands it in again.
    package var isDeadLetter = false
    /// Whether another message has the idempotency key that the source gives, so that its own is used.
    package var isKeyTaken = false
}

/// A record that cannot be sent.
package struct RefusedRecord: Sendable {
    package var finding: Finding
    /// The record as it was read, if it is JSON.
    package var json: [UInt8]?
}

/// Some consecutive messages.
package struct ReadyBatch: Sendable {
    package var messages: [ReadyMessage] = []
    package var refused: [RefusedRecord] = []
    /// What a person should know beside what was refused.
    package var findings: [Finding] = []
    /// The positions of what cannot be sent, for the next run to look at again.
    package var openPositions: [Int] = []
    /// The positions of messages that are not this process's business.
    package var foreignPositions: [Int] = []
    /// The position before which everything has been delivered, of what is converted.
    package var endPosition = 0
}

/// What was read for submission.
package struct ReadyReport: Sendable {
    /// Records that were read.
    package var records = 0
    /// Of these, records that an earlier run had finished with.
    package var finishedEarlier = 0
    /// Messages that came of them.
    package var messages = 0
    /// Records, or conversations, that cannot be sent.
    package var refused = 0
    /// Whether an input could not be read to its end, or is of no known format.
    package var hasUnreadableInput = false
    /// Whether more was refused than ``ConversionOptions/acceptedRejects`` allows, so that the reading may have ended.
    package var exceedsRejects = false
    /// Whether the reading was stopped before the end.
    package var wasInterrupted = false
    /// What the conversion says about what had to be converted; nil if there was nothing.
    package var conversion: ConversionReport?

    /// Makes a report of nothing.
    package init() {}
}
