// The scanner: one pass over the bytes of one JSON text, RFC 8259 to the letter.

extension JSONTape {
    /// Bytes after the text that must be readable, since the scanner looks at eight bytes at a time.
    package static var padding: Int { 16 }

    /// Parses one JSON text; white space around it is allowed, anything else after it is an error.
    ///
    /// - Parameters:
    ///   - source: The first byte; `count` plus ``padding`` bytes must be readable from here.
    ///   - count: The length of the text, under 4 GiB.
    /// - Throws: ``JSONError`` with the exact offset of the first byte that cannot be part of a JSON text.
    /// - Complexity: One step a byte.
    package mutating func scan(_ source: UnsafePointer<UInt8>, count: Int) throws(JSONError) {
        self.count = 0
        leafCount = 0
        if !supersededKeys.isEmpty { supersededKeys.removeAll(keepingCapacity: true) }
        guard count < Int(UInt32.max) else { throw JSONError(.tooLong, offset: 0) }
        let limit = source + count
        var at = source
        var depth = 0
        var inObject = false
        var leaves = 0

        scanning: while true {
            at = Self.skipSpace(at, limit)
            guard at < limit else { throw JSONError(.endOfText, offset: at - source) }
            switch at.pointee {
            case UInt8(ascii: "\""):
                at = try scanString(at, limit, source)
                leaves &+= 1
            case UInt8(ascii: "{"):
                guard depth < depthLimit else { throw JSONError(.tooDeep, offset: at - source) }
                depth &+= 1
                open(.object, at, source, depth)
                inObject = true
                at = Self.skipSpace(at + 1, limit)
                if at < limit, at.pointee == UInt8(ascii: "}") {
                    leaves &+= 1
                    break
                }
                at = try scanKey(at, limit, source, depth)
                continue scanning
            case UInt8(ascii: "["):
                guard depth < depthLimit else { throw JSONError(.tooDeep, offset: at - source) }
                depth &+= 1
                open(.array, at, source, depth)
                inObject = false
                at = Self.skipSpace(at + 1, limit)
                if at < limit, at.pointee == UInt8(ascii: "]") {
                    leaves &+= 1
                    break
                }
                continue scanning
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                at = try scanNumber(at, limit, source)
                leaves &+= 1
            default:
                at = try scanWord(at, limit, source)
                leaves &+= 1
            }
            // A value is complete: what follows is a comma, or the end of one container or several.
            while true {
                at = Self.skipSpace(at, limit)
                if depth == 0 {
                    guard at == limit else { throw JSONError(.afterValue, offset: at - source) }
                    leafCount = leaves
                    return
                }
                guard at < limit else { throw JSONError(.endOfText, offset: at - source) }
                let byte = at.pointee
                if byte == UInt8(ascii: ",") {
                    at += 1
                    if inObject {
                        at = Self.skipSpace(at, limit)
                        at = try scanKey(at, limit, source, depth)
                    }
                    continue scanning
                }
                guard byte == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw JSONError(inObject ? .commaOrBrace : .commaOrBracket, offset: at - source)
                }
                at += 1
                close(at, source, depth)
                depth &-= 1
                inObject = depth > 0 && nodes[Int(stack[depth].index)].kind == .object
            }
        }
    }

    @inline(__always)
    static func skipSpace(_ start: UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        var at = start
        while at < limit {
            let byte = at.pointee
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            at += 1
        }
        return at
    }

    @inline(__always)
    private mutating func append(_ node: JSONNode) {
        if count == capacity { growNodes() }
        (nodes + count).initialize(to: node)
        count &+= 1
    }

    @inline(__always)
    private mutating func open(
        _ kind: JSONKind,
        _ at: UnsafePointer<UInt8>,
        _ source: UnsafePointer<UInt8>,
        _ depth: Int
    ) {
        stack[depth] = OpenContainer(index: UInt32(truncatingIfNeeded: count), seenKeys: 0, mayRepeatKeys: false)
        append(JSONNode(start: UInt32(truncatingIfNeeded: at - source), end: 0, next: 0, kind: kind, flags: []))
    }

    @inline(__always)
    private mutating func close(_ end: UnsafePointer<UInt8>, _ source: UnsafePointer<UInt8>, _ depth: Int) {
        let index = Int(stack[depth].index)
        nodes[index].end = UInt32(truncatingIfNeeded: end - source)
        nodes[index].next = UInt32(truncatingIfNeeded: count)
        if stack[depth].mayRepeatKeys { markSuperseded(index, source) }
    }

    /// Scans `"key" :` and leaves the position after the colon.
    @inline(__always)
    private mutating func scanKey(
        _ start: UnsafePointer<UInt8>,
        _ limit: UnsafePointer<UInt8>,
        _ source: UnsafePointer<UInt8>,
        _ depth: Int
    ) throws(JSONError) -> UnsafePointer<UInt8> {
        guard start < limit else { throw JSONError(.endOfText, offset: start - source) }
        guard start.pointee == UInt8(ascii: "\"") else { throw JSONError(.key, offset: start - source) }
        var at = try scanString(start, limit, source)
        // A filter of 64 bits tells most objects' keys apart; only a clash is looked into, when the object closes.
        let length = at - start
        let kept: UInt64 = length < 8 ? (1 &<< UInt64(truncatingIfNeeded: length &* 8)) &- 1 : .max
        let head = UnsafeRawPointer(start).loadUnaligned(as: UInt64.self) & kept
        let tail = UnsafeRawPointer(start + max(0, length - 8)).loadUnaligned(as: UInt64.self) & kept
        let mixed = (head ^ (tail &<< 1) ^ UInt64(truncatingIfNeeded: length)) &* 0x9E37_79B9_7F4A_7C15
        let bit: UInt64 = 1 &<< (mixed &>> 58)
        if stack[depth].seenKeys & bit != 0 || nodes[count &- 1].flags.contains(.rewritable) {
            stack[depth].mayRepeatKeys = true
        }
        stack[depth].seenKeys |= bit
        at = Self.skipSpace(at, limit)
        guard at < limit else { throw JSONError(.endOfText, offset: at - source) }
        guard at.pointee == UInt8(ascii: ":") else { throw JSONError(.colon, offset: at - source) }
        return at + 1
    }

    /// Scans a string from its opening quote and returns the position after the closing one.
    @inline(__always)
    private mutating func scanString(
        _ quote: UnsafePointer<UInt8>,
        _ limit: UnsafePointer<UInt8>,
        _ source: UnsafePointer<UInt8>
    ) throws(JSONError) -> UnsafePointer<UInt8> {
        let start = quote + 1
        var at = start
        var seen: UInt64 = 0
        var flags: JSONNode.Flags = []
        while at < limit {
            var word = UnsafeRawPointer(at).loadUnaligned(as: UInt64.self)
            var stops = ByteWord.stringStops(word)
            if stops == 0 {
                // Two words a turn, as long as both are plain.
                seen |= word
                at += 8
                word = UnsafeRawPointer(at).loadUnaligned(as: UInt64.self)
                stops = ByteWord.stringStops(word)
            }
            if stops == 0 {
                seen |= word
                at += 8
                continue
            }
            let skip = stops.trailingZeroBitCount &>> 3
            seen |= word & ((1 &<< UInt64(truncatingIfNeeded: skip &<< 3)) &- 1)
            at += skip
            guard at < limit else { break }
            let byte = at.pointee
            if byte == UInt8(ascii: "\"") {
                if seen & 0x8080_8080_8080_8080 != 0, let fault = UTF8Check.firstFault(start, at) {
                    throw JSONError(.invalidUTF8, offset: fault - source)
                }
                append(
                    JSONNode(
                        start: UInt32(truncatingIfNeeded: start - source),
                        end: UInt32(truncatingIfNeeded: at - source),
                        next: UInt32(truncatingIfNeeded: count &+ 1),
                        kind: .string,
                        flags: flags
                    )
                )
                return at + 1
            }
            guard byte == UInt8(ascii: "\\") else { throw JSONError(.controlCharacter, offset: at - source) }
            flags.insert(.escaped)
            guard at + 1 < limit else { break }
            switch at[1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
                UInt8(ascii: "r"), UInt8(ascii: "t"):
                at += 2
            case UInt8(ascii: "/"):
                flags.insert(.rewritable)
                at += 2
            case UInt8(ascii: "u"):
                guard limit - at >= 6 else { throw JSONError(.endOfText, offset: limit - source) }
                for digit in 2..<6 where ByteWord.hexValue(at[digit]) == nil {
                    throw JSONError(.escape, offset: at - source + digit)
                }
                flags.insert(.rewritable)
                at += 6
            default:
                throw JSONError(.escape, offset: at - source + 1)
            }
        }
        throw JSONError(.openString, offset: quote - source)
    }

    @inline(__always)
    private mutating func scanNumber(
        _ start: UnsafePointer<UInt8>,
        _ limit: UnsafePointer<UInt8>,
        _ source: UnsafePointer<UInt8>
    ) throws(JSONError) -> UnsafePointer<UInt8> {
        var at = start
        if at.pointee == UInt8(ascii: "-") { at += 1 }
        guard at < limit else { throw JSONError(.endOfText, offset: at - source) }
        if at.pointee == UInt8(ascii: "0") {
            at += 1
        } else {
            at = try Self.scanDigits(at, limit, source)
        }
        if at < limit, at.pointee == UInt8(ascii: ".") { at = try Self.scanDigits(at + 1, limit, source) }
        if at < limit, at.pointee | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < limit, at.pointee == UInt8(ascii: "+") || at.pointee == UInt8(ascii: "-") { at += 1 }
            at = try Self.scanDigits(at, limit, source)
        }
        appendScalar(.number, start, at, source)
        return at
    }

    private static func scanDigits(
        _ start: UnsafePointer<UInt8>,
        _ limit: UnsafePointer<UInt8>,
        _ source: UnsafePointer<UInt8>
    ) throws(JSONError) -> UnsafePointer<UInt8> {
        var at = start
        while at < limit, at.pointee &- UInt8(ascii: "0") < 10 { at += 1 }
        guard at > start else {
            throw JSONError(at < limit ? .digit : .endOfText, offset: at - source)
        }
        return at
    }

    private mutating func scanWord(
        _ start: UnsafePointer<UInt8>,
        _ limit: UnsafePointer<UInt8>,
        _ source: UnsafePointer<UInt8>
    ) throws(JSONError) -> UnsafePointer<UInt8> {
        for (word, kind) in [("true" as StaticString, JSONKind.true), ("false", .false), ("null", .null)]
        where word.utf8Start.pointee == start.pointee {
            for offset in 0..<word.utf8CodeUnitCount {
                guard start + offset < limit else { throw JSONError(.endOfText, offset: limit - source) }
                guard start[offset] == word.utf8Start[offset] else {
                    throw JSONError(.value, offset: start - source)
                }
            }
            appendScalar(kind, start, start + word.utf8CodeUnitCount, source)
            return start + word.utf8CodeUnitCount
        }
        throw JSONError(.value, offset: start - source)
    }

    @inline(__always)
    private mutating func appendScalar(
        _ kind: JSONKind,
        _ start: UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>,
        _ source: UnsafePointer<UInt8>
    ) {
        append(
            JSONNode(
                start: UInt32(truncatingIfNeeded: start - source),
                end: UInt32(truncatingIfNeeded: end - source),
                next: UInt32(truncatingIfNeeded: count &+ 1),
                kind: kind,
                flags: []
            )
        )
    }

    /// Finds equal keys in one object: the last one counts, as in every common reader; the others are marked.
    private mutating func markSuperseded(_ object: Int, _ source: UnsafePointer<UInt8>) {
        let view = view(of: source)
        var latest: [[UInt8]: Int] = [:]
        var key = object + 1
        while key < view.next(object) {
            let name = view.text(key).unescaped()
            if let earlier = latest.updateValue(key, forKey: name) {
                nodes[earlier].flags.insert(.superseded)
                supersededKeys.append(earlier)
            }
            key = view.next(key + 1)
        }
    }
}
