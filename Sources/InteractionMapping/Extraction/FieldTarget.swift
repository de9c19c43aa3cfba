// What becomes of the values that rules use.

/// What the values that a rule used have become; the words of the field ledger.
enum FieldTarget: UInt8, CaseIterable {
    case unused
    case key
    case content
    case time
    case participantId
    case displayName
    case role
    case field
    case metadata
    case link
    case event
    /// What the profile says by its own words, such as the type that makes an item a message.
    case decision

    var note: StaticString {
        switch self {
        case .unused: ""
        case .key: "conversation key"
        case .content: "messages[].content"
        case .time: "messages[].timestamp"
        case .participantId: "participants[].participantId"
        case .displayName: "participants[].displayName"
        case .role: "participants[].role"
        case .field: "payload fields"
        case .metadata: "conversations[].metadata"
        case .link: "request.resources.links"
        case .event: "request.scope.interactions"
        case .decision: "kind of entry"
        }
    }
}
