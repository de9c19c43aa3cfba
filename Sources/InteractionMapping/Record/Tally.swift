// What converted conversations hold, beside the books: who takes part by role and rule, and how much was said when.

internal import InteractionModel

/// Counts of what has been converted; what was rejected is not in them.
package struct Tally: Sendable {
    /// Participants by role and rule.
    private var participants = [Int](repeating: 0, count: Speaker.Rule.allCases.count * ParticipantRole.allCases.count)
    /// Conversations and messages over time.
    package private(set) var timeline = Timeline()

    package init() {}

    /// Participants by role and the rule by which they got their ids; what nobody has is left out.
    package var participantCounts: [(role: ParticipantRole, rule: String, count: Int)] {
        ParticipantRole.allCases.flatMap { role in
            Speaker.Rule.allCases.map { rule in
                (role, rule.rawValue, participants[Self.place(role, rule)])
            }
        }.filter { $0.count > 0 }
    }

    mutating func add(_ conversation: borrowing ConversationTally) {
        for place in conversation.participants { participants[place] += 1 }
        timeline.add(conversation)
    }

    package static func += (left: inout Tally, right: Tally) {
        for (place, count) in right.participants.enumerated() where count > 0 { left.participants[place] += count }
        left.timeline += right.timeline
    }

    fileprivate static func place(_ role: ParticipantRole, _ rule: Speaker.Rule) -> Int {
        role.place * Speaker.Rule.allCases.count + rule.place
    }
}

extension ParticipantRole {
    /// The position among all cases.
    fileprivate var place: Int {
        switch self {
        case .user: 0
        case .operator: 1
        case .bot: 2
        case .system: 3
        }
    }
}

extension Speaker.Rule {
    /// The position among all cases.
    fileprivate var place: Int {
        switch self {
        case .given: 0
        case .crosswalk: 1
        case .sourceId: 2
        case .email: 3
        case .phone: 4
        case .name: 5
        case .role: 6
        case .idAndRole: 7
        }
    }
}

/// The same of the record at hand, until it is known whether it is converted.
struct ConversationTally {
    /// Places of the participants in a tally.
    private(set) var participants: [Int] = []
    /// Messages with a time, as runs of the same day; days are counted from 1970.
    private(set) var days: [(day: Int, messages: Int)] = []
    private(set) var messagesWithoutTime = 0

    mutating func reset() {
        participants.removeAll(keepingCapacity: true)
        days.removeAll(keepingCapacity: true)
        messagesWithoutTime = 0
    }

    mutating func addParticipant(_ role: ParticipantRole, by rule: Speaker.Rule) {
        participants.append(Tally.place(role, rule))
    }

    mutating func addMessage(at instant: Instant?) {
        guard let instant else {
            messagesWithoutTime += 1
            return
        }
        if let last = days.indices.last, instant.isOn(day: days[last].day) {
            days[last].messages += 1
        } else {
            days.append((instant.dayNumber, 1))
        }
    }

    /// Counts what is said in a transcript.
    mutating func add(messages entries: [TranscriptEntry]) {
        for entry in entries where entry.role != .system { addMessage(at: entry.time.instant) }
    }
}
