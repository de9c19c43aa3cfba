// The parsed form of one JSON text: a flat tape of nodes over the source bytes.

/// What a JSON value is.
@frozen public enum JSONKind: UInt8, Sendable {
    case null
    case `false`
    case `true`
    case number
    case string
    case array
    case object
}

/// One value, or one key, on the tape: 16 bytes that point into the source.
@frozen @usableFromInline package struct JSONNode {
    /// First byte of the value; for strings the byte after the opening quote.
    @usableFromInline package var start: UInt32
    /// Byte after the value; for strings the closing quote.
    @usableFromInline package var end: UInt32
    /// Index of the node after this value and everything in it.
    @usableFromInline package var next: UInt32
    @usableFromInline package var kind: JSONKind
    @usableFromInline package var flags: Flags
    @usableFromInline var reserved: UInt16 = 0

    @inlinable init(start: UInt32, end: UInt32, next: UInt32, kind: JSONKind, flags: Flags) {
        self.start = start
        self.end = end
        self.next = next
        self.kind = kind
        self.flags = flags
    }

    /// What the scanner learned about a string in passing.
    @frozen @usableFromInline package struct Flags: OptionSet, Sendable {
        @usableFromInline package var rawValue: UInt8
        @inlinable package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The text holds a backslash.
        @inlinable package static var escaped: Flags { Flags(rawValue: 1) }
        /// Some escape is not the one the canonical writer would choose.
        @inlinable package static var rewritable: Flags { Flags(rawValue: 2) }
        /// A later member of the same object has the same key, so this one does not count.
        @inlinable package static var superseded: Flags { Flags(rawValue: 4) }
    }
}

/// The tape of one JSON text, reused from record to record.
///
/// No object per value: a container's members follow it, and `next` jumps over them. Numbers stay source text and
/// strings stay escaped until somebody asks.
public struct JSONTape: ~Copyable {
    @usableFromInline var nodes: UnsafeMutablePointer<JSONNode>
    @usableFromInline var capacity: Int
    @usableFromInline var count: Int
    /// Values without members: scalars, `{}` and `[]`.
    ///
    /// The unit in which fields are accounted for.
    package var leafCount = 0
    /// Key nodes that a later equal key in the same object has superseded.
    package var supersededKeys: [Int] = []
    /// Containers open at once that the scanner accepts.
    package let depthLimit: Int
    let stack: UnsafeMutablePointer<OpenContainer>

    struct OpenContainer {
        var index: UInt32
        var seenKeys: UInt64
        var mayRepeatKeys: Bool
    }

    /// Makes an empty tape.
    ///
    /// - Parameter depthLimit: Containers open at once before a text is refused; 512 is what other readers use.
    public init(depthLimit: Int = 512) {
        self.depthLimit = depthLimit
        capacity = 512
        count = 0
        // Safety: both are owned by this value and freed in deinit.
        nodes = UnsafeMutablePointer<JSONNode>.allocate(capacity: capacity)
        stack = UnsafeMutablePointer<OpenContainer>.allocate(capacity: depthLimit + 1)
    }

    deinit {
        nodes.deallocate()
        stack.deallocate()
    }

    mutating func growNodes() {
        let moved = UnsafeMutablePointer<JSONNode>.allocate(capacity: capacity * 2)
        moved.update(from: nodes, count: count)
        nodes.deallocate()
        nodes = moved
        capacity *= 2
    }

    /// The parsed text as a view.
    ///
    /// - Parameter source: The bytes that were scanned; they must outlive the view.
    /// - Returns: A view that is valid until the next scan.
    @inlinable package func view(of source: UnsafePointer<UInt8>) -> JSONView {
        JSONView(nodes: UnsafePointer(nodes), source: source)
    }
}

