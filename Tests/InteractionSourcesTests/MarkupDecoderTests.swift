// XML decoder: what records look like, what surrounds them, and that cuts change nothing.

import InteractionModel
import TestSupport
import Testing

@testable import InteractionSources

/// Decoding by a path, in the forms that the XML suites need.
enum MarkupDecoding {
    static func make(
        _ path: String,
        markup: Set<String> = [],
        encoding: String? = nil,
        largestRecord: Int = 1 << 20
    ) -> MarkupDecoder {
        let parsed: MarkupPath
        do { parsed = try MarkupPath(path) } catch { fatalError("\(path): \(error)") }
        return MarkupDecoder(path: parsed, markup: markup, encoding: encoding, largestRecord: largestRecord)
    }

    static func decode(_ text: String, _ path: String, markup: Set<String> = []) -> DecodedLines {
        DecoderConformance.decode(Array(text.utf8)) { make(path, markup: markup) }
    }

    /// Decodes, and checks that cuts change nothing.
    @discardableResult
    static func check(_ text: String, _ path: String, markup: Set<String> = [], seed: UInt64 = 1) -> DecodedLines {
        DecoderConformance.checkCuts(Array(text.utf8), seed: seed) { make(path, markup: markup) }
    }
}

@Suite("XML decoder")
struct MarkupDecoderTests {
    static let backup = """
        <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
        <!-- exported -->
        <?xml-stylesheet type="text/xsl" href="sms.xsl"?>
        <smses count="3" xml:lang="en">
          <sms address="+1" body="a &lt;b&gt; &quot;c&quot;&#10;d &gt; \\ é" />
          <mms><parts><part ct="text/plain" text="x > y"/><part ct="image/png"/></parts></mms>
          <sms/>
        </smses>

        """

