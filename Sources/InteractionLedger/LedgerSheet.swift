// Messages that take the usual way, up to 64 of them in one row of the ledger.

internal import InteractionModel

/// Messages that were registered one after the other, and what became of each.
///
/// Nearly every message is sent once and accepted. A row, a key in an index and a row for the attempt cost more than
/// to read it, so such messages share a row of the table `sheet`, which says, for `count` messages from row `first` on:
///
/// - `states`: a digit for each, ``MessageState/planned``, ``MessageState/sent``, ``MessageState/accepted`` or
///   ``MessageState/completed``, or `-` for one that has a row of its own since;
/// - `outcomes`: 26 bytes for each, which are blank before its attempt has an outcome: three digits of its status, or
///   blanks; 13 of when it began, in milliseconds since 1970; 10 of how long it took, in microseconds;
/// - `digests`: 16 bytes for each;
/// - `facts`: an array of `[thread, request, part, input, record]` in JSON.
///
/// Whatever does not fit gets a row of its own in the table `message`: a message that is tried again, refused or in
/// doubt, or whose key the source gives, and at the end of a run all that are not accepted. The view `sheet_message` shows sheets as such rows.
struct LedgerSheet {
    static let size = 64
    private static let outcomeSize = 26
    private static let blank = UInt8(ascii: " ")
    private static let moved = UInt8(ascii: "-")

    /// The row of its first message.
    let first: Int64
    private(set) var states: [UInt8] = []
    /// Those of its messages, and room for those of others.
    private var outcomes: [UInt8]
    /// The digests of its messages; none if it was read from the file.
    private(set) var digests: [UInt8] = []
    /// The facts of its messages; none if it was read from the file.
    private(set) var facts: [UInt8] = []
    /// Where the facts of each message end.
    private var factEnds: [Int] = []
    /// Whether the file has it.
    private(set) var isStored = false
    /// Whether the file has something else for it.
    private(set) var isChanged = false

    /// Makes an empty sheet.
    init(first: Int64) {
        self.first = first
        states.reserveCapacity(Self.size)
        outcomes = [UInt8](repeating: Self.blank, count: Self.size * Self.outcomeSize)
        digests.reserveCapacity(Self.size * 16)
        facts.reserveCapacity(Self.size * 96)
        factEnds.reserveCapacity(Self.size)
    }

    /// A sheet as the file has it.
    init(first: Int64, states: [UInt8], outcomes: [UInt8]) {
        self.first = first
        self.states = states
        self.outcomes = outcomes
        isStored = true
    }

    var count: Int { states.count }
    /// The row after its last message.
    var end: Int64 { first + Int64(count) }
    func has(_ row: Int64) -> Bool { first <= row && row < end }
    /// Whether the next message that is registered can go into it.
    var takesMore: Bool { !isStored && count < Self.size }

    /// Adds messages, as many as fit.
    ///
    /// - Parameters:
    ///   - new: What is written down of them and others.
    ///   - range: Which ones.
    /// - Returns: How many were added.
    mutating func append(_ new: borrowing LedgerFacts, _ range: Range<Int>) -> Int {
        let range = range.prefix(Self.size - count)
        if facts.isEmpty { facts.append(UInt8(ascii: "[")) } else { facts[facts.count - 1] = UInt8(ascii: ",") }
        let shift = facts.count - new.start(range.lowerBound)
        facts.append(contentsOf: new.text(range))
        facts[facts.count - 1] = UInt8(ascii: "]")
        digests.append(contentsOf: new.digests(range))
        for index in range { factEnds.append(new.start(index + 1) + shift - 1) }
        states.append(contentsOf: repeatElement(Self.digit(.planned), count: range.count))
        return range.count
    }

