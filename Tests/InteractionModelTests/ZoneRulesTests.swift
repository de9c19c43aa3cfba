// Time zones: what local times mean in them, compared with Python's zoneinfo, and files that are no zones.

import TestSupport
import Testing

@testable import InteractionModel

@Suite struct ZoneRulesTests {
    @Test(arguments: expectations)
    func localTimes(zone: String, local: String, expected: ZoneRules.LocalTime) throws {
        let rules = try ZoneRules(named: zone)
        let seconds = try #require(local.seconds)
        #expect(rules.resolve(local: seconds) == expected)
        // The offset at each moment that the local time means leads back to it.
        switch expected {
        case .one(let offset):
            #expect(rules.offset(at: seconds - Int64(offset)) == offset)
        case .twice(let earlier, let later):
            #expect(rules.offset(at: seconds - Int64(earlier)) == earlier)
            #expect(rules.offset(at: seconds - Int64(later)) == later)
        case .never(let before, let after):
            #expect(rules.offset(at: seconds - Int64(before)) == after)
            #expect(rules.offset(at: seconds - Int64(after)) == before)
        }
    }

    @Test(arguments: ["Europe/Paris", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"])
    func everyMomentIsOneThatItsLocalTimeMeans(zone: String) throws {
        let rules = try ZoneRules(named: zone)
        var random = SeededRandom(seed: 20_240_331)
        for _ in 0..<5_000 {
            let seconds = Int64.random(in: -62_135_000_000...253_402_000_000, using: &random)
            let offset = rules.offset(at: seconds)
            switch rules.resolve(local: seconds + Int64(offset)) {
            case .one(let only): #expect(only == offset)
            case .twice(let earlier, let later): #expect(offset == earlier || offset == later)
            case .never: Issue.record("\(seconds) in \(zone) has a local time that never was")
            }
        }
    }

    @Test(arguments: [
        ("UTC", 0), ("GMT", 0), ("Z", 0), ("+00:00", 0), ("+02:00", 7200), ("-0530", -19_800), ("+14", 50_400),
        ("-23:59", -86_340),
    ])
    func fixedOffsets(name: String, offset: Int) throws {
        let rules = try ZoneRules(named: name)
        #expect(rules.offset(at: 0) == offset)
        #expect(rules.resolve(local: 1_711_000_000) == .one(offset))
    }

    @Test(arguments: [
        ("Europe/Pariss", ["Europe/Paris"]), ("europe/paris", ["Europe/Paris"]), ("Paris", ["Europe/Paris"]),
        ("new york", ["America/New_York"]), ("Atlantis/Nowhere", []), ("", []), ("Europe", []), ("+24:00", []),
        ("+02:00:00", []), ("+2", []), ("../zoneinfo/UTC", []), ("/etc/localtime", []), ("Europe/../UTC", []),
        ("tzdata.zi", []), ("localtime", []), ("Europe/Paris\0", ["Europe/Paris"]),
    ])
    func namesThatDoNotExist(name: String, suggestions: [String]) {
        #expect(throws: ZoneError.unknown(name, suggestions: suggestions)) { try ZoneRules(named: name) }
    }

    @Test func errorsSayWhatToDo() throws {
        try TestFiles.withFolder { folder -> Void in
            #expect(throws: ZoneError.noData(directory: folder)) { try ZoneRules(named: "Europe/Paris", in: folder) }
        }
        #expect(ZoneError.noData(directory: "x").description.contains("package 'tzdata'"))
        #expect(ZoneError.unknown("a", suggestions: ["b", "c"]).description.contains("'b' or 'c'"))
        #expect(throws: ZoneError.leapSeconds("right/Europe/Paris")) { try ZoneRules(named: "right/Europe/Paris") }
    }

    @Test func theDataHasAVersion() {
        let version = ZoneRules.dataVersion
        #expect(version.count == 5 && version.hasPrefix("20"))
    }

    @Test(arguments: [
        // The third Sunday, day numbers with and without leap days, negative and long times, and fractions of hours.
        ("AAA-1BBB,M3.3.0,M10.5.0/3", "2024-03-17T01:59:59", 3600, "2024-03-17T02:00:00", 7200),
        ("AAA0BBB,J60,J300", "2024-03-01T01:59:59", 0, "2024-03-01T02:00:00", 3600),
        ("AAA0BBB,J60,J300", "2023-03-01T01:59:59", 0, "2023-03-01T02:00:00", 3600),
        ("AAA0BBB,59,300", "2024-02-29T01:59:59", 0, "2024-02-29T02:00:00", 3600),
        ("AAA0BBB,59,300", "2023-03-01T01:59:59", 0, "2023-03-01T02:00:00", 3600),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2024-03-30T22:59:59", -7200, "2024-03-30T23:00:00", -3600),
        ("AAA0BBB,M4.1.0/167,M10.1.0", "2024-04-13T22:59:59", 0, "2024-04-13T23:00:00", 3600),
        ("AAA-5:45BBB-6:15:30,M4.1.0,M10.1.0", "2024-04-07T01:59:59", 20_700, "2024-04-07T02:00:00", 22_530),
        ("AAA-10BBB,M10.1.0,M4.1.0/3", "2024-10-06T01:59:59", 36_000, "2024-10-06T02:00:00", 39_600),
    ])
    func rulesOfFooters(rule: String, last: String, before: Int, first: String, after: Int) throws {
        let zone = try ZoneRules(name: "Test", tzif: file(footer: rule, offset: 0))
        let start = try #require(last.seconds) - Int64(before)
        #expect(zone.offset(at: start) == before)
        #expect(zone.offset(at: start + 1) == after)
        #expect(try #require(first.seconds) - Int64(before) == start + 1)
    }

    @Test func daylightSavingTimeMayNeverEnd() throws {
        let zone = try ZoneRules(name: "Test", tzif: file(footer: "XXX3EDT4,0/0,J365/23", offset: -10_800))
        for year in 2000...2004 {
            for day in ["01-01T00:00:00", "06-01T00:00:00", "12-31T23:59:59"] {
                #expect(zone.resolve(local: try #require("\(year)-\(day)".seconds)) == .one(-14_400))
            }
        }
    }

    @Test(arguments: [
        "A0", "AAA", "AAA25", "AAA0BBB", "AAA0BBB,M13.1.0,M4.1.0", "AAA0BBB,M3.6.0,M4.1.0", "AAA0BBB,J0,J5",
        "AAA0BBB,1,366", "AAA0BBB,1/168,2", "AAA0BBB,1", "AAA0BBB,1,2,3", "<AA", "AAA0BBB,M3.1.7,M4.1.0", "AAA0:60",
    ])
    func wrongFootersAreDamage(footer: String) {
        #expect(throws: TZifFault.damaged) { try ZoneRules(name: "Test", tzif: file(footer: footer, offset: 0)) }
    }

    @Test func anyCutOfAFileIsDamage() throws {
        let whole = file(footer: "CET-1CEST,M3.5.0,M10.5.0/3", offset: 3600)
        for count in 0..<whole.count {
            #expect(throws: TZifFault.damaged) { try ZoneRules(name: "Test", tzif: Array(whole.prefix(count))) }
        }
    }

    @Test func randomDamageNeverCrashes() {
        var random = SeededRandom(seed: 9636)
        let whole = file(footer: "CET-1CEST,M3.5.0,M10.5.0/3", offset: 3600)
        for _ in 0..<5_000 {
            var bytes = whole
            for _ in 0..<3 {
                bytes[Int.random(in: 5..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            if let zone = try? ZoneRules(name: "Test", tzif: bytes) { _ = zone.resolve(local: 1_711_000_000) }
        }
    }

    @Test func oldFilesHaveOnlyThirtyTwoBits() throws {
        let block = self.block(version: 0, timeSize: 4, times: [(1_000_000_000, 7200)], offset: 3600)
        let zone = try ZoneRules(name: "Test", tzif: block)
        #expect(zone.offset(at: 999_999_999) == 3600)
        #expect(zone.offset(at: 1_000_000_000) == 7200)
        #expect(zone.offset(at: 99_000_000_000) == 7200)
    }

    /// A file of version 2 without changes in its tables.
    private func file(footer: String, offset: Int) -> [UInt8] {
        block(version: UInt8(ascii: "2"), timeSize: 4, times: [], offset: 0)
            + block(version: UInt8(ascii: "2"), timeSize: 8, times: [], offset: offset) + Array("\n\(footer)\n".utf8)
    }

    /// A header and its data.
    private func block(version: UInt8, timeSize: Int, times: [(Int, offset: Int)], offset: Int) -> [UInt8] {
        func number(_ value: Int, _ size: Int = 4) -> [UInt8] {
            (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        let offsets = [offset] + times.map(\.offset)
        let counts = [0, 0, 0, times.count, offsets.count, 4].flatMap { number($0) }
        let header = Array("TZif".utf8) + [version] + Array(repeating: 0, count: 15) + counts
        let data = times.flatMap { number($0.0, timeSize) } + times.indices.map { UInt8($0 + 1) }
        return header + data + offsets.flatMap { number($0) + [0, 0] } + Array("AAA\0".utf8)
    }
}

extension ZoneRulesTests {
    /// Made with Python's zoneinfo: both folds of each local time.
    fileprivate static let expectations: [(String, String, ZoneRules.LocalTime)] = [
        ("Europe/Paris", "2024-03-31T01:59:59", .one(3600)),
        ("Europe/Paris", "2024-03-31T02:00:00", .never(before: 3600, after: 7200)),
        ("Europe/Paris", "2024-03-31T02:30:00", .never(before: 3600, after: 7200)),
        ("Europe/Paris", "2024-03-31T03:00:00", .one(7200)),
        ("Europe/Paris", "2024-10-27T01:59:59", .one(7200)),
        ("Europe/Paris", "2024-10-27T02:30:00", .twice(earlier: 7200, later: 3600)),
        ("Europe/Paris", "2024-10-27T03:00:00", .one(3600)),
        ("Europe/Paris", "1976-07-01T12:00:00", .one(7200)),
        ("Europe/Paris", "1975-07-01T12:00:00", .one(3600)),
        ("Europe/Paris", "2099-07-01T12:00:00", .one(7200)),
        ("Europe/Paris", "2438-03-28T02:30:00", .never(before: 3600, after: 7200)),
        ("Europe/Paris", "9999-07-01T12:00:00", .one(7200)),
        ("Europe/Paris", "1900-01-01T00:00:00", .one(561)),
        ("Europe/London", "2024-01-15T12:00:00", .one(0)),
        ("Europe/London", "1970-01-15T12:00:00", .one(3600)),
        ("Europe/London", "2024-10-27T01:30:00", .twice(earlier: 3600, later: 0)),
        ("Europe/Dublin", "2024-01-15T12:00:00", .one(0)),
        ("Europe/Dublin", "2024-07-15T12:00:00", .one(3600)),
        ("Europe/Dublin", "2024-03-31T01:30:00", .never(before: 0, after: 3600)),
        ("Europe/Dublin", "2024-10-27T01:30:00", .twice(earlier: 3600, later: 0)),
        ("Europe/Dublin", "2050-07-15T12:00:00", .one(3600)),
        ("Europe/Moscow", "2010-07-01T12:00:00", .one(14_400)),
        ("Europe/Moscow", "2012-07-01T12:00:00", .one(14_400)),
        ("Europe/Moscow", "2014-10-26T01:30:00", .twice(earlier: 14_400, later: 10_800)),
        ("Europe/Istanbul", "2020-01-01T12:00:00", .one(10_800)),
        ("America/New_York", "2024-03-10T02:30:00", .never(before: -18_000, after: -14_400)),
        ("America/New_York", "2024-11-03T01:30:00", .twice(earlier: -14_400, later: -18_000)),
        ("America/New_York", "2006-04-02T02:30:00", .never(before: -18_000, after: -14_400)),
        ("America/New_York", "2100-07-01T12:00:00", .one(-14_400)),
        ("America/St_Johns", "2024-07-01T12:00:00", .one(-9000)),
        ("America/St_Johns", "2009-11-01T00:00:30", .twice(earlier: -9000, later: -12_600)),
        ("America/Caracas", "2016-05-01T02:45:00", .never(before: -16_200, after: -14_400)),
        ("America/Caracas", "2010-01-01T00:00:00", .one(-16_200)),
        ("America/Sao_Paulo", "2018-11-04T00:30:00", .never(before: -10_800, after: -7200)),
        ("America/Sao_Paulo", "2019-02-16T23:30:00", .twice(earlier: -7200, later: -10_800)),
        ("America/Sao_Paulo", "2020-01-01T12:00:00", .one(-10_800)),
        ("America/Santiago", "2024-01-01T12:00:00", .one(-10_800)),
        ("America/Santiago", "2024-07-01T12:00:00", .one(-14_400)),
        ("America/Santiago", "2024-04-06T23:30:00", .twice(earlier: -10_800, later: -14_400)),
        ("America/Nuuk", "2030-03-30T23:30:00", .never(before: -7200, after: -3600)),
        ("Australia/Lord_Howe", "2024-01-01T12:00:00", .one(39_600)),
        ("Australia/Lord_Howe", "2024-07-01T12:00:00", .one(37_800)),
        ("Australia/Lord_Howe", "2024-10-06T02:15:00", .never(before: 37_800, after: 39_600)),
        ("Australia/Lord_Howe", "2024-10-06T02:30:00", .one(39_600)),
        ("Australia/Lord_Howe", "2024-04-07T01:45:00", .twice(earlier: 39_600, later: 37_800)),
        ("Australia/Lord_Howe", "2024-04-07T01:15:00", .one(39_600)),
        ("Australia/Sydney", "2024-04-07T02:30:00", .twice(earlier: 39_600, later: 36_000)),
        ("Australia/Sydney", "2024-10-06T02:30:00", .never(before: 36_000, after: 39_600)),
        ("Australia/Sydney", "2060-01-01T00:00:00", .one(39_600)),
        ("Africa/Casablanca", "2024-01-01T12:00:00", .one(3600)),
        ("Africa/Casablanca", "2024-03-10T02:30:00", .twice(earlier: 3600, later: 0)),
        ("Africa/Casablanca", "2024-04-14T02:30:00", .never(before: 0, after: 3600)),
        ("Africa/Casablanca", "2024-03-20T12:00:00", .one(0)),
        ("Africa/Casablanca", "2090-07-01T12:00:00", .one(3600)),
        ("Africa/Monrovia", "1971-06-01T12:00:00", .one(-2670)),
        ("Pacific/Apia", "2011-12-29T23:59:59", .one(-36_000)),
        ("Pacific/Apia", "2011-12-30T12:00:00", .never(before: -36_000, after: 50_400)),
        ("Pacific/Apia", "2011-12-31T00:00:00", .one(50_400)),
        ("Pacific/Chatham", "2024-04-07T03:00:00", .twice(earlier: 49_500, later: 45_900)),
        ("Pacific/Chatham", "2024-01-01T00:00:00", .one(49_500)),
        ("Pacific/Kwajalein", "1993-08-21T12:00:00", .never(before: -43_200, after: 43_200)),
        ("Pacific/Kiritimati", "2024-01-01T00:00:00", .one(50_400)),
        ("Asia/Kolkata", "2024-01-01T00:00:00", .one(19_800)),
        ("Asia/Kathmandu", "1985-12-31T12:00:00", .one(19_800)),
        ("Asia/Kathmandu", "2024-01-01T00:00:00", .one(20_700)),
        ("Asia/Tehran", "2022-03-22T00:30:00", .never(before: 12_600, after: 16_200)),
        ("Asia/Gaza", "2024-07-01T12:00:00", .one(10_800)),
        ("Antarctica/Troll", "2024-07-01T12:00:00", .one(7200)),
        ("EST5EDT", "2024-07-01T12:00:00", .one(-14_400)),
        ("Etc/GMT+5", "2024-07-01T12:00:00", .one(-18_000)),
    ]
}

extension String {
    /// A date and time without a zone, as if it were UTC.
    fileprivate var seconds: Int64? {
        Array((self + "Z").utf8).withUnsafeBytes { Instant.rfc3339($0)?.seconds }
    }
}
