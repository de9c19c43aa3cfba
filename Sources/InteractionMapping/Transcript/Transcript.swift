// One conversation as its source tells it, whatever the source.

internal import InteractionModel

/// One entry of a transcript, its texts still in the record.
struct TranscriptEntry {
    /// The entry's number in the source, from 0.
    var index = 0
    var content: TextSlice?
    var id: TextSlice?
    var name: TextSlice?
    var roleName: TextSlice?
    var time = EntryTime()
    var role: ParticipantRole = .system
    /// Who wrote what is no message, such as a note among colleagues.
    var authorRole: ParticipantRole?
    /// Index into the transcript's participants, or -1 for what the system says.
    var participant = -1
}

/// When an entry was written, and what to write for it.
struct EntryTime {
    var instant: Instant?
    /// The time in RFC 3339: the source's own text, or another form of it.
    var text: TextSlice?
    /// Whether the source had it in another form.
    var isRewritten = false
}

/// Somebody who speaks in a transcript.
struct Speaker {
    /// By which rule the id came about; the words of the outcome file.
    enum Rule: String, CaseIterable {
        case given
        case crosswalk
        case sourceId = "source-id"
        case email
        case phone
        case name = "name-and-role"
        case role
        case idAndRole = "id-and-role"

        /// What the id is made of, for people.
        var meaning: String {
            switch self {
            case .given: "the source's own id, as it is"
            case .crosswalk: "decided in the participants file"
            case .sourceId: "the source's id of the person"
            case .email: "the e-mail address"
            case .phone: "the phone number"
            case .name: "name and role, in this conversation only"
            case .role: "the role alone, in this conversation only"
            case .idAndRole: "an id that speaks in two roles"
            }
        }
    }

    /// The id in the source, if that is how the participant is told apart.
    var key: TextSlice?
    /// The name, if that is how the participant is told apart, else the first name seen.
    var name: TextSlice?
    var role: ParticipantRole
    var rule: Rule
    /// A derived or decided id; nil when ``key`` is the id.
    var id: TextSlice?
    /// A decided name, which goes before the source's.
    var decidedName: TextSlice?
    /// The rule by the source alone, where a decision or a second role has replaced it.
    var sourceRule: Rule?
}

extension EntryTime {
    /// Reads a time.
    ///
    /// - Parameters:
    ///   - text: The text of a JSON string or number.
    ///   - isNumber: Whether it is a number.
    ///   - texts: Where the text of a readable time in another form goes.
    /// - Returns: The time and nil, or no time and the reason why.
    static func read(
        _ text: TextSlice,
        isNumber: Bool,
        _ texts: inout TextArena
    ) -> (time: EntryTime, fault: FindingCode?) {
        if !isNumber, text.form == .plain, let instant = Instant.rfc3339(text.bytes) {
            return (EntryTime(instant: instant, text: text), nil)
        }
        let reading =
            isNumber
            ? Instant.readNumber(text.bytes)
            : text.unescaped().withUnsafeBytes { Instant.read($0) }
        switch reading {
        case .rfc3339(let instant): return (EntryTime(instant: instant, text: text), nil)
        case .rewritten(let instant, let text):
            return (EntryTime(instant: instant, text: texts.keep(plain: text), isRewritten: true), nil)
        case .empty: return (EntryTime(), nil)
        case .noZone: return (EntryTime(), .timeWithoutZone)
        case .unreadable: return (EntryTime(), .timeUnreadable)
        }
    }

    /// Writes `,"timestamp":"…"` if there is a time.
    ///
    /// - Parameters:
    ///   - out: Where to.
    ///   - isFirst: Whether it is the object's first member, so that no comma goes before it.
    func write(to out: inout OutputBuffer, isFirst: Bool = false) {
        guard let text else { return }
        if !isFirst { out.append(UInt8(ascii: ",")) }
        out.append("\"timestamp\":")
        out.append(string: text)
    }
}
