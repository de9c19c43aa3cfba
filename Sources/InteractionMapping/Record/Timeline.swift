// How much was said when: by day, and by month or year where there are too many days.

internal import InteractionModel

/// Conversations and messages over time, in UTC.
///
/// Only what holds something is there. Its size is bounded: more than ``largestCount`` days become months, more months
/// than that become years. Which it is depends on the times alone, not on the order in which they came.
public struct Timeline: Sendable, Hashable {
    /// The length of one piece of time.
    public enum Unit: String, Sendable, Hashable, CaseIterable {
        case day
        case month
        case year
        case century

        fileprivate var coarser: Unit {
            switch self {
            case .day: .month
            case .month: .year
            case .year, .century: .century
            }
        }
    }

    /// What there is in one piece of time.
    public struct Counts: Sendable, Hashable {
        /// Conversations of which the first message with a time is there.
        public var conversations = 0
        /// Messages.
        public var messages = 0

        /// Makes empty counts.
        public init() {}

        init(conversations: Int, messages: Int) {
            self.conversations = conversations
            self.messages = messages
        }
    }

    /// As many pieces of time as are told apart.
    public static let largestCount = 400

    /// The length of the pieces.
    public private(set) var unit = Unit.day
    /// Messages without a time, and conversations in which no message has one.
    public private(set) var withoutTime = Counts()
    private var counts: [Int: Counts] = [:]

    /// Makes an empty timeline.
    public init() {}

    /// A piece of time in which there is something.
    public struct Bucket: Sendable, Hashable {
        /// `2024-05-17`, `2024-05`, `2024`, or a century's first year.
        public var start: String
        /// What there is.
        public var counts: Counts
        /// Its number; that of the next piece of time is one more, whether or not there is something in it.
        package var place: Int
    }

    /// The pieces in which there is something, in order of time.
    public var buckets: [Bucket] {
        counts.sorted { $0.key < $1.key }.map { Bucket(start: text(of: $0.key), counts: $0.value, place: $0.key) }
    }

    /// Counts a conversation by its messages.
    mutating func add(_ conversation: borrowing ConversationTally) {
        withoutTime.messages += conversation.messagesWithoutTime
        if conversation.days.isEmpty { withoutTime.conversations += 1 }
        for (index, run) in conversation.days.enumerated() {
            add(Counts(conversations: index == 0 ? 1 : 0, messages: run.messages), at: place(ofDay: run.day))
        }
    }

    private mutating func add(_ more: Counts, at place: Int) {
        counts[place, default: Counts()] += more
        while counts.count > Self.largestCount { coarsen() }
    }

    package static func += (left: inout Timeline, right: Timeline) {
        left.withoutTime += right.withoutTime
        var right = right
        let coarser = max(left.unit.rank, right.unit.rank)
        while left.unit.rank < coarser { left.coarsen() }
        while right.unit.rank < coarser { right.coarsen() }
        left.counts.merge(right.counts, uniquingKeysWith: +)
        while left.counts.count > largestCount { left.coarsen() }
    }

    private mutating func coarsen() {
        let (finer, old) = (unit, counts)
        unit = unit.coarser
        counts.removeAll(keepingCapacity: true)
        for (place, more) in old { counts[Self.place(place, finer), default: Counts()] += more }
    }

    /// A place's place in the next coarser unit.
    private static func place(_ place: Int, _ unit: Unit) -> Int {
        switch unit {
        case .day:
            let date = CivilDate(daysSince1970: Int64(place))
            return Int(date.year * 12 + date.month - 1)
        case .month: return place / 12
        case .year: return place / 100
        case .century: return place
        }
    }

    private func place(ofDay day: Int) -> Int {
        var (place, unit) = (day, Unit.day)
        while unit != self.unit {
            place = Self.place(place, unit)
            unit = unit.coarser
        }
        return place
    }

    private func text(of place: Int) -> String {
        switch unit {
        case .day:
            let date = CivilDate(daysSince1970: Int64(place))
            return Self.digits(date.year, 4) + "-" + Self.digits(date.month, 2) + "-" + Self.digits(date.day, 2)
        case .month: return Self.digits(Int64(place / 12), 4) + "-" + Self.digits(Int64(place % 12 + 1), 2)
        case .year: return Self.digits(Int64(place), 4)
        case .century: return Self.digits(Int64(place * 100), 4)
        }
    }

    private static func digits(_ number: Int64, _ count: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
}

extension Timeline.Unit {
    fileprivate var rank: Int {
        switch self {
        case .day: 0
        case .month: 1
        case .year: 2
        case .century: 3
        }
    }
}

extension Timeline.Counts {
    static func + (left: Self, right: Self) -> Self {
        Self(conversations: left.conversations + right.conversations, messages: left.messages + right.messages)
    }

    static func += (left: inout Self, right: Self) { left = left + right }
}