    @Test("Attributes, children, repeated elements, empty records")
    func shape() {
        let lines = MarkupDecoding.check(Self.backup, "smses/sms|mms")
        #expect(
            lines.json == [
                #"{"@address":"+1","@body":"a <b> \"c\"\nd > \\ é"}"#,
                #"{"parts":{"part":{"@ct":"text/plain","@text":"x > y"},"part":{"@ct":"image/png"}}}"#,
                "{}",
            ]
        )
        #expect(lines.records.map(\.line) == [5, 6, 7])
        #expect(lines.records.map(\.column) == [3, 3, 3])
        #expect(Set(lines.records.map(\.context)) == [#"{"@count":"3","@xml:lang":"en"}"#])
        #expect(lines.faults.isEmpty)
        let bytes = Array(Self.backup.utf8)
        for record in lines.records {
            let slice = bytes[Int(record.bytes.lowerBound)..<Int(record.bytes.upperBound)]
            #expect(slice.first == UInt8(ascii: "<") && slice.last == UInt8(ascii: ">"))
        }
    }

    @Test("Text: leaves, mixed content, CDATA, references, blank text")
    func text() {
        let lines = MarkupDecoding.check(
            "<l><m>\n <a> x </a><b><![CDATA[<&]]> &amp; y</b><c z='1'>t</c><d> </d><e/> one <f/> two \n</m></l>",
            "l/m"
        )
        #expect(
            lines.json == [
                ##"{"a":" x ","b":"<& & y","c":{"@z":"1","#text":"t"},"d":" ","e":"","f":"","#text":"\n  one  two \n"}"##
            ]
        )
    }

    @Test("Namespaces are named where they change")
    func namespaces() {
        let lines = MarkupDecoding.check(
            """
            <r xmlns="urn:a" xmlns:b="urn:b"><m><x y="1"/><b:z b:k="v"><b:w>t</b:w></b:z><q xmlns="">n</q>\
            <q xmlns="" p="1"/></m></r>
            """,
            "r/m"
        )
        #expect(
            lines.json == [
                ##"{"#ns":"urn:a","x":{"@y":"1"},"z":{"#ns":"urn:b","@b:k":"v","w":"t"},"q":"n","q":{"#ns":"","@p":"1"}}"##
            ]
        )
        #expect(lines.records[0].context == ##"{"#ns":"urn:a"}"##)
    }

    @Test("Inline markup is kept as markup")
    func markup() {
        let lines = MarkupDecoding.check(
            """
            <chat xmlns="urn:x"><message sender="a"><div class="&quot;q&quot;">1 &lt; 2<br/>x<a href="?a&amp;b"></a></div> t\
            </message><message>plain &amp; \"simple\"</message><message/></chat>
            """,
            "chat/message",
            markup: ["message"]
        )
        #expect(
            lines.json == [
                ##"{"#ns":"urn:x","@sender":"a","#markup":"<div class=\"&quot;q&quot;\">1 &lt; 2<br/>x<a href=\"?a&amp;b\"></a></div> t"}"##,
                ##"{"#ns":"urn:x","#markup":"plain &amp; \"simple\""}"##,
                ##"{"#ns":"urn:x","#markup":""}"##,
            ]
        )
    }

    @Test("Surroundings: what came before in the parents, and what nobody carries")
    func surroundings() {
        let lines = MarkupDecoding.check(
            """
            <k v="1"><head><date month="3"/><who>me</who></head><g n="a"><m>1</m><note>x</note><m>2</m></g>\
            <g n="b"><m>3</m><tail>lost</tail></g>stray</k>
            """,
            "k/g/m"
        )
        let head = #""head":{"date":{"@month":"3"},"who":"me"}"#
        #expect(
            lines.records.map(\.context) == [
                #"{"@n":"a","^":{"@v":"1",\#(head)}}"#,
                #"{"@n":"a","note":"x","^":{"@v":"1",\#(head)}}"#,
                #"{"@n":"b","^":{"@v":"1",\#(head)}}"#,
            ]
        )
        #expect(lines.json == [##"{"#text":"1"}"##, ##"{"#text":"2"}"##, ##"{"#text":"3"}"##])
        #expect(lines.codes == ["outside-records note"])
        #expect(lines.faults.first?.message.hasPrefix("2 values") == true)
    }

    @Test("Paths: the root, any depth, any name; the outer record wins")
    func paths() {
        let text = "<a><m i='1'><m i='2'/></m><b><m i='3'/></b></a>"
        #expect(MarkupDecoding.decode(text, "//m").json == [#"{"@i":"1","m":{"@i":"2"}}"#, #"{"@i":"3"}"#])
        #expect(MarkupDecoding.decode(text, "*/m").json == [#"{"@i":"1","m":{"@i":"2"}}"#])
        #expect(MarkupDecoding.decode(text, "a/*").json.count == 2)
        let root = MarkupDecoding.decode(text, "/")
        #expect(root.json.count == 1 && root.records[0].context == nil)
        #expect(MarkupDecoding.decode(text, "b/m").json.isEmpty)
    }

    @Test("A document type without declarations is fine, and nothing is fetched for it")
    func documentType() {
        for type in ["<!DOCTYPE kopete-history>", #"<!DOCTYPE h PUBLIC "-//X" "http://127.0.0.1:9/x.dtd">"#] {
            let lines = MarkupDecoding.check(type + "<h><m>1</m></h>", "h/m")
            #expect(lines.json == [##"{"#text":"1"}"##])
            #expect(lines.faults.isEmpty)
        }
    }

    @Test(
        "Declared encodings",
        arguments: [
            ("ISO-8859-1", "<?xml version='1.0' encoding='ISO-8859-1'?><a><m t='", [0xE9] as [UInt8], "é"),
            ("windows-1251", "<?xml version='1.0' encoding='windows-1251'?><a><m t='", [0xC6], "Ж"),
            ("Shift_JIS", "<?xml version='1.0' encoding='Shift_JIS'?><a><m t='", [0x95, 0x5C], "表"),
            ("UTF-16", "<?xml version='1.0' encoding='UTF-16'?><a><m t='", [0xC3, 0xA9], "é"),
        ]
    )
    func encodings(name: String, head: String, bytes: [UInt8], text: String) {
        let input = Array(head.utf8) + bytes + Array("'/></a>".utf8)
        let lines = DecoderConformance.checkCuts(input) { MarkupDecoding.make("a/m") }
        #expect(lines.json == [#"{"@t":"\#(text)"}"#])
        #expect(lines.faults.isEmpty)
    }

    @Test("UTF-16 of both byte orders, with and without a mark; an encoding that is given wins")
    func wideEncodings() {
        let text = "<?xml version='1.0' encoding='UTF-16'?>\n<a><m t='é😀'/></a>"
        for isBig in [false, true] {
            for hasMark in [false, true] {
                let units = (hasMark ? [0xFEFF] : []) + Array(text.utf16)
                let input = units.flatMap { unit -> [UInt8] in
                    let bytes = [UInt8(truncatingIfNeeded: unit), UInt8(truncatingIfNeeded: unit >> 8)]
                    return isBig ? bytes.reversed() : bytes
                }
                let lines = DecoderConformance.checkCuts(input) { MarkupDecoding.make("a/m") }
                #expect(lines.json == [#"{"@t":"é😀"}"#])
            }
        }
        let declared = Array("<?xml version='1.0' encoding='ISO-8859-1'?><a><m>é</m></a>".utf8)
        let lines = DecoderConformance.checkCuts(declared) { MarkupDecoding.make("a/m", encoding: "UTF-8") }
        #expect(lines.json == [##"{"#text":"é"}"##])
    }

    @Test("A byte order mark, and bytes that are not UTF-8")
    func strayBytes() {
        let input = [0xEF, 0xBB, 0xBF] + Array("<a><m>".utf8) + [0xE9, 0x80, 0x41] + Array("é</m><m>b</m></a>".utf8)
        let lines = DecoderConformance.checkCuts(input) { MarkupDecoding.make("a/m") }
        #expect(lines.json == [##"{"#text":"é€Aé"}"##, ##"{"#text":"b"}"##])
        #expect(lines.codes == ["text-reencoded warning"])
        #expect(lines.records[1].bytes == 18..<26)
        #expect(Array(input[18..<26]) == Array("<m>b</m>".utf8))
    }

    @Test("Nothing, white space, and what is no XML")
    func empty() {
        #expect(MarkupDecoding.check("", "a").faults.isEmpty)
        #expect(MarkupDecoding.check(" \n ", "a").faults.isEmpty)
        let lines = MarkupDecoding.check("hello, world", "a")
        #expect(lines.codes.first == "invalid-xml error")
    }

    @Test("A large document in records of all sizes, at random cuts")
    func large() {
        var random = SeededRandom(seed: 7)
        var text = "<?xml version=\"1.0\"?>\n<chats>\n"
        for index in 0..<300 {
            text += " <chat id=\"\(index)\">\n"
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let words = (0..<Int.random(in: 0...120, using: &random)).map { _ in
                    ["naïve", "&amp;", "नमस्ते", "line\n", "\"q\"", "👍🏽", "<![CDATA[<x>]]>"].randomElement(using: &random)
                        ?? ""
                }
                text += "  <message a=\"x > y\"\n   b='&lt;'>\(words.joined(separator: " "))</message>\n"
            }
            text += " </chat>\n"
        }
        text += "</chats>\n"
        let input = Array(text.utf8)
        let whole = DecoderConformance.decode(input) { MarkupDecoding.make("chats/chat") }
        #expect(whole.records.count == 300 && whole.faults.isEmpty)
        for size in [1, 7, 300, 4096] {
            let cuts = Array(stride(from: size, to: input.count, by: size))
            let pieces = DecoderConformance.decode(input, cuts: cuts) { MarkupDecoding.make("chats/chat") }
            #expect(pieces == whole, "pieces of \(size)")
        }
    }
}
