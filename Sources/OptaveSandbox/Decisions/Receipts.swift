// What the tenant has accepted so far, by idempotency key.

internal import InteractionModel

/// The memory that makes a repetition harmless.
struct Receipts: Sendable {
    /// What became of a message that is in order.
    struct Receipt: Sendable, Equatable {
        /// The number of the message that was accepted first under the key, from 1.
        var number: Int
        var isRepeated: Bool
    }

    private struct Known {
        var number: Int
        var time: WallTime
        var digest: UInt64
    }

    private let window: Int64?
    private var known: [UUIDValue: Known] = [:]

    /// Messages accepted for the first time.
    private(set) var accepted = 0
    private(set) var repetitions = 0
    /// Repetitions whose payload was not that of the first.
    private(set) var conflicts = 0
    private(set) var withoutKey = 0
    /// Messages that came after the window of their key had passed, and so were accepted once more.
    private(set) var forgotten = 0

    /// Different keys ever seen.
    var distinctKeys: Int { known.count }

    /// - Parameter window: How long a key is remembered, in milliseconds; nil is for ever.
    init(window: Int64?) { self.window = window }

    /// What would become of a message.
    func receipt(for message: SubmittedMessage, _ now: WallTime) -> Receipt {
        guard let key = message.idempotencyKey, let known = known[Self.value(of: key)] else {
            return Receipt(number: accepted + 1, isRepeated: false)
        }
        let isForgotten = window.map { known.time.advanced(by: $0) <= now } ?? false
        return isForgotten
            ? Receipt(number: accepted + 1, isRepeated: false) : Receipt(number: known.number, isRepeated: true)
    }

    /// Books a message for which ``receipt(for:_:)`` was given out.
    mutating func book(_ receipt: Receipt, key: String?, digest: UInt64, _ now: WallTime) {
        let key = key.map(Self.value(of:))
        if receipt.isRepeated {
            repetitions += 1
            if let key, let first = known[key], first.digest != digest { conflicts += 1 }
            return
        }
        accepted += 1
        guard let key else {
            withoutKey += 1
            return
        }
        if known.updateValue(Known(number: receipt.number, time: now, digest: digest), forKey: key) != nil {
            forgotten += 1
        }
    }

    /// Sixteen bytes for a key of any length: a million keys are to fit into memory.
    private static func value(of key: String) -> UUIDValue {
        var key = key
        return key.withUTF8 { UUIDValue(utf8: UnsafeRawBufferPointer($0)) }
            ?? UUIDValue.v5(namespace: .interactionMigrate, name: key.utf8)
    }
}