    /// What may change, as the file has it.
    func withChanges<Result>(
        _ body: (_ states: UnsafeRawBufferPointer, _ outcomes: UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try states.withUnsafeBytes { states in
            try outcomes.withUnsafeBytes { outcomes in
                try body(states, UnsafeRawBufferPointer(rebasing: outcomes[..<(count * Self.outcomeSize)]))
            }
        }
    }

    mutating func stored() { (isStored, isChanged) = (true, false) }

    func hasOwnRow(_ slot: Int) -> Bool { states[slot] == Self.moved }

    mutating func move(_ slot: Int) {
        states[slot] = Self.moved
        isChanged = true
    }

    /// Books that a message is about to be sent.
    ///
    /// - Returns: False if it has a row of its own.
    mutating func willSend(_ slot: Int) -> Bool {
        guard !hasOwnRow(slot) else { return false }
        guard states[slot] < Self.digit(.accepted) else { return true }
        states[slot] = Self.digit(.sent)
        isChanged = true
        return true
    }

    /// Books an outcome.
    ///
    /// - Returns: Whether it fits; otherwise the message needs a row of its own, or has one.
    mutating func take(_ outcome: LedgerOutcome.Plain, _ slot: Int) -> Bool {
        guard !hasOwnRow(slot) else { return false }
        // After an acceptance only its completion counts, which is of the same attempt.
        let isAccepted = states[slot] >= Self.digit(.accepted)
        guard let state = outcome.state, state == .accepted || state == .completed else { return isAccepted }
        guard !isAccepted || Self.digit(state) > states[slot] else { return true }
        guard !outcome.hasReason, 100..<1000 ~= outcome.status ?? 100, 0..<10_000_000_000_000 ~= outcome.startedAt,
            0..<10_000_000_000 ~= outcome.latency
        else { return false }
        outcomes.withUnsafeMutableBytes { bytes in
            let start = slot * Self.outcomeSize
            outcome.write(to: UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + Self.outcomeSize]))
        }
        states[slot] = Self.digit(state)
        isChanged = true
        return true
    }

    /// What is known of where a message comes from: its array of ``facts``; nil if the sheet was read from the file.
    func fact(_ slot: Int) -> [UInt8]? {
        guard slot < factEnds.count else { return nil }
        return Array(facts[(slot == 0 ? 1 : factEnds[slot - 1] + 1)..<factEnds[slot]])
    }

    /// Whether messages are on it that are not accepted.
    var isOpen: Bool { states.contains { $0 == Self.digit(.planned) || $0 == Self.digit(.sent) } }

    /// How often a message was sent.
    func attempts(_ slot: Int) -> Int { states[slot] < Self.digit(.accepted) ? 0 : 1 }

    private static func digit(_ state: MessageState) -> UInt8 { UInt8(ascii: "0") + UInt8(state.rawValue) }
}

extension LedgerOutcome {
    /// An outcome without its reason, which can be copied for nothing.
    struct Plain {
        var row: Int64
        var state: MessageState?
        var status: Int?
        var startedAt: Int64
        var latency: Int64
        var hasReason: Bool
    }

    var plain: Plain {
        Plain(
            row: row,
            state: state,
            status: status,
            startedAt: startedAt,
            latency: latency,
            hasReason: reason != nil
        )
    }
}

extension LedgerOutcome.Plain {
    /// Writes the 26 bytes of an outcome that fits.
    fileprivate func write(to bytes: UnsafeMutableRawBufferPointer) {
        let start = UInt64(startedAt).quotientAndRemainder(dividingBy: 100_000_000)
        let latency = UInt64(latency).quotientAndRemainder(dividingBy: 100_000_000)
        // Leading zeros that nobody wants lie where what is written after them comes.
        let pieces = [(latency.quotient, 10), (latency.remainder, 18), (start.quotient, 0), (start.remainder, 8)]
        for (number, place) in pieces {
            bytes.storeBytes(of: EightDigits(number).word.littleEndian, toByteOffset: place, as: UInt64.self)
        }
        let digits = status.map { EightDigits(UInt64($0)).word >> 40 } ?? 0x20_2020
        for place in 0..<3 { bytes[place] = UInt8(truncatingIfNeeded: digits >> UInt64(8 * place)) }
    }
}
