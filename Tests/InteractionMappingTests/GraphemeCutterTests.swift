// Where a text may be cut: between what people read as characters, never inside a scalar or an escape.

import TestSupport
import Testing

@testable import InteractionMapping
@testable import InteractionModel

@Suite
struct GraphemeCutterTests {
    /// Cuts a JSON string's inside into pieces of at most `room` bytes, as long as something fits.
    private func pieces(_ json: String, room: Int) throws -> [String] {
        let padded = PaddedBytes(Array("\"\(json)\"".utf8))
        var tape = JSONTape()
        try tape.scan(padded.start, count: padded.count)
        let text = tape.view(of: padded.start).text(0)
        let cutter = GraphemeCutter(text)
        var result: [String] = []
        var start = 0
        while start < text.count, let end = cutter.cut(from: start, within: room) {
            try #require(end > start && end <= text.count, "a cut must get on")
            #expect(end - start <= room)
            result.append(String(decoding: text.bytes[start..<end], as: UTF8.self))
            start = end
        }
        return result
    }

    @Test(
        arguments: [
            ("abcdef", 4, ["abcd", "ef"]), ("abc", 3, ["abc"]), ("abc", 100, ["abc"]), ("aéé", 4, ["aé", "é"]),
            ("日本語", 4, ["日", "本", "語"]), ("日本語", 6, ["日本", "語"]), ("xe\u{301}y", 3, ["x", "e\u{301}", "y"]),
            ("🇫🇷🇩🇪", 12, ["🇫🇷", "🇩🇪"]), ("👍🏽👍", 8, ["👍🏽", "👍"]), ("👩‍👩‍👧x", 18, ["👩‍👩‍👧", "x"]),
            (#"ab\ncd"#, 3, ["ab", #"\nc"#, "d"]), (#"\"\\\t"#, 2, [#"\""#, #"\\"#, #"\t"#]),
            (#"a\r\nb"#, 4, ["a", #"\r\n"#, "b"]),
            (#"\ud800\udbffx"#, 6, [#"\ud800"#, #"\udbff"#, "x"]), (#"\u0000a"#, 6, [#"\u0000"#, "a"]),
            (#"e\u0301e\u0301"#, 8, [#"e\u0301"#, #"e\u0301"#]),
            (#"\ud83d\ude00\ud83d\ude00"#, 15, [#"\ud83d\ude00"#, #"\ud83d\ude00"#]),
            ("", 5, []),
        ] as [(String, Int, [String])]
    )
    func cutsBetweenCharacters(_ json: String, _ room: Int, _ expected: [String]) throws {
        #expect(try pieces(json, room: room) == expected)
    }

    @Test(arguments: [("é", 1), ("日", 2), ("😀", 3), (#"\n"#, 1), (#"\ud800"#, 5), (#"\ud83d\ude00"#, 11)])
    func aScalarThatDoesNotFitIsNotCut(_ json: String, _ room: Int) throws {
        #expect(try pieces(json, room: room).isEmpty)
    }

    @Test
    func aClusterThatIsLargerThanTheRoomIsCutBetweenScalars() throws {
        let cluster = "e" + String(repeating: "\u{301}", count: 10)
        #expect(
            try pieces(cluster, room: 6) == ["e\u{301}\u{301}"] + Array(repeating: "\u{301}\u{301}\u{301}", count: 2)
                + ["\u{301}\u{301}"]
        )
        // Far larger than what is looked at beyond the room.
        let long = "e" + String(repeating: "\u{301}", count: 9000)
        #expect(try pieces("ab" + long, room: 100).joined() == "ab" + long)
        #expect(try pieces("ab" + long, room: 100).first == "ab")
    }

    @Test
    func piecesOfAnyTextFitAndRejoinAtCharacters() throws {
        let clusters = ["a", " ", "é", "e\u{301}\u{323}", "日", "か\u{3099}", "각", "क्षि", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇫🇷", "👍🏽", "\u{10FFFF}"]
        var random = SeededRandom(seed: 29)
        for round in 0..<300 {
            let text = (0..<60).map { _ in clusters.randomElement(using: &random) ?? "a" }.joined()
            // Room for the largest of them, so that nothing has to be torn.
            let room = Int.random(in: 40...90, using: &random)
            let pieces = try pieces(text, room: room)
            #expect(Array(pieces.joined().utf8) == Array(text.utf8), "round \(round)")
            // If a cluster were torn, the pieces would have more of them than the text.
            #expect(pieces.reduce(0) { $0 + $1.count } == text.count, "round \(round)")
            // No piece could have taken the next cluster too.
            for (piece, next) in zip(pieces, pieces.dropFirst()) {
                let following = (piece + next).dropFirst(piece.count).first.map { $0.utf8.count } ?? 0
                #expect(piece.utf8.count + following > room, "round \(round)")
            }
        }
    }
}
