// The shapes of conversations: the structure of what they become, and what is said about them.

internal import InteractionMapping
internal import InteractionModel

/// Tells conversations apart by the structure of their Interactions, what is kept of the source included.
final class ConversationShapes {
    /// The shapes of the batch at hand.
    private(set) var latest: [UInt64] = []
    private var tape = JSONTape()
    // Places in a conversation are part of the names of kept values.
    private var fingerprint = ShapeFingerprint(ignoresDigits: true)

    /// Turns to another batch.
    func begin() { latest.removeAll(keepingCapacity: true) }

    /// Adds a conversation.
    ///
    /// - Parameters:
    ///   - outcomes: What it became, one for each stretch of it.
    ///   - bytes: What the ranges of the outcomes' outputs refer to.
    func add(_ outcomes: ArraySlice<RecordOutcome>, _ bytes: UnsafeRawBufferPointer) {
        var shape = KeyHash.first
        for outcome in outcomes {
            for code in Set(outcome.findings.map(\.code.rawValue)).sorted() {
                shape = Array(code.utf8).withUnsafeBytes { ShapeFingerprint.mix(shape, KeyHash(seed: 0)($0)) }
            }
            for output in outcome.outputs {
                let copy = PaddedBytes(UnsafeRawBufferPointer(rebasing: bytes[output.range]))
                guard (try? tape.scan(copy.start, count: copy.count)) != nil else { continue }
                shape = ShapeFingerprint.mix(shape, fingerprint.of(tape.view(of: copy.start), isRow: false))
            }
        }
        latest.append(shape)
    }
}
