// An address to send to: what of a URL is needed here, and nothing that could hide a mistake.

/// The parts of an `http`, `https`, `ws` or `wss` URL.
package struct Endpoint: Sendable, Hashable {
    /// The scheme in lower case.
    package var scheme: String
    /// The host in lower case, an IPv6 address without its brackets.
    package var host: String
    package var port: Int
    /// The path with its query, from `/` on.
    package var path: String

    /// Whether bytes are encrypted on their way.
    package var isSecure: Bool { scheme == "https" || scheme == "wss" }

    /// Whether the host is this machine.
    package var isLoopback: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "::1"
            || (host.hasPrefix("127.") && host.split(separator: ".").count == 4 && host.utf8.allSatisfy(Self.isNumeric))
    }

    /// The host with its port where that is not the scheme's, as in a `Host` header.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// The whole address.
    package var url: String { "\(scheme)://\(authority)\(path)" }

    /// Reads a URL.
    ///
    /// - Parameters:
    ///   - text: The URL.
    ///   - option: The option it came from, for the error.
    ///   - schemes: The schemes that make sense there.
    /// - Throws: ``SubmissionError`` that says what is wrong with it.
    package init(_ text: String, option: String, schemes: [String]) throws(SubmissionError) {
        func wrong(_ what: String) -> SubmissionError { SubmissionError(.options, "\(option): \(what)") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw wrong("a URL is printable ASCII without spaces")
        }
        guard let mark = text.range(of: "://") else { throw wrong("a URL starts with \(schemes[0])://") }
        scheme = text[..<mark.lowerBound].lowercased()
        guard schemes.contains(scheme) else {
            throw wrong("the scheme is \(schemes.joined(separator: " or ")), not \(scheme)")
        }
        let rest = text[mark.upperBound...]
        guard !rest.contains("#") else { throw wrong("a URL to send to has no fragment (#...)") }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        var name = rest[..<end]
        guard !name.contains("@") else { throw wrong("no credentials in a URL; use the environment or files") }
        port = scheme == "https" || scheme == "wss" ? 443 : 80
        if name.hasPrefix("["), let close = name.firstIndex(of: "]") {
            if let number = try Self.port(name[name.index(after: close)...], wrong) { port = number }
            name = name[name.index(after: name.startIndex)..<close]
        } else if let colon = name.firstIndex(of: ":") {
            if let number = try Self.port(name[colon...], wrong) { port = number }
            name = name[..<colon]
        }
        guard !name.isEmpty else { throw wrong("a URL needs a host") }
        host = name.lowercased()
        let tail = String(rest[end...])
        path = tail.hasPrefix("/") ? tail : "/" + tail
        guard isSecure || isLoopback else {
            throw wrong("\(scheme) is not encrypted and only for this machine; use \(schemes[0])")
        }
    }

    private static func port(
        _ text: Substring,
        _ wrong: (String) -> SubmissionError
    ) throws(SubmissionError) -> Int? {
        if text.isEmpty { return nil }
        guard text.hasPrefix(":"), let number = Int(text.dropFirst()), (1...65535).contains(number) else {
            throw wrong("a port is a number from 1 to 65535")
        }
        return number
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension String {
    /// Where a text stands first.
    func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text), let end = index(start, offsetBy: text.count, limitedBy: endIndex) {
                return start..<end
            }
            start = index(after: start)
        }
        return nil
    }
}
