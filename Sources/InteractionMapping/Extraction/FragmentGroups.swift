// Fragments as they are handed to the grouping: in runs, each behind the key of its conversation.

internal import InteractionModel

/// What records said one after another: fragments of one conversation that follow each other share its key.
///
/// A group is two lengths of four bytes, the key, and the run; in the run each fragment comes after its length in four
/// bytes.
package struct FragmentGroups: Sequence {
    private let bytes: UnsafeRawBufferPointer

    /// Reads groups.
    ///
    /// - Parameter bytes: What an extractor wrote; they must last as long as what is read from them is used.
    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    package func makeIterator() -> Iterator { Iterator(bytes: bytes) }

    /// Goes through the groups in order.
    package struct Iterator: IteratorProtocol {
        fileprivate let bytes: UnsafeRawBufferPointer
        fileprivate var at = 0

        fileprivate init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

        package mutating func next() -> (key: UnsafeRawBufferPointer, run: UnsafeRawBufferPointer)? {
            guard at < bytes.count else { return nil }
            let start = at + OutputBuffer.groupHeader
            let middle = start + Int(bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            at = middle + Int(bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self))
            return (
                UnsafeRawBufferPointer(rebasing: bytes[start..<middle]),
                UnsafeRawBufferPointer(rebasing: bytes[middle..<at])
            )
        }
    }
}

extension OutputBuffer {
    static let groupHeader = 8
    /// The bytes of the length before each fragment of a run.
    static let fragmentLength = 4

    /// Makes room for the lengths of a group; its key comes next.
    mutating func reserveGroupHeader() {
        reserve(Self.groupHeader)
        count += Self.groupHeader
    }

    /// Writes the lengths of the group at the end of the output.
    ///
    /// - Parameter key: Where its key lies, behind the room for the lengths.
    mutating func writeGroupHeader(_ key: Range<Int>) {
        let header = UnsafeMutableRawPointer(base + key.lowerBound - Self.groupHeader)
        header.storeBytes(of: UInt32(truncatingIfNeeded: key.count), as: UInt32.self)
        header.storeBytes(of: UInt32(truncatingIfNeeded: count - key.upperBound), toByteOffset: 4, as: UInt32.self)
    }

    /// Writes the length of the fragment at the end of the output, for which there must be room before it.
    mutating func writeFragmentLength(_ start: Int) {
        let length = UnsafeMutableRawPointer(base + start - Self.fragmentLength)
        length.storeBytes(of: UInt32(truncatingIfNeeded: count - start), as: UInt32.self)
    }

    /// Makes room for the length of a fragment.
    mutating func reserveFragmentLength() {
        reserve(Self.fragmentLength)
        count += Self.fragmentLength
    }
}
