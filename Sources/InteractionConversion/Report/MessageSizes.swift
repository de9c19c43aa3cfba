// How large Interactions are, against the limit of one message.

internal import InteractionModel

/// The sizes of Interactions as they were written, without line feeds.
public struct MessageSizes: Sendable, Hashable {
    /// The most that one message may have on the wire, in bytes.
    ///
    /// Whether a message fits is decided by its envelope.
    public static let limit = InteractionSize.limit

    /// The buckets' upper bounds in bytes, each twice the one before it; the last is the limit.
    public static let bounds: [Int] = (0...7).map { limit >> (7 - $0) }

    /// How many there are up to each bound and above the one before it; the last is beyond the limit.
    public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    /// All of them together, in bytes.
    public private(set) var bytes: Int64 = 0
    /// The largest, in bytes.
    public private(set) var largest = 0

    mutating func add(_ size: Int) {
        let doublings = Int.bitWidth - ((size - 1) / Self.bounds[0]).leadingZeroBitCount
        counts[min(doublings, counts.count - 1)] += 1
        bytes += Int64(size)
        largest = max(largest, size)
    }
}
