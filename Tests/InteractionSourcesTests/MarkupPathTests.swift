// The language of XML paths, and the shape of a document's head.

import InteractionModel
import Testing

@testable import InteractionSources

@Suite("XML paths")
struct MarkupPathTests {
    @Test("What can be said", arguments: ["smses/sms|mms", "*/chat", "//message", "/", "//a/*/b|c", "a.b-c_d", "é"])
    func good(text: String) throws {
        #expect(try MarkupPath(text).description == text)
    }

    @Test("A leading slash says nothing")
    func leadingSlash() throws {
        #expect(try MarkupPath("/a/b") == MarkupPath("a/b"))
    }

    @Test(
        "What cannot, with the place",
        arguments: [
            ("", 0), ("//", 2), ("a//b", 2), ("a/", 2), ("a|", 2), ("x:a", 1), ("a/b[1]", 3), ("a/@b", 2), ("1a", 0),
            ("a b", 1),
        ]
    )
    func bad(text: String, offset: Int) {
        do {
            _ = try MarkupPath(text)
            Issue.record("\(text) is no path")
        } catch {
            #expect(error.offset == offset, "\(text): \(error.message)")
        }
    }

    @Test("Too many steps")
    func tooMany() {
        let long = Array(repeating: "a", count: MarkupPath.largestStepCount + 1).joined(separator: "/")
        #expect(throws: MarkupPath.Fault.self) { try MarkupPath(long) }
    }
}

@Suite("XML skeletons")
struct MarkupSkeletonTests {
    private static func read(_ bytes: [UInt8], encoding: String? = nil) -> Skeleton? {
        bytes.withUnsafeBytes { MarkupSkeleton.read($0, encoding: encoding) }
    }

    @Test("Paths in order, counts, kinds and samples")
    func paths() {
        let text = """
            <?xml version="1.0"?><chat xmlns="urn:x" account="me"><message sender="a">Hi <b>you</b></message>\
            <message sender="a"/><note>n</note></chat>
            """
        let skeleton = Self.read(Array(text.utf8))
        #expect(skeleton?.kind == .markup)
        #expect(
            skeleton?.order == [
                "chat", "chat/@account", "chat/message", "chat/message/@sender", "chat/message/b", "chat/message/#text",
                "chat/note",
            ]
        )
        #expect(skeleton?.paths["chat/message"]?.count == 2)
        #expect(skeleton?.paths["chat/message"]?.kinds == [.object])
        #expect(skeleton?.paths["chat/message/@sender"]?.samples == ["a"])
        #expect(skeleton?.paths["chat/note"]?.kinds == [.string])
        #expect(skeleton?.paths["chat/note"]?.samples == ["n"])
    }

    @Test("Any cut end, and damage")
    func tolerance() {
        let bytes = Array(MarkupDecoderTests.backup.utf8)
        for count in 0...bytes.count { _ = Self.read(Array(bytes[..<count])) }
        #expect(Self.read(Array(bytes[..<170]))?.contains("smses") == true)
        let damaged = Self.read(Array("<log><m t='1'>a\u{8}&nbsp;</m><m t=>x</m><m t='2'>b</m>".utf8))
        #expect(damaged?.paths["log/m/@t"]?.samples.first == "1")
        #expect(damaged?.paths["log/m"]?.count ?? 0 > 0)
        let stanzas = Self.read(Array("<message from='x'/>\n<message from='y'/>".utf8))
        #expect(stanzas?.paths["message/@from"]?.samples == ["x", "y"])
    }

    @Test("What is no XML, and other encodings")
    func others() {
        #expect(Self.read(Array("{\"a\": 1}".utf8)) == nil)
        #expect(Self.read(Array("a,b\n1,2\n".utf8)) == nil)
        #expect(Self.read([]) == nil)
        let latin = Array("<?xml version='1.0' encoding='ISO-8859-1'?><a b='".utf8) + [0xE9] + Array("'/>".utf8)
        #expect(Self.read(latin)?.paths["a/@b"]?.samples == ["é"])
        let units = Array("<a b='é'/>".utf16)
        let wide: [UInt8] = [0xFF, 0xFE] + units.flatMap { unit in [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
        #expect(Self.read(wide)?.paths["a/@b"]?.samples == ["é"])
    }
}
