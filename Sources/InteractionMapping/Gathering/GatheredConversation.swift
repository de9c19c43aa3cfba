// What the fragments of one conversation say together, before anything is decided about it.

internal import InteractionModel

/// One entry as its source told it; texts lie in the fragments.
struct GatheredEntry {
    var kind: KindRule.Kind
    var isOpening = false
    /// It is from a record whose conversation has its newest record first.
    var isNewestFirst = false
    /// The message was taken back, whatever its kind says.
    var isDeleted = false
    /// The fragment it came from, and its number there.
    var fragment: Int
    var ordinal: Int
    var time = EntryTime()
    var text: TextSlice?
    var messageId: TextSlice?
    var replaces: TextSlice?
    /// Who it is by: one of ``GatheredConversation/senders``.
    var sender = 0
    /// The names of its attachments, a run of ``GatheredConversation/placeholders``.
    var placeholders: Range<Int> = 0..<0
    /// Why it is skipped.
    var reason: TextSlice?
    /// Why it is not written, if it is not.
    var dropped: StaticString?

    /// Takes over one thing that a fragment says of it.
    mutating func set(_ item: FragmentReader.Item) {
        switch item.tag {
        case .messageId: messageId = item.text
        case .text: text = item.text
        case .time: time.text = item.text
        default: replaces = item.text
        }
    }
}

/// What some entries of a conversation have and most do not.
struct EntryTraits: OptionSet {
    let rawValue: UInt8
    static let id = EntryTraits(rawValue: 1)
    static let deletion = EntryTraits(rawValue: 2)
    static let opening = EntryTraits(rawValue: 4)
    static let listedPerson = EntryTraits(rawValue: 8)
    static let newestFirst = EntryTraits(rawValue: 16)
}

/// A value that the schema has no place for.
struct KeptValue {
    /// The index of the entry that it belongs to; -1 for the conversation.
    var entry: Int
    var path: TextSlice
    /// JSON, or a text.
    var value: TextSlice
    var isText = false

    /// What two values have in common that are the same.
    var identity: [UInt8] { path.unescaped() + [0] + [UInt8](value.bytes) }

    func isSame(as other: KeptValue) -> Bool {
        value.count == other.value.count && path.equals(other.path)
            && ByteWord.isSame(value.start, other.value.start, value.count)
    }
}

/// Somebody as a source names them.
struct GatheredPerson {
    /// What a list of people calls them.
    var key: TextSlice?
    var id: TextSlice?
    var name: TextSlice?
    var email: TextSlice?
    var phone: TextSlice?
    var role: TextSlice?
    /// Whether a list of people has them, so that ``key`` is what that list calls them.
    var isListed = false

    /// Takes over one thing that a fragment says of them.
    mutating func set(_ item: FragmentReader.Item) {
        switch item.tag {
        case .key: key = item.text
        case .id: id = item.text
        case .name: name = item.text
        case .email: email = item.text
        case .phone: phone = item.text
        default: role = item.text
        }
    }

    /// Takes over what another source of the same person knows and this one does not.
    mutating func complete(from other: GatheredPerson) {
        if id == nil { id = other.id }
        if name == nil { name = other.name }
        if email == nil { email = other.email }
        if phone == nil { phone = other.phone }
        if role == nil { role = other.role }
    }

    /// Whether another source says the same of somebody.
    func isSame(as other: GatheredPerson) -> Bool {
        TextSlice.isSame(key, other.key) && TextSlice.isSame(id, other.id) && TextSlice.isSame(name, other.name)
            && TextSlice.isSame(role, other.role) && TextSlice.isSame(email, other.email)
            && TextSlice.isSame(phone, other.phone)
    }
}

/// Somebody whom entries name as their sender, and what that comes to.
struct GatheredSender {
    var person: GatheredPerson
    /// Whether ``person`` has been completed and ``role`` found.
    var isSettled = false
    var role: ParticipantRole?
    /// The participant of the conversation that is written, or -1.
    var participant = -1
}

/// Everything that was said of one conversation, in the order of its fragments.
struct GatheredConversation: ~Copyable {
    var entries = Cells<GatheredEntry>()
    /// Numbers from 0, for ``allEntries()``.
    private var numbers: [Int] = []
    /// Whether an entry has an id, was taken back, is an opening, or refers to somebody in a list: mostly none does.
    private(set) var has = EntryTraits()
    private var people: [GatheredPerson] = []
    /// The same people, each once.
    private(set) var listed = ListedPeople([])
    /// Those whom entries name, few of them twice.
    var senders = Cells<GatheredSender>()
    var placeholders: [TextSlice] = []
    /// Values of slots, the first of each; lists are complete.
    var fields: [(slot: Slot, text: TextSlice)] = []
    var items: [(slot: Slot, json: TextSlice)] = []
    var metadata: [(name: TextSlice, json: TextSlice)] = []
    var links: [TextSlice] = []
    /// What the schema has no place for.
    var kept: [KeptValue] = []
    /// The paths and values of those that are the conversation's, each of which is kept once, if they are many.
    private var keptByAll: Set<[UInt8]> = []
    /// So few are compared one by one.
    private static let few = 16
    var findings: [Finding] = []
    var origins = Cells<FragmentOrigin>()
    var journals = Cells<UnsafeRawBufferPointer>()
    /// Records whose fields were booked with these fragments.
    var recordCount = 0

