// Characters beyond ASCII, which the XML parser does not get to see where that makes no difference: it must make none.

import InteractionModel
import TestSupport
import Testing

@testable import InteractionSources

@Suite("XML decoder: characters beyond ASCII")
struct MarkupVeilTests {
    /// A parser that gets single bytes sees every character; one that gets all at once sees the fewest.
    @Test(
        "They come out wherever they stand",
        arguments: [
            ("<m>é ü 你好 😀</m>", "é ü 你好 😀"), ("<m>é > ü > 你</m>", "é > ü > 你"), ("<m>> é</m>", "> é"),
            ("<m>a\r b > é\r</m>", #"a\n b > é\n"#), ("<m>\r\né\r\n</m>", #"\né\n"#), ("<m>é\rü</m>", #"é\nü"#),
            ("<m>\u{FFFD}é\u{7F}ü</m>", "\u{FFFD}é\u{7F}ü"), ("<m>&#233;&amp;é&lt;ü&gt;</m>", "é&é<ü>"),
            ("<m><![CDATA[> é <]]> ü </m>", "> é < ü "), ("<m>é<!-- > ü < -->你<?p > é < ?>ü</m>", "é你ü"),
            ("<m>12345678901234567é8901234567890123ü</m>", "12345678901234567é8901234567890123ü"),
            ("<m>a\r\n\r\né</m>", #"a\n\né"#),
            ("<m>\r\n\r\n é\r\n</m>", #"\n\n é\n"#),
            ("<m>\n\té\n\n</m>", #"\n\té\n\n"#),
            ("<m>&#xe9;&quot;&apos;&#13;&#x1F600;</m>", #"é\"'\r😀"#), ("<m>&lt;plain&gt; &#0065;</m>", "<plain> A"),
            ("<m><![CDATA[<b>&amp; é &#10;<c>]]>&amp;</m>", "<b>&amp; é &#10;<c>&"),
            ("<m>one<!-- <b>two<c> -->three</m>", "onethree"),
            ("<m>a long text of letters</m>", "a long text of letters"),
        ]
    )
    func texts(markup: String, text: String) {
        for before in ["", "<é ü='>é'/>", "<x>é</x>"] {
            let lines = MarkupDecoding.check("<l>\(before)\(markup)<m>end</m></l>", "l/m")
            #expect(lines.json == [##"{"#text":"\##(text)"}"##, ##"{"#text":"end"}"##])
            #expect(lines.faults.isEmpty)
        }
    }

    @Test("Names and attributes keep them")
    func names() {
        let lines = MarkupDecoding.check("<l><Größe a='> é' ß=\"1 > ü\n2\">\n<é>ö</é></Größe><b>é</b></l>", "l/Größe")
        #expect(lines.json == [#"{"@a":"> é","@ß":"1 > ü 2","é":"ö"}"#])
    }

    /// Elements that hold one text are shown as empty ones, wherever that is certain to be what they are.
    @Test(
        "Elements of one text are what they are, and what looks like them too",
        arguments: [
            ("<a>x</a> \n<b i='1'>y</b>z", ##"{"a":"x","b":{"@i":"1","#text":"y"},"#text":" \nz"}"##),
            (
                "<a i=\"1\">&quot;\r\n\\&#9;é</a>\n\t<a\ni=\"é\">2\n3</a>t",
                ##"{"a":{"@i":"1","#text":"\"\n\\\té"},"##
                    + ##""a":{"@i":"é","#text":"2\n3"},"#text":"\n\tt"}"##
            ),
            ("<a i=\"x>t&lt;/a>\">y</a>", ##"{"a":{"@i":"x>t</a>","#text":"y"}}"##),
            (
                "<a i='\"'>x</a><a i=\"'\" j='\"'>y</a>",
                ##"{"a":{"@i":"\"","#text":"x"},"a":{"@i":"'","@j":"\"","#text":"y"}}"##
            ),
            ("<b><!-- <b -->text</b>", ##"{"b":"text"}"##), ("<b><!-- <b>two</b> --> t</b>", ##"{"b":" t"}"##),
            ("<b-- x=\"1\">text</b-->", ##"{"b--":{"@x":"1","#text":"text"}}"##),
            ("<![CDATA[<b x=\"é\">te]]xt</b>\n\n<c]]>.", ##"{"#text":"<b x=\"é\">te]]xt</b>\n\n<c."}"##),
            ("<![CDATA[<b]] x=\"1\">text</b]]>.", ##"{"#text":"<b]] x=\"1\">text</b."}"##),
            ("<?p <b ?>text<?p </b?>.", ##"{"#text":"text."}"##), ("<a.b>x</a.b><a>y</a >", ##"{"a.b":"x","a":"y"}"##),
            ("<x:a xmlns:x=\"urn:é\" i=\"é\">1</x:a>", ##"{"a":{"#ns":"urn:é","@i":"é","#text":"1"}}"##),
            ("<a i=\"é&amp;\" j=\"é\tü\" k = \"é\" l='ö'/>", ##"{"a":{"@i":"é&","@j":"é ü","@k":"é","@l":"ö"}}"##),
        ]
    )
    func elements(markup: String, json: String) {
        let lines = MarkupDecoding.check("<l><m>\(markup)</m></l>", "l/m")
        #expect(lines.json == [json])
        #expect(lines.faults.isEmpty)
    }

    @Test("What is said of faults does not depend on them", arguments: 0..<120)
    func faults(seed: UInt64) {
        let pieces = [
            "é", "你好", "😀", ">", "<", "&", "&é;", "&aé;", "&nbsp;", "&amp;", "&#65;", "&#1;", "\r", "\r\n", "\n", "]]>",
            "\u{FFFE}", "\u{0}", "\u{1}",
            "\u{7F}",
            "<m>", "</m>", "<m a='> é'>", "<é/>", "<!-- > é < -->", "<![CDATA[> é <]]>", "<?p > é < ?>", " ", "text",
            "<b>", "</b>", "<b i=\"1\">text</b>", "<b i=\"é\">", "<b i='\">text</b>", "<b i=\"é\" i=\"ü\"/>", "<!-- <b",
            "-->", "--", "<b>\n</b>\n ", "<![CDATA[<b i=\"é\">text</b>", "]]>",
        ]
        var random = SeededRandom(seed: seed)
        let body = (0..<12).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        MarkupDecoding.check("<l><m>é</m>\(body)<m>ü</m></l>", "//m", seed: seed)
    }
}
