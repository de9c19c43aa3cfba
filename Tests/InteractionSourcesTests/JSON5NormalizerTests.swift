// JSON5 to strict JSON: every rule, every fault, and random damage.

import Foundation
import Testing

@testable import InteractionSources

@Suite
struct JSON5NormalizerTests {
    private func normalize(_ bytes: [UInt8]) throws(JSON5Error) -> (json: [UInt8], features: JSON5Features) {
        var output: [UInt8] = []
        let result = bytes.withUnsafeBytes { text in
            Result { () throws(JSON5Error) in try JSON5Normalizer.normalize(text, into: &output) }
        }
        return (output, try result.get())
    }

    private func normalize(_ text: String) throws(JSON5Error) -> (json: String, features: JSON5Features) {
        let (json, features) = try normalize(Array(text.utf8))
        return (String(decoding: json, as: UTF8.self), features)
    }

    @Test(arguments: [
        (#"{a:1}"#, #"{"a":1}"#),
        (#"{ $_a1 : 'x', } // end"#, #"{"$_a1":"x"}"#),
        (#"/* x */[1,/**/2,]"#, "[1,2]"),
        (#"{grüße:1,名:2,null:3,NaN:4}"#, #"{"grüße":1,"名":2,"null":3,"NaN":4}"#),
        (#"{\u0061b:1}"#, #"{"ab":1}"#),
        (#"'it\'s "so"'"#, #""it's \"so\"""#),
        (#""it's""#, #""it's""#),
        (#"'\x41\v\0\a\é\"\/\n\u00e9'"#, #""\u0041\u000b\u0000aé\"\/\n\u00e9""#),
        ("'a\\\nb\\\r\nc\\\rd\\\u{2028}e'", #""abcde""#),
        ("\"tab\there\"", #""tab\u0009here""#),
        ("\u{FEFF}\u{A0}\u{0B}[\u{2003}]\u{2029}", "[]"),
        ("// a\u{2028}1", "1"),
        ("[.5,5.,+5,-.5,+.5e3,5.e-3,-0]", "[0.5,5,5,-0.5,0.5e3,5e-3,-0]"),
        ("[0xFF,-0x10,0XfFfFfFfFfFfFfFfF,0x0]", "[255,-16,18446744073709551615,0]"),
        ("{}", "{}"),
        ("[[],{},[{}]]", "[[],{},[{}]]"),
    ])
    func rewrites(_ text: String, _ json: String) throws {
        #expect(try normalize(text).json == json)
    }

    @Test(arguments: [
        #"{"a":[1,-0,0.10,1E+5,1e-05,123456789012345678901234567890],"b":"\ud83d\/\u00E9é😀'","c":null}"#,
        #"[true,false,"\ud800",""]"#, "1.0", #""x""#,
    ])
    func strictTextKeepsItsBytes(_ text: String) throws {
        let result = try normalize(" \n\(text)\t\r\n")
        #expect(result.json == text)
        #expect(result.features.isStrict)
    }

    @Test
    func featuresAreCounted() throws {
        let features = try normalize("{a:'x',/**/\"b\":[+1,0x2,.3,],'c':\"\\x41\",}//\u{A0}\n\u{A0}").features
        #expect(
            features
                == JSON5Features(
                    comments: 2,
                    unquotedKeys: 1,
                    singleQuotedStrings: 2,
                    trailingCommas: 2,
                    changedNumbers: 3,
                    changedStrings: 1,
                    unusualSpaces: 1
                )
        )
        #expect(!features.isStrict)
    }

    @Test(arguments: [
        ("", 0, "no value"), (" // x", 5, "no value"), ("{", 1, "inside an array"), ("[1", 2, "inside an array"),
        ("[1 2]", 3, "comma or the closing bracket"), ("{a:1 b:2}", 5, "comma or the closing brace"),
        ("{a 1}", 3, "colon"), ("{,}", 1, "expected a key"), ("{1:2}", 1, "expected a key"), ("{a-b:1}", 2, "colon"),
        ("[,]", 1, "expected a value"), ("[1,,]", 3, "expected a value"), ("[1}", 2, "closing bracket"),
        ("{a:1]", 4, "closing brace"), ("1 2", 2, "follows the value"), ("{}}", 2, "follows the value"),
        ("Infinity", 0, "Infinity has no form"), ("[-Infinity]", 1, "Infinity has no form"), ("NaN", 0, "NaN has no"),
        ("{a:undefined}", 3, "undefined has no form"), ("hello", 0, "put text in quotes"), ("nullx", 0, "in quotes"),
        ("/* x", 0, "never closed"), ("/x", 0, "// or /*"), ("'abc", 0, "never closed"), ("'a\nb'", 0, "in its line"),
        ("'\\", 1, "never closed"), ("'\\u12g4'", 1, "four hex"), ("'\\x4'", 1, "two hex"), ("'\\1'", 1, "digit"),
        ("'\\01'", 1, "octal"), ("01", 0, "zero"), ("-00", 0, "zero"), (".", 0, "no digits"), ("+", 0, "no digits"),
        ("- 1", 0, "no digits"), ("--1", 0, "no digits"), ("1e", 0, "exponent"), ("1.2.3", 0, "followed"),
        ("5x", 0, "followed"), ("0x", 0, "needs hex"), ("0x1.5", 0, "followed"), ("0x10000000000000000", 0, "64 bits"),
        ("{\\u0031:1}", 1, "in quotes"), ("{\\x41:1}", 1, "\\uXXXX"), ("...", 0, "no digits"), ("1,", 1, "follows"),
    ])
    func faultsSayWhereAndWhy(_ text: String, _ offset: Int, _ part: String) {
        let error = #expect(throws: JSON5Error.self) { _ = try normalize(text) as (String, JSON5Features) }
        #expect(error?.offset == offset)
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test(
        arguments: [
            [0xFF], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x7B, 0xF5, 0x80], [0x22, 0xE2, 0x82],
        ] as [[UInt8]]
    )
    func invalidUTF8IsAFault(_ bytes: [UInt8]) {
        let error = #expect(throws: JSON5Error.self) { _ = try normalize(bytes) as ([UInt8], JSON5Features) }
        #expect(error?.message.contains("UTF-8") == true)
    }

    @Test
    func nestingHasALimit() throws {
        let deepest = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        #expect(try normalize(deepest).json == deepest)
        let error = #expect(throws: JSON5Error.self) {
            _ = try normalize("[\(deepest)]") as (String, JSON5Features)
        }
        #expect(error?.offset == 512)
    }

    @Test
    func outputIsAppendedToAndRestoredOnError() throws {
        var output = Array("before ".utf8)
        let good = Array("{a:1}".utf8)
        let bad = Array("{a:1,b".utf8)
        #expect(throws: JSON5Error.self) {
            try bad.withUnsafeBytes { try JSON5Normalizer.normalize($0, into: &output) }
        }
        #expect(output == Array("before ".utf8))
        _ = try good.withUnsafeBytes { try JSON5Normalizer.normalize($0, into: &output) }
        #expect(output == Array(#"before {"a":1}"#.utf8))
    }

    /// Documentation pages write messages in this style.
    private let pageStyle = """
        {
        // what a page would show
        headers: { traceId: "7-a", sdkVersion: '3.2.1', /* sent */ timestamp: "2025-01-02T03:04:05.000Z" },
        payload: {
        session: { channel: { language: "en-US" }, interface: { type: 'chat' } },
        request: {
        connections: {
        parentId: "",
        threadId: "thread-1" // REQUIRED
        },
        context: { organizationId: "org-1", // REQUIRED
        userId: "" },
        scope: { conversations: [ // REQUIRED
        { participants: [ { participantId: "p", role: "user", }, ],
        messages: [ { content: 'It\\'s "late"', participantId: "p", order: +1, weight: .5, flags: 0x1F } ],
        metadata: {} } ] }
        }
        }, action: "message",
        }
        """

    @Test
    func pageStyleIsRead() throws {
        let result = try normalize(pageStyle)
        let value = try JSONSerialization.jsonObject(with: Data(result.json.utf8)) as? [String: Any]
        let payload = value?["payload"] as? [String: Any]
        let request = payload?["request"] as? [String: Any]
        #expect((request?["connections"] as? [String: String])?["threadId"] == "thread-1")
        #expect(value?["action"] as? String == "message")
        #expect(result.features.comments == 5)
        #expect(result.features.trailingCommas == 3)
        #expect(result.features.singleQuotedStrings == 3)
        #expect(result.features.changedNumbers == 3)
    }

    @Test(arguments: [5, 55, 555] as [UInt64])
    func whateverIsAcceptedIsStrictJSON(_ seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let sample = Array(pageStyle.utf8)
        let alphabet =
            Array("{}[]:,'\"\\/*+-.0123456789eExXaunltrfINé\u{A0}\u{2028} \n\t".utf8) + [0, 0xFF, 0xED, 0xA0]
        var accepted = 0
        for _ in 0..<3_000 {
            var bytes: [UInt8]
            if Bool.random(using: &numbers) {
                bytes = (0..<Int.random(in: 0...12, using: &numbers)).map { _ in
                    alphabet[Int.random(in: 0..<alphabet.count, using: &numbers)]
                }
            } else {
                bytes = sample
                for _ in 0..<Int.random(in: 1...3, using: &numbers) {
                    let place = Int.random(in: 0..<bytes.count, using: &numbers)
                    let end = min(bytes.count, place + Int.random(in: 0...2, using: &numbers))
                    let replacement = alphabet[Int.random(in: 0..<alphabet.count, using: &numbers)]
                    bytes.replaceSubrange(place..<end, with: [replacement])
                }
            }
            guard let json = try? normalize(bytes).json as [UInt8] else { continue }
            accepted += 1
            #expect(throws: Never.self, "seed \(seed): \(bytes)") {
                _ = try JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed)
            }
            // What is strict is its own strict form.
            let again = try? normalize(json)
            #expect(again?.json == json)
            #expect(again?.features.isStrict == true)
        }
        #expect(accepted > 100)
    }
}
