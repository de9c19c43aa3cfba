// The canonical writer: no white space, one spelling for each string, numbers as their source text.

extension OutputBuffer {
    /// Appends a text as a JSON string, in its canonical spelling.
    ///
    /// Only what RFC 8259 demands is escaped, in the short form where there is one; a lone surrogate stays an escape.
    ///
    /// - Parameter text: The text.
    /// - Complexity: A copy unless the source escaped something in another way.
    @inlinable package mutating func append(string text: TextSlice) {
        if text.form == .escaped {
            appendRewritten(text)
            return
        }
        reserve(text.count &+ 2)
        base[count] = UInt8(ascii: "\"")
        Self.copy(text.start, to: base + count + 1, text.count)
        base[count &+ text.count &+ 1] = UInt8(ascii: "\"")
        count &+= text.count &+ 2
    }

    @usableFromInline mutating func appendRewritten(_ text: TextSlice) {
        append(UInt8(ascii: "\""))
        appendRewrittenContent(text)
        append(UInt8(ascii: "\""))
    }

    /// Appends a text as it stands inside a JSON string: in its canonical spelling, without quotes.
    ///
    /// - Parameter text: The text.
    @inlinable package mutating func append(content text: TextSlice) {
        if text.form == .escaped { appendRewrittenContent(text) } else { append(text.start, text.count) }
    }

    @usableFromInline mutating func appendRewrittenContent(_ text: TextSlice) {
        var at = 0
        while at < text.count {
            let byte = text.start[at]
            guard byte == UInt8(ascii: "\\") else {
                append(byte)
                at += 1
                continue
            }
            let (scalar, length) = text.escape(at)
            at += length
            append(escaping: scalar)
        }
    }

    mutating func append(escaping scalar: UInt32) {
        switch scalar {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x08: append("\\b")
        case 0x0C: append("\\f")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        case 0..<0x20, 0xD800..<0xE000:
            append("\\u")
            for shift in [12, 8, 4, 0] as [UInt32] {
                append(ByteWord.hexDigit(UInt16(truncatingIfNeeded: scalar >> shift & 0xF)))
            }
        default:
            if let character = Unicode.Scalar(scalar) {
                for unit in UTF8.encode(character) ?? .init() { append(unit) }
            }
        }
    }

    /// Appends plain UTF-8 as a JSON string.
    ///
    /// - Parameter bytes: Valid UTF-8.
    package mutating func append(escaped bytes: some Sequence<UInt8>) {
        append(UInt8(ascii: "\""))
        for byte in bytes {
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { append(escaping: UInt32(byte)) } else { append(byte) }
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends a string as a JSON string.
    ///
    /// - Parameter text: The text.
    package mutating func append(quoted text: String) {
        var text = text
        append(UInt8(ascii: "\""))
        text.withUTF8 { append(content: UnsafeRawBufferPointer($0)) }
        append(UInt8(ascii: "\""))
    }

    /// Appends a value from a tape: same members, same order, no white space, canonical strings.
    ///
    /// - Parameters:
    ///   - view: The parsed text.
    ///   - index: The value's node.
    /// - Complexity: One step a node.
    package mutating func append(value view: JSONView, _ index: Int) {
        switch view.kind(index) {
        case .string:
            append(string: view.text(index))
        case .object:
            append(UInt8(ascii: "{"))
            view.forEachMember(index) { key, value in
                append(string: view.text(key))
                append(UInt8(ascii: ":"))
                append(value: view, value)
                append(UInt8(ascii: ","))
            }
            removeTrailing(UInt8(ascii: ","))
            append(UInt8(ascii: "}"))
        case .array:
            append(UInt8(ascii: "["))
            view.forEachElement(index) { element in
                append(value: view, element)
                append(UInt8(ascii: ","))
            }
            removeTrailing(UInt8(ascii: ","))
            append(UInt8(ascii: "]"))
        default:
            append(view.bytes(index))
        }
    }

    /// Appends a value with the members of each object sorted by the bytes of their names.
    ///
    /// Two texts that differ only in white space, member order or spelling of strings come out as the same bytes,
    /// which is what ids are derived from.
    ///
    /// - Parameters:
    ///   - view: The parsed text.
    ///   - index: The value's node.
    /// - Complexity: One step a node and a sort an object.
    package mutating func append(sorted view: JSONView, _ index: Int) {
        switch view.kind(index) {
        case .object:
            var members: [(name: [UInt8], key: Int)] = []
            view.forEachMember(index) { key, _ in members.append((view.text(key).unescaped(), key)) }
            members.sort { $0.name.lexicographicallyPrecedes($1.name) }
            append(UInt8(ascii: "{"))
            for member in members {
                append(string: view.text(member.key))
                append(UInt8(ascii: ":"))
                append(sorted: view, member.key + 1)
                append(UInt8(ascii: ","))
            }
            removeTrailing(UInt8(ascii: ","))
            append(UInt8(ascii: "}"))
        case .array:
            append(UInt8(ascii: "["))
            view.forEachElement(index) { element in
                append(sorted: view, element)
                append(UInt8(ascii: ","))
            }
            removeTrailing(UInt8(ascii: ","))
            append(UInt8(ascii: "]"))
        default:
            append(value: view, index)
        }
    }
}

extension OutputBuffer {
    /// Appends plain UTF-8 as it stands inside a JSON string: escaped in the canonical way, without quotes.
    ///
    /// - Parameter utf8: Valid UTF-8.
    /// - Complexity: A copy of the runs between characters that must be escaped.
    package mutating func append(content utf8: UnsafeRawBufferPointer) {
        guard let first = utf8.baseAddress else { return }
        let start = first.assumingMemoryBound(to: UInt8.self)
        var at = 0
        var copied = 0
        let count = utf8.count
        while at < count {
            if at &+ 8 <= count {
                let word = UnsafeRawPointer(start + at).loadUnaligned(as: UInt64.self)
                let stops = ByteWord.stringStops(word)
                if stops == 0 {
                    at &+= 8
                    continue
                }
                at &+= stops.trailingZeroBitCount &>> 3
            }
            let byte = start[at]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C {
                append(start + copied, at &- copied)
                append(escaping: UInt32(byte))
                copied = at &+ 1
            }
            at &+= 1
        }
        append(start + copied, count &- copied)
    }
}
