// What an error reply means for its message: by its code, for its text is not for logs.

internal import InteractionModel

/// Codes of error replies.
enum ErrorReply {
    /// The code in an error reply of either form; nil if there is none that is short and plain.
    static func code(in bytes: [UInt8]) -> String? {
        guard bytes.count <= 65_536, let json = try? JSONValue(parsing: bytes) else { return nil }
        for object in [json, json.member("payload")].compactMap({ $0 }) {
            if let error = object.member("error") {
                if let code = plain(error.member("code")) ?? plain(error) { return code }
            }
            guard case .array(let results)? = object.member("message")?.member("results") else { continue }
            for result in results {
                guard case .array(let responses)? = result.member("response") else { continue }
                for response in responses {
                    if let code = plain(response.member("error_code")) { return code }
                }
            }
        }
        return nil
    }

    /// What a message that got an error reply is to expect.
    ///
    /// - Parameters:
    ///   - bytes: The reply.
    ///   - status: The HTTP status it came with.
    /// - Returns: Refused for good, unless the code says that it is worth another attempt.
    static func answer(_ bytes: [UInt8], status: Int? = nil) -> Answer {
        let code = code(in: bytes)
        return Answer(
            verdict: verdict(code),
            status: status,
            reason: code.map { "error reply (\($0))" } ?? "error reply without a code"
        )
    }

    private static func verdict(_ code: String?) -> Answer.Verdict {
        guard let code = code?.uppercased() else { return .rejected }
        if let number = Int(code) {
            switch number {
            case 408: return .retry(.timeout)
            case 425, 429: return .retry(.throttled)
            case 500...599: return .retry(.server)
            default: return .rejected
            }
        }
        func says(_ words: String...) -> Bool { words.contains { code.range(of: $0) != nil } }
        if says("RATE_LIMIT", "RATELIMIT", "THROTTL", "TOO_MANY") { return .retry(.throttled) }
        if says("TIMEOUT", "TIMED_OUT") { return .retry(.timeout) }
        if says("INTERNAL", "UNAVAILABLE", "SERVER_ERROR", "OVERLOAD") { return .retry(.server) }
        return .rejected
    }

    private static func plain(_ value: JSONValue?) -> String? {
        let text: String
        switch value {
        case .string(let code)?, .number(let code)?: text = code
        default: return nil
        }
        // Words and numbers, but nothing that mixes them as a token would.
        let isPlain =
            text.utf8.allSatisfy { isUpper($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
            || text.utf8.allSatisfy { isUpper($0 & 0xDF) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
        return (1...40).contains(text.utf8.count) && isPlain ? text : nil
    }
    private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
}
