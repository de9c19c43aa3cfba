// Texts as facts know them: by their SHA-256; and JSON values whose spelling must survive.

import Crypto
import Foundation

/// SHA-256 in hexadecimal digits.
enum TextDigest {
    static let ofEmptyText = of("")

    static func of(_ text: String) -> String { of(bytes: Array(text.utf8)) }

    static func of(bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}

/// Every string, number and boolean in JSON texts, wherever it stands.
struct ScalarTexts {
    /// The first 16 digits of each one's SHA-256.
    private(set) var digests: Set<String> = []
    /// A String compares by canonical equivalence, which is not enough here: two spellings are two texts.
    private var strings: Set<[UInt8]> = []

    init(_ texts: [[UInt8]]) throws {
        for text in texts {
            add(try JSONSerialization.jsonObject(with: Data(text), options: [.fragmentsAllowed]))
            for token in Set(Self.tokens(in: text)) { digests.insert(Self.short(token)) }
        }
    }

    /// The strings, each once.
    var texts: [String] { strings.map { String(decoding: $0, as: UTF8.self) } }

    func contains(_ text: String) -> Bool { strings.contains(Array(text.utf8)) }

    private mutating func add(_ value: Any) {
        if let object = value as? [String: Any] {
            for inner in object.values { add(inner) }
        } else if let array = value as? [Any] {
            for inner in array { add(inner) }
        } else if let text = value as? String, strings.insert(Array(text.utf8)).inserted {
            digests.insert(Self.short(Array(text.utf8)))
        }
    }

    /// Numbers and literals as they are written: a parsed number no longer knows whether it was `1.0`.
    private static func tokens(in text: [UInt8]) -> [[UInt8]] {
        var tokens: [[UInt8]] = []
        var token: [UInt8] = []
        var isInString = false
        var isEscaped = false
        for byte in text {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"),
                UInt8(ascii: "{"), UInt8(ascii: "}"), 0x20, 0x09, 0x0D, 0x0A:
                if !token.isEmpty { tokens.append(token) }
                token = []
                isInString = byte == UInt8(ascii: "\"")
            default: token.append(byte)
            }
        }
        if !token.isEmpty { tokens.append(token) }
        return tokens
    }

    private static func short(_ bytes: [UInt8]) -> String { String(TextDigest.of(bytes: bytes).prefix(16)) }
}
