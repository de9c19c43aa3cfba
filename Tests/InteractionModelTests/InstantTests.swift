// Times: every readable form, the calendar, an independent oracle, and bytes that are no time at all.

import FoundationEssentials
import Testing

@testable import InteractionModel

@Suite struct InstantTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0, 0),
        ("2024-03-01T13:58:48.000Z", 1_709_301_528, 0),
        ("2024-03-01t13:58:48z", 1_709_301_528, 0),
        ("2024-03-01T15:58:48+02:00", 1_709_301_528, 0),
        ("2024-03-01T08:28:48-05:30", 1_709_301_528, 0),
        ("2024-03-01T13:58:48-00:00", 1_709_301_528, 0),
        ("2024-03-02T13:57:48+23:59", 1_709_301_528, 0),
        ("1969-12-31T23:59:59.999Z", -1, 999_000_000_000_000_000),
        ("2024-02-29T00:00:00.5Z", 1_709_164_800, 500_000_000_000_000_000),
        ("2024-02-29T00:00:00.123456789012345678999Z", 1_709_164_800, 123_456_789_012_345_678),
        ("2024-02-29T00:00:00.0000000000000000009+00:00", 1_709_164_800, 0),
        ("2000-02-29T00:00:00Z", 951_782_400, 0),
        ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
        ("0001-01-01T00:00:00+23:59", -62_135_683_140, 0),
        ("9999-12-31T23:59:59Z", 253_402_300_799, 0),
        ("9999-12-31T23:59:59-23:59", 253_402_387_139, 0),
        ("2016-12-31T23:59:60Z", 1_483_228_800, 0),
        ("2016-12-31T18:59:60.25-05:00", 1_483_228_800, 250_000_000_000_000_000),
    ])
    func rfc3339GoesOutUnchanged(text: String, seconds: Int64, attoseconds: UInt64) {
        let instant = Instant(seconds: seconds, attoseconds: attoseconds)
        #expect(read(text) == .rfc3339(instant))
        #expect(rfc3339(text) == instant)
    }

    @Test(arguments: [
        // Epoch, as text here and as a number below.
        ("1709301528", "2024-03-01T13:58:48Z"),
        ("1709301528.5", "2024-03-01T13:58:48.5Z"),
        ("1709301528.0012340", "2024-03-01T13:58:48.0012340Z"),
        ("1709301528000", "2024-03-01T13:58:48.000Z"),
        ("1709301528123.75", "2024-03-01T13:58:48.12375Z"),
        ("1709301528000001", "2024-03-01T13:58:48.000001Z"),
        ("1709301528000000001", "2024-03-01T13:58:48.000000001Z"),
        ("9999999999", "2286-11-20T17:46:39Z"),
        // ISO 8601 that RFC 3339 does not allow.
        ("2024-04-29 17:38:35Z", "2024-04-29T17:38:35Z"),
        ("2024-04-29 17:38:35z", "2024-04-29T17:38:35Z"),
        ("2024-04-29 17:38:35 +02:00", "2024-04-29T17:38:35+02:00"),
        ("2024-04-29 17:38:35+02:00", "2024-04-29T17:38:35+02:00"),
        ("2024-04-29 17:38:35 UTC", "2024-04-29T17:38:35Z"),
        ("2024-04-29 17:38:35 gmt", "2024-04-29T17:38:35Z"),
        ("2024-04-29 17:38:35.120 UTC", "2024-04-29T17:38:35.120Z"),
        ("2024-04-29T17:38:35+0200", "2024-04-29T17:38:35+02:00"),
        ("2024-04-29T17:38:35-0330", "2024-04-29T17:38:35-03:30"),
        ("2024-04-29T17:38:35+02", "2024-04-29T17:38:35+02:00"),
        ("2024-04-29T17:38:35.123456-07", "2024-04-29T17:38:35.123456-07:00"),
        ("2024-04-29T17:38:35-0000", "2024-04-29T17:38:35-00:00"),
        ("2024-04-29T17:38Z", "2024-04-29T17:38:00Z"),
        ("2024-04-29 17:38 +0200", "2024-04-29T17:38:00+02:00"),
        ("2024-04-29T17:38:35,25Z", "2024-04-29T17:38:35.25Z"),
        ("2024-04-29 17:38:35,000 +0000", "2024-04-29T17:38:35.000+00:00"),
        ("2016-12-31 23:59:60 UTC", "2016-12-31T23:59:60Z"),
        // RFC 2822.
        ("Mon, 06 May 2024 17:40:19 GMT", "2024-05-06T17:40:19Z"),
        ("Mon, 6 May 2024 17:40:19 UTC", "2024-05-06T17:40:19Z"),
        ("6 May 2024 17:40:19 UT", "2024-05-06T17:40:19Z"),
        ("06 may 2024 17:40 z", "2024-05-06T17:40:00Z"),
        ("Mon, 06 May 2024 17:40:19 -0330", "2024-05-06T17:40:19-03:30"),
        ("Mon, 06 May 2024 17:40:19 +0000 (UTC)", "2024-05-06T17:40:19+00:00"),
        ("Mon, 06 May 2024 17:40:19 -0000", "2024-05-06T17:40:19Z"),
        ("Thu, 01 Jan 1970 00:00:00 EST", "1970-01-01T00:00:00-05:00"),
        ("Mon, 01 Jan 0001 00:00:00 GMT", "0001-01-01T00:00:00Z"),
        ("Fri, 31 Dec 9999 23:59:59 EDT", "9999-12-31T23:59:59-04:00"),
        ("Thu, 29 Feb 2024 12:00:00 CST", "2024-02-29T12:00:00-06:00"),
        ("Thu, 29 Feb 2024 12:00:00 CDT", "2024-02-29T12:00:00-05:00"),
        ("Thu, 29 Feb 2024 12:00:00 MST", "2024-02-29T12:00:00-07:00"),
        ("Thu, 29 Feb 2024 12:00:00 MDT", "2024-02-29T12:00:00-06:00"),
        ("Thu, 29 Feb 2024 12:00:00 PST", "2024-02-29T12:00:00-08:00"),
        ("Thu, 29 Feb 2024 12:00:00 PDT", "2024-02-29T12:00:00-07:00"),
    ])
    func otherFormsAreRewritten(text: String, expected: String) throws {
        let instant = try #require(rfc3339(expected))
        #expect(read(text) == .rewritten(instant, text: Array(expected.utf8)))
    }

    @Test(arguments: [
        "2024-01-05", " 2024-02-29 ", "2024-04-29T17:38:35", "2024-04-29 17:38:35", "2024-04-29 17:38",
        "2024-04-29T17:38:35.123456", "2024-04-29 17:38:35,1", "Mon, 06 May 2024 17:40:19", "6 May 2024 17:40",
    ])
    func withoutZoneThereIsNoInstant(text: String) {
        #expect(read(text) == .noZone)
    }

    @Test(arguments: [
        "datetime", "string", "null", "0", "-1", "now", "Z", "-", ":", "2024", "20240105", "2024-01", "2024-01-",
        "2024-00-10T00:00:00Z", "2024-13-10T00:00:00Z", "2024-01-00T00:00:00Z", "2024-01-32T00:00:00Z",
        "2024-04-31T00:00:00Z", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2023-02-29", "2023-02-29 10:00:00", "2023-02-29 10:00:00 UTC", "0000-01-01T00:00:00Z",
        "2024-04-29T24:00:00Z", "2024-04-29T17:60:00Z", "2024-04-29T17:38:61Z", "2024-04-29T17:38:60Z",
        "2016-12-31T23:59:60+01:00", "2024-04-29T17:38:35+24:00", "2024-04-29T17:38:35+02:60",
        "2024-04-29T17:38:35.Z", "2024-04-29T17:38:35.", "2024-04-29T17:38.5Z", "2024-04-29T17Z", "2024-04-29T",
        "2024-04-29T17:38:35ZZ", "2024-04-29T17:38:35Z0", "2024-04-29T17:38:35+", "2024-04-29T17:38:35+2",
        "2024-04-29T17:38:35+02:", "2024-04-29T17:38:35+02:0", "2024-04-29T17:38:35+020", "2024-04-29T17:38:35 EST",
        "2024-04-29T17:38:35+02:00:00", "2024-04-29X17:38:35Z", "2024/04/29 17:38:35Z", "2024-4-29T17:38:35Z",
        "+2024-04-29T17:38:35Z", "2024-04-29T17:38:35\u{2212}02:00", "２０２４-04-29T17:38:35Z", "2024-01-05Z",
        "170930152", "17093015280", "170930152800", "17093015280000", "17093015280000000000", "-1709301528",
        "+1709301528", "1709301528.", "1709301528.1e3", "1.7093015280E9", "1709301528Z", "1709301528,5",
        "Tue, 06 May 2024 17:40:19 GMT", "Xyz, 06 May 2024 17:40:19 GMT", "Mon 06 May 2024 17:40:19 GMT",
        "Mon, 006 May 2024 17:40:19 GMT", "Mon, 06 May 24 17:40:19 GMT", "Mon, 06 Mai 2024 17:40:19 GMT",
        "31 Apr 2024 17:40:19 GMT", "06 May 2024 7:40:19 GMT", "06 May 2024 17:40:19 CET",
        "06 May 2024 17:40:19 +0000 (UTC", "06 May 2024 17:40:19 +0000 UTC)", "06 May 2024 17:40:19 A", "06 May 2024",
        "Mon May 06 2024 17:40:19 GMT+0200",
    ])
    func anythingElseIsUnreadable(text: String) {
        #expect(read(text) == .unreadable)
        #expect(rfc3339(text) == nil)
    }

    @Test func whiteSpaceIsEmpty() {
        for text in ["", " ", "\t\n\u{0B}\u{0C}\r "] {
            #expect(read(text) == .empty)
            #expect(rfc3339(text) == nil)
        }
        #expect(Instant.read(UnsafeRawBufferPointer(start: nil, count: 0)) == .empty)
        #expect(read("\u{A0}") == .unreadable)
        #expect(read("\0") == .unreadable)
    }

    @Test func whiteSpaceIsTrimmedAndFoldedLinesAreOne() {
        for (text, expected) in [
            (" 2024-04-29T17:38:35Z", "2024-04-29T17:38:35Z"),
            ("\t2024-04-29t17:38:35.10+02:00\r\n", "2024-04-29t17:38:35.10+02:00"),
            (" 1709301528\n", "2024-03-01T13:58:48Z"),
            ("\u{0B}Mon, 06 May 2024 17:40:19 GMT\u{0C}", "2024-05-06T17:40:19Z"),
            ("MON,  6 MAY 2024\r\n 17:40:19 +0200", "2024-05-06T17:40:19+02:00"),
        ] {
            #expect(read(text).text == expected)
            #expect(read(text).instant == rfc3339(expected))
        }
        #expect(readNumber(" 1709301528") == .unreadable)
    }

    @Test func numbersAreReadByTheirLength() {
        for (number, expected) in [
            ("1709301528", "2024-03-01T13:58:48Z"),
            ("1709301528.50", "2024-03-01T13:58:48.50Z"),
            ("1709301528000", "2024-03-01T13:58:48.000Z"),
            ("1709301528000250", "2024-03-01T13:58:48.000250Z"),
            ("1709301528000250999", "2024-03-01T13:58:48.000250999Z"),
        ] {
            #expect(readNumber(number).text == expected)
            #expect(readNumber(number) == read(number))
        }
        for number in ["0", "-1709301528", "1.7093015280E9", "1709301528e0", "1709301528.5e1", "17093015280"] {
            #expect(readNumber(number) == .unreadable)
        }
    }

    @Test func everyDayOfTheCalendarIsThere() throws {
        var expected: Int64 = -62_135_596_800
        for year in 1...9999 {
            let isLeap = year.isMultiple(of: 4) && !year.isMultiple(of: 100) || year.isMultiple(of: 400)
            for (month, days) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                let start = "\(padded(year, 4))-\(padded(month + 1, 2))-"
                // The first and the last day say the same about the days between, in a tenth of the time.
                for day in [1, days] {
                    let text = start + padded(day, 2) + "T00:00:00Z"
                    let instant = try #require(rfc3339(text))
                    try #require(instant.seconds == expected + Int64(day - 1) * 86_400)
                    try #require(instant.description == text)
                }
                try #require(rfc3339(start + padded(days + 1, 2) + "T00:00:00Z") == nil)
                expected += Int64(days) * 86_400
            }
        }
        #expect(expected == 253_402_300_800)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func agreesWithFoundation(seed: UInt64) throws {
        var random = SeededNumbers(state: seed)
        for _ in 0..<3000 {
            // From 1582, because Foundation counts by the Julian calendar before, which RFC 3339 never does, to a day
            // before the end, so that no offset leads to the year 10,000. Foundation's zones end before 18 hours.
            let milliseconds = Int64.random(in: -12_219_292_800_000...253_402_214_399_999, using: &random)
            let minutes = Int.random(in: -1079...1079, using: &random)
            let style = Date.ISO8601FormatStyle(
                includingFractionalSeconds: true,
                timeZone: try #require(TimeZone(secondsFromGMT: minutes * 60))
            )
            // Half a millisecond more, because the style rounds down what a binary fraction cannot hold.
            let date = Date(timeIntervalSince1970: (Double(milliseconds) + 0.5) / 1000)
            let text = date.formatted(style.timeZoneSeparator(.colon))
            let instant = try #require(read(text).instant, "\(text)")
            try #require(instant.milliseconds == milliseconds, "\(text) of seed \(seed)")
            let compact = read(date.formatted(style.timeZoneSeparator(.omitted)))
            try #require(compact.instant == instant, "\(text) of seed \(seed)")
        }
    }

    @Test func ordersByTimeNotByText() throws {
        let texts = [
            "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.9Z", "1970-01-01T00:00:00Z",
            "2024-03-01T14:58:48.000000000000000001+01:00", "2024-03-01T13:58:48.1Z", "9999-12-31T23:59:59Z",
        ]
        let instants = try texts.map { try #require(rfc3339($0)) }
        #expect(instants == instants.reversed().sorted())
        #expect(rfc3339("2024-03-01T13:58:48Z") == rfc3339("2024-03-01T15:58:48.000+02:00"))
        #expect(Instant(seconds: -1, attoseconds: 1).milliseconds == -1000)
        #expect(Instant(seconds: 1, attoseconds: 999_999_999_999_999_999).milliseconds == 1999)
        #expect(Instant(seconds: 0, attoseconds: 120_000_000_000_000_000).description == "1970-01-01T00:00:00.12Z")
    }

    @Test(arguments: [11, 12] as [UInt64])
    func noBytesCrashAndWhatIsRewrittenReadsBack(seed: UInt64) throws {
        var random = SeededNumbers(state: seed)
        let alphabet = Array("0123456789-:TZtz .,+MonayGMTUC()\0\u{FF}".utf8)
        let samples = [
            "2024-04-29T17:38:35.123+02:00", "2024-04-29 17:38:35 UTC", "Mon, 06 May 2024 17:40:19 GMT",
            "1709301528000",
        ].map { Array($0.utf8) }
        for round in 0..<60_000 {
            var bytes: [UInt8]
            if round.isMultiple(of: 4) {
                let count = Int.random(in: 0...40, using: &random)
                bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            } else {
                bytes = samples[round / 4 % samples.count]
                for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                    let index = Int.random(in: bytes.indices, using: &random)
                    switch UInt8.random(in: 0...2, using: &random) {
                    case 0: bytes.remove(at: index)
                    case 1: bytes[index] = alphabet[Int.random(in: alphabet.indices, using: &random)]
                    default: bytes.insert(alphabet[Int.random(in: alphabet.indices, using: &random)], at: index)
                    }
                }
            }
            _ = bytes.withUnsafeBytes { Instant.readNumber($0) }
            if case .rewritten(let instant, let text) = bytes.withUnsafeBytes({ Instant.read($0) }) {
                try #require(text.withUnsafeBytes { Instant.rfc3339($0) } == instant, "\(bytes) of seed \(seed)")
            }
        }
    }

    private func read(_ text: String) -> TimeReading {
        Array(text.utf8).withUnsafeBytes { Instant.read($0) }
    }

    private func readNumber(_ text: String) -> TimeReading {
        Array(text.utf8).withUnsafeBytes { Instant.readNumber($0) }
    }

    private func rfc3339(_ text: String) -> Instant? {
        Array(text.utf8).withUnsafeBytes { Instant.rfc3339($0) }
    }

    private func padded(_ value: Int, _ digits: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: digits - text.count) + text
    }
}

extension TimeReading {
    /// The text to emit in place of the source's.
    fileprivate var text: String? {
        guard case .rewritten(_, let text) = self else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}

/// SplitMix64: the same numbers for the same seed on every machine.
private struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
