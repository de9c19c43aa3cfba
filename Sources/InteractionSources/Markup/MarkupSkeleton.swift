// The paths of an XML document, read tolerantly from its first bytes.

internal import InteractionModel

/// Reads the skeleton of XML text that may be cut off anywhere.
package enum MarkupSkeleton {
    /// Collects the paths of the first elements and attributes, such as `chat/message` and `chat/message/@sender`.
    ///
    /// Direct text of an element that is no plain string stands under `#text`, as it does in records.
    ///
    /// - Parameters:
    ///   - head: The beginning of the input; no more than ``Skeleton/headSize`` bytes are looked at.
    ///   - encoding: The input's encoding if it is not what the document says.
    /// - Returns: What was found; nil if the text does not begin like XML.
    /// - Complexity: One step a byte, one path an element or attribute.
    package static func read(_ head: UnsafeRawBufferPointer, encoding: String?) -> Skeleton? {
        let head = UnsafeRawBufferPointer(rebasing: head.prefix(Skeleton.headSize))
        guard ContentKind.of(head) == .markup || head.starts(with: [0xFF]) || head.contains(0) else { return nil }
        var decoder = MarkupDecoder(outlineIn: encoding)
        return decoder.outline(of: head)
    }
}

/// What a reader notes instead of records while it looks for a document's shape.
struct MarkupOutline {
    /// An element or an attribute of one name below one path, however often it stands there.
    private struct Node {
        let path: String
        /// What is noted of it, and of the direct text of elements that are no plain strings.
        var facts = Skeleton.Facts()
        var textFacts = Skeleton.Facts()
    }

    /// What a node is found by; the parser has each name at one address.
    private struct Key: Hashable {
        let parent: Int
        let name: UnsafePointer<UInt8>
        let prefix: UnsafePointer<UInt8>?
        let isAttribute: Bool
    }

    private struct Open {
        let node: Int
        let textStart: Int
        /// Whether the element is known to be an object, and has been noted as one.
        var isObject = false
    }

    /// The paths so far; the first one is the document's.
    private var nodes = [Node(path: "")]
    private var known: [Key: Int] = [:]
    /// The paths that were noted, in order of appearance.
    private var order: [(node: Int, isText: Bool)] = []
    private var open: [Open] = []
    /// The direct text of the open elements, one after the other.
    private var text: [UInt8] = []
    /// Whether there is no room for more paths.
    private var isFull = false

    /// What was noted; nil if there was nothing.
    var result: Skeleton? {
        guard !order.isEmpty else { return nil }
        var skeleton = Skeleton(kind: .markup)
        for (node, isText) in order {
            let noted = nodes[node]
            skeleton.withFacts(of: isText ? noted.path + "/#text" : noted.path) {
                $0 = isText ? noted.textFacts : noted.facts
            }
        }
        return skeleton
    }

    mutating func start(_ element: MarkupElement) {
        noteObject()
        open.append(Open(node: child(element.name, nil, isAttribute: false), textStart: text.count))
        guard element.attributeCount > 0 else { return }
        noteObject()
        for index in 0..<element.attributeCount {
            if let attribute = element.attribute(index) { note(attribute) }
        }
    }

    mutating func text(_ text: UnsafeRawBufferPointer) {
        guard let last = open.last, self.text.count - last.textStart <= Skeleton.largestSample else { return }
        self.text += text
    }

    mutating func end() {
        guard let last = open.popLast() else { return }
        var texts: [UInt8] = []
        swap(&texts, &text)
        texts.withUnsafeBytes { texts in
            let own = UnsafeRawBufferPointer(rebasing: texts[last.textStart...])
            if !last.isObject {
                note(last.node, sample: own)
            } else if !own.allSatisfy(\.isMarkupSpace) {
                note(last.node, isText: true, sample: own)
            }
        }
        texts.removeLast(texts.count - last.textStart)
        swap(&texts, &text)
    }

    /// How many elements are open.
    var depth: Int { open.count }

    /// The start tags of the open elements, for a parser that goes on inside them.
    var openTags: [UInt8] {
        open.flatMap { Array("<\(nodes[$0.node].path.split(separator: "/").last ?? "x")>".utf8) }
    }

    /// Notes the elements that the text leaves open.
    mutating func finish() {
        noteObject()
        open.removeAll()
    }

    /// The innermost element has attributes or children.
    private mutating func noteObject() {
        guard let last = open.indices.last, !open[last].isObject else { return }
        open[last].isObject = true
        if isNoted(open[last].node) { nodes[open[last].node].facts.add(.object) }
    }

    private mutating func note(_ attribute: MarkupElement.Attribute) {
        let node = child(attribute.name, attribute.prefix, isAttribute: true)
        if attribute.isPlain {
            note(node, sample: attribute.value)
        } else {
            attribute.unescaped.withUnsafeBytes { note(node, sample: $0) }
        }
    }

    private mutating func note(_ node: Int, isText: Bool = false, sample: UnsafeRawBufferPointer) {
        guard isNoted(node, isText: isText) else { return }
        let text = TextSlice(plain: sample)
        if isText { nodes[node].textFacts.add(text) } else { nodes[node].facts.add(text) }
    }

    /// Puts a path that is met for the first time behind the others, if there is room.
    private mutating func isNoted(_ node: Int, isText: Bool = false) -> Bool {
        guard !isFull else { return false }
        if (isText ? nodes[node].textFacts : nodes[node].facts).count == 0 {
            isFull = order.count == Skeleton.largestPathCount
            if !isFull { order.append((node, isText)) }
        }
        return !isFull
    }

    /// The node for a name below the innermost element; the document's once nothing is noted any more.
    private mutating func child(
        _ name: UnsafePointer<UInt8>,
        _ prefix: UnsafePointer<UInt8>?,
        isAttribute: Bool
    ) -> Int {
        guard !isFull else { return 0 }
        let parent = open.last?.node ?? 0
        let key = Key(parent: parent, name: name, prefix: prefix, isAttribute: isAttribute)
        if let node = known[key] { return node }
        let words = [prefix, name].compactMap { $0.map { String(decoding: MarkupElement.bytes($0), as: UTF8.self) } }
        let written = (isAttribute ? "@" : "") + words.joined(separator: ":")
        nodes.append(Node(path: open.isEmpty ? written : "\(nodes[parent].path)/\(written)"))
        known[key] = nodes.count - 1
        return nodes.count - 1
    }
}
