// The start of a row that is waiting for the rest of it.

internal import InteractionModel

/// Bytes that grow at their end and are taken from their start, before readable zeros.
struct CarriedBytes: ~Copyable {
    /// How many zeros follow.
    private static let padding = UTF8Check.padding

    // Safety: owned by this value, freed in `deinit`; the first `count + padding` bytes are initialised.
    private(set) var start: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private var capacity: Int

    init(capacity: Int = 64 << 10) {
        self.capacity = capacity
        start = Self.allocate(capacity)
        start.initialize(repeating: 0, count: Self.padding)
    }

    deinit { start.deallocate() }

    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<UInt8> {
        UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + padding)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        if count + bytes.count > capacity {
            capacity = max(capacity * 2, count + bytes.count)
            let larger = Self.allocate(capacity)
            larger.update(from: start, count: count)
            start.deallocate()
            start = larger
        }
        (start + count).update(from: source.assumingMemoryBound(to: UInt8.self), count: bytes.count)
        count += bytes.count
        (start + count).update(repeating: 0, count: Self.padding)
    }

    mutating func removeFirst(_ taken: Int) {
        guard taken > 0 else { return }
        count -= taken
        // The bytes may overlap.
        start.update(from: start + taken, count: count)
        (start + count).update(repeating: 0, count: Self.padding)
    }
}
