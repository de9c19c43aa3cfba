// Small records to convert, and a look into what became of them.

import Foundation

/// Legacy payloads.
enum Payload {
    /// Version 3.1 with everything that an Interaction needs, ids included.
    static func complete(_ number: Int = 1, content: String = "Hello", organization: String = "org_1") -> String {
        """
        {"session":{"session_id":"s-\(number)"},"request":{"request_id":"r-\(number)",\
        "context":{"organization_id":"\(organization)"},"connections":{"thread_id":"t-\(number)"},\
        "scope":{"conversations":[{"participant_id":"p-1","display_name":"Ada","role":"EndUser",\
        "content":"\(content)","timestamp":"2024-05-01T10:00:00Z"}]}}}
        """
    }

    /// Version 2, which has no thread and here has whatever `members` say besides.
    static func old(_ members: String = "", role: String = "EndUser", session: String = "") -> String {
        """
        {"session":{\(session)"user_perspective":[{"role":"\(role)","name":"Ada","content":"Hello",\
        "timestamp":"2024-05-01T10:00:00Z"}]},"request":{"request_ID":"r-1"}\(members)}
        """
    }

    /// Version 3.1 in messages enough to be larger than one message may be.
    static func large() -> String {
        let messages = (0..<40).map { index in
            """
            {"participant_id":"p-\(index % 2)","display_name":"Ada","role":"EndUser",\
            "content":"\(index) \(String(repeating: "word ", count: 1000))",\
            "timestamp":"2024-05-01T10:00:\(index + 10)Z"}
            """
        }
        return """
            {"request":{"request_id":"r-large","context":{"organization_id":"org_1"},\
            "connections":{"thread_id":"t-large"},"scope":{"conversations":[\(messages.joined(separator: ","))]}}}
            """
    }

    /// What a conversion gives.
    static func interaction(
        request: String = "r-1",
        role: String = "user",
        time: String = "2024-05-01T10:00:00Z"
    ) -> String {
        """
        {"session":{},"request":{"requestId":"\(request)","connections":{"threadId":"t-1"},\
        "context":{"organizationId":"org_1"},"scope":{"conversations":[{"participants":[{"participantId":"p-1",\
        "displayName":"Ada","role":"\(role)"}],"messages":[{"content":"Hello","participantId":"p-1",\
        "timestamp":"\(time)"}]}]}}}
        """
    }
}

/// A parsed JSON text.
struct JSONText {
    private let root: Any

    init(_ text: some StringProtocol) throws {
        root = try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
    }

    /// The lines of an NDJSON text.
    static func lines(_ text: String) throws -> [JSONText] {
        try text.split(separator: "\n").map { try JSONText($0) }
    }

    /// The value at a path of keys and indexes, such as `outputs.0.index`.
    subscript(_ path: String) -> Any? {
        var node: Any = root
        for key in path.split(separator: ".") {
            if let object = node as? [String: Any] {
                guard let value = object[String(key)] else { return nil }
                node = value
            } else if let array = node as? [Any], let index = Int(key), array.indices.contains(index) {
                node = array[index]
            } else {
                return nil
            }
        }
        return node
    }

    func text(_ path: String) -> String? { self[path] as? String }
    func number(_ path: String) -> Int? { self[path] as? Int }
    func count(_ path: String) -> Int? { (self[path] as? [Any])?.count ?? (self[path] as? [String: Any])?.count }
    func keys(_ path: String) -> [String] { (self[path] as? [String: Any])?.keys.sorted() ?? [] }

    /// The codes of an outcome's findings.
    var codes: [String] { (0..<(count("findings") ?? 0)).compactMap { text("findings.\($0).code") } }
}
