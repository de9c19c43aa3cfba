// The JSON reader: RFC 8259 to the letter, exact offsets, and the same verdicts as an independent reader.

import Foundation
import TestSupport
import Testing

@testable import InteractionModel

@Suite
struct JSONTapeTests {
    // MARK: What is JSON

    @Test(arguments: [
        "0", "-0", "1.0", "-0.0e-0", "1e400", "1E+2", "0e0", "-1.5E-10", "12345678901234567890123456789",
        #""""#, #""\u0000""#, #""\ud800""#, #""\udc00\ud800""#, #""\uD83D\uDE00""#, #""\"\\\/\b\f\n\r\t""#,
        "\"\u{7F}\"", "\"\u{2028}\u{2029}\"", "\"\u{FFFF}\"", "\"\u{10FFFF}\"", "\"\u{D7FF}\u{E000}\"", "\"\u{1F600}\"",
        "true", "false", "null", "[]", "{}", " \t\r\n[ 1 , [ ] , { } ]\n", #"{"":{"":[null]}}"#, #"{"a":1,"a":2}"#,
    ])
    func accepts(_ text: String) throws {
        let reading = Reading(text)
        #expect(reading.fault == nil, "\(text): \(reading.fault.map(\.description) ?? "")")
        #expect(reading.leafCount == reading.walkedLeafCount)
    }

