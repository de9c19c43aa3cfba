// Time patterns: every letter, the languages, leniency and its limits, and mistakes with their places.

import TestSupport
import Testing

@testable import InteractionModel

@Suite struct TimePatternTests {
    @Test(arguments: [
        ("d MMM yyyy h:mm a", "12 Feb 2020 5:07 PM", "2020-02-12T17:07:00Z"),
        ("yyyy M d H:m:s", "2008 3 24 11:53:42", "2008-03-24T11:53:42Z"),
        ("yyyy/M d H:m:s", "2008/3 25 16:59:2", "2008-03-25T16:59:02Z"),
        ("yyyy-MM-dd hh:mm:ssa", "2018-11-05 06:01:57pm", "2018-11-05T18:01:57Z"),
        ("EEE, MM/dd/yy hh:mm:ss a", "Wed, 01/23/13 11:40:53 am", "2013-01-23T11:40:53Z"),
        ("dd.MM.yy HH:mm", "31.12.69 23:59", "2069-12-31T23:59:00Z"),
        ("dd.MM.yy HH:mm", "01.01.70 00:00", "1970-01-01T00:00:00Z"),
        ("MMM d, yyyy h:mm:ss a", "Oct 31, 2015 9:05:59 PM", "2015-10-31T21:05:59Z"),
        ("MMM d, yyyy h:mm:ss a", "Mar 3, 2015 12:05:59\u{202F}AM", "2015-03-03T00:05:59Z"),
        ("MMM d, yyyy h:mm:ss a", "May 13, 2015\u{A0}\u{A0}12:05:59 p.\u{A0}m.", "2015-05-13T12:05:59Z"),
        ("yyyyMMdd'T'HHmmss", "20100208T115854", "2010-02-08T11:58:54Z"),
        ("EEEE, MMMM d, yyyy 'at' HH:mm 'o''clock'", "monday, MAY 6, 2024 at 17:40 o'clock", "2024-05-06T17:40:00Z"),
        ("[dd/MM/yyyy, HH:mm:ss]", "[06/05/2024, 17:40:00]", "2024-05-06T17:40:00Z"),
        ("yyyy''MM''dd H", "2024'05'06 7", "2024-05-06T07:00:00Z"),
        ("yyyy年M月d日 H:mm", "2024年5月6日 7:05", "2024-05-06T07:05:00Z"),
        ("yyyy-MM-dd HH:mm:ss.S", "2024-05-06 17:40:00.1234567", "2024-05-06T17:40:00.1234567Z"),
        ("yyyy-MM-dd HH:mm:ss,SSS", "2024-05-06 17:40:00,120", "2024-05-06T17:40:00.120Z"),
        ("yyyy-MM-dd HH:mm:ss Z", "2024-05-06 17:40:00 -0330", "2024-05-06T17:40:00-03:30"),
        ("yyyy-MM-dd HH:mm:ssZZZZZ", "2024-05-06 17:40:00+02:00", "2024-05-06T17:40:00+02:00"),
        ("yyyy-MM-dd HH:mm:ssXXX", "2024-05-06 17:40:00Z", "2024-05-06T17:40:00Z"),
        ("yyyy-MM-dd HH:mm:ssX", "2024-05-06 17:40:00-07", "2024-05-06T17:40:00-07:00"),
        ("yyyy-MM-dd HH:mm:ss z", "2024-05-06 17:40:00 UTC", "2024-05-06T17:40:00Z"),
        ("EEE MMM d yyyy HH:mm:ss z", "Mon May 06 2024 17:40:19 GMT+0200", "2024-05-06T17:40:19+02:00"),
    ])
    func reads(pattern: String, text: String, expected: String) throws {
        #expect(try rewritten(text, TimePattern(pattern)) == expected)
    }

