// Who speaks in Interactions, and when, counted as they go by.

internal import InteractionMapping
internal import InteractionModel

/// What is said of the Interactions of a run as a whole.
struct InteractionTally: ~Copyable {
    /// The organization that stands for one that nobody has named.
    static let placeholder = "organization-of-inspect"

    /// The earliest and the latest time.
    private(set) var times: (first: Instant, last: Instant)?
    /// By role of the target.
    private(set) var senders: [String: Inspection.Sender] = [:]
    /// Whether a record named no organization.
    private(set) var lacksOrganization = false
    /// What role names of the source nobody knows, as a shell takes them; the empty one is no name at all.
    private(set) var unknownRoles: [String] = []
    /// Whether every record of a conversation has followed the one before it so far.
    private(set) var isClustered = true
    /// How many conversations are made of several records.
    private(set) var gatheredCount = 0

    /// Role names that are proposed to be decided.
    private static let largestRoleCount = 10

    private var tape = JSONTape()
    private var place: (file: String, next: Int) = ("", 1)
    private var met: Set<String> = []

    /// Counts what a batch holds.
    mutating func add(_ batch: ConvertedBatch) {
        batch.withBytes { bytes in
            for outcome in batch.outcomes {
                notePlace(outcome)
                for finding in outcome.findings { noteRole(finding) }
                met.removeAll(keepingCapacity: true)
                for output in outcome.outputs { add(UnsafeRawBufferPointer(rebasing: bytes[output.range])) }
            }
        }
    }

    /// Notes whether a conversation's records lie together.
    ///
    /// Conversations come by their first records. They lie together if each begins where the records of all before it
    /// end; records that became nothing make the answer no, which costs a proposal and nothing else.
    private mutating func notePlace(_ outcome: RecordOutcome) {
        if outcome.file != place.file { place = (outcome.file, 1) }
        if outcome.record != place.next { isClustered = false }
        place.next += outcome.recordCount
        if outcome.recordCount > 1 { gatheredCount += 1 }
    }

    private mutating func noteRole(_ finding: Finding) {
        guard finding.code == .roleUnknown || finding.code == .roleMissing, unknownRoles.count < Self.largestRoleCount,
            let word = finding.remedy?.firstMatch(of: /--role (.*)=user\|/)?.1, !unknownRoles.contains(String(word))
        else { return }
        unknownRoles.append(String(word))
    }

    private mutating func add(_ json: UnsafeRawBufferPointer) {
        let copy = PaddedBytes(json)
        guard (try? tape.scan(copy.start, count: copy.count)) != nil else { return }
        let view = tape.view(of: copy.start)
        guard let request = view.member(view.root, "request") else { return }
        if let organization = view.member(request, "context").flatMap({ view.member($0, "organizationId") }),
            view.kind(organization) == .string, view.text(organization).string == Self.placeholder
        {
            lacksOrganization = true
        }
        guard let scope = view.member(request, "scope") else { return }
        forEach("conversations", of: scope, view) { tally, conversation in
            var roles: [String: String] = [:]
            tally.forEach("participants", of: conversation, view) { tally, participant in
                let id = tally.text("participantId", of: participant, view)
                let role = tally.text("role", of: participant, view)
                roles[id] = role
                if tally.met.insert(role + " " + id).inserted { tally.senders[role, default: .init()].people += 1 }
            }
            tally.forEach("messages", of: conversation, view) { tally, message in
                let role = roles[tally.text("participantId", of: message, view)] ?? ""
                tally.senders[role, default: .init()].messages += 1
                tally.noteTime(of: message, view)
            }
        }
        forEach("interactions", of: scope, view) { tally, entry in
            tally.senders[tally.text("role", of: entry, view), default: .init()].interactions += 1
            tally.noteTime(of: entry, view)
        }
    }

    private mutating func noteTime(of entry: Int, _ view: JSONView) {
        guard let time = view.member(entry, "timestamp"), view.kind(time) == .string,
            let instant = Instant.rfc3339(view.bytes(time))
        else { return }
        times = times.map { (min($0.first, instant), max($0.last, instant)) } ?? (instant, instant)
    }

    private mutating func forEach(
        _ name: StaticString,
        of node: Int,
        _ view: JSONView,
        _ body: (inout InteractionTally, Int) -> Void
    ) {
        guard let list = view.member(node, name), view.kind(list) == .array else { return }
        view.forEachElement(list) { body(&self, $0) }
    }

    private func text(_ name: StaticString, of node: Int, _ view: JSONView) -> String {
        guard let value = view.member(node, name), view.kind(value) == .string else { return "" }
        return view.text(value).string
    }
}