    @Test(arguments: [
        ("", 0, JSONError.Fault.endOfText), (" \n ", 3, .endOfText), ("[", 1, .endOfText), ("[1", 2, .endOfText),
        ("[1,", 3, .endOfText), ("{", 1, .endOfText), (#"{"a""#, 4, .endOfText), (#"{"a":"#, 5, .endOfText),
        (#"{"a":1"#, 6, .endOfText), (#"{"a":1,"#, 7, .endOfText), ("-", 1, .endOfText), ("1.", 2, .endOfText),
        ("1e", 2, .endOfText), ("1e-", 3, .endOfText), ("tru", 3, .endOfText), (#"[1,"abc"#, 3, .openString),
        (#""a\""#, 0, .openString), (#""a\"#, 0, .openString), (#""\u12"#, 5, .endOfText),
        ("1 2", 2, .afterValue), ("{}}", 2, .afterValue), ("[]]", 2, .afterValue), ("01", 1, .afterValue),
        ("-01", 2, .afterValue), ("1.5.5", 3, .afterValue), ("nulll", 4, .afterValue), ("[1]\u{0}", 3, .afterValue),
        ("nul1", 0, .value), ("TRUE", 0, .value), ("NaN", 0, .value), ("-Infinity", 1, .digit), ("+1", 0, .value),
        (".5", 0, .value), ("[,1]", 1, .value), ("[1,]", 3, .value), ("'a'", 0, .value), ("[1,,2]", 3, .value),
        ("// x\n1", 0, .value), ("\u{FEFF}1", 0, .value), ("\u{A0}1", 0, .value), ("\u{0C}1", 0, .value),
        ("{,}", 1, .key), (#"{"a":1,}"#, 7, .key), ("{a:1}", 1, .key), ("{1:1}", 1, .key), ("{'a':1}", 1, .key),
        (#"{"a" 1}"#, 5, .colon), (#"{"a",1}"#, 4, .colon), (#"{"a":1 "b":2}"#, 7, .commaOrBrace),
        (#"{"a":1]"#, 6, .commaOrBrace), ("[1 2]", 3, .commaOrBracket), ("[1}", 2, .commaOrBracket),
        ("1.a", 2, .digit), ("-a", 1, .digit), ("1e+a", 3, .digit), ("1.e1", 2, .digit), ("0x10", 1, .afterValue),
        (#""\x41""#, 2, .escape), (#""\u12g4""#, 5, .escape), (#""\U0041""#, 2, .escape), (#""\'""#, 2, .escape),
        ("\"a\u{0}b\"", 2, .controlCharacter), ("\"a\nb\"", 2, .controlCharacter), ("\"\u{1F}\"", 1, .controlCharacter),
        ("\"12345678\t\"", 9, .controlCharacter),
    ])
    func refuses(_ text: String, at offset: Int, because fault: JSONError.Fault) {
        #expect(Reading(text).fault == JSONError(fault, offset: offset), "\(text)")
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xE1, 0x80], [0xE1, 0x80, 0x41], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE],
            [0xFF],
        ] as [[UInt8]]
    )
    func refusesInvalidUTF8WhereverItLies(_ form: [UInt8]) {
        for lead in 0...17 {
            for tail in [0, 1, 7, 8, 9] {
                let text =
                    bytes("\"" + String(repeating: "a", count: lead)) + form
                    + bytes(String(repeating: "z", count: tail) + "\"")
                #expect(
                    Reading(text).fault == JSONError(.invalidUTF8, offset: 1 + lead),
                    "\(form) after \(lead), before \(tail)"
                )
            }
        }
    }

    // MARK: Depth, length, keys

    @Test
    func depthIsLimited() {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let inner = open == "[" ? "" : "1"
            let deepest = String(repeating: open, count: 512) + inner + String(repeating: close, count: 512)
            #expect(Reading(deepest).fault == nil)
            let tooDeep = String(repeating: open, count: 513) + inner + String(repeating: close, count: 513)
            #expect(Reading(tooDeep).fault == JSONError(.tooDeep, offset: 512 * open.utf8.count))
        }
        // What counts is how many are open at once, not how many there are.
        #expect(Reading("[" + String(repeating: "[],", count: 2000) + "[]]").fault == nil)
    }

    @Test
    func stringsOfEveryLengthAroundAWord() {
        for length in 0...40 {
            for character in ["a", "é", "日", "\u{1F600}", "\\n", "\\u0041", "\u{7F}"] {
                for position in 0...length {
                    let text =
                        String(repeating: "x", count: position) + character
                        + String(repeating: "y", count: length - position)
                    let reading = Reading("[\"\(text)\",1]")
                    #expect(reading.fault == nil, "\(text)")
                    let expected = text.replacing("\\n", with: "\n").replacing("\\u0041", with: "A")
                    #expect(reading.strings == [expected])
                }
                // The text may end with its buffer: nothing after it may count.
                #expect(
                    Reading("\"" + String(repeating: "x", count: length)).fault == JSONError(.openString, offset: 0)
                )
            }
        }
    }

    @Test(
        arguments: [
            (#"{"a":1,"a":2}"#, [1]), (#"{"a":1,"b":2,"a":3,"a":4}"#, [1, 5]), (#"{"a":1,"\u0061":2}"#, [1]),
            (#"{"a/b":1,"a\/b":2}"#, [1]), (#"{"12345678":1,"12345678":2}"#, [1]), (#"{"":1,"":2}"#, [1]),
            (#"{"a long key of more than 16":1,"a long key of more than 16":2}"#, [1]),
            (#"{"a long key of more than 16":1,"a long key \u006ff more than 16":2}"#, [1]),
            (#"{"x":{"a":[{"b":1,"b":2}]},"y":{"a":1,"a":2}}"#, [6, 12]), (#"{"\ud83d\ude00":1,"😀":2}"#, [1]),
            (#"{"a":{"c":1},"a":{"c":1}}"#, [1]), (##"{"a":1,"A":2,"a ":3,"\##u{E1}":4,"a\##u{301}":5}"##, []),
            (#"{"prefix-1":1,"prefix-2":2,"1-suffix":3,"2-suffix":4}"#, []), (#"{"\ud800":1,"\ufffd":2}"#, []),
        ] as [(String, [Int])]
    )
    func duplicateKeysAreFound(_ text: String, _ superseded: [Int]) {
        #expect(Reading(text).supersededKeys == superseded, "\(text)")
    }

    @Test
    func duplicateKeysAreFoundAmongAnyOthers() {
        var random = SeededRandom(seed: 11)
        for round in 0..<400 {
            let count = Int.random(in: 1...60, using: &random)
            var keys = (0..<count).map { _ in
                String(
                    (0..<Int.random(in: 0...20, using: &random)).map { _ in
                        "abAB01é日".randomElement(using: &random) ?? "a"
                    }
                )
            }
            if round.isMultiple(of: 2) { keys.append(keys.randomElement(using: &random) ?? "") }
            let text = "{" + keys.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
            var lastPlace: [String: Int] = [:]
            var expected: [Int] = []
            for (index, key) in keys.enumerated() {
                if let earlier = lastPlace.updateValue(1 + 2 * index, forKey: key) { expected.append(earlier) }
            }
            #expect(Reading(text).supersededKeys.sorted() == expected.sorted(), "round \(round): \(text)")
        }
    }

    // MARK: Damage

    private static let sample = #"""
        {"session":{"sessionId":"s-1","n":[-0,1.0,1e400,12345678901234567890]},"request":{"text":"a\"\\\/\u00e9\ud83d\ude00 日本 \#u{1F600}",
        "empty":{},"list":[[],[true,false,null]]},"last":0.25e-3}
        """#

    @Test
    func aTextCutAnywhereIsRefusedAtItsEndOrItsString() {
        let whole = bytes(Self.sample)
        #expect(Reading(whole).fault == nil)
        for length in 0..<whole.count {
            let fault = Reading(Array(whole[..<length])).fault
            let expected: [JSONError.Fault] = [.endOfText, .openString]
            #expect(
                fault.map { expected.contains($0.fault) } ?? false,
                "cut at \(length): \(String(describing: fault))"
            )
            #expect(fault.map { $0.offset <= length } ?? false)
        }
        // A number alone is the one value whose beginning may be a value.
        let verdicts = (1...7).map { Reading(Array(bytes("-1.5e+7")[..<$0])).fault == nil }
        #expect(verdicts == [false, true, false, true, false, false, true])
    }

    @Test
    func agreesWithFoundationOnThousandsOfMutations() {
        var random = SeededRandom(seed: 8259)
        let alphabet =
            bytes("{}[]\",:\\/0123456789.eE+-truefalsn uD8\t\n") + [0x00, 0x1F, 0x7F, 0x80, 0xC3, 0xA9, 0xED, 0xF0]
        var accepted = 0
        var excused = 0
        for round in 0..<6000 {
            var text = bytes(round.isMultiple(of: 3) ? Self.sample : #"{"a":[1,-2.5e3,"\u00e9\n"],"b":{"c":null}}"#)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[place] = alphabet.randomElement(using: &random) ?? 0
                case 1: text.remove(at: place)
                default: text.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
                }
            }
            let isOurs = Reading(text).fault == nil
            let isTheirs = FoundationReading.accepts(text)
            if isOurs { accepted += 1 }
            guard isOurs != isTheirs else { continue }
            excused += 1
            #expect(
                FoundationReading.isKnownToDiffer(text, accepts: isTheirs),
                "round \(round): ours \(isOurs), theirs \(isTheirs): \(String(decoding: text, as: UTF8.self)) \(text)"
            )
        }
        #expect(accepted > 500, "too few mutations are still JSON: \(accepted)")
        #expect(excused < accepted, "most verdicts must be compared, not excused: \(excused)")
    }
}

/// What Foundation's reader says, and where it is known not to follow RFC 8259.
private enum FoundationReading {
    static func accepts(_ text: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(text), options: [.fragmentsAllowed])) != nil
    }

    static func isKnownToDiffer(_ text: [UInt8], accepts: Bool) -> Bool {
        let word = String(decoding: text, as: UTF8.self)
        if accepts {
            // It guesses UTF-16 and UTF-32 from zero bytes near the start, and lets a comma follow the last element.
            return text.prefix(4).contains(0)
                || word.range(of: #",\s*[\]}]"#, options: .regularExpression) != nil
        }
        // It refuses escapes of lone surrogates and numbers out of a Double's range.
        let hasSurrogate = word.range(of: #"\\u[dD][89a-fA-F]"#, options: .regularExpression) != nil
        let hasHugeNumber = word.range(of: #"\d[eE]\+?\d{2,}|\d{18}"#, options: .regularExpression) != nil
        return hasSurrogate || hasHugeNumber
    }
}

/// What the scanner made of a text.
struct Reading {
    var fault: JSONError?
    var strings: [String] = []
    var supersededKeys: [Int] = []
    var leafCount = 0
    var walkedLeafCount = 0

    init(_ text: String) { self.init(Array(text.utf8)) }

    init(_ text: [UInt8]) {
        let padded = PaddedBytes(text)
        var tape = JSONTape()
        do {
            try tape.scan(padded.start, count: padded.count)
        } catch {
            fault = error
            return
        }
        let view = tape.view(of: padded.start)
        supersededKeys = tape.supersededKeys
        leafCount = tape.leafCount
        walkedLeafCount = view.leafCount(view.root)
        for node in 0..<tape.count where view.kind(node) == .string { strings.append(view.text(node).string) }
    }
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
