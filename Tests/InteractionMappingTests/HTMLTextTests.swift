// HTML to text: what people read, and what nobody meant to be read.

import TestSupport
import Testing

@testable import InteractionMapping

@Suite("HTML to text")
struct HTMLTextTests {
    private static func plain(_ html: String) -> String {
        var reader = HTMLText()
        return plain(Array(html.utf8), &reader)
    }

    private static func plain(_ html: [UInt8], _ reader: inout HTMLText) -> String {
        String(decoding: html.withUnsafeBytes { reader.plain($0) }, as: UTF8.self)
    }

    @Test(
        "Lines and paragraphs",
        arguments: [
            ("a<br>b<br/>c", "a\nb\nc"),
            ("<p>a</p><p>b</p>\n\n<p>&nbsp;</p><p>c</p>", "a\n\nb\n\nc"),
            ("<div>a</div><div>b<br></div><div><br></div><div>c</div>", "a\nb\n\nc"),
            ("<br><br>a<br><br><br><br>b<br>", "a\n\nb"),
            ("x<div>a<div>b</div></div>y", "x\na\nb\ny"),
            ("<h1>T</h1>a<hr>b", "T\n\na\n\nb"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d", "a b\nc\n\nd"),
            ("<html><head><title>t</title></head><body>a</body></html>", "a"),
        ]
    )
    func lines(html: String, text: String) {
        #expect(Self.plain(html) == text)
    }

    @Test(
        "White space and entities",
        arguments: [
            ("  a \n\t b  ", "a b"), ("a <b> b</b> <i>c</i>d", "a b cd"), ("<b>a</b> <b>b</b>", "a b"),
            ("a&nbsp;&nbsp;b\u{A0}c", "a  b c"), ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
            ("&eacute;&#128512;&#x1F600;&unknown; AT&T", "é😀😀&unknown; AT&T"),
            ("<pre>a  b\n  c\n\n\nd</pre>e", "a  b\n  c\n\n\nd\n\ne"), ("", ""), (" \n ", ""), ("नमस्ते 👍🏽", "नमस्ते 👍🏽"),
            ("a < b <3", "a < b <3"), ("no markup\nhere", "no markup here"),
        ]
    )
    func spaces(html: String, text: String) {
        #expect(Self.plain(html) == text)
    }

    @Test(
        "Lists",
        arguments: [
            ("a<ul><li>b</li><li>c</li></ul>d", "a\n\n- b\n- c\n\nd"),
            ("<ol><li>b<li>c</ol>", "1. b\n2. c"),
            ("<ol start=\"3\"><li>b</li><li value=\"7\">c</li><li>d</li></ol>", "3. b\n7. c\n8. d"),
            ("<ul><li>a<ul><li>b</li></ul></li><li><p>c</p></li><li></li></ul>", "- a\n  - b\n- c"),
        ]
    )
    func lists(html: String, text: String) {
        #expect(Self.plain(html) == text)
    }

    @Test(
        "Links",
        arguments: [
            ("see <a href=\"https://a.b/c?d=1&amp;e=2\">here</a>.", "see here (https://a.b/c?d=1&e=2)."),
            ("<a href=\"https://a.b/\">https://a.b</a>", "https://a.b"),
            ("<a href=\"http://www.a.b\">www.a.b</a>", "www.a.b"),
            ("<a href=\"mailto:x@y.z\">x@y.z</a> <a href=\"mailto:x@y.z\">mail us</a>", "x@y.z mail us (x@y.z)"),
            ("<a href=\"#top\">up</a> <a>none</a> <a href=\"javascript:x()\">go</a>", "up none go"),
            ("<a href=\"https://a.b/c\"></a>", "https://a.b/c"),
            ("x <a href=\"https://a.b\"><img src=\"p/logo.png?v=1\"></a>", "x [image: logo.png] (https://a.b)"),
        ]
    )
    func links(html: String, text: String) {
        #expect(Self.plain(html) == text)
    }

    @Test(
        "Images, emoji, mentions, and what is hidden",
        arguments: [
            ("a<img alt=\"😀\">b", "a😀b"), ("<img src=\"cid:pic1\">", "[image: pic1]"), ("<img>", "[image]"),
            ("<img src=\"data:image/png;base64,AAAA\">", "[image]"),
            ("a<img src=\"t.gif\" width=\"1\" height=\"1\">", "a"),
            ("hi <at id=\"0\">Ann</at> <emoji id=\"x\" alt=\"👍\"></emoji>", "hi Ann 👍"),
            ("a<script>if (1 < 2) {}</script><style>p{}</style>b", "ab"),
            ("a<!-- no -->b<?pi?>c", "abc"),
        ]
    )
    func others(html: String, text: String) {
        #expect(Self.plain(html) == text)
    }

    @Test("One reader for many fragments")
    func reuse() {
        var reader = HTMLText()
        #expect(Self.plain(Array("<ol><li><pre>a<script>".utf8), &reader) == "1. a")
        #expect(Self.plain(Array("<li>b <a href='x'>".utf8), &reader) == "- b x")
        #expect(Self.plain(Array("c\n d".utf8), &reader) == "c d")
    }

    @Test("Harmful fragments are read quickly")
    func hostile() {
        let clock = ContinuousClock()
        let hostile = [
            String(repeating: "<b>", count: 20_000) + "deep" + String(repeating: "</i>", count: 20_000),
            String(repeating: "<div>", count: 20_000) + "deep",
            "<p " + (0..<30_000).map { "a\($0)=1 " }.joined() + ">deep</p>",
            String(repeating: "<!--", count: 20_000) + "-->deep",
            String(repeating: "<a href=", count: 20_000) + "\">deep",
            String(repeating: "&", count: 50_000) + "deep",
            String(repeating: "<", count: 50_000) + " deep",
            String(repeating: "<table>", count: 5_000) + "deep",
        ]
        for html in hostile {
            var text = ""
            let time = clock.measure { text = Self.plain(html) }
            #expect(time < .seconds(5), "\(html.prefix(12)) took \(time)")
            #expect(html.hasPrefix("<!--") || html.hasPrefix("<a ") || text.hasSuffix("deep"), "\(html.prefix(12))")
        }
        #expect(
            Self.plain("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><p>&x;</p>").contains("root:") == false
        )
    }

    @Test("Random damage gives valid UTF-8", arguments: 0..<20)
    func randomDamage(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let sample = Array(
            "<p>a <b>b</b> é</p><ul><li>x<li><a href='u'>y</a></ul><pre>\n z</pre><img alt='😀'>&amp;".utf8
        )
        var reader = HTMLText()
        for _ in 0..<100 {
            var html = sample
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let at = Int.random(in: 0..<html.count, using: &random)
                html[at] = Array("<>/&;'\"=!- \n\0a".utf8).randomElement(using: &random) ?? 0
            }
            // What reaches the reader is valid UTF-8 always.
            html = Array(String(decoding: html, as: UTF8.self).utf8)
            let text = html.withUnsafeBytes { reader.plain($0) }
            #expect(String(validating: text, as: UTF8.self) != nil)
        }
    }
}
