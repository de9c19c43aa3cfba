// A timeline is bounded, loses nothing, and does not depend on the order in which times come.

import Foundation
import InteractionModel
import TestSupport
import Testing

@testable import InteractionMapping

@Suite struct TimelineTests {
    /// A conversation by its messages' seconds since 1970; nil for a message without a time.
    private typealias Conversation = [Int64?]

    private static func timeline(_ conversations: some Sequence<Conversation>) -> Timeline {
        var timeline = Timeline()
        for conversation in conversations {
            var tally = ConversationTally()
            for seconds in conversation { tally.addMessage(at: seconds.map { Instant(seconds: $0) }) }
            timeline.add(tally)
        }
        return timeline
    }

    /// What a timeline must hold, by another calendar than the project's own.
    private static func expected(_ conversations: [Conversation], digits: Int) -> [String: Timeline.Counts] {
        let format = ISO8601DateFormatter()
        func start(_ seconds: Int64) -> String {
            String(format.string(from: Date(timeIntervalSince1970: Double(seconds))).prefix(digits))
        }
        var counts: [String: Timeline.Counts] = [:]
        for conversation in conversations {
            let times = conversation.compactMap(\.self)
            if let first = times.first { counts[start(first), default: .init()].conversations += 1 }
            for time in times { counts[start(time), default: .init()].messages += 1 }
        }
        return counts
    }

    private static func conversations(_ count: Int, within days: Int64, _ random: inout SeededRandom) -> [Conversation]
    {
        (0..<count).map { _ in
            (0..<Int.random(in: 0...5, using: &random)).map { _ in
                Int.random(in: 0..<8, using: &random) == 0
                    ? nil : Int64.random(in: -days * 43_200..<days * 43_200, using: &random)
            }
        }
    }

    @Test(arguments: [(300, Timeline.Unit.day, 10), (9000, .month, 7), (60_000, .year, 4)])
    func countsAreThoseOfAnotherCalendar(days: Int64, unit: Timeline.Unit, digits: Int) throws {
        var random = SeededRandom(seed: UInt64(days))
        let conversations = Self.conversations(3000, within: days, &random)
        let timeline = Self.timeline(conversations)
        #expect(timeline.unit == unit)
        let counts = Dictionary(uniqueKeysWithValues: timeline.buckets.map { ($0.start, $0.counts) })
        #expect(counts == Self.expected(conversations, digits: digits))
        #expect(timeline.buckets.map(\.start) == timeline.buckets.map(\.start).sorted())
        #expect(timeline.buckets.count <= Timeline.largestCount)
        #expect(timeline.withoutTime.messages == conversations.joined().count { $0 == nil })
        #expect(timeline.withoutTime.conversations == conversations.count { $0.allSatisfy { $0 == nil } })
    }

    @Test(arguments: [40, 395, 410, 13_000, 200_000] as [Int64])
    func anyCutGivesTheSame(days: Int64) throws {
        var random = SeededRandom(seed: 7 &+ UInt64(days))
        let conversations = Self.conversations(2000, within: days, &random)
        let whole = Self.timeline(conversations)
        for _ in 0..<5 {
            let shuffled = conversations.shuffled(using: &random)
            var united = Timeline()
            var rest = shuffled[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...700, using: &random)
                united += Self.timeline(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(united == whole)
        }
    }

    @Test func theWholeRangeOfYearsBecomesCenturies() {
        let range = Instant.secondsRange
        let conversations = stride(from: range.lowerBound, through: range.upperBound, by: 86_400 * 300).map { [$0] }
        let timeline = Self.timeline(conversations)
        #expect(timeline.unit == .century)
        #expect(timeline.buckets.map(\.counts.messages).reduce(0, +) == conversations.count)
        #expect(timeline.buckets.first?.start == "0000")
        #expect(timeline.buckets.last?.start == "9900")
    }
}
