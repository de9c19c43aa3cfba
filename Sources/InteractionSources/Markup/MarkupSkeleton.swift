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
    private struct Open {
        let path: String
        var text: [UInt8] = []
        /// Whether the element is known to be an object, and has been noted as one.
        var isObject = false
    }

    private var skeleton = Skeleton(kind: .markup)
    private var open: [Open] = []
    /// Whether there is no room for more paths.
    private var isFull = false

    /// What was noted; nil if there was nothing.
    var result: Skeleton? { skeleton.order.isEmpty ? nil : skeleton }

    mutating func start(_ element: MarkupElement) {
        noteObject()
        let name = String(decoding: element.nameBytes, as: UTF8.self)
        open.append(Open(path: open.last.map { $0.path + "/" + name } ?? name))
        guard element.attributeCount > 0 else { return }
        noteObject()
        for index in 0..<element.attributeCount {
            if let attribute = element.attribute(index) { note(attribute) }
        }
    }

    mutating func text(_ text: UnsafeRawBufferPointer) {
        guard let last = open.indices.last, open[last].text.count <= Skeleton.largestSample else { return }
        open[last].text += text
    }

    mutating func end() {
        guard let last = open.popLast() else { return }
        let text = String(decoding: last.text, as: UTF8.self)
        if !last.isObject {
            note(last.path, .string, sample: text)
        } else if !last.text.allSatisfy(\.isMarkupSpace) {
            note(last.path + "/#text", .string, sample: text)
        }
    }

    /// How many elements are open.
    var depth: Int { open.count }

    /// The start tags of the open elements, for a parser that goes on inside them.
    var openTags: [UInt8] {
        open.flatMap { Array("<\($0.path.split(separator: "/").last ?? "x")>".utf8) }
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
        note(open[last].path, .object)
    }

    private mutating func note(_ attribute: MarkupElement.Attribute) {
        let prefix = attribute.prefix.map { String(decoding: MarkupElement.bytes($0), as: UTF8.self) + ":" } ?? ""
        let name = String(decoding: MarkupElement.bytes(attribute.name), as: UTF8.self)
        guard let path = open.last?.path else { return }
        note("\(path)/@\(prefix)\(name)", .string, sample: String(decoding: attribute.unescaped, as: UTF8.self))
    }

    private mutating func note(_ path: String, _ kind: JSONKind, sample: String? = nil) {
        if !isFull { isFull = !skeleton.add(path, kind, sample: sample) }
    }
}
