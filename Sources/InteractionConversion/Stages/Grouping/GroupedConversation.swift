// What grouping hands on: one conversation with everything that its records said, as it arrived.

/// A conversation with all its fragments, lent to whoever receives it.
///
/// Safety: the bytes are valid only until the receiver returns.
package struct GroupedConversation {
    /// What its records call it.
    package let key: UnsafeRawBufferPointer
    /// What its records said, in the order in which they came.
    package let fragments: FragmentRun
    /// How many conversations were handed on before it, which is their order of first appearance.
    package let ordinal: Int
    /// Whether a conversation of the same key was handed on before.
    ///
    /// It happens in clustered order only; what is noticed later than here is told by
    /// ``ConversationGrouper/handOn(atLeast:_:reopened:)``.
    package let isReopened: Bool
}

/// Fragments one after another in memory, each behind its length: a whole run can be copied at once and read later.
package struct FragmentRun: Sequence {
    /// The bytes that precede each fragment: its length as a `UInt32`.
    static let lengthBytes = MemoryLayout<UInt32>.size

    /// The run as it lies in memory.
    package let bytes: UnsafeRawBufferPointer

    /// Reads a run, or a copy of one.
    ///
    /// - Parameter bytes: What ``bytes`` of a run held.
    package init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    package func makeIterator() -> Iterator { Iterator(rest: bytes) }

    /// Goes through the fragments in the order of their arrival.
    package struct Iterator: IteratorProtocol {
        fileprivate var rest: UnsafeRawBufferPointer

        package mutating func next() -> UnsafeRawBufferPointer? {
            guard !rest.isEmpty else { return nil }
            let end = lengthBytes + Int(rest.loadUnaligned(as: UInt32.self))
            defer { rest = UnsafeRawBufferPointer(rebasing: rest[end...]) }
            return UnsafeRawBufferPointer(rebasing: rest[lengthBytes..<end])
        }
    }
}
