// XML decoder: files that are not well-formed, and files made to do harm.

import InteractionModel
import TestSupport
import Testing

@testable import InteractionSources

@Suite("XML decoder: damage")
struct MarkupDamageTests {
    private static func checkDamage(_ bad: String, _ path: String = "l/m") -> DecodedLines {
        DecoderConformance.checkDamage(
            before: Array("<l a=\"1\">\n<m i=\"1\">x</m>\n".utf8),
            bad: Array(bad.utf8),
            after: Array("<m i=\"2\">y</m>\n<m i=\"3\">z</m>\n</l>\n".utf8),
            code: .invalidMarkup
        ) { MarkupDecoding.make(path) }
    }

    @Test(
        "One bad record among good ones is lost alone",
        arguments: [
            "<m i=\"b\">a<b>c</m>\n", "<m i=\"b\">a</b></m>\n", "<m i=>x</m>\n", "<m i=\"b\" i=\"c\">x</m>\n",
            "<m i=\"b\">x<!-- a -- b --></m>\n", "<m <b>x</m>\n", "<m i=\"b>x</m>\n", "<m><![CDATA[\u{1}]]></m>\n",
        ]
    )
    func oneBadRecord(bad: String) {
        let lines = Self.checkDamage(bad)
        #expect(lines.faults.contains { $0.losesRecord && $0.severity == .error }, "\(lines.faults)")
        #expect(lines.records.last?.number == 4)
        #expect(lines.records.allSatisfy { $0.context == #"{"@a":"1"}"# })
    }

    @Test(
        "The place of a fault does not depend on how its line arrived",
        arguments: [
            ("<l>\n<m>one\ntwo ]]> three</m>", 3, 5), ("<l>\n<m i=\"1\">hi ]]]]></m>", 2, 15),
            ("<l>\n  <x/> ]]>\n<m/>", 2, 8), ("<l>one\n \u{1}<m>\u{2}\n</m>", 2, 2),
            ("<l>\n<m>a\nb</x>", 3, 6), ("<l>\n<m>é ü\n\nö</m><m>\nä<b c=d></m>", 5, 8),
            ("<l>\n<m>é\r\nü&#10;&lt; ]]></m>", 3, 13),
        ]
    )
    func places(text: String, line: Int, column: Int) throws {
        let lines = MarkupDecoding.check("\(text)\n<m i=\"2\">é\n</m>\n<m/></l>", "//m")
        let fault = try #require(lines.faults.first)
        #expect(fault.line == line && fault.column == column, "\(fault)")
        let after = text.count { $0.isNewline } + 2
        #expect(lines.records.suffix(2).map(\.line) == [after, after + 2], "\(lines.records)")
    }

    @Test(
        "Stray characters and references are repaired, with a warning",
        arguments: [
            ("<m>a\u{8}b</m>", "ab"), ("<m>a&#x8;b</m>", "ab"), ("<m>&#8;\u{8}&amp;</m>", "&"),
            ("<m>AT&T &amp; co</m>", "AT&T & co"), ("<m>a&nbsp;b&eacute;</m>", "a\u{A0}bé"),
            ("<m>&unknown;</m>", "&unknown;"),
            ("<m>1 < 2 &lt; 3</m>", "1 < 2 < 3"), ("<m>&#55357;&#56832;!</m>", "😀!"), ("<m>&#xD83D; x</m>", " x"),
            ("<m>\u{FFFF}x</m>", "x"), ("<m>&#abc;</m>", "&#abc;"),
            ("<m>a\u{8}<![CDATA[&x;<3]]></m>", "a&x;<3"),
        ]
    )
    func repairs(bad: String, text: String) {
        let lines = Self.checkDamage(bad)
        #expect(lines.json.contains(##"{"#text":"\##(text)"}"##), "\(lines.json)")
        #expect(lines.codes == ["invalid-xml warning"], "\(lines.faults)")
        guard !bad.contains("CDATA") else { return }
        let inTag = bad.replacing("<m>", with: "<m i=\"").replacing("</m>", with: "\"/>")
        let attribute = Self.checkDamage(inTag)
        #expect(attribute.json.contains(#"{"@i":"\#(text)"}"#), "\(attribute.json)")
    }

