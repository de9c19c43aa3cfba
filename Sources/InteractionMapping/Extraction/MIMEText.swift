// The text of a MIME message, as far as chat archives hold such things.

extension TextCodes {
    /// The plain text of a MIME message: its first `text/plain` part, else its first text, transfer coding undone.
    ///
    /// - Parameter message: Headers, a blank line and a body, or the parts of a body alone, as vCon text dialogs hold
    ///   them.
    /// - Returns: UTF-8, and whether it is HTML; nil if the message has no text in UTF-8, ASCII or Latin-1.
    static func bestPart(ofMIME message: [UInt8]) -> (text: [UInt8], isHTML: Bool)? {
        var parts: [(type: String, text: [UInt8])] = []
        if let boundary = leadingBoundary(of: message) {
            for part in pieces(message[...], boundary: boundary) { collect(part, depth: 1, into: &parts) }
        } else {
            collect(message[...], depth: 0, into: &parts)
        }
        let best = parts.first { $0.type.hasPrefix("text/plain") } ?? parts.first { $0.type.hasPrefix("text/") }
        return best.map { ($0.text, $0.type.hasPrefix("text/html")) }
    }

    /// The line that parts the parts, where a message begins with one instead of headers.
    private static func leadingBoundary(of message: [UInt8]) -> String? {
        let start = message.drop { $0 == 0x0A || $0 == 0x0D }
        guard start.starts(with: "--".utf8) else { return nil }
        let line = String(decoding: start.prefix { $0 != 0x0A }, as: UTF8.self).trimmed
        let end = Array((line + "--").utf8)
        return line.count > 2 && message.firstRange(of: end) != nil ? String(line) : nil
    }

    private static func collect(
        _ message: ArraySlice<UInt8>,
        depth: Int,
        into parts: inout [(type: String, text: [UInt8])]
    ) {
        let (headers, body) = split(message)
        let type = headers["content-type"] ?? "text/plain"
        if type.lowercased().hasPrefix("multipart/"), let boundary = parameter("boundary", of: type), depth < 8 {
            for part in pieces(body, boundary: "--" + boundary) { collect(part, depth: depth + 1, into: &parts) }
            return
        }
        let text: [UInt8]? =
            switch (headers["content-transfer-encoding"] ?? "").lowercased() {
            case "base64": base64Bytes(Array(body))
            case "quoted-printable": quotedPrintableDecoded(body)
            default: Array(body)
            }
        guard let text else { return }
        if String(validating: text, as: UTF8.self) != nil {
            parts.append((type.lowercased(), text))
        } else if ["iso-8859-1", "windows-1252"].contains(parameter("charset", of: type)?.lowercased()),
            !text.contains(where: { (0x80..<0xA0).contains($0) })
        {
            // Where the two differ, in what they call control characters, nothing is guessed.
            let latin = String(String.UnicodeScalarView(text.map { Unicode.Scalar($0) }))
            parts.append((type.lowercased(), Array(latin.utf8)))
        }
    }

    private static func split(
        _ message: ArraySlice<UInt8>
    ) -> (headers: [String: String], body: ArraySlice<UInt8>) {
        var headers: [String: String] = [:]
        var rest = message
        var last = ""
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
            let line = String(decoding: rest[..<end], as: UTF8.self).trimmed
            let isFolded = rest.first == 0x20 || rest.first == 0x09
            let next = end < rest.endIndex ? rest.index(after: end) : end
            if line.isEmpty { return (headers, rest[next...]) }
            if isFolded, !last.isEmpty {
                headers[last]? += " " + line
            } else if let colon = line.firstIndex(of: ":"), !line[..<colon].contains(" ") {
                last = line[..<colon].lowercased()
                headers[last] = String(String(line[line.index(after: colon)...]).trimmed)
            } else {
                // No headers at all: everything is body.
                return (headers, headers.isEmpty ? message : rest)
            }
            rest = rest[next...]
        }
        return (headers, rest)
    }

    private static func parameter(_ name: String, of header: String) -> String? {
        for part in header.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, String(pair[0]).trimmed.lowercased() == name else { continue }
            return String(String(pair[1]).trimmed.filter { $0 != "\"" })
        }
        return nil
    }

    private static func pieces(_ body: ArraySlice<UInt8>, boundary: String) -> [ArraySlice<UInt8>] {
        var result: [ArraySlice<UInt8>] = []
        var start: Int?
        var line = body.startIndex
        while line < body.endIndex {
            let end = body[line...].firstIndex(of: 0x0A) ?? body.endIndex
            if body[line..<end].starts(with: boundary.utf8) {
                if let start { result.append(body[start..<line].droppingLineBreak) }
                if body[line..<end].dropFirst(boundary.utf8.count).starts(with: "--".utf8) { return result }
                start = min(end + 1, body.endIndex)
            }
            line = end + 1
        }
        if let start { result.append(body[start...]) }
        return result
    }

    private static func quotedPrintableDecoded(_ body: ArraySlice<UInt8>) -> [UInt8] {
        // A soft line break is `=` at the end of a line; everything else is percent coding with another sign.
        var text: [UInt8] = []
        var rest = body
        while let byte = rest.first {
            if byte == UInt8(ascii: "="), rest.dropFirst().first == 0x0A {
                rest = rest.dropFirst(2)
            } else if byte == UInt8(ascii: "="), rest.dropFirst().starts(with: [0x0D, 0x0A]) {
                rest = rest.dropFirst(3)
            } else {
                text.append(contentsOf: byte == UInt8(ascii: "%") ? Array("%25".utf8) : [byte])
                rest = rest.dropFirst()
            }
        }
        return percentBytes(text.map { $0 == UInt8(ascii: "=") ? UInt8(ascii: "%") : $0 })
    }
}

extension ArraySlice<UInt8> {
    /// The bytes without the line break at their end, which belongs to the boundary after them.
    fileprivate var droppingLineBreak: ArraySlice<UInt8> {
        guard last == 0x0A else { return self }
        let line = dropLast()
        return line.last == 0x0D ? line.dropLast() : line
    }
}
