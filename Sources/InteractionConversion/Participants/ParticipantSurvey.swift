// A conversion that looks at people only: who is in the inputs, and who of them is one person.

internal import InteractionMapping
internal import InteractionModel

/// Looks at the people of all inputs together, which no conversion of one conversation can.
///
/// What it finds reaches Interactions in one way only: as a crosswalk, which a person has read.
public struct ParticipantSurvey: Sendable {
    /// So many ids or names make an address or a number one that is shared, unless told otherwise.
    public static let usualSharedFrom = 4

    private let options: ConversionOptions
    private let sharedFrom: Int

    /// Makes a survey.
    ///
    /// - Parameters:
    ///   - options: How the inputs are to be converted; the crosswalk in it counts as decided.
    ///   - sharedFrom: So many ids or names make an address or a number one that is shared.
    public init(_ options: ConversionOptions, sharedFrom: Int = ParticipantSurvey.usualSharedFrom) {
        var options = options
        options.mapping.tellsPeople = true
        self.options = options
        self.sharedFrom = sharedFrom
    }

    /// Converts files, without keeping a message of them.
    ///
    /// - Parameters:
    ///   - files: Paths; `-` is standard input.
    ///   - explained: The participant's id, or source key, to explain; nil for none.
    ///   - isStopped: Asked before each read.
    ///   - watch: Receives each batch, for its findings.
    /// - Returns: Everybody who was found.
    /// - Throws: What ``Converter/run(files:isStopped:deliver:)`` throws.
    @concurrent
    public func run(
        files: [String],
        explaining explained: String? = nil,
        isStopped: @escaping @Sendable () -> Bool = { false },
        watch: (ConvertedBatch, Converter.Progress) -> Void = { _, _ in }
    ) async throws -> SurveyedParticipants {
        var table = PeopleTable()
        var sightings = explained.map { ParticipantSightings(of: $0) }
        let report = try await Converter(options).run(files: files, isStopped: isStopped) { batch, progress in
            for outcome in batch.outcomes {
                table.add(outcome)
                sightings?.add(outcome)
            }
            watch(batch, progress)
        }
        return SurveyedParticipants(report, table, options.mapping.crosswalk, sharedFrom, sightings)
    }
}

/// Everybody in the inputs of a survey.
public struct SurveyedParticipants: Sendable {
    /// Keys of one conflict that are told; an address of a thousand people needs no more.
    private static let keysPerConflict = 20

    /// What happened to the inputs.
    public let report: ConversionReport
    /// What facts do not settle, in an order that does not depend on the inputs'.
    public private(set) var conflicts: [ParticipantConflict] = []
    /// How many keys got an id from another key.
    public var joinedCount: Int { joins.joinedIds.count { table.nodes[$0.key].participantId != $0.value } }
    /// How many keys tell participants apart.
    public let keyCount: Int

    let table: PeopleTable
    let joins: PeopleJoins
    private let crosswalk: Crosswalk
    private let sightings: ParticipantSightings?

    init(
        _ report: ConversionReport,
        _ table: PeopleTable,
        _ crosswalk: Crosswalk,
        _ sharedFrom: Int,
        _ sightings: ParticipantSightings?
    ) {
        self.report = report
        self.table = table
        self.crosswalk = crosswalk
        self.sightings = sightings
        joins = PeopleJoins(table, sharedFrom: sharedFrom)
        keyCount = table.nodes.count { $0.isUsed }
        for group in joins.groups {
            guard let kind = group.conflict, let first = group.members.first else { continue }
            let told = group.members.prefix(Self.keysPerConflict).map { key([$0]) }
            let place = place(table.nodes[first].place)
            conflicts.append(
                ParticipantConflict(kind: kind, keys: told, keyCount: group.members.count, place: place)
            )
        }
    }

    // MARK: Keys

    /// Tells the keys as lines of a crosswalk, sorted, the same for any order of the inputs.
    ///
    /// - Parameters:
    ///   - all: Whether keys about which there is nothing to decide are told as well.
    ///   - body: Receives each key.
    /// - Throws: What `body` throws.
    public func forEachKey<Failure: Error>(
        all: Bool,
        _ body: (ParticipantKey) throws(Failure) -> Void
    ) throws(Failure) {
        let used = table.nodes.indices.filter { node in
            table.nodes[node].isUsed
                && (all || !crosswalk.isEmpty || !table.nodes[node].isLasting || joins.groupsOfNode[node] != nil)
        }
        let sorted = used.sorted(by: table.isOrdered)
        var unseen = crosswalk
        var start = 0
        while start < sorted.count {
            // The same key in several organizations is one line: a crosswalk knows no organizations.
            var end = start + 1
            while end < sorted.count, isSameLine(sorted[start], sorted[end]) { end += 1 }
            let key = key(Array(sorted[start..<end]))
            unseen.see(key)
            if all || key.status != .own { try body(key) }
            start = end
        }
        for (system, sourceKey, entry) in unseen.unseen {
            var key = ParticipantKey(sourceKey: sourceKey, system: system, status: .unseen)
            key.decide(entry)
            try body(key)
        }
    }

