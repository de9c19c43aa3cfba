// Compares what became of one payload with its facts.

import Foundation
import TestSupport

/// The check of one converted line; ``problems`` says everything that differs.
struct LegacyFactsCheck {
    let facts: LegacyFacts
    let source: [UInt8]
    /// The roles that the run was told, by lower-cased name.
    let roles: [String: String]
    private(set) var problems: [String] = []
    /// Values that are nowhere in the output: the report must call them dropped.
    private(set) var missing: [LegacyFacts.Value] = []

    private let scalars: ScalarTexts
    private let joined: JoinedInteraction
    private let parts: [WrittenInteraction]

    init(_ line: LegacyCorpus.Line, outputs: [[UInt8]], roles: [String: String] = [:]) throws {
        facts = line.facts
        source = line.text
        self.roles = roles
        scalars = try ScalarTexts(outputs)
        parts = try outputs.map { try JSONDecoder().decode(WrittenInteraction.self, from: Data($0)) }
        joined = JoinedInteraction(parts)
        problems = joined.faults
        checkIdentity()
        checkMessages()
        checkParticipantCount()
        missing = (facts.other ?? []).filter { !scalars.digests.contains($0.digest) }
    }

    private mutating func expect(_ condition: Bool, _ problem: String) {
        if !condition { problems.append(problem) }
    }

    // MARK: Thread and organization

    private mutating func checkIdentity() {
        for part in parts {
            let organization = facts.organizationId ?? "org_default"
            expect(part.request.context.organizationId == organization, "the organization is not \(organization)")
            if let thread = facts.threadId {
                expect(part.request.connections.threadId == thread, "the thread is not the source's \(thread)")
            }
        }
        expect(Set(parts.map(\.request.connections.threadId)).count == 1, "parts of several threads")
        expect(Set(parts.map(\.request.requestId)).count == parts.count, "parts share a request id")
    }

    // MARK: Messages

    /// The role that a source message must come out with; `system` is no participant's role.
    private func role(of index: Int) -> String? {
        if let mapped = facts.rolesMapped?[index] { return mapped }
        let name = (facts.roles?[index] ?? "").trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        return roles[name] ?? (name == "system" ? "system" : nil)
    }

    private func digest(of index: Int) -> String { facts.texts?[index].flatMap { $0 } ?? TextDigest.ofEmptyText }

    private func instant(of index: Int) -> Double? { facts.instants?[index].flatMap { $0 } }

    /// The source's messages in the order in which they must come out.
    private func expectedOrder() -> [Int]? {
        var rest = Array(0..<(facts.texts?.count ?? 0))
        guard let byTime = facts.textsByTime else { return rest }
        guard byTime.count == rest.count else { return nil }
        var order: [Int] = []
        for text in byTime {
            // Among equal texts the earliest is next; equal instants stay as they stand in the source.
            let candidates = rest.filter { digest(of: $0) == text ?? TextDigest.ofEmptyText }
            guard let next = candidates.min(by: { (instant(of: $0) ?? 0, $0) < (instant(of: $1) ?? 0, $1) }) else {
                return nil
            }
            rest.removeAll { $0 == next }
            order.append(next)
        }
        return order
    }

    private mutating func checkMessages() {
        guard let order = expectedOrder(), facts.instants.map({ $0.count == order.count }) ?? true,
            facts.rolesMapped.map({ $0.count == order.count }) ?? true
        else {
            problems.append("the facts contradict themselves")
            return
        }
        let spoken = order.filter { role(of: $0) != "system" }
        expect(
            joined.messages.map { TextDigest.of($0.content) } == spoken.map { digest(of: $0) },
            "the texts differ, or their order does: \(joined.messages.count) of \(spoken.count)"
        )
        checkEvents(order.filter { role(of: $0) == "system" })
        guard joined.messages.count == spoken.count else { return }
        let sourceMessages = SourceMessages.all(of: source)
        expect(sourceMessages.count == order.count, "the test finds \(sourceMessages.count) messages in the source")
        let names = Dictionary(grouping: zip(joined.messages, spoken), by: { $0.0.participantId }).mapValues { said in
            Set(said.compactMap { facts.names?[$0.1] })
        }
        let roles = Dictionary(grouping: sourceMessages.indices) { sourceMessages[$0].sender }.mapValues { said in
            Set(said.compactMap { role(of: $0) }.filter { $0 != "system" })
        }
        for (message, index) in zip(joined.messages, spoken) {
            if facts.instants != nil {
                expect(isSame(message.timestamp, instant(of: index)), "message \(index) has another time")
            }
            if facts.rolesMapped != nil {
                expect(
                    message.participant?.role == role(of: index) && role(of: index) != nil,
                    "message \(index) is by \(message.participant?.role ?? "nobody"), not \(role(of: index) ?? "?")"
                )
            }
            guard sourceMessages.indices.contains(index) else { continue }
            let namesOfSpeaker = names[message.participantId] ?? []
            let isClear = namesOfSpeaker.count == 1 && !sourceMessages[index].isListedTwice
            checkName(of: message, index, isClear: isClear)
            if facts.rolesMapped != nil {
                let rolesOfId = roles[sourceMessages[index].sender] ?? []
                checkId(of: message, index, sourceMessages[index].participantId, isClear: rolesOfId.count <= 1)
            }
        }
    }

