// Time formats: each form that sources write, with and without a zone, and what becomes of the rest.

import TestSupport
import Testing

@testable import InteractionModel

@Suite struct TimeFormatTests {
    @Test(arguments: [
        "2024-03-01T13:58:48.000Z", "2024-03-01t13:58:48z", "2024-03-01T15:58:48+02:00", "2016-12-31T23:59:60Z",
        "2024-03-01T13:58:48-00:00", "1469-07-21T02:56:15Z",
    ])
    func rfc3339IsNotRewritten(text: String) throws {
        let (outcome, written) = read(text, .automatic, zone: try ZoneRules(named: "Asia/Tokyo"))
        #expect(outcome.kind == .asWritten)
        #expect(outcome.instant == instant(text))
        #expect(written == "")
    }

    @Test(arguments: [
        // ISO 8601 with a zone.
        ("2008-01-15T07:14:45-0500", "2008-01-15T07:14:45-05:00"), ("2021-10-05 12:01:02 UTC", "2021-10-05T12:01:02Z"),
        (" 2024-03-01T13:58:48Z\n", "2024-03-01T13:58:48Z"), ("2020-03-03 13:05:57 UTC", "2020-03-03T13:05:57Z"),
        ("20020910T23:08:25Z", "2002-09-10T23:08:25Z"), ("2024-04-29T17:38+02", "2024-04-29T17:38:00+02:00"),
        // Without one: in Paris, winter and summer.
        ("2020-02-11 07:49:14", "2020-02-11T07:49:14+01:00"), ("20100208T11:58:54", "2010-02-08T11:58:54+01:00"),
        ("20100208T115854.5", "2010-02-08T11:58:54.5+01:00"), ("2024-07-01T12:00", "2024-07-01T12:00:00+02:00"),
        ("2024-07-01 12:00:00.120", "2024-07-01T12:00:00.120+02:00"),
        ("2024-07-01\u{A0}12:00:00,5", "2024-07-01T12:00:00.5+02:00"),
        // Before 1911, with an offset that RFC 3339 cannot write.
        ("1900-01-01 00:00:00.25", "1899-12-31T23:50:39.25Z"),
        // RFC 2822.
        ("Wed, 18 May 2022 23:05:05 -0000", "2022-05-18T23:05:05Z"),
        ("Wed, 18 May 2022 23:05:05 +0200 (CEST)", "2022-05-18T23:05:05+02:00"),
        ("Wed, 18 May 2022 23:05:05", "2022-05-18T23:05:05+02:00"),
        ("Wed, 18 May 2022 23:05", "2022-05-18T23:05:00+02:00"), ("18 May 2022 23:05", "2022-05-18T23:05:00+02:00"),
        ("8 May 2022 23:05:05", "2022-05-08T23:05:05+02:00"),
        // Numbers.
        ("1736478514.897649", "2025-01-10T03:08:34.897649Z"), ("1736478514", "2025-01-10T03:08:34Z"),
        ("1736478514897", "2025-01-10T03:08:34.897Z"), ("1736478514897649", "2025-01-10T03:08:34.897649Z"),
        ("1736478514897.5", "2025-01-10T03:08:34.8975Z"),
    ])
    func automaticReadsWhatSaysItself(text: String, expected: String) throws {
        let (outcome, written) = read(text, .automatic, zone: try ZoneRules(named: "Europe/Paris"))
        #expect(outcome.kind == .rewritten && outcome.finding == nil)
        #expect(written == expected)
        #expect(outcome.instant == instant(expected))
    }

