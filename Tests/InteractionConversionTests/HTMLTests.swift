// Values become text of a page, never markup, and numbers read as people write them.

import Testing

@testable import InteractionConversion

@Suite struct HTMLTests {
    @Test(arguments: [
        ("plain", "plain"), ("<b>", "&lt;b&gt;"), ("a & b", "a &amp; b"), (#""x" 'y'"#, "&quot;x&quot; &#39;y&#39;"),
        ("&lt;", "&amp;lt;"), ("a\u{0}b\r\n\u{7F}", "a␀b␍␊␡"), ("\u{85}\u{FFFE}", "\u{FFFD}\u{FFFD}"), ("é👩‍👩‍👧", "é👩‍👩‍👧"),
        ("a\u{202E}gnp.\u{2066}", "a⟨U+202E⟩gnp.⟨U+2066⟩"),
    ])
    func aValueIsText(value: String, text: String) {
        let html: HTML = "<p title=\"\(value)\">\(value)</p>"
        #expect(html.text == "<p title=\"\(text)\">\(text)</p>")
    }

    @Test func markupStaysMarkup() {
        let name = "<x>"
        let inner: HTML = "<i>\(name)</i>"
        let pieces: [HTML] = [inner, "<br>", inner]
        let whole: HTML = "<b>\(inner)\(pieces)\(own: [0x3C, 0x61])</b>"
        #expect(whole.text == "<b><i>&lt;x&gt;</i><i>&lt;x&gt;</i><br><i>&lt;x&gt;</i><a</b>")
    }

    @Test func numbersAreForPeople() {
        let numbers = [0, 7, 999, 1000, 1_234_567, -4321].map(HTML.grouped)
        #expect(numbers == ["0", "7", "999", "1,000", "1,234,567", "−4,321"])
        let sizes = [0, 999, 1000, 1449, 9950, 10_000, 999_499, 1_000_000, 31_400_000_000, Int.max]
        let words = ["0 B", "999 B", "1.0 kB", "1.4 kB", "10 kB", "10 kB", "999 kB", "1.0 MB", "31 GB", "9.2 EB"]
        #expect(sizes.map(HTML.size) == words)
        let shares = [(0, 5), (5, 0), (1, 3), (999_999, 1_000_000), (1, 1_000_000), (3, 3)]
        #expect(shares.map { HTML.percent($0, of: $1) } == ["0 %", "0 %", "33.3 %", "99.9 %", "< 0.1 %", "100.0 %"])
    }

    @Test func longTextsAreClippedAndSaySo() {
        #expect(HTML.clipped("abc", to: 3) == "abc")
        #expect(HTML.clipped("abcd", to: 3) == "abc… (4 bytes in all)")
        // Three characters, though many bytes.
        #expect(HTML.clipped("äöü", to: 3) == "äöü")
    }

    @Test func sizesFallIntoTheirBuckets() {
        var sizes = MessageSizes()
        let all = [1, 1024, 1025, 2048, 2049, 65_536, 65_537, 131_072, 131_073, 1 << 30]
        for size in all { sizes.add(size) }
        #expect(sizes.counts == [2, 2, 1, 0, 0, 0, 1, 2, 2])
        #expect(sizes.bytes == Int64(all.reduce(0, +)))
        #expect(sizes.largest == 1 << 30)
        #expect(MessageSizes.bounds == [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072])
    }
}
