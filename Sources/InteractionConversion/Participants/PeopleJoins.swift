// Which keys are one person by the facts, and where the facts contradict each other.

internal import InteractionMapping

/// What follows from a table of people, the same in any order of the inputs.
struct PeopleJoins {
    /// Keys that belong together, or that must not be put together without a person's decision.
    struct Group {
        /// Sorted as ``PeopleTable/isOrdered(_:before:)`` says.
        var members: [Int]
        var conflict: ParticipantConflict.Kind?
    }

    /// Joins and conflicts, those of one key included.
    private(set) var groups: [Group] = []
    /// The groups that a key is in.
    private(set) var groupsOfNode: [Int: [Int]] = [:]
    /// The id that a join gives to a key which has another one so far.
    private(set) var joinedIds: [Int: UInt32] = [:]

    private let table: PeopleTable
    private var parents: [UInt32]
    private var shared: Set<Int> = []

    init(_ table: PeopleTable, sharedFrom: Int) {
        self.table = table
        parents = Array(0..<UInt32(table.nodes.count))
        findShared(sharedFrom)
        for pair in table.links.keys {
            let (left, right) = (Int(pair >> 32), Int(pair & 0xFFFF_FFFF))
            if !shared.contains(left), !shared.contains(right) { unite(left, right) }
        }
        findJoins()
        findNames()
        findOrganizations()
        groups.sort { left, right in
            guard let first = left.members.first, let second = right.members.first, first != second else {
                return (left.conflict?.rawValue ?? "") < (right.conflict?.rawValue ?? "")
            }
            return table.isOrdered(first, before: second)
        }
        for (number, group) in groups.enumerated() {
            for member in group.members { groupsOfNode[member, default: []].append(number) }
        }
    }

    // MARK: Shared addresses

    /// An address or a number with many ids or many names is nobody's own.
    private mutating func findShared(_ limit: Int) {
        var ids: [Int: [Int]] = [:]
        for pair in table.links.keys {
            let ends = [Int(pair >> 32), Int(pair & 0xFFFF_FFFF)]
            for (one, other) in [(ends[0], ends[1]), (ends[1], ends[0])]
            where table.nodes[one].key.kind != .id && table.nodes[other].key.kind == .id {
                ids[one, default: []].append(other)
            }
        }
        for node in table.nodes.indices {
            let kind = table.nodes[node].key.kind
            guard kind == .email || kind == .phone else { continue }
            let owners = ids[node] ?? []
            let isShared =
                owners.count >= limit
                || Int(table.nodes[node].nameCount) >= limit
                    && Set(table.names(of: node).map { $0.lowercased() }).count >= limit
            guard isShared else { continue }
            shared.insert(node)
            let members = ([node] + owners).filter { table.nodes[$0].isUsed }
            // Whom people have decided about needs nobody any more.
            guard members.contains(where: { !table.nodes[$0].isDecided }) else { continue }
            groups.append(Group(members: [node] + owners.sorted(by: table.isOrdered), conflict: .sharedMailbox))
        }
    }

    // MARK: Joins of facts

    private mutating func findJoins() {
        var components: [UInt32: [Int]] = [:]
        for node in table.nodes.indices where table.nodes[node].isLasting {
            let root = root(of: node)
            if root != UInt32(node) { components[root, default: [Int(root)]].append(node) }
        }
        for node in table.nodes.indices where table.nodes[node].isLasting && components[UInt32(node)] == nil {
            if parents[node] == UInt32(node), table.nodes[node].hasTwoRoles, !table.nodes[node].isDecided {
                groups.append(Group(members: [node], conflict: .twoRoles))
            }
        }
        for members in components.values { judge(members.sorted(by: table.isOrdered)) }
    }