    /// A known time is written, to the microsecond; an unknown one is not invented.
    private func isSame(_ timestamp: String?, _ instant: Double?) -> Bool {
        guard let timestamp, let instant else { return timestamp == nil && instant == nil }
        guard let written = WrittenTime.microseconds(timestamp) else { return false }
        return abs(written - (instant * 1000).rounded()) < 1
    }

    /// What the system says is among the events, beside the events that the source has itself, and nothing else is.
    private mutating func checkEvents(_ system: [Int]) {
        var rest = joined.events
        for index in system {
            let found = rest.firstIndex { event in
                guard TextDigest.of(event.content?.text ?? "") == digest(of: index) else { return false }
                guard facts.instants != nil else { return true }
                guard let instant = instant(of: index) else {
                    return event.timestamp?.text.flatMap { WrittenTime.microseconds($0) } == nil
                }
                return isSame(event.timestamp?.text, instant)
            }
            guard let found else {
                problems.append("what the system says in message \(index) is not among the events, or at another time")
                continue
            }
            let isSystem = rest[found].role?.text?.lowercased() == "system"
            expect(isSystem, "the event of message \(index) is not the system's")
            rest.remove(at: found)
        }
        guard let own = facts.interactions else { return }
        for text in own {
            let found = rest.firstIndex {
                TextDigest.of($0.content?.text ?? "") == text ?? TextDigest.ofEmptyText
            }
            guard let found else {
                problems.append("an event of the source is lost")
                continue
            }
            rest.remove(at: found)
        }
        // Notes are events in the target, and values like others for the facts.
        let others = Set((facts.other ?? []).filter { $0.path.contains("notes[") }.map(\.digest))
        rest.removeAll { others.contains(String(TextDigest.of($0.content?.text ?? "").prefix(16))) }
        expect(rest.isEmpty, "\(rest.count) events are in no fact")
    }

    // MARK: Participants

    private mutating func checkParticipantCount() {
        guard let span = facts.participants else { return }
        let count = joined.participants.values.reduce(0) { $0 + $1.count }
        expect((span.min...span.max).contains(count), "\(count) participants, not \(span.min) to \(span.max)")
    }

    private mutating func checkName(of message: JoinedInteraction.Message, _ index: Int, isClear: Bool) {
        guard let name = facts.names?[index], name.contains(where: { !$0.isWhitespace }) else { return }
        if isClear {
            expect(message.participant?.displayName == name, "the name of message \(index)'s participant is lost")
        } else {
            expect(scalars.contains(name), "the name of message \(index) is lost")
        }
    }

    private mutating func checkId(of message: JoinedInteraction.Message, _ index: Int, _ id: String?, isClear: Bool) {
        guard let id else { return }
        if facts.idsLookPerMessage == true || !isClear {
            expect(scalars.contains(id), "the id of message \(index) is lost")
        } else {
            expect(message.participantId == id, "the participant's id of message \(index) is not the source's")
        }
    }
}

/// One message as the source has it.
struct SourceMessage {
    /// The conversation's number in the source.
    var group: Int
    var participantId: String?
    /// Whether the source says twice who that participant is.
    var isListedTwice = false

    /// Who it is by: in another conversation, the same id may be somebody else's.
    var sender: Sender { Sender(group: group, id: participantId) }

    struct Sender: Hashable {
        var group: Int
        var id: String?
    }
}

/// Finds the transcript of a payload, whatever its generation.
enum SourceMessages {
    static func all(of text: [UInt8]) -> [SourceMessage] {
        var root = (try? JSONSerialization.jsonObject(with: Data(text))) as? [String: Any] ?? [:]
        if root["headers"] != nil, let payload = root["payload"] as? [String: Any] { root = payload }
        if let inputs = root["inputs"] as? [String: Any] { root = inputs }
        let session = root["session"] as? [String: Any]
        let request = root["request"] as? [String: Any]
        if let flat = root["history"] ?? session?["user_perspective"] { return messages(flat, group: 0) }
        let conversations = (request?["scope"] as? [String: Any])?["conversations"] as? [[String: Any]] ?? []
        if conversations.contains(where: { $0["messages"] != nil || $0["participants"] != nil }) {
            return conversations.enumerated().flatMap { group, conversation in
                let listed = messages(conversation["participants"], group: group)
                return messages(conversation["messages"], group: group).map { message in
                    var message = message
                    message.isListedTwice = listed.filter { $0.participantId == message.participantId }.count > 1
                    return message
                }
            }
        }
        return messages(conversations, group: 0)
    }

    private static func messages(_ list: Any?, group: Int) -> [SourceMessage] {
        (list as? [[String: Any]] ?? []).map { message in
            let id = message["participant_id"] ?? message["participantId"] ?? message["id"]
            var text = id as? String
            if text == nil, let number = id as? NSNumber { text = number.stringValue }
            return SourceMessage(
                group: group,
                participantId: text.flatMap { $0.contains { !$0.isWhitespace } ? $0 : nil }
            )
        }
    }
}
