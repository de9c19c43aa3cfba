// Tapes for records that were never JSON: rows and elements in the form that the mapping reads.

/// Builds tapes of many records in one run of text.
///
/// A decoder calls it in document order; texts are kept as the canonical writer spells them, so that writing one is a
/// copy. Node indexes count from each record's first node, so that a record's nodes can be moved.
///
/// Safety of `@unchecked Sendable`: it cannot be copied, so whoever holds it is the only one who can reach its memory.
@usableFromInline package struct RecordTape: ~Copyable, @unchecked Sendable {
    /// The texts that nodes point into.
    @usableFromInline package internal(set) var text: OutputBuffer
    @usableFromInline var nodes: UnsafeMutablePointer<JSONNode>
    @usableFromInline var capacity: Int
    /// How many nodes there are.
    @usableFromInline package internal(set) var nodeCount = 0
    /// Where the texts of the record at hand begin.
    @usableFromInline package internal(set) var textStart = 0
    /// The first node of the record at hand.
    @usableFromInline package internal(set) var recordStart = 0
    private var open: [Int] = []
    private var stringStart = 0

    /// Makes an empty tape.
    ///
    /// - Parameters:
    ///   - textCapacity: Bytes of text to reserve.
    ///   - nodeCapacity: Nodes to reserve.
    package init(textCapacity: Int = 4096, nodeCapacity: Int = 256) {
        text = OutputBuffer(capacity: textCapacity)
        capacity = max(256, nodeCapacity)
        // Safety: owned by this value, freed in deinit; the first `nodeCount` are initialised.
        nodes = UnsafeMutablePointer<JSONNode>.allocate(capacity: capacity)
    }

    deinit { nodes.deallocate() }

    /// Forgets everything and keeps the memory.
    package mutating func reset() {
        text.removeAll()
        nodeCount = 0
        open.removeAll(keepingCapacity: true)
        textStart = 0
        recordStart = 0
    }

    /// Starts a record; its nodes count from 0, its texts from where the text ends now.
    package mutating func beginRecord() {
        recordStart = nodeCount
        textStart = text.count
        open.removeAll(keepingCapacity: true)
    }

    /// A record to look around in.
    ///
    /// - Parameters:
    ///   - firstNode: What ``recordStart`` was for it.
    ///   - textStart: What ``textStart`` was for it.
    /// - Returns: A view that is valid until the tape changes.
    package func view(firstNode: Int, textStart: Int) -> JSONView {
        JSONView(nodes: UnsafePointer(nodes + firstNode), source: UnsafePointer(text.base + textStart))
    }

    // MARK: Containers

    /// Opens an object.
    package mutating func beginObject() { begin(.object) }

    /// Opens an array.
    package mutating func beginArray() { begin(.array) }

    private mutating func begin(_ kind: JSONKind) {
        open.append(nodeCount)
        append(start: text.count, end: text.count, kind: kind, flags: [])
    }

    /// Closes the container that was opened last.
    package mutating func end() {
        guard let index = open.popLast() else { return }
        nodes[index].next = UInt32(truncatingIfNeeded: nodeCount - recordStart)
        nodes[index].end = UInt32(truncatingIfNeeded: text.count - textStart)
    }

    // MARK: Scalars and keys

    /// Appends a key, or a string value: the node is the same.
    ///
    /// - Parameter utf8: Valid UTF-8, unescaped.
    package mutating func string(_ utf8: UnsafeRawBufferPointer) {
        beginString()
        extendString(utf8)
        endString()
    }

    /// Appends a key, or a string value, known at compile time.
    package mutating func string(_ literal: StaticString) {
        string(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Starts a string whose text comes in pieces.
    package mutating func beginString() { stringStart = text.count }

    /// Adds a piece to the open string, escaping what JSON escapes.
    ///
    /// - Parameter utf8: Valid UTF-8, cut between characters.
    package mutating func extendString(_ utf8: UnsafeRawBufferPointer) { text.append(content: utf8) }

    /// Ends the open string.
    package mutating func endString() {
        let start = text.base + stringStart
        let count = text.count - stringStart
        let isEscaped = UnsafeRawBufferPointer(start: start, count: count).contains(UInt8(ascii: "\\"))
        append(start: stringStart, end: text.count, kind: .string, flags: isEscaped ? .escaped : [])
    }

    /// Appends a string whose canonical text stands at the end of ``text`` already.
    ///
    /// - Parameters:
    ///   - start: Where it begins in ``text``.
    ///   - isEscaped: Whether it holds a backslash.
    @inlinable @inline(__always)
    package mutating func string(from start: Int, isEscaped: Bool) {
        append(start: start, end: text.count, kind: .string, flags: isEscaped ? .escaped : [])
    }

    /// Appends a string whose canonical text stands in ``text`` already, because another has it as well.
    ///
    /// - Parameters:
    ///   - range: Where it stands in ``text``.
    ///   - isEscaped: Whether it holds a backslash.
    @inlinable @inline(__always)
    package mutating func string(_ range: Range<Int>, isEscaped: Bool) {
        append(start: range.lowerBound, end: range.upperBound, kind: .string, flags: isEscaped ? .escaped : [])
    }

    /// Lends the text to a decoder that writes canonical text itself.
    ///
    /// - Parameter body: May only append.
    /// - Returns: What `body` returns.
    @inlinable @inline(__always)
    package mutating func withText<Result>(_ body: (inout OutputBuffer) -> Result) -> Result { body(&text) }

    /// Appends `null`, for a cell or member without a value.
    package mutating func null() {
        let start = text.count
        text.append("null")
        append(start: start, end: text.count, kind: .null, flags: [])
    }

    /// Appends a number, a boolean or `null` as it is spelled.
    ///
    /// - Parameters:
    ///   - kind: Which of them.
    ///   - bytes: The spelling.
    package mutating func literal(_ kind: JSONKind, _ bytes: UnsafeRawBufferPointer) {
        let start = text.count
        text.append(bytes)
        append(start: start, end: text.count, kind: kind, flags: [])
    }

    @inlinable @inline(__always)
    mutating func append(start: Int, end: Int, kind: JSONKind, flags: JSONNode.Flags) {
        if nodeCount == capacity { grow(1) }
        nodes[nodeCount] = JSONNode(
            start: UInt32(truncatingIfNeeded: start &- textStart),
            end: UInt32(truncatingIfNeeded: end &- textStart),
            next: UInt32(truncatingIfNeeded: nodeCount &- recordStart &+ 1),
            kind: kind,
            flags: flags
        )
        nodeCount &+= 1
    }

    @usableFromInline mutating func grow(_ extra: Int) {
        let larger = max(capacity * 2, nodeCount + extra)
        let moved = UnsafeMutablePointer<JSONNode>.allocate(capacity: larger)
        moved.update(from: nodes, count: nodeCount)
        nodes.deallocate()
        nodes = moved
        capacity = larger
    }

    // MARK: Whole records

    /// Copies the one record that another tape holds, as a record of its own.
    ///
    /// - Parameter record: A tape with one record that began at its start.
    package mutating func append(record: borrowing RecordTape) {
        beginRecord()
        text.append(record.text.bytes)
        copyNodes(record.nodes, record.nodeCount)
    }

    /// Copies a scanned JSON text, as a record of its own.
    ///
    /// - Parameters:
    ///   - tape: The tape of the text.
    ///   - json: The text.
    package mutating func append(scanned tape: borrowing JSONTape, of json: UnsafeRawBufferPointer) {
        beginRecord()
        text.append(json)
        copyNodes(tape.nodes, tape.count)
    }

    private mutating func copyNodes(_ source: UnsafeMutablePointer<JSONNode>, _ count: Int) {
        if nodeCount + count > capacity { grow(count) }
        (nodes + nodeCount).update(from: source, count: count)
        nodeCount += count
    }
}

// MARK: Records of one shape

/// What records of a table share: an object with all its keys, and null for each value.
package struct RecordTemplate: Sendable {
    fileprivate let text: [UInt8]
    fileprivate let nodes: [JSONNode]
}

/// Where the values of a row go.
package struct RowMemory {
    /// The record's first node.
    package let nodes: UnsafeMutablePointer<JSONNode>
    /// What the places of its texts count from.
    package let origin: UnsafeMutablePointer<UInt8>
    /// Where the next byte of text goes.
    package let text: UnsafeMutablePointer<UInt8>
}

extension RecordTape {
    /// Lays out an object: node 0, then key and value of each member in turn.
    ///
    /// - Parameter keys: The members' names.
    /// - Returns: The object with null for each value.
    package static func template(keys: [String]) -> RecordTemplate {
        var tape = RecordTape()
        tape.beginRecord()
        tape.text.append("null")
        tape.beginObject()
        for key in keys {
            var key = key
            key.withUTF8 { tape.string(UnsafeRawBufferPointer($0)) }
            tape.append(start: 0, end: 4, kind: .null, flags: [])
        }
        tape.end()
        return RecordTemplate(text: tape.text.array, nodes: (0..<tape.nodeCount).map { tape.nodes[$0] })
    }

    /// Starts a record that looks like the template.
    package mutating func beginRecord(from template: borrowing RecordTemplate) {
        beginRecord()
        text.append(template.text)
        copyNodes(template.nodes)
    }

    /// Writes the names that several rows share.
    ///
    /// - Parameter template: The rows' members.
    /// - Returns: Where they begin, for ``beginRow(_:_:room:)``.
    package mutating func beginRows(_ template: borrowing RecordTemplate) -> Int {
        let start = text.count
        text.append(template.text)
        return start
    }

    /// Starts a record that looks like the template, and lends its memory to a decoder that fills in values.
    ///
    /// - Parameters:
    ///   - template: The members.
    ///   - shared: What ``beginRows(_:)`` returned.
    ///   - room: Bytes that may be written behind the text before ``endRecord(written:)``.
    /// - Returns: Where its values go; valid until the tape changes.
    package mutating func beginRow(
        _ template: borrowing RecordTemplate,
        _ shared: Int,
        room: Int
    ) -> RowMemory {
        recordStart = nodeCount
        textStart = shared
        text.reserve(room)
        copyNodes(template.nodes)
        return RowMemory(nodes: nodes + recordStart, origin: text.base + shared, text: text.base + text.count)
    }

    /// Takes back a row that has not been ended.
    package mutating func cancelRow() { nodeCount = recordStart }

    private mutating func copyNodes(_ shape: [JSONNode]) {
        if nodeCount + shape.count > capacity { grow(shape.count) }
        shape.withUnsafeBufferPointer { shape in
            if let first = shape.baseAddress { (nodes + nodeCount).update(from: first, count: shape.count) }
        }
        nodeCount += shape.count
    }

    /// Fills in a value.
    ///
    /// - Parameters:
    ///   - node: The value's node, counted from the record's first.
    ///   - utf8: Valid UTF-8, unescaped.
    package mutating func setString(_ node: Int, _ utf8: UnsafeRawBufferPointer) {
        let start = text.count
        text.append(content: utf8)
        nodes[recordStart + node] = JSONNode(
            start: UInt32(truncatingIfNeeded: start - textStart),
            end: UInt32(truncatingIfNeeded: text.count - textStart),
            next: UInt32(truncatingIfNeeded: node + 1),
            kind: .string,
            flags: text.count - start == utf8.count ? [] : .escaped
        )
    }

    /// Ends a record that was begun from a template, with the members that were appended to it.
    ///
    /// - Parameter written: Bytes of text that were written into the room of the record.
    package mutating func endRecord(written: Int = 0) {
        text.count += written
        nodes[recordStart].next = UInt32(truncatingIfNeeded: nodeCount - recordStart)
        nodes[recordStart].end = UInt32(truncatingIfNeeded: text.count - textStart)
    }
}

extension RecordTape {
    /// Copies a value node by node, as the record at hand or a part of it.
    ///
    /// - Parameters:
    ///   - view: Another tape's record.
    ///   - index: The value's node.
    package mutating func append(copyOf view: JSONView, _ index: Int) {
        switch view.kind(index) {
        case .object:
            beginObject()
            view.forEachMember(index) { key, value in
                append(textOf: view.text(key))
                append(copyOf: view, value)
            }
            end()
        case .array:
            beginArray()
            view.forEachElement(index) { append(copyOf: view, $0) }
            end()
        case .string:
            append(textOf: view.text(index))
        case let kind:
            literal(kind, view.bytes(index))
        }
    }

    /// Copies a value node by node, members that do not count included, with other values in place of some.
    ///
    /// - Parameters:
    ///   - view: Another tape's record.
    ///   - index: The value's node.
    ///   - replace: Is given each node, keys included; appends what stands for it, or nothing and says so.
    package mutating func append(
        copyOf view: JSONView,
        _ index: Int,
        replacing replace: (_ node: Int, _ tape: inout RecordTape) -> Bool
    ) {
        if replace(index, &self) { return }
        switch view.kind(index) {
        case .object:
            beginObject()
            var key = index + 1
            while key < view.next(index) {
                let copy = nodeCount
                append(copyOf: view, key, replacing: replace)
                if view[key].flags.contains(.superseded) { nodes[copy].flags.insert(.superseded) }
                append(copyOf: view, key + 1, replacing: replace)
                key = view.next(key + 1)
            }
            end()
        case .array:
            beginArray()
            view.forEachElement(index) { append(copyOf: view, $0, replacing: replace) }
            end()
        case .string:
            append(textOf: view.text(index))
        case let kind:
            literal(kind, view.bytes(index))
        }
    }

    private mutating func append(textOf text: TextSlice) {
        beginString()
        withText { $0.append(content: text) }
        endString()
    }
}