    private func isSameLine(_ left: Int, _ right: Int) -> Bool {
        let (first, second) = (table.nodes[left].key, table.nodes[right].key)
        return first.kind == second.kind && first.value == second.value && first.system == second.system
    }

    /// A key, of all organizations that have it.
    func key(_ nodes: [Int]) -> ParticipantKey {
        let first = table.nodes[nodes[0]]
        var key = ParticipantKey(sourceKey: sourceKey(nodes[0]), system: system(nodes[0]), status: .own)
        let ids = Set(nodes.map { table.nodes[$0].participantId })
        if ids.count == 1, first.participantId != PeopleTable.nothing {
            key.currentId = table.texts[first.participantId]
        }
        key.seenNames = first.key.kind == .name ? [table.texts[first.key.value]] : []
        if first.isLasting { key.seenNames = Array(Set(nodes.flatMap(table.names)).sorted().prefix(5)) }
        let roles = nodes.reduce(0) { $0 | table.nodes[$1].roles }
        key.seenRoles = ParticipantRole.names(in: roles)
        key.conversations = nodes.reduce(0) { $0 + Int(table.nodes[$1].conversations) }
        let kinds = Set(nodes.flatMap { conflicts(of: $0) })
        if !first.isLasting { key.status = .local }
        if let kind = kinds.sorted(by: { $0.rawValue < $1.rawValue }).first {
            key.status = .conflict
            key.evidence = "\(kind.rawValue): \(kind.message)"
        } else if let joined = joins.joinedIds[nodes[0]] {
            key.status = .join
            key.participantId = table.texts[joined]
            key.evidence = evidence(nodes[0])
        }
        if let entry = crosswalk.entry(for: key.sourceKey, of: key.system ?? "") {
            key.decide(entry)
            if entry.participantId != nil { key.status = .decided }
        }
        return key
    }

    func conflicts(of node: Int) -> [ParticipantConflict.Kind] {
        (joins.groupsOfNode[node] ?? []).compactMap { number in
            let group = joins.groups[number]
            // The people beside whom a name stands are not in doubt; the name is.
            return group.conflict == .sameName && group.members.first != node ? nil : group.conflict
        }
    }

    /// What joins a key to others: the records on which it stands with them.
    private func evidence(_ node: Int) -> String {
        guard let group = (joins.groupsOfNode[node] ?? []).first(where: { joins.groups[$0].conflict == nil }) else {
            return ""
        }
        let members = joins.groups[group].members
        var texts: [String] = []
        for (index, left) in members.enumerated() where texts.count < 3 {
            for right in members[(index + 1)...] {
                guard texts.count < 3, let link = table.links[PeopleTable.pair(left, right)] else { continue }
                let place = place(link.place)
                texts.append(
                    "\(sourceKey(left)) and \(sourceKey(right)) on one record "
                        + "(\(place.file), record \(place.record); \(link.count) times)"
                )
            }
        }
        return texts.joined(separator: "; ")
    }

    func sourceKey(_ node: Int) -> String {
        let value = table.texts[table.nodes[node].key.value]
        return switch table.nodes[node].key.kind {
        case .id, .place: value
        case .email: "email:" + value
        case .phone: "phone:" + value
        case .name: "name:" + value
        case .role: "role:" + value
        }
    }

    private func system(_ node: Int) -> String? {
        let system = table.nodes[node].key.system
        return system == PeopleTable.nowhere ? nil : table.texts[system]
    }

    func place(_ place: PeopleTable.Place) -> ParticipantPlace {
        ParticipantPlace(file: table.texts[place.file], record: Int(place.record))
    }

    // MARK: One participant

    /// How the participant that was asked for came by its id; nil if none was asked for.
    public var explanation: ParticipantExplanation? { sightings.map { explain($0) } }
}

extension ParticipantKey {
    /// Takes a crosswalk's decision over.
    fileprivate mutating func decide(_ entry: Crosswalk.Entry) {
        participantId = entry.participantId
        displayName = entry.displayName
        role = entry.role
    }
}

extension ParticipantRole {
    /// The roles in a set of bits, sorted by name.
    static func names(in bits: UInt8) -> [String] {
        allCases.filter { bits & $0.bit != 0 }.map(\.rawValue).sorted()
    }
}

extension Crosswalk {
    /// Leaves out the decision about a key.
    fileprivate mutating func see(_ key: ParticipantKey) { remove(key.sourceKey, of: key.system ?? "") }

    /// The decisions that are left, sorted.
    fileprivate var unseen: [(system: String?, key: String, entry: Entry)] {
        var result: [(system: String?, key: String, entry: Entry)] = entries.map { (nil, $0.key, $0.value) }
        for (system, entries) in systems { result += entries.map { (system, $0.key, $0.value) } }
        return result.sorted { ($0.key, $0.system ?? "") < ($1.key, $1.system ?? "") }
    }
}