    @Test("A reference without an end costs no other record, wherever the next end stands")
    func openReference() {
        let record = "<m>longer than a stand-in &amp; more</m>\n"
        let text = "<l>\n<m>a &x b</m>\n\(String(repeating: record, count: 3))</l>"
        let lines = MarkupDecoding.check(text, "l/m")
        #expect(lines.json.first == ##"{"#text":"a &x b"}"## && lines.json.count == 4, "\(lines)")
        #expect(lines.codes == ["invalid-xml warning"])
    }

    @Test("What is repaired in one record leaves the places of the others right")
    func placesAfterRepairs() {
        let text = "<l>\n<m>&#55357;&#56832;\u{8}</m>\n<m>&nbsp;&nbsp;</m><m>x</m>\n<m>y</m>\n</l>"
        let input = Array(text.utf8)
        let lines = MarkupDecoding.check(text, "l/m")
        for record in lines.records {
            let slice = input[Int(record.bytes.lowerBound)..<Int(record.bytes.upperBound)]
            #expect(String(decoding: slice.prefix(3), as: UTF8.self) == "<m>", "record \(record.number)")
            #expect(String(decoding: slice.suffix(4), as: UTF8.self) == "</m>", "record \(record.number)")
        }
        #expect(lines.records.map(\.line) == [2, 3, 3, 4])
    }