    @Test(
        arguments: [
            ("2020-02-11 07:49:14", .noZone), ("20100208T11:58:54", .noZone), ("2024-07-01 12:00", .noZone),
            ("Wed, 18 May 2022 23:05:05", .noZone), ("2021-11-05", .dateOnly), (" 2021-11-05 ", .dateOnly),
            ("2021-02-29", .unreadable), ("2021-02-29 10:00:00", .unreadable), ("2021-11-05 24:00:00", .unreadable),
            ("2021-11-05Z", .unreadable), ("2021-11-05 ", .dateOnly), ("20211105", .unreadable),
            ("2021-11", .unreadable),
            ("20211105 10:00:00", .unreadable), ("20211105T", .unreadable), ("2021-11-05T", .unreadable),
            ("Wed, 01/23/13 11:40:53 am", .unreadable), ("24 11:53:42", .unreadable), ("06:01:57pm", .unreadable),
            ("n/a", .unreadable), ("today", .unreadable), ("null", .unreadable), ("-1", .unreadable),
            ("0", .unreadable),
            ("", .empty), (" \t\n", .empty),
        ] as [(String, TimeOutcome.Kind)]
    )
    func automaticGuessesNothing(text: String, kind: TimeOutcome.Kind) {
        let (outcome, written) = read(text, .automatic, zone: nil)
        #expect(outcome.kind == kind && outcome.instant == nil)
        #expect(written == "")
        #expect((outcome.finding == nil) == (kind == .empty))
    }

    @Test func aDateIsNoMomentInAnyZone() {
        #expect(read("2021-11-05", .automatic, zone: .utc).0.kind == .dateOnly)
    }

    @Test(
        arguments: [
            ("Europe/Paris", "2024-03-31 02:30:00", .skipped, "2024-03-31T02:30:00+01:00"),
            ("Europe/Paris", "2024-10-27 02:30:00", .ambiguous, "2024-10-27T02:30:00+02:00"),
            ("Pacific/Apia", "2011-12-30 12:00:00", .skipped, "2011-12-30T12:00:00-10:00"),
            ("Australia/Lord_Howe", "2024-04-07 01:45:00", .ambiguous, "2024-04-07T01:45:00+11:00"),
            ("Europe/Dublin", "2024-10-27 01:30:00", .ambiguous, "2024-10-27T01:30:00+01:00"),
            ("Europe/London", "2024-01-15 12:00:00", .rewritten, "2024-01-15T12:00:00Z"),
            ("-0530", "2024-01-15 12:00:00", .rewritten, "2024-01-15T12:00:00-05:30"),
        ] as [(String, String, TimeOutcome.Kind, String)]
    )
    func clocksAreSetForwardAndBack(zone: String, text: String, kind: TimeOutcome.Kind, expected: String) throws {
        let (outcome, written) = read(text, .automatic, zone: try ZoneRules(named: zone))
        #expect(outcome.kind == kind)
        #expect(written == expected)
        #expect(outcome.instant == instant(expected))
        #expect(outcome.finding == [.skipped: .timeSkipped, .ambiguous: .timeAmbiguous][kind])
    }

    @Test(arguments: [
        ("0", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        ("-1", "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.999Z"),
        ("1.5", "1970-01-01T00:00:01.5Z", "1970-01-01T00:00:00.0015Z"),
        ("-1.25", "1969-12-31T23:59:58.75Z", "1969-12-31T23:59:59.99875Z"),
        ("-0.000", "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000000Z"),
        ("-1000.0", "1969-12-31T23:43:20.0Z", "1969-12-31T23:59:59.0000Z"),
        ("0000000000000001500", "1970-01-01T00:25:00Z", "1970-01-01T00:00:01.500Z"),
        ("253402300799", "9999-12-31T23:59:59Z", "1978-01-11T21:31:40.799Z"),
        ("-62135596800", "0001-01-01T00:00:00Z", "1968-01-12T20:06:43.200Z"),
        (" 1448000000 ", "2015-11-20T06:13:20Z", "1970-01-17T18:13:20.000Z"),
    ])
    func epochNumbersMayHaveAnyLength(text: String, seconds: String, milliseconds: String) {
        for (format, expected) in [(TimeFormat.seconds, seconds), (.milliseconds, milliseconds)] {
            let (outcome, written) = read(text, format, zone: nil)
            #expect(outcome.kind == .rewritten)
            #expect(written == expected)
            #expect(outcome.instant == instant(expected))
        }
    }

    @Test func finerUnits() {
        #expect(read("1500000000123456", .microseconds, zone: nil).1 == "2017-07-14T02:40:00.123456Z")
        #expect(read("1500000000123456789", .nanoseconds, zone: nil).1 == "2017-07-14T02:40:00.123456789Z")
        #expect(read("-1", .nanoseconds, zone: nil).1 == "1969-12-31T23:59:59.999999999Z")
        #expect(
            read("-1", .nanoseconds, zone: nil).0.instant == Instant(seconds: -1, attoseconds: 999_999_999_000_000_000)
        )
    }

