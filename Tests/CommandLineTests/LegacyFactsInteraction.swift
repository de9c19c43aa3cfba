// An Interaction as the checks see it, read without any part of the program under test.

import Foundation

/// The members of a payload that facts speak of.
struct WrittenInteraction: Decodable {
    /// Text, or what else may stand where text is usual.
    struct Loose: Decodable {
        var text: String?

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            text = (try? value.decode(String.self)) ?? (try? value.decode(Double.self)).map { "\($0)" }
        }
    }

    struct Participant: Decodable {
        var participantId: String
        var displayName: String?
        var role: String
    }

    struct Message: Decodable {
        var content: String
        var participantId: String
        var timestamp: String?
    }

    struct Metadata: Decodable {
        struct Part: Decodable {
            var index: Int
            var of: Int
            var requestId: String
            var conversation: Int?
            var continues: Bool?
        }

        var part: Part?

        private enum CodingKeys: CodingKey {
            case part
        }

        init(from decoder: any Decoder) throws {
            // The metadata are free: a source may have had its own `part` in them.
            part = try? decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(Part.self, forKey: .part)
        }
    }

    struct Conversation: Decodable {
        var participants: [Participant]
        var messages: [Message]
        var metadata: Metadata?
    }

    struct Event: Decodable {
        var content: Loose?
        var role: Loose?
        var timestamp: Loose?
    }

    struct Scope: Decodable {
        var conversations: [Conversation]
        var interactions: [Event]?
    }

    struct Connections: Decodable {
        var threadId: String
        var parentId: String?
    }

    struct Context: Decodable {
        var organizationId: String
    }

    struct Request: Decodable {
        var requestId: String
        var connections: Connections
        var context: Context
        var scope: Scope
    }

    var request: Request
}

/// The Interactions of one record, put together again.
struct JoinedInteraction {
    struct Message {
        var content: String
        var timestamp: String?
        var participantId: String
        var participant: WrittenInteraction.Participant?
    }

    var messages: [Message] = []
    var events: [WrittenInteraction.Event] = []
    /// Participant ids by conversation of the source.
    var participants: [Int: Set<String>] = [:]
    /// What is wrong with the parts themselves.
    var faults: [String] = []

    init(_ parts: [WrittenInteraction]) {
        var continues = false
        for (index, part) in parts.enumerated() {
            events += part.request.scope.interactions ?? []
            var continuesNext = false
            for (position, conversation) in part.request.scope.conversations.enumerated() {
                let own = parts.count > 1 ? conversation.metadata?.part : nil
                if parts.count > 1, own?.index != index + 1 || own?.of != parts.count {
                    faults.append("part \(index + 1) of \(parts.count) does not say so")
                }
                continuesNext = continuesNext || own?.continues == true
                let ids = conversation.participants.map(\.participantId)
                if Set(ids).count != ids.count { faults.append("a participant is listed twice") }
                participants[own?.conversation ?? (parts.count > 1 ? 0 : position), default: []].formUnion(ids)
                for message in conversation.messages {
                    if continues, let last = messages.indices.last {
                        // The rest of a message that was too large for one part.
                        messages[last].content += message.content
                        continues = false
                        continue
                    }
                    messages.append(
                        Message(
                            content: message.content,
                            timestamp: message.timestamp,
                            participantId: message.participantId,
                            participant: conversation.participants.first { $0.participantId == message.participantId }
                        )
                    )
                }
            }
            continues = continuesNext
            if index > 0, part.request.connections.parentId != parts[index - 1].request.requestId {
                faults.append("part \(index + 1) does not name the part before it")
            }
        }
        if continues { faults.append("the last part says that its message goes on") }
    }
}

/// A time of RFC 3339 as microseconds since 1970, by arithmetic of its own.
enum WrittenTime {
    static func microseconds(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[13] == 0x3A, bytes[16] == 0x3A else {
            return nil
        }
        func number(_ range: Range<Int>) -> Int? { Int(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
        else { return nil }
        var end = 19
        var fraction = 0.0
        if bytes[19] == UInt8(ascii: ".") {
            end = bytes[20...].firstIndex { $0 < 0x30 || $0 > 0x39 } ?? bytes.count
            fraction = Double("0." + String(decoding: bytes[20..<end], as: UTF8.self)) ?? 0
        }
        guard end < bytes.count else { return nil }
        var offset = 0
        if bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-") {
            guard bytes.count == end + 6, let hours = number(end + 1..<end + 3), let minutes = number(end + 4..<end + 6)
            else { return nil }
            offset = (hours * 60 + minutes) * (bytes[end] == UInt8(ascii: "-") ? -60 : 60)
        } else if bytes[end] | 0x20 != UInt8(ascii: "z") || bytes.count != end + 1 {
            return nil
        }
        // Days by counting years from March, so that the leap day is the last one.
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        return Double(seconds) * 1_000_000 + fraction * 1_000_000
    }
}
