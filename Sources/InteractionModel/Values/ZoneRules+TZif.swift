// Reading a zone from a TZif file, the compiled form of time zone data (RFC 9636).

/// What is wrong with a TZif file.
enum TZifFault: Error {
    /// It is none, or it breaks off, or its parts contradict each other.
    case damaged
    /// Its times count leap seconds, which those of messages do not.
    case leapSeconds
}

extension ZoneRules {
    /// Reads a zone from a TZif file of version 1 to 4.
    ///
    /// - Parameters:
    ///   - name: What the zone is called.
    ///   - file: The content of the file.
    /// - Throws: What makes it unusable.
    init(name: String, tzif file: [UInt8]) throws(TZifFault) {
        var reader = TZifReader(bytes: file[...])
        var header = try reader.header()
        var timeSize = 4
        if header.version >= UInt8(ascii: "2") {
            // The first block is for readers that know nothing after 2038.
            try reader.skip(header.size(timeSize: timeSize))
            header = try reader.header()
            timeSize = 8
        }
        var table = try reader.table(header, timeSize: timeSize)
        guard timeSize == 8, let footer = try reader.footer() else {
            self.init(name: name, spans: table.spans)
            return
        }
        guard let rule = PosixZoneRule(footer) else { throw .damaged }
        let horizon = table.extend(by: rule)
        self.init(name: name, spans: table.spans, horizon: horizon)
    }
}

/// Spans in the making.
private struct SpanTable {
    private(set) var spans: [ZoneRules.Span]

    /// When the offset was last stated, even if it did not change.
    private var lastStart = Int64.min

    init(initialOffset: Int64) {
        spans = [ZoneRules.Span(start: .min, offset: initialOffset)]
    }

    /// Adds a change at the end; one at the moment of the last replaces it.
    mutating func append(_ start: Int64, offset: Int64) {
        lastStart = start
        if spans.count > 1, spans[spans.count - 1].start == start { spans.removeLast() }
        if spans[spans.count - 1].offset != offset { spans.append(ZoneRules.Span(start: start, offset: offset)) }
    }

    /// Adds the changes of a rule, for as long as the calendar takes to repeat.
    ///
    /// - Parameter rule: What holds after the last change so far.
    /// - Returns: The horizon: from when on the table repeats.
    mutating func extend(by rule: PosixZoneRule) -> Int64 {
        guard let saving = rule.saving else { return .max }
        let end = lastStart
        let firstDay = Swift.max(end / Instant.secondsPerDay, CivilDate(year: 1, month: 1, day: 1).daysSince1970)
        let firstYear = CivilDate(daysSince1970: firstDay).year
        // One year more on both sides than the calendar needs, because local times reach over New Year.
        for year in firstYear...(firstYear + 402) {
            let start = (saving.start.seconds(in: year) - rule.offset, saving.offset)
            let stop = (saving.end.seconds(in: year) - saving.offset, rule.offset)
            for (time, offset) in start.0 < stop.0 ? [start, stop] : [stop, start] where time > end {
                append(time, offset: offset)
            }
        }
        return CivilDate(year: firstYear + 401, month: 1, day: 1).daysSince1970 * Instant.secondsPerDay
    }
}

/// Reads the parts of a TZif file in their order.
private struct TZifReader {
    struct Header {
        var version: UInt8 = 0
        var utIndicators = 0
        var standardIndicators = 0
        var leapSeconds = 0
        var times = 0
        var types = 0
        var characters = 0

        /// The size of the block that follows the header.
        func size(timeSize: Int) -> Int {
            times * (timeSize + 1) + types * 6 + characters + leapSeconds * (timeSize + 4)
                + standardIndicators + utIndicators
        }
    }

    /// Far more changes than any zone had.
    private static let timesLimit = 10_000

    /// What has not been read yet.
    private var rest: ArraySlice<UInt8>

    init(bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// Takes the next bytes away from the rest.
    private mutating func take(_ count: Int) throws(TZifFault) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw .damaged }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// Takes a big-endian number with a sign.
    private mutating func number(size: Int) throws(TZifFault) -> Int64 {
        let bytes = try take(size)
        let isNegative = bytes.first.map { $0 >= 0x80 } ?? false
        return bytes.reduce(isNegative ? -1 : 0) { $0 << 8 | Int64($1) }
    }

    mutating func skip(_ count: Int) throws(TZifFault) {
        _ = try take(count)
    }

    mutating func header() throws(TZifFault) -> Header {
        guard try take(4).elementsEqual("TZif".utf8) else { throw .damaged }
        var header = Header()
        header.version = try take(16).first ?? 0
        for field in [
            \Header.utIndicators, \.standardIndicators, \.leapSeconds, \.times, \.types, \.characters,
        ] {
            let count = try number(size: 4)
            guard count >= 0 else { throw .damaged }
            header[keyPath: field] = Int(count)
        }
        return header
    }

    /// Takes the block after a header.
    mutating func table(_ header: Header, timeSize: Int) throws(TZifFault) -> SpanTable {
        guard header.leapSeconds == 0 else { throw .leapSeconds }
        guard header.types > 0, header.times <= Self.timesLimit else { throw .damaged }
        var times: [Int64] = []
        for _ in 0..<header.times { times.append(try number(size: timeSize)) }
        let typeOfTime = try take(header.times)
        var offsets: [Int64] = []
        for _ in 0..<header.types {
            let offset = try number(size: 4)
            guard abs(offset) <= ZoneRules.largestOffset else { throw .damaged }
            offsets.append(offset)
            try skip(2)
        }
        try skip(header.characters + header.standardIndicators + header.utIndicators)

        // Before the first change, the first type holds.
        var table = SpanTable(initialOffset: offsets[0])
        var last = Int64.min
        for (time, type) in zip(times, typeOfTime) {
            guard Int(type) < offsets.count, time > last else { throw .damaged }
            last = time
            table.append(time, offset: offsets[Int(type)])
        }
        return table
    }

    /// Takes the footer: the rule for the time after the table, between two line ends.
    ///
    /// - Returns: Nil where it is empty, because nobody knows the rule.
    mutating func footer() throws(TZifFault) -> ArraySlice<UInt8>? {
        let newline = UInt8(ascii: "\n")
        guard try take(1).first == newline, let end = rest.firstIndex(of: newline) else { throw .damaged }
        return end == rest.startIndex ? nil : rest[..<end]
    }
}
