// The canonical writer: the same values, one spelling.

import Foundation
import TestSupport
import Testing

@testable import InteractionModel

@Suite
struct JSONWriterTests {
    @Test(arguments: [
        (" [ 1 , 2.0 , -0 , 1e400 , 12345678901234567890 ] ", "[1,2.0,-0,1e400,12345678901234567890]"),
        (#"{ "b" : 1 , "a" : { } , "c" : [ ] }"#, #"{"b":1,"a":{},"c":[]}"#),
        (#""\u0041\u00e9\u65e5\ud83d\ude00\/""#, "\"Aé日😀/\""),
        (#""\u0000\u001F\u0008\u000c\u000A\u000d\u0009\u0022\u005C""#, #""\u0000\u001f\b\f\n\r\t\"\\""#),
        (#""\b\f\n\r\t\"\\""#, #""\b\f\n\r\t\"\\""#),
        (#""\uD83D \uDE00 \ud83d\u0041 \ude00\ud83d""#, #""\ud83d \ude00 \ud83dA \ude00\ud83d""#),
        ("\"\u{7F}\u{2028}\u{FFFF}\"", "\"\u{7F}\u{2028}\u{FFFF}\""), (#""\u007f\u2028""#, "\"\u{7F}\u{2028}\""),
        (#"{"a":1,"\u0061":2}"#, #"{"a":2}"#),
        (#"{"a":{"x":1,"x":2},"a":{"y":[{"z":1,"z":3}]}}"#, #"{"a":{"y":[{"z":3}]}}"#),
        (#"["a,",{"k,":"b,"}]"#, #"["a,",{"k,":"b,"}]"#), ("true", "true"), (" null ", "null"),
    ])
    func spellingIsCanonical(_ text: String, _ expected: String) throws {
        let written = try write(text)
        #expect(written == expected)
        #expect(try write(written) == written)
    }

    @Test
    func whatIsWrittenIsEqualByValueToWhatWasRead() throws {
        var random = SeededRandom(seed: 77)
        for round in 0..<500 {
            var generator = TextGenerator(random: random)
            let value = generator.value(depth: 0)
            let spelled = generator.spell(value)
            random = generator.random
            let written = try write(spelled)
            #expect(try foundation(written) == foundation(spelled), "round \(round): \(spelled)")
            #expect(try write(written) == written, "round \(round)")
        }
    }

    @Test
    func sortedTextDependsOnTheValueOnly() throws {
        var generator = TextGenerator(random: SeededRandom(seed: 4))
        var texts: Set<String> = []
        for round in 0..<300 {
            let value = generator.value(depth: 0)
            let expected = try write(generator.spell(value), sorted: true)
            for _ in 0..<4 {
                #expect(try write(generator.spell(value), sorted: true) == expected, "round \(round)")
            }
            #expect(try foundation(expected) == foundation(generator.spell(value)), "round \(round)")
            texts.insert(expected)
        }
        #expect(texts.count > 150, "values that differ must have texts that differ")
        #expect(
            try write(#"{"b":1,"a":2,"B":3,"aa":4,"":5,"é":6}"#, sorted: true)
                == #"{"":5,"B":3,"a":2,"aa":4,"b":1,"é":6}"#
        )
        #expect(try write("[3,1,2]", sorted: true) == "[3,1,2]", "the order of elements is part of the value")
    }

    @Test
    func stringsThatAreNotFromATapeAreEscaped() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<200 {
            let text = String(
                String.UnicodeScalarView(
                    (0..<40).map { _ in Unicode.Scalar(UInt32.random(in: 0...0x3000, using: &random)) ?? "\u{0}" }
                )
            )
            var out = OutputBuffer(capacity: 1)
            out.append(quoted: text)
            let reading = Reading(out.array)
            #expect(reading.fault == nil)
            #expect(reading.strings == [text])
        }
    }

    @Test
    func deepTextsAreWritten() throws {
        let text = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        #expect(try write(text) == text)
        #expect(try write(text, sorted: true) == text)
    }

    private func write(_ text: String, sorted: Bool = false) throws -> String {
        let padded = PaddedBytes(Array(text.utf8))
        var tape = JSONTape()
        try tape.scan(padded.start, count: padded.count)
        let view = tape.view(of: padded.start)
        var out = OutputBuffer(capacity: 1)
        if sorted { out.append(sorted: view, view.root) } else { out.append(value: view, view.root) }
        return String(decoding: out.array, as: UTF8.self)
    }

    private func foundation(_ text: String) throws -> NSObject {
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
        return try #require(value as? NSObject)
    }
}

/// Values, and many spellings of each.
private struct TextGenerator {
    indirect enum Value {
        case word(String)
        case text(String)
        case list([Value])
        case members([String: Value])
    }

    var random: SeededRandom

    mutating func value(depth: Int) -> Value {
        switch Int.random(in: 0..<(depth > 4 ? 4 : 8), using: &random) {
        case 0: return .word(["true", "false", "null"].randomElement(using: &random) ?? "null")
        case 1: return .word(["0", "-1", "1.5", "2e3", "-0.25", "123456789"].randomElement(using: &random) ?? "0")
        case 2, 3: return .text(text())
        case 4, 5:
            return .list((0..<Int.random(in: 0...5, using: &random)).map { _ in value(depth: depth + 1) })
        default:
            var members: [String: Value] = [:]
            for _ in 0..<Int.random(in: 0...6, using: &random) { members[text()] = value(depth: depth + 1) }
            return .members(members)
        }
    }

    private mutating func text() -> String {
        let pieces = [
            "a", "B", "/", "\"", "\\", "\n", "\t", "\u{1}", "é", "日", "😀", "\u{7F}", "\u{2028}", "12345678", ",",
        ]
        return (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            .joined()
    }

    /// Some spelling of a value: any white space, order of members and escapes.
    mutating func spell(_ value: Value) -> String {
        switch value {
        case .word(let word): return space() + word + space()
        case .text(let text): return space() + quote(text) + space()
        case .list(let elements): return "[" + elements.map { spell($0) }.joined(separator: ",") + space() + "]"
        case .members(let members):
            let ordered = members.sorted { $0.key < $1.key }.shuffled(using: &random)
            return "{"
                + ordered.map { space() + quote($0.key) + space() + ":" + spell($0.value) }.joined(separator: ",")
                + space() + "}"
        }
    }

    private mutating func space() -> String { ["", "", " ", "\n", "\t \r\n"].randomElement(using: &random) ?? "" }

    private mutating func quote(_ text: String) -> String {
        var result = "\""
        for unit in text.unicodeScalars {
            let mustEscape = unit.value < 0x20 || unit == "\"" || unit == "\\"
            if mustEscape || Int.random(in: 0..<4, using: &random) == 0 {
                for part in String(unit).utf16 {
                    let digits = String(part, radix: 16, uppercase: Bool.random(using: &random))
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else if unit == "/", Bool.random(using: &random) {
                result += "\\/"
            } else {
                result.unicodeScalars.append(unit)
            }
        }
        return result + "\""
    }
}