    @Test(arguments: [
        ("de", "d. MMMM yyyy HH:mm", "6. März 2024 17:40", 3), ("de", "d. MMM yyyy HH:mm", "6. Dez. 2024 17:40", 12),
        ("de-AT", "d. MMM yyyy HH:mm", "6. JÄNNER 2024 17:40", 1), ("de", "d.MMM.yyyy HH:mm", "6.Okt.2024 17:40", 10),
        ("fr", "d MMM yyyy HH:mm", "6 févr. 2024 17:40", 2), ("fr", "d MMMM yyyy HH:mm", "6 AOÛT 2024 17:40", 8),
        ("fr_CA", "d MMM yyyy HH:mm", "6 juil. 2024 17:40", 7), ("fr", "d MMM yyyy HH:mm", "6 juin 2024 17:40", 6),
        ("es", "d 'de' MMMM 'de' yyyy HH:mm", "6 de septiembre de 2024 17:40", 9),
        ("es", "d MMM yyyy HH:mm", "6 ene 2024 17:40", 1), ("it", "d MMM yyyy HH:mm", "6 giu 2024 17:40", 6),
        ("it", "d MMMM yyyy HH:mm", "6 luglio 2024 17:40", 7), ("nl", "d MMM yyyy HH:mm", "6 mrt. 2024 17:40", 3),
        ("nl", "d MMMM yyyy HH:mm", "6 mei 2024 17:40", 5), ("pt", "d MMMM yyyy HH:mm", "6 março 2024 17:40", 3),
        ("pt-BR", "d 'de' MMM. 'de' yyyy HH:mm", "6 de out. de 2024 17:40", 10),
        ("pt", "d MMM yyyy HH:mm", "6 Sept 2024 17:40", 9),
    ])
    func monthsHaveNamesInManyLanguages(locale: String, pattern: String, text: String, month: Int) throws {
        let number = month < 10 ? "0\(month)" : "\(month)"
        #expect(try rewritten(text, TimePattern(pattern, locale: locale)) == "2024-\(number)-06T17:40:00Z")
    }

    @Test(arguments: [
        ("de", "Mo So Sa Donnerstag"), ("fr", "lun. dim. samedi jeu."), ("es", "LUN dom sábado jueves"),
        ("it", "lunedì domenica sab gio"), ("nl", "ma zo za donderdag"), ("pt", "segunda-feira DOM sáb. qui"),
        ("en", "Monday Sun SAT thurs."),
    ])
    func weekdaysMustBeThoseOfTheirDates(locale: String, names: String) throws {
        let pattern = try TimePattern("EEE dd.MM.yyyy HH:mm", locale: locale)
        for (name, day) in zip(names.split(separator: " "), ["06", "05", "04", "09"]) {
            #expect(rewritten("\(name) \(day).05.2024 10:00", pattern) == "2024-05-\(day)T10:00:00Z")
            #expect(rewritten("\(name) 07.05.2024 10:00", pattern) == nil)
        }
    }