    mutating func reset() {
        entries.removeAll()
        has = []
        senders.removeAll()
        origins.removeAll()
        journals.removeAll()
        // Even emptying what is empty costs something, and most of these always are.
        if !people.isEmpty {
            people.removeAll(keepingCapacity: true)
            listed = ListedPeople([])
        }
        if !placeholders.isEmpty { placeholders.removeAll(keepingCapacity: true) }
        if !fields.isEmpty { fields.removeAll(keepingCapacity: true) }
        if !items.isEmpty { items.removeAll(keepingCapacity: true) }
        if !metadata.isEmpty { metadata.removeAll(keepingCapacity: true) }
        if !links.isEmpty { links.removeAll(keepingCapacity: true) }
        if !kept.isEmpty { kept.removeAll(keepingCapacity: true) }
        if !keptByAll.isEmpty { keptByAll.removeAll(keepingCapacity: true) }
        if !findings.isEmpty { findings.removeAll(keepingCapacity: true) }
        recordCount = 0
    }

    /// Adds all that was said.
    ///
    /// - Parameters:
    ///   - run: Fragments, each after its length in four bytes; they must last as long as what was read from them is used.
    ///   - files: The names of the run's inputs.
    mutating func add(run: UnsafeRawBufferPointer, files: [String]) {
        FragmentReader.forEach(in: run) { add($0, files: files) }
        if !people.isEmpty { listed = ListedPeople(people) }
    }

    /// Adds what a fragment says.
    private mutating func add(_ bytes: UnsafeRawBufferPointer, files: [String]) {
        guard var reader = FragmentReader(bytes) else { return }
        let fragment = origins.count
        origins.append(reader.origin)
        let before = journals.isEmpty ? UnsafeRawBufferPointer(start: nil, count: 0) : journals[journals.count - 1]
        journals.append(reader.journal ?? before)
        recordCount += 1
        let firstEntry = entries.count
        var isPerson = false
        var sender: GatheredPerson?
        while let item = reader.next() {
            switch item.tag {
            case .field: addField(item)
            case .item: if let slot = Slot(rawValue: Int(item.detail)) { addItem(slot, item.text) }
            case .metadata:
                let (name, json) = item.text.named
                addMetadata(name, json)
            case .entry:
                isPerson = false
                if let named = sender { add(named) }
                sender = GatheredPerson()
                addEntry(item, fragment, entries.count - firstEntry)
            case .sameSender:
                sender = nil
                let other = entries.count - 1 - Int(item.detail)
                if other >= 0 { entries[entries.count - 1].sender = entries[other].sender }
            case .participant:
                isPerson = true
                people.append(GatheredPerson())
            case .finding: findings.append(finding(item, reader.origin, files))
            case .kept:
                let ordinal = UnsafeRawPointer(item.text.start).loadUnaligned(as: UInt32.self)
                let rest = TextSlice(start: item.text.start + 4, count: item.text.count - 4, form: .canonical)
                let (path, json) = rest.named
                let entry = ordinal == .max ? -1 : firstEntry + Int(ordinal)
                addKept(KeptValue(entry: entry, path: path, value: json))
            case .link: addLink(item.text)
            case .key, .id, .name, .email, .phone, .role:
                if isPerson {
                    people[people.count - 1].set(item)
                } else if entries.count > firstEntry {
                    sender?.set(item)
                    if item.tag == .key { has.insert(.listedPerson) }
                }
            case .messageId, .text, .time, .replaces:
                if entries.count > firstEntry { entries[entries.count - 1].set(item) }
                if item.tag == .messageId { has.insert(.id) }
            case .placeholder:
                guard entries.count > firstEntry else { continue }
                placeholders.append(item.text)
                let known = entries[entries.count - 1].placeholders
                let start = known.isEmpty ? placeholders.count - 1 : known.lowerBound
                entries[entries.count - 1].placeholders = start..<placeholders.count
            }
        }
        if let named = sender { add(named) }
    }

    /// Makes somebody the sender of the last entry.
    private mutating func add(_ sender: GatheredPerson) {
        // Few people speak in turn; whoever spoke long ago is told again, which costs nothing but memory.
        var known = senders.count
        while known > max(0, senders.count - 8) {
            known -= 1
            if senders[known].person.isSame(as: sender) {
                entries[entries.count - 1].sender = known
                return
            }
        }
        entries[entries.count - 1].sender = senders.count
        senders.append(GatheredSender(person: sender))
    }

