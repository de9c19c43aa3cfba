// Pieces of text in the source: escapes, comparison, and lone surrogates.

import Testing

@testable import InteractionModel

@Suite
struct TextSliceTests {
    /// Lends the text of a JSON string.
    private func withText<Result>(_ json: String, _ body: (TextSlice) throws -> Result) throws -> Result {
        let padded = PaddedBytes(Array("\"\(json)\"".utf8))
        var tape = JSONTape()
        try tape.scan(padded.start, count: padded.count)
        return try body(tape.view(of: padded.start).text(0))
    }

    @Test(arguments: [
        ("", TextSlice.Form.plain, ""), ("abc é 日 😀", .plain, "abc é 日 😀"),
        (#"a\nb\"\\\t\r\b\f"#, .canonical, "a\nb\"\\\t\r\u{8}\u{C}"),
        (#"a\/b"#, .escaped, "a/b"), (#"\u0041\u00E9\u65e5"#, .escaped, "Aé日"), (#"\uD83D\uDE00x"#, .escaped, "😀x"),
        (#"\u0000"#, .escaped, "\u{0}"), (#"\u07ff\u0800\uffff"#, .escaped, "\u{7FF}\u{800}\u{FFFF}"),
        (#"\udbff\udfff\ud800\udc00"#, .escaped, "\u{10FFFF}\u{10000}"),
    ])
    func isReadAsWhatItSpells(_ json: String, _ form: TextSlice.Form, _ text: String) throws {
        try withText(json) {
            #expect($0.form == form)
            #expect($0.string == text)
            #expect($0.unescaped() == Array(text.utf8))
            #expect($0.isEmpty == text.isEmpty)
        }
    }

    @Test
    func loneSurrogatesStayApart() throws {
        let spellings = [
            #"\ud800"#, #"\udbff"#, #"\udc00"#, #"\ufffd"#, #"\udc00\ud800"#, #"\ud800\\udc00"#, #"\ud800x"#,
        ]
        let texts = try spellings.map { try withText($0) { $0.unescaped() } }
        #expect(Set(texts).count == spellings.count, "different texts must never be equal")
        #expect(texts[0] == [0xED, 0xA0, 0x80])
        #expect(
            try withText(#"a\ud83dz"#) { $0.string } == "a\u{FFFD}\u{FFFD}\u{FFFD}z"
                || withText(#"a\ud83dz"#) { $0.string } == "a\u{FFFD}z"
        )
    }

    @Test(arguments: ["", " ", "\\t\\n\\r \\f", "\\u0020\\u0009", "\\u000b"])
    func whiteSpaceIsBlank(_ json: String) throws {
        #expect(try withText(json) { $0.isBlank })
    }

    @Test(arguments: [" a", "\u{A0}", "\\u0000", "\\\\n", "0", "\u{200B}"])
    func anythingElseIsNot(_ json: String) throws {
        #expect(try !withText(json) { $0.isBlank })
    }

    @Test
    func comparesBySpelledText() throws {
        #expect(try withText(#"messag\u0065s"#) { $0.equals("messages") })
        #expect(try withText("messages") { $0.equals("messages") })
        #expect(try !withText("messages ") { $0.equals("messages") })
        #expect(try !withText("message") { $0.equals("messages") })
        #expect(try !withText(#"\u006dessage"#) { $0.equals("messages") })
        // Every length around a word, and a difference at every place.
        for length in 0...20 {
            let text = String(repeating: "k", count: length)
            try withText(text) { left in
                try withText(text) { #expect(left.equals($0)) }
                try withText(text + "k") { #expect(!left.equals($0)) }
                try withText(text.replacing("k", with: #"\u006b"#)) {
                    #expect(left.equals($0))
                    #expect($0.equals(left))
                }
                for place in 0..<length {
                    var other = Array(text)
                    other[place] = "x"
                    try withText(String(other)) { #expect(!left.equals($0)) }
                }
            }
        }
    }

    @Test
    func literalsAndPlainBytesAreTexts() {
        #expect(TextSlice(literal: "interaction").equals("interaction"))
        #expect(TextSlice(plain: UnsafeRawBufferPointer(start: nil, count: 0)).isEmpty)
        Array("12.50".utf8).withUnsafeBytes { #expect(TextSlice(plain: $0).string == "12.50") }
    }
}