    /// Every name of every language means one number, whatever other names it begins with.
    @Test func namesAreUnambiguous() throws {
        for (code, language) in TimeLanguage.all {
            for (index, spellings) in language.months.split(separator: " ").enumerated() {
                let number = (index < 9 ? "0" : "") + "\(index + 1)"
                for name in spellings.split(separator: "|") {
                    let pattern = try TimePattern("d MMM yyyy H", locale: code)
                    #expect(rewritten("1 \(name.uppercased()) 2024 0", pattern) == "2024-\(number)-01T00:00:00Z")
                }
            }
            #expect(language.months.split(separator: " ").count == 12)
            #expect(language.weekdays.split(separator: " ").count == 7)
            #expect(
                (language.months + " " + language.weekdays).split { " |".contains($0) }.allSatisfy {
                    $0.utf8.count <= 16
                }
            )
        }
    }

    @Test(arguments: [
        ("dd.MM.yyyy HH:mm", "6.05.2024 17:40"), ("dd.MM.yyyy HH:mm", "06.05.2024  17:4"),
        ("d.M.yyyy H:mm", "006.5.2024 7:40"), ("dd.MM.yyyy HH:mm", "06.05.2024 17:40 "),
        ("dd.MM.yyyy HH:mm", "06.05.202417:40"), ("dd.MM.yyyy HH:mm", "06/05/2024 17:40"),
        ("dd.MM.yyyy HH:mm", "31.04.2024 17:40"), ("dd.MM.yyyy HH:mm", "06.05.2024 24:00"),
        ("dd.MM.yyyy HH:mm", "06.05.0000 17:40"), ("dd.MM.yyyy hh:mm a", "06.05.2024 13:40 PM"),
        ("dd.MM.yyyy hh:mm a", "06.05.2024 00:40 am"), ("dd.MM.yyyy hh:mm a", "06.05.2024 10:40 xm"),
        ("dd MMM yyyy HH:mm", "06 Mai 2024 17:40"), ("dd MMM yyyy HH:mm", "06 Mayo 2024 17:40"),
        ("dd MMM yyyy HH:mm", "06 2024 17:40"), ("dd.MM.yyyy HH:mm:ss.SSS", "06.05.2024 17:40:00.12"),
        ("dd.MM.yyyy HH:mm:ss.S", "06.05.2024 17:40:00."), ("dd.MM.yyyy HH:mm Z", "06.05.2024 17:40 +25:00"),
        ("dd.MM.yyyy HH:mm z", "06.05.2024 17:40 CET"), ("dd.MM.yyyy 'T' HH:mm", "06.05.2024 t 17:40"),
        ("dd.MM.yyyy HH:mm", ""), ("dd.MM.yyyy HH:mm", "n/a"),
    ])
    func refuses(pattern: String, text: String) throws {
        #expect(try rewritten(text, TimePattern(pattern)) == nil)
    }

    @Test(
        arguments: [
            ("YYYY-MM-dd HH:mm", 0, .unknownField("YYYY", meant: "'yyyy'")),
            ("yyyy-MM-DD HH:mm", 8, .unknownField("DD", meant: "'dd'")),
            ("yyyy-MM-ddTHH:mm", 10, .unknownField("T", meant: "text in quotes")),
            ("ä yyy-MM-dd", 2, .unknownField("yyy", meant: "'yyyy'")),
            ("MMMMM d yyyy", 0, .unknownField("MMMMM", meant: "'MM'")),
            ("yyyy-MM-dd 'at HH", 11, .openQuote), ("yyyy-MM-dd HH:MM", 14, .repeated("month")),
            ("yyyy-MM-dd HH hh a", 14, .repeated("hour")),
            ("yyyy-MM-dd HH:mm a", 17, .needlessHalfDay),
            ("d HH:mm", 7, .missing("year", because: "")), ("", 0, .missing("year", because: "")),
            ("yyyy-MM HH:mm", 13, .missing("day", because: "")),
            ("yyyy-MM-dd hh:mm", 16, .missing("half of the day", because: "")),
            ("yyyy-MM-dd mm", 13, .missing("hour", because: "")),
            ("yyyy-MM-dd HH ss", 16, .missing("minute", because: "")),
            ("yyyy-MM-dd HH:mm.S", 18, .missing("second", because: "")),
        ] as [(String, Int, TimePatternError.Problem)]
    )
    func mistakesHaveTheirPlaces(pattern: String, position: Int, problem: TimePatternError.Problem) {
        #expect {
            try TimePattern(pattern)
        } throws: { error in
            guard let error = error as? TimePatternError, error.position == position else { return false }
            guard case .missing(let part, _) = error.problem, case .missing(part, _) = problem else {
                return error.problem == problem
            }
            return !error.description.isEmpty
        }
    }

    @Test func unknownLanguagesAreNamed() {
        let error = TimePatternError(position: 0, problem: .unknownLocale("ja-JP"))
        #expect(throws: error) { try TimePattern("yyyy-MM-dd HH:mm", locale: "ja-JP") }
        #expect(error.description.contains("de, en, es, fr, it, nl, pt"))
    }

    @Test func anyBytesAreReadSafely() throws {
        var random = SeededRandom(seed: 35)
        let pattern = try TimePattern("EEE, d MMM yyyy h:mm:ss.S a z", locale: "fr")
        let text = Array("lun., 6 févr. 2024 5:07:09.25 PM GMT+02".utf8)
        for _ in 0..<20_000 {
            var bytes = Array(text.prefix(Int.random(in: 0...text.count, using: &random)))
            if let index = bytes.indices.randomElement(using: &random) {
                bytes[index] = .random(in: 0...255, using: &random)
            }
            _ = bytes.withUnsafeBytes { pattern.read($0)?.exists }
        }
    }

    /// What a reader in UTC makes of a text; nil when nothing.
    private func rewritten(_ text: String, _ pattern: TimePattern) -> String? {
        guard let time = Array(text.utf8).withUnsafeBytes({ pattern.read($0)?.exists }), time else { return nil }
        var out = OutputBuffer()
        let reader = TimeReader(format: .pattern(pattern), zone: .utc)
        let outcome = Array(text.utf8).withUnsafeBytes { reader.read($0, into: &out) }
        let rewritten = String(decoding: out.bytes, as: UTF8.self)
        // The moment is that of the text that goes out.
        let instant = Array(rewritten.utf8).withUnsafeBytes { Instant.rfc3339($0) }
        return outcome.kind == .rewritten && outcome.instant == instant ? rewritten : nil
    }
}