    /// The indices of all entries.
    mutating func allEntries() -> [Int] {
        if numbers.count < entries.count { numbers += numbers.count..<entries.count }
        if numbers.count > entries.count { numbers.removeLast(numbers.count - entries.count) }
        return numbers
    }

    /// Forgets what was decided about people, for another conversation made of the same entries.
    mutating func forgetDecisions() {
        for index in senders.indices {
            senders[index].isSettled = false
            senders[index].participant = -1
        }
    }

    private mutating func addField(_ item: FragmentReader.Item) {
        guard let slot = Slot(rawValue: Int(item.detail)) else { return }
        guard let known = fields.first(where: { $0.slot == slot }) else {
            fields.append((slot, item.text))
            return
        }
        // A later value that differs is not lost; rows of one conversation mostly agree.
        if !known.text.equals(item.text) {
            addKept(KeptValue(entry: -1, path: TextSlice(literal: slot.path), value: item.text, isText: true))
        }
    }

    private mutating func addMetadata(_ name: TextSlice, _ json: TextSlice) {
        guard let known = metadata.first(where: { $0.name.equals(name) }) else {
            metadata.append((name, json))
            return
        }
        if !known.json.equals(json) { addKept(KeptValue(entry: -1, path: name, value: json)) }
    }

    private mutating func addItem(_ slot: Slot, _ json: TextSlice) {
        if !items.contains(where: { $0.slot == slot && $0.json.equals(json) }) { items.append((slot, json)) }
    }

    private mutating func addLink(_ json: TextSlice) {
        if !links.contains(where: { $0.equals(json) }) { links.append(json) }
    }

    private mutating func addKept(_ value: KeptValue) {
        // What surrounds records comes with each of them, and each row of a table repeats its conversation.
        if value.entry < 0, isKnown(value) { return }
        kept.append(value)
    }

    private mutating func isKnown(_ value: KeptValue) -> Bool {
        guard keptByAll.isEmpty else { return !keptByAll.insert(value.identity).inserted }
        if kept.contains(where: { $0.entry < 0 && $0.isSame(as: value) }) { return true }
        if kept.count > Self.few {
            keptByAll = Set(kept.lazy.filter { $0.entry < 0 }.map(\.identity))
            keptByAll.insert(value.identity)
        }
        return false
    }

    private mutating func addEntry(_ item: FragmentReader.Item, _ fragment: Int, _ ordinal: Int) {
        let kind = KindRule.Kind(code: item.detail)
        let flags = EntryFlags(rawValue: item.flags)
        entries.append(GatheredEntry(kind: kind, fragment: fragment, ordinal: ordinal))
        let last = entries.count - 1
        if flags.contains(.opening) {
            entries[last].isOpening = true
            has.insert(.opening)
        }
        if flags.contains(.newestFirst) {
            entries[last].isNewestFirst = true
            has.insert(.newestFirst)
        }
        if kind == .deleted {
            entries[last].isDeleted = true
            has.insert(.deletion)
        }
        if kind == .skip { entries[last].reason = item.text }
        if flags.contains(.instant) {
            let bytes = UnsafeRawPointer(item.text.start)
            entries[last].time.instant = Instant(
                seconds: bytes.loadUnaligned(as: Int64.self),
                attoseconds: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
        }
    }

    private func finding(_ item: FragmentReader.Item, _ origin: FragmentOrigin, _ files: [String]) -> Finding {
        var rest = item.text
        var words: [String] = []
        while rest.count > 0 {
            let (word, after) = rest.named
            words.append(String(decoding: word.bytes, as: UTF8.self))
            rest = after
        }
        words += Array(repeating: "", count: max(0, 4 - words.count))
        return Finding(
            FindingCode(rawValue: words[0]) ?? .valueKept,
            Finding.Severity(wireCode: item.detail),
            stage: .map,
            place: origin.place(files),
            path: words[1].isEmpty ? nil : words[1],
            message: words[2],
            remedy: words[3].isEmpty ? nil : words[3]
        )
    }
}

extension FragmentOrigin {
    /// The record's place for people.
    func place(_ files: [String], file: Int? = nil) -> Finding.Place {
        let index = file ?? Int(self.file)
        return Finding.Place(
            file: files.indices.contains(index) ? files[index] : "",
            record: Int(record),
            line: line == 0 ? nil : Int(line),
            column: line == 0 ? nil : Int(column),
            offset: start
        )
    }
}

extension Finding.Severity {
    /// The severity in a fragment.
    var wireCode: UInt8 {
        switch self {
        case .note: 0
        case .warning: 1
        case .error: 2
        }
    }

    init(wireCode: UInt8) { self = Self.allCases.first { $0.wireCode == wireCode } ?? .note }
}
