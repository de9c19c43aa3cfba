// The forms that a source's times may have, and what reading one can come to.

/// How a source writes its times.
package enum TimeFormat: Sendable {
    /// ISO 8601 with or without a zone, RFC 2822, and numbers since 1970 whose length says their unit.
    case automatic
    /// Seconds since 1970.
    case seconds
    /// Thousandths of a second since 1970.
    case milliseconds
    /// Millionths of a second since 1970.
    case microseconds
    /// Billionths of a second since 1970.
    case nanoseconds
    /// As one pattern says.
    case pattern(TimePattern)
    /// As the first of these patterns says that fits.
    case patterns([TimePattern])
}

/// What became of one time.
package struct TimeOutcome: Sendable, Hashable {
    /// The ways that reading can end.
    package enum Kind: Sendable, Hashable {
        /// Valid RFC 3339: the source text goes out unchanged, and nothing was written.
        case asWritten
        /// Another form; its RFC 3339 text was written.
        case rewritten
        /// A local time that was twice, because the clock was set back; the earlier one was written.
        case ambiguous
        /// A local time that never was, because the clock was set forward; it was written with the offset before.
        case skipped
        /// A date and time that does not say in which zone, nor did the profile or the user.
        case noZone
        /// A date without a time of day, which is no moment in any zone.
        case dateOnly
        /// Anything else, a date that no calendar has included.
        case unreadable
        /// Nothing, or only white space.
        case empty
    }

    /// How reading ended.
    package let kind: Kind

    /// The moment, where there is one.
    package let instant: Instant?

    /// What to tell the user, if anything.
    package var finding: FindingCode? {
        switch kind {
        case .asWritten, .rewritten, .empty: nil
        case .ambiguous: .timeAmbiguous
        case .skipped: .timeSkipped
        case .noZone: .timeWithoutZone
        case .dateOnly, .unreadable: .timeUnreadable
        }
    }

    private init(_ kind: Kind, _ instant: Instant? = nil) {
        self.kind = kind
        self.instant = instant
    }

    static let noZone = TimeOutcome(.noZone)
    static let dateOnly = TimeOutcome(.dateOnly)
    static let unreadable = TimeOutcome(.unreadable)
    static let empty = TimeOutcome(.empty)

    static func asWritten(_ instant: Instant) -> TimeOutcome { TimeOutcome(.asWritten, instant) }

    /// A time whose text was written, if it turned out to be a moment.
    static func written(_ kind: Kind, _ instant: Instant?) -> TimeOutcome {
        instant.map { TimeOutcome(kind, $0) } ?? .unreadable
    }
}
