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

    /// Adds a message.
    ///
    /// - Parameters:
    ///   - digest: Its digest.
    ///   - fact: Its array of ``facts``.
    mutating func append(_ digest: UUIDValue, _ fact: UnsafeRawBufferPointer) {
        withUnsafeBytes(of: (digest.high.bigEndian, digest.low.bigEndian)) { digests.append(contentsOf: $0) }
        if count > 0 { facts.removeLast() }
        facts.append(UInt8(ascii: count > 0 ? "," : "["))
        facts.append(contentsOf: fact)
        factEnds.append(facts.count)
        facts.append(UInt8(ascii: "]"))
        states.append(Self.digit(.planned))
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

    mutating func willSend(_ slot: Int) {
        guard states[slot] < Self.digit(.accepted) else { return }
        states[slot] = Self.digit(.sent)
        isChanged = true
    }

    /// Books an outcome.
    ///
    /// - Returns: Whether it fits; otherwise the message needs a row of its own.
    mutating func take(_ outcome: LedgerOutcome, _ slot: Int) -> Bool {
        // After an acceptance only its completion counts, which is of the same attempt.
        let isAccepted = states[slot] >= Self.digit(.accepted)
        guard let state = outcome.state, state == .accepted || state == .completed else { return isAccepted }
        guard !isAccepted || Self.digit(state) > states[slot] else { return true }
        let status = outcome.status ?? 100
        guard outcome.reason == nil, 100..<1000 ~= status, 0..<10_000_000_000_000 ~= outcome.startedAt,
            0..<10_000_000_000 ~= outcome.latency
        else { return false }
        let start = slot * Self.outcomeSize
        outcomes.withUnsafeMutableBufferPointer { bytes in
            if outcome.status == nil {
                bytes[start..<start + 3].update(repeating: Self.blank)
            } else {
                Self.write(status, to: bytes, start..<start + 3)
            }
            Self.write(Int(outcome.startedAt), to: bytes, start + 3..<start + 16)
            Self.write(Int(outcome.latency), to: bytes, start + 16..<start + 26)
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

    /// How often a message was sent.
    func attempts(_ slot: Int) -> Int { states[slot] < Self.digit(.accepted) ? 0 : 1 }

    /// Writes a number with leading zeros.
    private static func write(_ number: Int, to bytes: UnsafeMutableBufferPointer<UInt8>, _ range: Range<Int>) {
        var rest = UInt(number)
        var end = range.upperBound
        while rest > 0 {
            end -= 1
            let quotient = rest / 10
            bytes[end] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest - quotient * 10)
            rest = quotient
        }
        bytes[range.lowerBound..<end].update(repeating: UInt8(ascii: "0"))
    }

    private static func digit(_ state: MessageState) -> UInt8 { UInt8(ascii: "0") + UInt8(state.rawValue) }
}
