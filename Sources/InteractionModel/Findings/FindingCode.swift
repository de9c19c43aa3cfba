// Every kind of finding, each with one stable name that docs/CLI.md explains.

/// The stable name of a kind of finding; more may be added.
public enum FindingCode: String, Hashable, Sendable, CaseIterable {
    // Reading
    case inputUnreadable = "input-unreadable"
    case recordTooLarge = "record-too-large"
    case invalidJSON = "invalid-json"
    case truncated = "truncated"
    case json5Text = "json5-text"
    case duplicateKey = "duplicate-key"

    case textReencoded = "text-reencoded"
    case rowRagged = "row-ragged"
    case rowBroken = "row-broken"
    case headerMissing = "header-missing"
    case invalidMarkup = "invalid-xml"
    case refusedMarkup = "xml-refused"
    case outsideRecords = "outside-records"
    case formatUnknown = "format-unknown"
    case formatAmbiguous = "format-ambiguous"
    case fragmentsUnreadable = "fragments-unreadable"

    // What the record is
    case notAnObject = "not-an-object"
    case unknownShape = "unknown-shape"
    case otherMessage = "other-message"
    case replyNotRequest = "reply-not-request"
    case twoTranscripts = "two-transcripts"

    // What the record lacks
    case noMessages = "no-messages"
    case organizationMissing = "organization-missing"
    case threadDerived = "thread-derived"
    case threadMissing = "thread-missing"
    case roleUnknown = "role-unknown"
    case roleMissing = "role-missing"
    case participantMissing = "participant-missing"
    case keyMissing = "key-missing"
    case lookupMissed = "lookup-missed"

    // What the mapping did
    case transcriptShape = "transcript-shape"
    case contentNotText = "content-not-text"
    case contentMissing = "content-missing"
    case timeUnreadable = "time-unreadable"
    case timeWithoutZone = "time-without-zone"
    case timeAmbiguous = "time-ambiguous"
    case timeSkipped = "time-skipped"
    case messageRepeated = "message-repeated"
    case messageDeleted = "message-deleted"
    case conversationReopened = "conversation-reopened"
    case snapshotMessageMissing = "snapshot-message-missing"
    case snapshotTextDiffers = "snapshot-text-differs"
    case snapshotOrderDiffers = "snapshot-order-differs"
    case snapshotUnplaced = "snapshot-unplaced"
    case valueKept = "value-kept"
    case messagesReordered = "messages-reordered"
    case idsPerMessage = "ids-per-message"
    case idTwoRoles = "id-two-roles"
    case nameTwoRoles = "name-two-roles"
    case duplicateParticipant = "duplicate-participant"
    case roleRewritten = "role-rewritten"
    case headerReplaced = "header-replaced"
    case headersDropped = "headers-dropped"
    case recordSplit = "record-split"
    case oversize = "oversize"

    // What the check found
    case schema = "schema"
    case participantUnreferenced = "participant-unreferenced"
    case unknownParticipant = "unknown-participant"
    case participantRepeated = "participant-repeated"
    case timestampInvalid = "timestamp-invalid"
    case messagesOutOfOrder = "messages-out-of-order"
    case requestIdBlank = "request-id-blank"
    case requestRepeated = "request-repeated"
    case partsIncomplete = "parts-incomplete"

    // What the submission met
    case messageChanged = "message-changed"
    case messageRefused = "message-refused"
}