    @Test(
        "A fault at the end stands inside the input, whatever was repaired before",
        arguments: ["<r><>", "<r>&<", "<r>\u{A0}&&", "<a><!-- -- --></a>x<!-- ", "<a/>&&<"]
    )
    func placesAtEnd(text: String) {
        let lines = MarkupDecoding.check(text, "*/*")
        #expect(!lines.faults.isEmpty)
        for fault in lines.faults { #expect(0...Int64(text.utf8.count) ~= fault.offset ?? 0, "\(fault)") }
    }

    @Test("What is too long to be a name is none, whatever the cuts", arguments: [254, 255, 256, 257, 400])
    func longNames(count: Int) {
        let name = String(repeating: "n", count: count)
        let lines = MarkupDecoding.check("<l><m>a</m><m b=></m>\n<\(name) c='d'><m>e</m></l>", "//m")
        #expect(lines.json.first == ##"{"#text":"a"}"## && !lines.faults.isEmpty, "\(lines)")
    }

    @Test("A stray byte after a byte order mark has one place, whatever the cuts")
    func strayAfterMark() {
        let input: [UInt8] = [0xFE, 0xFF] + "<a/>".utf8.flatMap { [0, $0] } + [0]
        let lines = DecoderConformance.checkCuts(input) { MarkupDecoding.make("//m") }
        #expect(lines.faults.first { $0.code == .textReencoded }?.offset == 4, "\(lines.faults)")
    }

    @Test("Several roots, with declarations and text between them")
    func severalRoots() {
        let text = """
            <?xml version="1.0"?><chat><m>1</m></chat>
            <?xml version="1.0"?>
            <chat><m>2</m></chat> stray <chat n="x"><m>3</m></chat><m>4</m>
            """
        let lines = MarkupDecoding.check(text, "chat/m")
        #expect(lines.json == (1...3).map { ##"{"#text":"\##($0)"}"## })
        #expect(lines.records.last?.context == #"{"@n":"x"}"#)
        #expect(lines.codes == ["invalid-xml warning", "outside-records note"])
        let bare = MarkupDecoding.check("<m>1</m>\n<m>2</m>\n<m>3</m>\n", "m")
        #expect(bare.records.map(\.line) == [1, 2, 3])
    }

    @Test("A damaged conversation does not give its messages to the one before")
    func resynchronising() {
        let text = "<l><c n='1'><m>a</m><m>b</c><c n='2'><m>c</m></c><x></l><c n='3'><m>d</m></c>"
        let lines = MarkupDecoding.check(text, "l/c/m")
        #expect(lines.json == [##"{"#text":"a"}"##, ##"{"#text":"c"}"##])
        #expect(lines.records.last?.context == #"{"@n":"2","^":{}}"#)
        #expect(lines.faults.count { $0.losesRecord } == 1)
    }

    @Test("A file without its end: every complete record is out, the open one is lost")
    func truncation() {
        let lines = MarkupDecoding.check("<chat><m>1</m><m>2</m><m>thr", "chat/m")
        #expect(lines.json.count == 2)
        #expect(lines.codes == ["truncated error"])
        #expect(lines.faults.first?.losesRecord == true && lines.faults.first?.record == 3)
        let closed = MarkupDecoding.check("<chat><m>1</m>\n", "chat/m")
        #expect(closed.json.count == 1 && closed.codes == ["truncated error"])
        #expect(closed.faults.first?.losesRecord == false)
        let inTag = MarkupDecoding.check("<chat><m>1</m><m i=\"1", "chat/m")
        #expect(inTag.json.count == 1 && inTag.faults.first?.losesRecord == true, "\(inTag.faults)")
    }

    @Test("Each prefix gives the records before its end")
    func prefixes() {
        DecoderConformance.checkTruncation(Array(MarkupDecoderTests.backup.utf8)) {
            MarkupDecoding.make("smses/sms|mms")
        }
        DecoderConformance.checkTruncation(Array("<a>\n<m>1&#8;</m>\n<m>2<b></m>\n<m>3</m>\n</a>".utf8)) {
            MarkupDecoding.make("a/m")
        }
    }

    @Test("A record beyond the limit is lost alone, whatever the cuts")
    func tooLarge() {
        let large = String(repeating: "x y ", count: 50)
        let text = "<l><m>a</m><m>\(large)<b/></m><m i='\(large)'/><m>b</m></l>"
        let lines = DecoderConformance.checkCuts(Array(text.utf8)) { MarkupDecoding.make("l/m", largestRecord: 120) }
        #expect(lines.json == [##"{"#text":"a"}"##, ##"{"#text":"b"}"##])
        #expect(lines.codes == ["record-too-large error", "record-too-large error"])
        #expect(lines.records.map(\.number) == [1, 4])
    }

    @Test("A record beyond the limit has its place, whatever was repaired in it")
    func tooLargeRepaired() {
        let stray = String(repeating: "\u{8}", count: 40)
        let text = "<l><m>\(stray)</m><m>\(String(repeating: "x\u{8}", count: 20))</m></l>"
        let lines = DecoderConformance.checkCuts(Array(text.utf8)) { MarkupDecoding.make("l/m", largestRecord: 20) }
        let fault = lines.faults.first { $0.code == .recordTooLarge }
        #expect(fault?.record == 2 && fault?.offset == 50, "\(lines.faults)")
    }

    @Test("Random damage never crashes, and cuts change nothing", arguments: 0..<150)
    func randomDamage(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var input = Array(MarkupDecoderTests.backup.utf8)
        let odd = Array("\0\u{8}\n\"&'/;<>[]!-".utf8) + [0x80, 0xE2, 0xEF, 0xFF]
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let at = Int.random(in: 0..<input.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: input[at] = odd.randomElement(using: &random) ?? 0
            case 1: input.remove(at: at)
            default: input.insert(odd.randomElement(using: &random) ?? 0, at: at)
            }
        }
        let path = ["smses/sms|mms", "//part", "/", "smses/*"].randomElement(using: &random) ?? "/"
        let markup: Set<String> = Bool.random(using: &random) ? ["parts", "sms"] : []
        DecoderConformance.checkCuts(input, seed: UInt64(seed)) { MarkupDecoding.make(path, markup: markup) }
    }
}

@Suite("XML decoder: malice")
struct MarkupMaliceTests {
    private static func head(_ declarations: String) -> String { "<!DOCTYPE a [\(declarations)]>" }

