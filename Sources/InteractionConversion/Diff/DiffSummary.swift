// Differences grouped by what they come from, so that one rule's work on a whole corpus is one line.

internal import InteractionModel

/// Counts changes by path and cause, in memory that does not grow with the input.
public struct DiffSummary: Sendable {
    /// Changes of one kind.
    public struct Group: Sendable, Hashable {
        /// What happened.
        public var kind: InteractionDifference.Change.Kind
        /// Where, without positions; empty for whole Interactions, `*` for what is beyond the limit of groups.
        public var pattern: String
        /// What it may come from.
        public var cause: String?
        /// How many places.
        public var count = 0
        /// In how many Interactions.
        public var interactions = 0
        /// The first of them.
        public var first: InteractionDifference.Place

        /// The group as one JSON object, without a line feed.
        public var json: String {
            OutputBuffer.text(object: {
                $0.member("change", kind.rawValue)
                $0.member("path", pattern)
                $0.member("cause", cause)
                $0.member("count", count)
                $0.member("interactions", interactions)
                $0.member("firstThreadId", first.threadId)
                $0.member("firstRequestId", first.requestId)
            })
        }
    }

    private struct Key: Hashable {
        var kind: InteractionDifference.Change.Kind
        var pattern: String
        var cause: String?
    }

    /// Groups that are told apart; more are brought together, since data stands where names are expected.
    private static let limit = 4096

    private var counts: [Key: (group: Group, last: Int)] = [:]
    private var differences = 0

    /// Makes an empty summary.
    public init() {}

    /// Counts a difference.
    public mutating func add(_ difference: InteractionDifference) {
        guard let place = difference.place else { return }
        differences += 1
        switch difference.kind {
        case .added: count(Key(kind: .added, pattern: ""), place)
        case .removed: count(Key(kind: .removed, pattern: ""), place)
        case .equal, .changed: break
        }
        for change in difference.changes where change.kind != .same {
            let pattern = Self.withoutPositions(change.pattern)
            count(Key(kind: change.kind, pattern: pattern, cause: change.cause), place)
        }
    }

    private mutating func count(_ key: Key, _ place: InteractionDifference.Place) {
        let key = counts[key] != nil || counts.count < Self.limit ? key : Key(kind: key.kind, pattern: "*")
        let new = Group(kind: key.kind, pattern: key.pattern, cause: key.cause, first: place)
        var known = counts[key] ?? (new, 0)
        known.group.count += 1
        if known.last != differences { known.group.interactions += 1 }
        known.last = differences
        counts[key] = known
    }

    /// Keys of the metadata are source paths, which have positions of their own.
    private static func withoutPositions(_ pattern: String) -> String {
        guard pattern.contains("[\"") else { return pattern }
        return pattern.replacing(#/\[[0-9]+\]/#, with: "[]")
    }

    /// The groups, the largest first.
    public var groups: [Group] {
        counts.values.map(\.group).sorted {
            ($1.count, $0.pattern, $0.kind.rawValue, $0.cause ?? "")
                < ($0.count, $1.pattern, $1.kind.rawValue, $1.cause ?? "")
        }
    }
}
