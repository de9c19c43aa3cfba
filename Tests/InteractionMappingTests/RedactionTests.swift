// Masking: every valid number and address, and nothing else.

import InteractionModel
import TestSupport
import Testing

@testable import InteractionMapping

@Suite("Redaction")
struct RedactionTests {
    private static let all = Redaction(Set(Redaction.Kind.allCases))

    private static func masked(_ text: String, _ redaction: Redaction = all) -> (text: String, kinds: [Redaction.Kind])
    {
        var redactor = TextRedactor(redaction)
        var out = OutputBuffer()
        var kinds: [Redaction.Kind] = []
        Array(text.utf8).withUnsafeBytes { redactor.write($0, to: &out) { kinds.append($0) } }
        return (String(decoding: out.array, as: UTF8.self), kinds)
    }

    @Test(
        "What is masked",
        arguments: [
            ("write to ann.lee+shop@mail.example.co.uk, please.", "write to [email], please."),
            ("<a@b.io>", "<[email]>"), ("'a_b@b-c.de'", "'[email]'"), ("hm...jo@x.org", "hm...[email]"),
            ("jörg@bücher.example", "[email]"), ("mailto:a@b.xn--p1ai", "mailto:[email]"),
            (#"line\njo@x.org\nline"#, #"line\n[email]\nline"#), (#"\"jo@x.org\""#, #"\"[email]\""#),
            ("邮箱jo@x.org谢谢", "邮箱[email]谢谢"),
            ("card 4111 1111 1111 1111 12/27", "card [card] 12/27"), ("4111-1111-1111-1111.", "[card]."),
            ("378282246310005", "[card]"), ("3782 822463 10005", "[card]"), ("卡号5555555555554444。", "卡号[card]。"),
            ("(6011111111111117)", "([card])"), ("3530111333300000", "[card]"), ("30569309025904", "[card]"),
            ("DE89 3704 0044 0532 0130 00 is it", "[iban] is it"), ("de89370400440532013000", "[iban]"),
            ("GB29NWBK60161331926819,", "[iban],"), ("FR14 2004 1010 0505 0001 3M02 606", "[iban]"),
            ("MT84MALT011000012345MTLCAST001S", "[iban]"), ("NO9386011117947", "[iban]"),
            ("+49 30 1234567", "[phone]"), ("call +14155552671!", "call [phone]!"), ("+33 (0)6 12 34 56 78", "[phone]"),
            ("(415) 555-2671", "[phone]"), ("415-555-2671 or", "[phone] or"), ("1-415-555-2671", "[phone]"),
            ("0171/123 45 67", "[phone]"), ("06 12 34 56 78", "[phone]"), ("(020) 7946 0958", "[phone]"),
            ("00 49 30 1234567", "[phone]"), ("0049 171 1234567", "[phone]"), ("Tel.: 030-1234567.", "Tel.: [phone]."),
            ("+44\u{A0}20\u{A0}7946\u{A0}0958", "[phone]"),
        ]
    )
    func masks(text: String, expected: String) {
        #expect(Self.masked(text).text == expected)
    }

    @Test(
        "What stays",
        arguments: [
            "order 4111111111111112", "order #4111111111111111", "ORD-4111111111111111", "4111111111111111-A",
            "1234567890", "100023456789", "4512-8890-1123", "order 0012345", "SKU 12-345-678", "2024-05-01 10:00:00",
            "01.02.2024 10 Uhr", "05/11/2023", "12.50 EUR", "1,234,567.89", "0.123 456 789", "192.168.100.200",
            "010.020.030.040", "0000000000000000", "4444444444444444", "me@home", "@ann", "a@b", "a@b.c", "a @ b.com",
            "DE89370400440532013001", "DE8937040044053201300", "XX89370400440532013000", "XDE89370400440532013000",
            "+999 123 4567", "+1 2", "10:30", "115-555-2671", "415-155-2671", "version 1.2.3.4", "50% of 1000",
            "1234-5678-9012-3456", "case 20240501123456", "", "Grüße 👋", #"\u0001\n\t"#,
        ]
    )
    func spares(text: String) {
        let result = Self.masked(text)
        #expect(result.text == text)
        #expect(result.kinds.isEmpty)
    }

    @Test("Only what was asked for") func onlyWhatWasAskedFor() {
        let text = "a@b.io 4111111111111111 DE89370400440532013000 +14155552671"
        #expect(Self.masked(text, Redaction()).text == text)
        #expect(Self.masked(text, Redaction([.emails])).text == text.replacing("a@b.io", with: "[email]"))
        #expect(Self.masked(text, Redaction([.cards])).kinds == [.cards])
        #expect(Self.masked(text, Redaction([.phones])).kinds == [.phones])
        #expect(Self.masked(text).kinds == [.emails, .cards, .ibans, .phones])
    }

    /// Any mixture: each seeded one is masked and counted, every other word is there, and lengths stay if asked for.
    @Test("Seeded in other text", arguments: 0..<40 as Range<UInt64>)
    func seeded(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            var words: [String] = []
            var expected: [String] = []
            var kinds: [Redaction.Kind] = []
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let kind = Redaction.Kind.allCases.randomElement(using: &random)
                if Bool.random(using: &random), let kind {
                    words.append(Self.valid(kind, &random))
                    expected.append(kind.mask.description)
                    kinds.append(kind)
                } else {
                    let word = Self.invalid(&random)
                    words.append(word)
                    expected.append(word)
                }
            }
            let text = words.joined(separator: ", ")
            let result = Self.masked(text)
            #expect(result.text == expected.joined(separator: ", "), "seed \(seed): \(text)")
            #expect(result.kinds == kinds)
            let kept = Self.masked(text, Redaction(Set(Redaction.Kind.allCases), keepsLength: true)).text
            #expect(kept.unicodeScalars.count == text.unicodeScalars.count)
            // What is masked already has nothing left to mask.
            #expect(Self.masked(result.text).text == result.text)
        }
    }

    /// Random bytes of what texts are made of never trip it, and nothing is lost around what it finds.
    @Test("Any text", arguments: 0..<20 as Range<UInt64>)
    func anyText(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = ["0", "1", "4", "+", "(", ")", " ", "-", ".", "/", "@", "a", "DE", #"\n"#, #"\""#, "é", "中", "👋"]
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            let kept = Self.masked(text, Redaction(Set(Redaction.Kind.allCases), keepsLength: true))
            #expect(kept.text.unicodeScalars.count == text.unicodeScalars.count, "\(text)")
            for (old, new) in zip(text.unicodeScalars, kept.text.unicodeScalars) {
                #expect(old == new || new == "*", "\(text)")
            }
        }
    }

    // MARK: Made up

    private static func digits(_ count: Int, _ random: inout SeededRandom) -> [Int] {
        (0..<count).map { _ in Int.random(in: 0...9, using: &random) }
    }

    private static func text(_ digits: [Int]) -> String { digits.map(String.init).joined() }

    private static func valid(_ kind: Redaction.Kind, _ random: inout SeededRandom) -> String {
        switch kind {
        case .emails:
            let name = ["ann", "bo.li", "x_1", "o'neil", "a+b"].randomElement(using: &random) ?? ""
            return name + "@" + (["x.org", "mail.example.co.uk", "a-b.de"].randomElement(using: &random) ?? "")
        case .phones:
            let tail = text([5] + digits(6, &random))
            let shapes = [
                "+49 171 \(tail)", "+1415\(tail)", "(415) 555-\(tail.prefix(4))", "0171 \(tail)", "0033 6 1\(tail)",
            ]
            return shapes.randomElement(using: &random) ?? ""
        case .cards:
            var number = [4] + digits(14, &random)
            number[1] = (number[0] + 1) % 10
            number.append((0...9).first { isLuhn(number + [$0]) } ?? 0)
            let spelled = text(number)
            guard Bool.random(using: &random) else { return spelled }
            return stride(from: 0, to: 16, by: 4).map { String(spelled.dropFirst($0).prefix(4)) }.joined(separator: " ")
        case .ibans:
            let account = text(digits(18, &random))
            // D is 13, E is 14, and the check digits are 00 while they are looked for.
            let rest = (account + "131400").reduce(0) { ($0 * 10 + ($1.wholeNumberValue ?? 0)) % 97 }
            let check = 98 - rest
            return "DE" + (check < 10 ? "0" : "") + String(check) + account
        }
    }

    /// What resembles one of them and is none.
    private static func invalid(_ random: inout SeededRandom) -> String {
        switch Int.random(in: 0...6, using: &random) {
        case 0:
            var number = [4] + digits(15, &random)
            if isLuhn(number) { number[15] = (number[15] + 1) % 10 }
            return text(number)
        case 1: return "ORD-" + text(digits(12, &random))
        case 2: return "#" + text(digits(10, &random))
        case 3: return "2024-0\(Int.random(in: 1...9, using: &random))-1\(Int.random(in: 0...9, using: &random))"
        case 4: return text([7] + digits(Int.random(in: 1...9, using: &random), &random))
        case 5: return "hello@" + ["home", "x", "localhost"][Int.random(in: 0...2, using: &random)]
        default: return ["Grüße", "ok", "DE12", "50%", "v1.2.3"].randomElement(using: &random) ?? ""
        }
    }

    private static func isLuhn(_ digits: [Int]) -> Bool {
        digits.reversed().enumerated().reduce(0) { sum, digit in
            let value = digit.offset % 2 == 1 ? digit.element * 2 : digit.element
            return sum + (value > 9 ? value - 9 : value)
        } % 10 == 0
    }
}