    static let declared = [
        head("<!ENTITY x SYSTEM \"file:///etc/passwd\">") + "<a><m>&x;</m></a>",
        head("<!ENTITY x SYSTEM \"http://127.0.0.1:9/x\">") + "<a><m>&x;</m></a>",
        head("<!ENTITY % p SYSTEM \"http://127.0.0.1:9/p.dtd\"> %p;") + "<a><m>1</m></a>",
        head("<!ENTITY % p '<!ENTITY x \"y\">'> %p;") + "<a><m t=\"&x;\"/></a>",
        head("<!ATTLIST m d CDATA \"default\">") + "<a><m/></a>",
        head("<!ENTITY l0 \"ha\">" + (1...20).map { "<!ENTITY l\($0) \"&l\($0 - 1);&l\($0 - 1);\">" }.joined())
            + "<a><m t=\"&l20;\">&l20;</m></a>",
        head("<!ENTITY x \"\(String(repeating: "y", count: 50_000))\">")
            + "<a><m>\(String(repeating: "&x;", count: 50_000))</m></a>",
    ]

    @Test("Declarations are refused before anything is read after them", arguments: declared)
    func declarations(text: String) {
        let lines = MarkupDecoding.decode(text, "a/m")
        #expect(lines.records.isEmpty)
        #expect(lines.codes == ["xml-refused error"])
        let pieces = DecoderConformance.decode(Array(text.utf8), cuts: Array(0..<min(400, text.utf8.count))) {
            MarkupDecoding.make("a/m")
        }
        #expect(pieces == lines)
    }

    @Test("An external DTD is not fetched, and its entities are unknown")
    func externalType() throws {
        try TestFiles.withFolder { folder in
            let path = folder + "/x.dtd"
            try "<!ENTITY x \"secret\">".write(toFile: path, atomically: true, encoding: .utf8)
            let text = "<!DOCTYPE a SYSTEM \"file://\(path)\"><a><m>&x;</m><m t='&x;'/></a>"
            let lines = MarkupDecoding.check(text, "a/m")
            #expect(lines.json == [##"{"#text":"&x;"}"##, #"{"@t":"&x;"}"#])
            #expect(lines.codes == ["invalid-xml warning"])
        }
    }

    @Test("Elements too deep inside each other cost one record")
    func deepNesting() {
        let deep = String(repeating: "<d>", count: 20_000)
        let lines = MarkupDecoding.decode("<a><m>1</m><m>\(deep)</m><m>2</m></a>", "a/m")
        #expect(lines.json == [##"{"#text":"1"}"##, ##"{"#text":"2"}"##])
        #expect(lines.codes.first == "xml-refused error")
        let closed = deep + String(repeating: "</d>", count: 20_000)
        #expect(MarkupDecoding.decode("<a>\(closed)<m>2</m></a>", "a/m").codes.first == "xml-refused error")
        // Each of these begins a record again.
        #expect(MarkupDecoding.decode(deep, "//d").codes.first == "xml-refused error")
    }

    @Test("Attributes and texts of megabytes are read or refused, quickly")
    func hugeValues() {
        let huge = String(repeating: "x", count: 11 << 20)
        let text = MarkupDecoding.decode("<a><m>\(huge)</m><m>b</m></a>", "a/m")
        #expect(text.codes == ["record-too-large error"] && text.json == [##"{"#text":"b"}"##])
        let attribute = MarkupDecoding.decode("<a><m t='\(huge)'/><m>b</m></a>", "a/m")
        #expect(attribute.json.last == ##"{"#text":"b"}"##, "\(attribute.faults)")
        #expect(attribute.faults.contains { $0.severity == .error && $0.losesRecord }, "\(attribute.faults)")
    }

    @Test("Endless faults are given up, and said")
    func endlessFaults() {
        let text = "<a>" + String(repeating: "<m></b>", count: 20_000) + "</a>"
        let lines = MarkupDecoding.decode(text, "a/m")
        #expect(lines.faults.count < 1100)
        #expect(lines.faults.last?.message.contains("too many") == true)
    }
}
