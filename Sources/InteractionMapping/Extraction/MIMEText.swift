// The text of a MIME message, as far as chat archives hold such things.

extension TextCodes {
    /// The plain text of a MIME message: its first `text/plain` part, else its first text, transfer coding undone.
    ///
    /// - Parameter message: Headers, a blank line and a body, as vCon text dialogs hold them.
    /// - Returns: UTF-8; nil if the message has no text in UTF-8 or ASCII.
    static func bestPart(ofMIME message: [UInt8]) -> [UInt8]? {
        var parts: [(type: String, text: [UInt8])] = []
        collect(message[...], depth: 0, into: &parts)
        return (parts.first { $0.type.hasPrefix("text/plain") } ?? parts.first { $0.type.hasPrefix("text/") })?.text
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
            case "base64": base64Decoded(Array(body))
            case "quoted-printable": quotedPrintableDecoded(body)
            default: Array(body)
            }
        if let text, String(validating: text, as: UTF8.self) != nil { parts.append((type.lowercased(), text)) }
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
                if let start { result.append(body[start..<line]) }
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
        return percentDecoded(text.map { $0 == UInt8(ascii: "=") ? UInt8(ascii: "%") : $0 })
    }
}
