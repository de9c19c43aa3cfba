// The offsets of one time zone at all times, and what they make of a local time.

/// A time zone's offsets from UTC, for every moment of the years 1 to 9999.
///
/// The rules come from the system's time zone data, not from a copy in the program, so that an updated system has
/// the law of the day. All work is done when a zone is loaded; a look-up takes a few steps in one table.
package struct ZoneRules: Sendable {
    /// A time during which the offset does not change; it ends where the next span starts.
    struct Span: Sendable, Equatable {
        /// Seconds since 1970 in UTC.
        var start: Int64
        /// Seconds east of UTC.
        var offset: Int64
    }

    /// What a clock on the wall of the zone can mean.
    package enum LocalTime: Sendable, Equatable {
        /// One moment, at this offset.
        case one(Int)
        /// Two moments, because the clock was set back; the earlier one has the larger offset.
        case twice(earlier: Int, later: Int)
        /// No moment, because the clock was set forward, from the first offset to the second.
        case never(before: Int, after: Int)
    }

    /// The name the zone was asked for by.
    package let name: String

    /// Without gaps, from the distant past on; neighbours have different offsets.
    let spans: [Span]

    /// From this moment on the 400 years before it repeat, as the calendar does; `Int64.max` where nothing changes.
    let horizon: Int64

    /// For each period of `1 << periodBits` seconds from `firstPeriod` on, the span that it begins in.
    private let spanOfPeriod: [UInt16]

    /// When the first period starts.
    private let firstPeriod: Int64

    /// About half a year, so that few periods have more than one change.
    private static let periodBits: Int64 = 24

    /// Makes a zone of its spans.
    ///
    /// - Parameters:
    ///   - name: What it is called.
    ///   - spans: At least one, the first without a beginning; fewer than 65,536.
    ///   - horizon: From when on they repeat.
    init(name: String, spans: [Span], horizon: Int64 = .max) {
        self.name = name
        self.spans = spans
        self.horizon = horizon
        // Some data has a change at the beginning of the universe.
        let starts = spans.dropFirst().map { max($0.start, Instant.secondsRange.lowerBound) }
        firstPeriod = starts.first ?? 0
        let end = min(starts.last ?? 0, Instant.secondsRange.upperBound)
        var span = 0
        spanOfPeriod = stride(from: firstPeriod, through: end, by: 1 << Self.periodBits).map { start in
            while span < starts.count, starts[span] <= start { span += 1 }
            return UInt16(span)
        }
    }

    /// Makes a zone that never changes.
    ///
    /// - Parameters:
    ///   - name: What it is called.
    ///   - offset: Seconds east of UTC, less than a day either way.
    package init(name: String, offset: Int) {
        self.init(name: name, spans: [Span(start: .min, offset: Int64(offset))])
    }

    /// Coordinated universal time.
    package static let utc = ZoneRules(name: "UTC", offset: 0)
}

extension ZoneRules {
    /// The offset at a moment.
    ///
    /// - Parameter seconds: Since 1970 in UTC.
    /// - Returns: Seconds east of UTC.
    /// - Complexity: O(1).
    package func offset(at seconds: Int64) -> Int {
        Int(spans[spanIndex(at: repeating(seconds))].offset)
    }

    /// Finds what a local time means.
    ///
    /// - Parameter seconds: The local date and time as if it were UTC, in seconds since 1970.
    /// - Returns: One moment, two or none.
    /// - Complexity: O(1), without allocation.
    package func resolve(local seconds: Int64) -> LocalTime {
        let local = repeating(seconds)
        // Whatever the offset, the moment is between these two, which most often are in one span.
        let index = spanIndex(at: local &- Self.largestOffset)
        let end = local &+ Self.largestOffset
        if index &+ 1 == spans.count || spans[index &+ 1].start > end { return .one(Int(spans[index].offset)) }
        return resolve(local, from: index, until: end)
    }

    /// Finds what a local time means that is near a change.
    private func resolve(_ local: Int64, from first: Int, until end: Int64) -> LocalTime {
        var found: (first: Int, last: Int)?
        var before = spans[first].offset
        var after: Int64?
        for index in first..<spans.count where spans[index].start <= end {
            let offset = spans[index].offset
            let moment = local - offset
            if moment < spans[index].start {
                after = after ?? offset
            } else if index + 1 < spans.count, moment >= spans[index + 1].start {
                before = offset
            } else {
                found = (found?.first ?? Int(offset), Int(offset))
            }
        }
        guard let found else { return .never(before: Int(before), after: Int(after ?? before)) }
        return found.first == found.last ? .one(found.first) : .twice(earlier: found.first, later: found.last)
    }

    /// No zone ever was further from UTC than this, and the data format does not allow it.
    static let largestOffset: Int64 = 26 * 3600

    /// After 400 years, the Gregorian calendar repeats, weekdays included.
    static let repetition: Int64 = 146_097 * 86_400

    /// Moves a time beyond the table into its last 400 years, where the rules are the same.
    private func repeating(_ seconds: Int64) -> Int64 {
        seconds < horizon ? seconds : horizon - Self.repetition + (seconds - horizon) % Self.repetition
    }

    /// The last span that starts at a moment or before it.
    private func spanIndex(at seconds: Int64) -> Int {
        let period = max(0, (seconds &- firstPeriod) &>> Self.periodBits)
        var index = seconds < firstPeriod ? 0 : Int(spanOfPeriod[min(Int(period), spanOfPeriod.count &- 1)])
        while index &+ 1 < spans.count, spans[index &+ 1].start <= seconds { index &+= 1 }
        return index
    }
}
