// Bytes that own the padding the scanner needs.

/// A copy of some bytes, followed by the readable padding that ``JSONTape`` asks for.
package struct PaddedBytes: ~Copyable {
    package let start: UnsafeMutablePointer<UInt8>
    package let count: Int

    /// Copies bytes.
    ///
    /// - Parameter bytes: What to copy.
    package init(_ bytes: UnsafeRawBufferPointer) {
        count = bytes.count
        // Safety: owned by this value, freed in deinit.
        start = UnsafeMutablePointer<UInt8>.allocate(capacity: count + JSONTape.padding)
        if let source = bytes.baseAddress {
            start.update(from: source.assumingMemoryBound(to: UInt8.self), count: count)
        }
        (start + count).initialize(repeating: 0, count: JSONTape.padding)
    }

    /// Copies bytes.
    ///
    /// - Parameter bytes: What to copy.
    package init(_ bytes: [UInt8]) {
        count = bytes.count
        start = UnsafeMutablePointer<UInt8>.allocate(capacity: count + JSONTape.padding)
        bytes.withUnsafeBufferPointer { source in
            if let first = source.baseAddress { start.update(from: first, count: count) }
        }
        (start + count).initialize(repeating: 0, count: JSONTape.padding)
    }

    deinit { start.deallocate() }
}