    @Test(arguments: [
        "", "-", ".", "1.", ".5", "+1", "1e9", "1,5", "--1", "1 2", "0x10", "253402300800", "-62135596801",
        "99999999999999999999999999", "2024-03-01T13:58:48Z", "null", "१",
    ])
    func whatIsNoNumberOfSecondsIsNotRead(text: String) {
        let (outcome, written) = read(text, .seconds, zone: .utc)
        #expect(outcome.kind == (text.isEmpty ? .empty : .unreadable) && outcome.instant == nil)
        #expect(written == "")
    }

    @Test func theFirstPatternThatFitsIsTaken() throws {
        let patterns = try ["dd.MM.yyyy HH:mm", "MM/dd/yyyy HH:mm", "dd.MM.yyyy"].map { try TimePattern($0) }
        let zone = try ZoneRules(named: "Europe/Paris")
        #expect(read("06.05.2024 10:00", .patterns(patterns), zone: zone).1 == "2024-05-06T10:00:00+02:00")
        #expect(read("06/05/2024 10:00", .patterns(patterns), zone: zone).1 == "2024-06-05T10:00:00+02:00")
        #expect(read("06/05/2024 10:00", .patterns(patterns), zone: nil).0.kind == .noZone)
        #expect(read("06.05.2024", .patterns(patterns), zone: zone).0.kind == .dateOnly)
        #expect(read("2024-05-06 10:00", .patterns(patterns), zone: zone).0.kind == .unreadable)
        #expect(read("2024-05-06 10:00", .patterns([]), zone: zone).0.kind == .unreadable)
    }

    /// Whatever the reader for records without a profile makes of a text, this one makes the same of it.
    @Test func automaticAgreesWithTheReaderOfInstants() {
        var random = SeededRandom(seed: 2822)
        let seeds = [
            "2024-03-01T13:58:48.000Z", "2024-04-29 17:38:35,120 +0200", "Mon, 06 May 2024 17:40:19 -0330",
            "1709301528123.75", "2016-12-31 23:59:60 UTC", "2024-04-29T17:38-00:00", "6 May 2024 17:40", "2024-02-29",
        ]
        let characters = Array("0123456789-:+., TZUCGMutcgz".utf8)
        var readable = 0
        for _ in 0..<20_000 {
            var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                if Bool.random(using: &random) { bytes.remove(at: index) }
                bytes.insert(characters.randomElement(using: &random) ?? 0, at: min(index, bytes.count))
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let (outcome, written) = read(text, .automatic, zone: nil)
            switch bytes.withUnsafeBytes({ Instant.read($0) }) {
            case .rfc3339(let instant):
                #expect(outcome == .asWritten(instant), "\(text)")
            case .rewritten(let instant, let expected):
                #expect(outcome == .written(.rewritten, instant), "\(text)")
                #expect(written == String(decoding: expected, as: UTF8.self), "\(text)")
                readable += 1
            case .noZone:
                #expect(outcome.kind == .noZone || outcome.kind == .dateOnly, "\(text)")
            case .unreadable, .empty:
                #expect(written.isEmpty || instant(written) == outcome.instant, "\(text)")
            }
        }
        #expect(readable > 1000)
    }

    private func read(_ text: String, _ format: TimeFormat, zone: ZoneRules?) -> (TimeOutcome, String) {
        var out = OutputBuffer()
        let outcome = Array(text.utf8).withUnsafeBytes { TimeReader(format: format, zone: zone).read($0, into: &out) }
        return (outcome, String(decoding: out.bytes, as: UTF8.self))
    }

    private func instant(_ text: String) -> Instant? {
        Array(text.utf8).withUnsafeBytes { Instant.rfc3339($0) }
    }
}
