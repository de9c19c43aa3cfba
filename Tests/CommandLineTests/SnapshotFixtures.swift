// Conversations, and the payloads that repeat their history with every request.

import Foundation
import TestSupport

/// A conversation that is sent again and again while it grows.
struct GrowingThread {
    struct Message {
        var author: Int
        var text: String
        var time: String?
    }

    /// How payloads are written.
    enum Form: String, CaseIterable {
        case version1 = "v1"
        case version2 = "v2.0"
        case version31 = "v3.1"
        case version32 = "v3.2"
    }

    var form: Form
    var thread: String
    var messages: [Message]
    /// Whether ids of entries number messages, where a generation leaves that open.
    var numbersMessages = false

    private static let people = [("u-1", "Ann", "EndUser", "user"), ("a-1", "Bob", "Agent", "operator")]

    /// Makes a conversation.
    init(form: Form, thread: String, isTimed: Bool, count: Int, using random: inout SeededRandom) {
        self.form = form
        self.thread = thread
        messages = (0..<count).map { number in
            // Few words, so that the same is said several times; few authors, so that speakers repeat.
            let text = ["ok", "Hello", "on its way", "thanks \u{1F600}", "a \"quoted\" line\nand another"]
                .randomElement(using: &random)
            let time = String(format: "2024-05-06T17:%02d:%02dZ", number / 60, number % 60)
            return Message(
                author: Int.random(in: 0...1, using: &random),
                text: text ?? "ok",
                time: isTimed ? time : nil
            )
        }
    }

    /// The payload of a request after so many messages.
    func payload(_ count: Int, request: String? = nil) throws -> String {
        let entries = messages.prefix(count).enumerated().map { number, message in
            let person = Self.people[message.author]
            var entry = ["content": message.text]
            if let time = message.time { entry["timestamp"] = time }
            switch form {
            case .version1, .version2:
                entry["role"] = person.2
                entry["name"] = person.1
                if numbersMessages { entry["id"] = "m-\(number)" }
            case .version31:
                entry["role"] = person.2
                entry["display_name"] = person.1
                entry["participant_id"] = person.0
            case .version32: entry["participantId"] = person.0
            }
            return entry
        }
        return try Self.json(wrap(entries, request))
    }

    private func wrap(_ entries: [[String: String]], _ request: String?) -> [String: Any] {
        switch form {
        case .version1:
            return [
                "action": "message", "actionType": "customerinteraction", "inputs": ["history": entries],
                "conversation_id": thread,
            ]
        case .version2:
            return [
                "session": ["user_perspective": entries, "trace_session_ID": "send-\(entries.count)"],
                "request": request.map { ["request_ID": $0] } ?? [:],
                "client": ["organization_ID": "org_1"], "conversation_id": thread,
            ]
        case .version31:
            return [
                "session": ["session_id": "s-1"],
                "request": [
                    "request_id": request ?? "", "connections": ["thread_id": thread],
                    "context": ["organization_id": "org_1"], "scope": ["conversations": entries],
                ] as [String: Any],
            ]
        case .version32:
            let speakers = Set(entries.compactMap { $0["participantId"] })
            let people = Self.people.filter { speakers.contains($0.0) }.map {
                ["participantId": $0.0, "displayName": $0.1, "role": $0.3]
            }
            let conversation: [String: Any] = ["conversationId": "", "participants": people, "messages": entries]
            return [
                "session": [:] as [String: Any],
                "request": [
                    "requestId": request ?? "", "connections": ["threadId": thread],
                    "context": ["organizationId": "org_1"], "scope": ["conversations": [conversation]],
                ] as [String: Any],
            ]
        }
    }

    static func json(_ value: Any) throws -> String {
        let data = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }
}

/// A conversion that folds, and everything that it wrote.
struct FoldRun {
    var run: CommandLineTool.Run
    var interactions: [JSONText]
    var outcomes: [JSONText]
    var report: JSONText

    init(_ files: [String], _ options: [String] = [], folder: String) throws {
        run = try CommandLineTool.run(
            ["convert"] + files + ["--snapshots", "fold", "--organization-id", "org_1", "-o", "out"]
                + ["--outcomes", "outcomes", "--report", "report", "--max-findings", "0"] + options,
            folder: folder
        )
        interactions = try JSONText.lines(Folder.text(folder + "/out"))
        outcomes = try JSONText.lines(Folder.text(folder + "/outcomes"))
        report = try JSONText(Folder.text(folder + "/report"))
    }

    /// Texts of an Interaction's messages in order.
    func texts(_ index: Int) -> [String] {
        let messages = "request.scope.conversations.0.messages"
        return (0..<(interactions[index].count(messages) ?? 0)).compactMap {
            interactions[index].text("\(messages).\($0).content")
        }
    }

    /// The codes of all outcomes' findings, but those that every legacy payload has.
    var codes: [String] { outcomes.flatMap(\.codes).filter { $0.hasPrefix("snapshot") }.sorted() }
}