    /// Decides whether keys that stand together are one person.
    private mutating func judge(_ members: [Int]) {
        let used = members.filter { table.nodes[$0].isUsed }
        let undecided = used.filter { !table.nodes[$0].isDecided }
        guard !undecided.isEmpty else { return }
        var kinds: [ParticipantConflict.Kind] = []
        let roles = used.reduce(0) { $0 | table.nodes[$1].roles }
        if roles.nonzeroBitCount > 1 { kinds.append(.twoRoles) }
        let ids = members.filter { table.nodes[$0].key.kind == .id }
        if Set(ids.map { table.nodes[$0].key.system }).count < ids.count { kinds.append(.twoIds) }
        let decided = Set(used.filter { table.nodes[$0].isDecided }.map { table.nodes[$0].participantId })
        if decided.count > 1 { kinds.append(.twoDecisions) }
        for kind in kinds { groups.append(Group(members: members, conflict: kind)) }
        guard kinds.isEmpty else { return }
        // What people have decided goes first, then the strongest key: members are sorted like that.
        let leader = used.first { table.nodes[$0].isDecided } ?? used.first
        guard let leader, table.nodes[leader].participantId != PeopleTable.nothing else { return }
        let id = table.nodes[leader].participantId
        let joined = used.filter { table.nodes[$0].participantId != id }
        guard !joined.isEmpty else { return }
        for member in used { joinedIds[member] = id }
        groups.append(Group(members: members, conflict: nil))
    }

    // MARK: Names

    /// A name in several conversations may be one person or several; the source does not say.
    private mutating func findNames() {
        var spoken: [UInt64: [Int]] = [:]
        for node in table.nodes.indices where table.nodes[node].key.kind == .name {
            spoken[Self.name(table.nodes[node].key.organization, table.nodes[node].key.value)] = []
        }
        guard !spoken.isEmpty else { return }
        for node in table.nodes.indices where table.nodes[node].isLasting && table.nodes[node].isUsed {
            var next = table.nodes[node].firstName
            while next >= 0 {
                let name = table.names[Int(next)]
                let key = Self.name(table.nodes[node].key.organization, name.text)
                if spoken[key] != nil { spoken[key]?.append(node) }
                next = name.next
            }
        }
        for node in table.nodes.indices {
            let own = table.nodes[node]
            guard own.key.kind == .name, !own.isDecided else { continue }
            let others = spoken[Self.name(own.key.organization, own.key.value)] ?? []
            if own.hasTwoRoles { groups.append(Group(members: [node], conflict: .twoRoles)) }
            guard own.conversations > 1 || !others.isEmpty else { continue }
            groups.append(Group(members: [node] + others.sorted(by: table.isOrdered), conflict: .sameName))
        }
    }

    // MARK: Organizations

    /// A crosswalk knows no organizations: a key that two of them have can be joined in neither.
    private mutating func findOrganizations() {
        var owners: [PeopleTable.Key: [Int]] = [:]
        for node in joinedIds.keys { owners[Self.everywhere(table.nodes[node].key)] = [] }
        guard !owners.isEmpty else { return }
        for node in table.nodes.indices where table.nodes[node].isUsed {
            let key = Self.everywhere(table.nodes[node].key)
            if owners[key] != nil { owners[key]?.append(node) }
        }
        for members in owners.values where members.count > 1 {
            for member in members { joinedIds[member] = nil }
            groups.append(Group(members: members.sorted(by: table.isOrdered), conflict: .twoOrganizations))
        }
    }

    private static func everywhere(_ key: PeopleTable.Key) -> PeopleTable.Key {
        var key = key
        key.organization = PeopleTable.nowhere
        return key
    }

    private static func name(_ organization: UInt32, _ text: UInt32) -> UInt64 {
        UInt64(organization) << 32 | UInt64(text)
    }

    // MARK: Sets that grow together

    private mutating func root(of node: Int) -> UInt32 {
        var node = UInt32(node)
        while parents[Int(node)] != node {
            parents[Int(node)] = parents[Int(parents[Int(node)])]
            node = parents[Int(node)]
        }
        return node
    }

    private mutating func unite(_ left: Int, _ right: Int) {
        let (first, second) = (root(of: left), root(of: right))
        if first != second { parents[Int(max(first, second))] = min(first, second) }
    }
}
