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
    /// Index into the transcript's participants, or -1 for what the system says.
    var participant = -1
}

/// When an entry was written, and what to write for it.
struct EntryTime {
    enum Text {
        /// There is nothing to write.
        case none
        /// The source's own text.
        case source(TextSlice)
        /// A readable time in another form, as RFC 3339.
        case rewritten([UInt8])
    }

    var instant: Instant?
    var text: Text = .none
}

/// Somebody who speaks in a transcript.
struct Participant {
    /// By which rule the id came about; the words of the outcome file.
    enum Rule: String {
        case given
        case crosswalk
        case name = "name-and-role"
        case role
        case idAndRole = "id-and-role"
    }

    /// The id in the source, if that is how the participant is told apart.
    var key: TextSlice?
    /// The name, if that is how the participant is told apart, else the first name seen.
    var name: TextSlice?
    var role: ParticipantRole
    var rule: Rule
    /// A derived or decided id; nil when ``key`` is the id.
    var id: String?
    /// A decided name, which goes before the source's.
    var decidedName: String?
}

extension EntryTime {
    /// Reads a time.
    ///
    /// - Parameters:
    ///   - text: The text of a JSON string or number.
    ///   - isNumber: Whether it is a number.
    /// - Returns: The time and nil, or no time and the reason why.
    static func read(_ text: TextSlice, isNumber: Bool) -> (time: EntryTime, fault: FindingCode?) {
        if !isNumber, text.form == .plain, let instant = Instant.rfc3339(text.bytes) {
            return (EntryTime(instant: instant, text: .source(text)), nil)
        }
        let reading =
            isNumber
            ? Instant.readNumber(text.bytes)
            : text.unescaped().withUnsafeBytes { Instant.read($0) }
        switch reading {
        case .rfc3339(let instant): return (EntryTime(instant: instant, text: .source(text)), nil)
        case .rewritten(let instant, let text): return (EntryTime(instant: instant, text: .rewritten(text)), nil)
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
        if case .none = text { return }
        if !isFirst { out.append(UInt8(ascii: ",")) }
        out.append("\"timestamp\":")
        switch text {
        case .none: return
        case .source(let slice): out.append(string: slice)
        case .rewritten(let bytes): out.append(escaped: bytes)
        }
    }
}