/// A parsed text to look around in: trivial to copy, valid only inside the call that was given it.
///
/// Safety: holds pointers into a tape and into source bytes that the caller keeps alive; nothing stores one beyond
/// the record it belongs to.
@frozen @usableFromInline package struct JSONView {
    @usableFromInline package let nodes: UnsafePointer<JSONNode>
    @usableFromInline package let source: UnsafePointer<UInt8>

    @inlinable init(nodes: UnsafePointer<JSONNode>, source: UnsafePointer<UInt8>) {
        self.nodes = nodes
        self.source = source
    }

    /// The node of the whole text.
    @inlinable package var root: Int { 0 }

    @inlinable package subscript(_ index: Int) -> JSONNode { nodes[index] }

    /// What the value at a node is.
    @inlinable package func kind(_ index: Int) -> JSONKind { nodes[index].kind }

    /// The index after a value and its members.
    @inlinable package func next(_ index: Int) -> Int { Int(nodes[index].next) }

    /// The source bytes of a value: a string's text without quotes, still escaped; a number's or container's text.
    @inlinable package func bytes(_ index: Int) -> UnsafeRawBufferPointer {
        let node = nodes[index]
        return UnsafeRawBufferPointer(start: source + Int(node.start), count: Int(node.end &- node.start))
    }

    /// A string's text.
    @inlinable package func text(_ index: Int) -> TextSlice {
        let node = nodes[index]
        return TextSlice(
            start: source + Int(node.start),
            count: Int(node.end &- node.start),
            form: node.flags.contains(.escaped)
                ? (node.flags.contains(.rewritable) ? .escaped : .canonical) : .plain
        )
    }

    /// Whether a container has no members (superseded members count as members).
    @inlinable package func isEmpty(_ index: Int) -> Bool { next(index) == index &+ 1 }

    /// Calls `body` with the key and value node of each member that counts, in source order.
    ///
    /// - Parameters:
    ///   - index: An object's node.
    ///   - body: Receives key node and value node.
    @inlinable package func forEachMember(
        _ index: Int,
        _ body: (_ key: Int, _ value: Int) throws -> Void
    ) rethrows {
        let end = next(index)
        var key = index &+ 1
        while key < end {
            let value = key &+ 1
            if !nodes[key].flags.contains(.superseded) { try body(key, value) }
            key = next(value)
        }
    }

    /// Calls `body` with the node of each element, in order.
    ///
    /// - Parameters:
    ///   - index: An array's node.
    ///   - body: Receives the element's node.
    @inlinable package func forEachElement(_ index: Int, _ body: (_ element: Int) throws -> Void) rethrows {
        let end = next(index)
        var element = index &+ 1
        while element < end {
            try body(element)
            element = next(element)
        }
    }

    /// The value of a member, or nil if there is none or this is no object.
    ///
    /// - Parameters:
    ///   - index: An object's node, or any other value.
    ///   - key: The member's name.
    /// - Returns: The value's node.
    @inlinable package func member(_ index: Int, _ key: StaticString) -> Int? {
        guard kind(index) == .object else { return nil }
        let end = next(index)
        var node = index &+ 1
        while node < end {
            let value = node &+ 1
            if text(node).equals(key), !nodes[node].flags.contains(.superseded) { return value }
            node = next(value)
        }
        return nil
    }

    /// The value at a path of member names, or nil.
    package func value(_ index: Int, at path: StaticString...) -> Int? {
        var node = index
        for key in path {
            guard let inner = member(node, key) else { return nil }
            node = inner
        }
        return node
    }

    /// How many elements an array has.
    ///
    /// - Parameter index: An array's node.
    /// - Returns: The number of elements.
    /// - Complexity: One step an element.
    package func elementCount(_ index: Int) -> Int {
        var found = 0
        forEachElement(index) { _ in found += 1 }
        return found
    }

    /// How many leaves a value holds: itself if it is a scalar or an empty container.
    ///
    /// - Parameter index: Any value's node.
    /// - Returns: The number of leaves, superseded members included.
    /// - Complexity: One step a node.
    package func leafCount(_ index: Int) -> Int {
        switch kind(index) {
        case .array, .object:
            if isEmpty(index) { return 1 }
            var found = 0
            let step = kind(index) == .object ? 1 : 0
            let end = next(index)
            var node = index + 1 + step
            while node < end {
                let following = next(node)
                // What has nothing in it is a leaf.
                found += following == node + 1 ? 1 : leafCount(node)
                node = following + step
            }
            return found
        default:
            return 1
        }
    }
}
