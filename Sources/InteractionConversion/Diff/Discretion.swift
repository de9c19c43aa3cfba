// What of an Interaction may be shown: structure, ids and words of the schema, but no texts and nobody's name.

internal import InteractionModel

/// How much of a value is shown.
enum Discretion {
    /// A word of a small vocabulary.
    case word
    /// An id or time: shown unless it is an address or a number that reaches somebody.
    case id
    /// Everything else: its length, and whether it is the same as another.
    case masked

    /// Finds out about the value at a path without positions, from the payload.
    init(at pattern: String) {
        self = Self.known[pattern] ?? Self.inherited(pattern)
    }

    private static func inherited(_ pattern: String) -> Discretion {
        let isWord = pattern.hasPrefix("request.settings.") || pattern.hasPrefix("session.interface.")
        return isWord ? .word : pattern.hasPrefix("headers.") ? .id : .masked
    }

    private static let known: [String: Discretion] = {
        let conversation = "request.scope.conversations[]"
        var known: [String: Discretion] = [:]
        for path in [
            "action", "headers.action", "headers.identifier", "headers.schemaRef", "headers.sdkVersion",
            "session.channel.medium", "session.channel.language", "session.channel.deviceType",
            "request.attributes.variant", "request.reference.ids[].name", "request.scope.interactions[].role",
            "\(conversation).participants[].role", "\(conversation).metadata.part.index",
            "\(conversation).metadata.part.of", "\(conversation).metadata.part.continues",
        ] { known[path] = .word }
        for path in [
            "session.sessionId", "request.requestId", "request.connections.journeyId", "request.connections.parentId",
            "request.connections.threadId", "request.context.caseId", "request.context.departmentId",
            "request.context.organizationId", "request.cursor.since", "request.cursor.until",
            "request.scope.interactions[].id", "request.scope.interactions[].timestamp",
            "\(conversation).conversationId", "\(conversation).participants[].participantId",
            "\(conversation).messages[].participantId", "\(conversation).messages[].timestamp",
            "\(conversation).metadata.part.requestId",
        ] { known[path] = .id }
        return known
    }()

    /// Whether an id is one by which somebody could be reached.
    static func isPersonal(_ id: UnsafeRawBufferPointer) -> Bool {
        // A time has many digits too.
        if Instant.rfc3339(id) != nil { return false }
        var digits = 0
        var letters = 0
        for byte in id {
            switch byte {
            case UInt8(ascii: "@"), 0x20, 0x80...: return true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): letters += 1
            default: break
            }
        }
        // As many digits as a telephone number has.
        return (7...15).contains(digits) && letters == 0
    }
}

/// Writes values as they may be shown; equal masked texts of one Interaction have one number.
struct DiscreetWriter {
    let showsContent: Bool
    private var numbers: [[UInt8]: Int] = [:]

    init(showsContent: Bool) { self.showsContent = showsContent }

    /// Forgets the texts of the last Interaction.
    mutating func reset() {
        if !numbers.isEmpty { numbers.removeAll(keepingCapacity: true) }
    }

    /// A value as JSON, with masked texts as strings such as `‹23 characters #1›`.
    mutating func json(_ view: JSONView, _ node: Int, at pattern: String) -> String {
        var out = OutputBuffer(capacity: 64)
        if showsContent { out.append(value: view, node) } else { write(view, node, pattern, to: &out) }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    private mutating func write(_ view: JSONView, _ node: Int, _ pattern: String, to out: inout OutputBuffer) {
        switch view.kind(node) {
        case .object:
            out.append("{")
            var key = node + 1
            while key < view.next(node) {
                let value = key + 1
                if !view[key].flags.contains(.superseded) {
                    out.append(string: view.text(key))
                    out.append(":")
                    write(view, value, PathText.pattern(pattern, view.text(key)), to: &out)
                    out.append(",")
                }
                key = view.next(value)
            }
            out.removeTrailing(UInt8(ascii: ","))
            out.append("}")
        case .array:
            out.append("[")
            var element = node + 1
            while element < view.next(node) {
                write(view, element, pattern + "[]", to: &out)
                out.append(",")
                element = view.next(element)
            }
            out.removeTrailing(UInt8(ascii: ","))
            out.append("]")
        case .string, .number:
            switch Discretion(at: pattern) {
            case .word: out.append(value: view, node)
            case .id where !Discretion.isPersonal(view.bytes(node)): out.append(value: view, node)
            default: out.append(quoted: mask(view, node))
            }
        default: out.append(view.bytes(node))
        }
    }

    private mutating func mask(_ view: JSONView, _ node: Int) -> String {
        let isText = view.kind(node) == .string
        let text = isText ? view.text(node).unescaped() : [UInt8](view.bytes(node))
        let number = numbers[text] ?? numbers.count + 1
        numbers[text] = number
        let length = text.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
        return "‹\(length) \(isText ? "character" : "digit")\(length == 1 ? "" : "s") #\(number)›"
    }
}
