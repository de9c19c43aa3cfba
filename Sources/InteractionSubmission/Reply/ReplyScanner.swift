// Reads of a reply what it takes to match it, in one pass over its bytes and without making a tree of it.

/// What a reply says of itself, in either form: bare, or in an envelope.
struct ReplyFacts: Sendable, Hashable {
    enum State: Sendable, Hashable {
        case started
        case completed
        case error
        case other
    }

    /// Where the id that it answers stands; the envelope's counts before the bare one's.
    var correlationId: Range<Int>?
    var actionType: Range<Int>?
    var state: State?
    /// Whether it is an error in any form.
    var isError = false
    /// Whether it is JSON at all.
    var isJSON = false
}

/// Scans replies.
struct ReplyScanner: ~Copyable {
    private enum Level { case top, headers, payload }

    private let bytes: UnsafeRawBufferPointer
    private var at = 0
    private var facts = ReplyFacts()
    private var headerId: Range<Int>?
    private var topId: Range<Int>?
    private var payloadId: Range<Int>?

    /// Scans a reply.
    static func scan(_ bytes: UnsafeRawBufferPointer) -> ReplyFacts {
        var scanner = ReplyScanner(bytes)
        scanner.facts.isJSON = scanner.object(.top)
        scanner.facts.correlationId = scanner.headerId ?? scanner.topId ?? scanner.payloadId
        return scanner.facts
    }

    /// Scans a reply.
    static func scan(_ bytes: [UInt8]) -> ReplyFacts {
        bytes.withUnsafeBytes { scan($0) }
    }

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private mutating func object(_ level: Level) -> Bool {
        skipSpace()
        guard take(UInt8(ascii: "{")) else { return false }
        skipSpace()
        if take(UInt8(ascii: "}")) { return true }
        while true {
            skipSpace()
            guard let key = string() else { return false }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { return false }
            skipSpace()
            guard member(key, level) else { return false }
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            return take(UInt8(ascii: "}"))
        }
    }

    private mutating func member(_ key: Range<Int>, _ level: Level) -> Bool {
        let start = at
        if level == .top, equals(key, "headers"), peek == UInt8(ascii: "{") { return object(.headers) }
        if level == .top, equals(key, "payload"), peek == UInt8(ascii: "{") { return object(.payload) }
        guard skipValue() else { return false }
        let value = start..<at
        if equals(key, "correlationId"), let id = text(value) {
            switch level {
            case .headers: headerId = id
            case .top: topId = id
            case .payload: payloadId = id
            }
        } else if level == .headers {
            if equals(key, "schemaRef"), let name = text(value), equals(name, "optave.error.v3") {
                facts.isError = true
            }
        } else if equals(key, "state"), let name = text(value) {
            facts.state = state(name)
            if facts.state == .error { facts.isError = true }
        } else if equals(key, "actionType"), let name = text(value) {
            facts.actionType = name
            if equals(name, "error") { facts.isError = true }
        } else if equals(key, "error"), isTruthy(value) {
            facts.isError = true
        }
        return true
    }

    private func state(_ name: Range<Int>) -> ReplyFacts.State {
        if equals(name, "started") { return .started }
        if equals(name, "completed") { return .completed }
        return equals(name, "error") ? .error : .other
    }

    private func isTruthy(_ value: Range<Int>) -> Bool {
        switch bytes[value.lowerBound] {
        case UInt8(ascii: "n"), UInt8(ascii: "f"), UInt8(ascii: "0"): false
        case UInt8(ascii: "\""): value.count > 2
        default: true
        }
    }

    // MARK: Bytes

    private var peek: UInt8 { at < bytes.count ? bytes[at] : 0 }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() {
        while peek == 0x20 || peek == 0x0A || peek == 0x0D || peek == 0x09 { at += 1 }
    }

    /// The text between quotes, as it is written.
    private mutating func string() -> Range<Int>? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = at
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\\"): at += 2
            case UInt8(ascii: "\""):
                at += 1
                return start..<(at - 1)
            default: at += 1
            }
        }
        return nil
    }

    /// Skips a value: containers by counting their brackets outside of texts.
    private mutating func skipValue() -> Bool {
        switch peek {
        case UInt8(ascii: "\""): return string() != nil
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var depth = 0
            while at < bytes.count {
                switch bytes[at] {
                case UInt8(ascii: "\""):
                    guard string() != nil else { return false }
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                at += 1
                if depth == 0 { return true }
            }
            return false
        default:
            let start = at
            while at < bytes.count, !isEnd(bytes[at]) { at += 1 }
            return at > start
        }
    }

    private func isEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || byte <= 0x20
    }

    private func text(_ value: Range<Int>) -> Range<Int>? {
        guard value.count > 2, bytes[value.lowerBound] == UInt8(ascii: "\"") else { return nil }
        return value.lowerBound + 1..<value.upperBound - 1
    }

    private func equals(_ range: Range<Int>, _ name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count where bytes[range.lowerBound + offset] != name.utf8Start[offset] { return false }
        return true
    }
}
