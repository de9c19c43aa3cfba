// A profile's rules in the form that is executed: flat tables and indexes, nothing that is counted by references.

internal import InteractionModel

/// A value to compute: an index into the plan.
typealias PlannedValue = Int32

/// What the rules of one input come to, compiled once.
///
/// Nearly all values are one member of the record, or a constant, through a map of words at most: those are computed
/// without looking at the profile again. Everything else refers to the profile's own expression.
struct ExtractionPlan: ~Copyable {
    /// One way to a value.
    struct Choice {
        enum Kind {
            case member
            case constant
            case general
        }

        var kind: Kind
        /// The member's name, or the constant.
        var text: TextSlice
        /// Where the member's key was found last, counted from its object; 0 if never, -1 if a table has no such column.
        var hint: Int32 = 0
        /// The map of words, or -1.
        var words: Int32 = -1
        var rule: Int32
        /// The condition, or -1.
        var condition: Int32 = -1
    }

    struct Field {
        var slot: Slot
        var isList: Bool
        var value: PlannedValue
    }

    struct Sender {
        var participant: PlannedValue
        var id: PlannedValue
        var name: PlannedValue
        var email: PlannedValue
        var phone: PlannedValue
        var role: PlannedValue

        /// What is said of whoever speaks, in the order in which a fragment has it.
        var parts: [(tag: FragmentTag, target: FieldTarget, value: PlannedValue)] {
            [
                (.key, .participantId, participant), (.id, .participantId, id), (.name, .displayName, name),
                (.email, .participantId, email), (.phone, .participantId, phone), (.role, .role, role),
            ]
        }

        var values: [PlannedValue] { parts.map(\.value) }
    }

    struct Time {
        var value: PlannedValue
        /// The rule's number in ``timeRules``.
        var rule: Int32
        /// Whether an RFC 3339 time may go out as it is, before anything else is tried.
        var isAutomatic: Bool
    }

    struct Kind {
        var kind: KindRule.Kind
        /// The condition, or -1.
        var condition: Int32
        var id: PlannedValue
        var times: Range<Int>
        var sender: Sender
        /// The members that senders are made of, as choices in ``ExtractionPlan/watched``; nil if they are made of
        /// anything else as well.
        var watched: Range<Int>?
        var text: PlannedValue
        var replaces: PlannedValue
        var isOpening: Bool
        var hasAttachments: Bool
        /// The rule's number in ``kindRules``.
        var rule: Int32
        /// The rule's number among all of the profile.
        var reached: Int
    }

    /// People whom records list as members of one name.
    struct People {
        /// The rule's number among the record rule's.
        var rule: Int
        /// The name; nil if that is not all there is to it.
        var member: TextSlice?
        var key: PlannedValue
        var sender: Sender
    }

    struct Entries {
        /// A run of ``paths``, which is empty for the record itself.
        var each: Range<Int>
        /// The name, if that is nothing but the record's members of one name.
        var member: TextSlice?
        var isNewestFirst: Bool
        var kinds: Range<Int>
    }

    /// A condition that is decided by one member.
    struct Test {
        enum Kind {
            case equals
            case exists
            case general
        }

        var kind: Kind
        /// The member, as a choice of its own.
        var choice: Int32 = -1
        var words: Range<Int> = 0..<0
    }

    /// One record rule.
    struct Rule {
        var condition: Int32
        var key: PlannedValue
        var fields: Range<Int>
        var ids: Range<Int>
        var metadata: Range<Int>
        var entries: Range<Int>
        var drops: Range<Int>
        /// The people whom records list apart from what they said.
        var people: Range<Int>
        /// Whether the newest record of a conversation is the first.
        var isNewestFirst: Bool
        /// The members that decide which conversation a record belongs to and what it says of it, as choices in
        /// ``watched``; nil if something else does as well.
        var watched: Range<Int>?
    }

    private(set) var choices = Cells<Choice>([])
    /// The alternatives of each value, a run of ``choices``.
    private(set) var values = Cells<Range<Int32>>([])
    private var allChoices: [Choice] = []
    private var allValues: [Range<Int32>] = []
    private(set) var watched: [Int32] = []
    /// Whether the members of a table are bound to its columns.
    private(set) var isBound = false
    /// What the rows of the table are like, once its members are bound.
    private(set) var plain = PlainRows()
    var fields: [Field] = []
    var ids: [(name: String, value: PlannedValue)] = []
    var metadata: [(name: TextSlice, value: PlannedValue, isText: Bool)] = []
    var people: [People] = []
    var times: [Time] = []
    var kinds: [Kind] = []
    var entries: [Entries] = []
    var tests: [Test] = []
    var testWords: [TextSlice] = []
    var drops: [DropRule] = []
    var rules: [Rule] = []
    // What the general way needs, by the indexes above.
    var alternatives: [Alternative?] = []
    var conditions: [Condition] = []
    var timeRules: [TimeRule] = []
    var kindRules: [KindRule] = []
    var paths: [ValuePath] = []
    var words: [WordTable] = []
    /// What texts of the plan lie in.
    private var memory = TextArena()

    /// Compiles rules.
    ///
    /// - Parameters:
    ///   - records: The rules.
    ///   - isTable: Whether all values are texts.
    ///   - hasAttributes: Whether members with `@` are texts, and no two of an object have one name.
    init(_ records: [RecordRule], isTable: Bool = false, hasAttributes: Bool = false) {
        for record in records {
            let key = value(record.conversation.key)
            let fieldStart = fields.count
            for field in record.conversation.fields {
                fields.append(Field(slot: field.slot, isList: field.slot.isList, value: value(field.value)))
            }
            let idStart = ids.count
            for id in record.conversation.ids { ids.append((id.name, value(id.value))) }
            let metadataStart = metadata.count
            for member in record.conversation.metadata {
                let isText = isText(member.value, isTable: isTable, hasAttributes: hasAttributes)
                metadata.append((memory.keep(member.name), value(member.value), isText))
            }
            let peopleStart = people.count
            for (number, rule) in record.participants.enumerated() {
                let name = rule.each.count == 1 ? self.member(of: rule.each[0]) : nil
                let key = value(rule.key)
                var sender = sender(rule.sender)
                sender.participant = -1
                people.append(People(rule: number, member: name, key: key, sender: sender))
            }
            let entryStart = entries.count
            for entry in record.entries {
                let kindRange = compile(entry.kinds)
                let pathStart = paths.count
                paths += entry.each
                entries.append(
                    Entries(
                        each: pathStart..<paths.count,
                        member: entry.each.count == 1 && !entry.isNewestFirst ? member(of: entry.each[0]) : nil,
                        isNewestFirst: entry.isNewestFirst,
                        kinds: kindRange
                    )
                )
            }
            let dropStart = drops.count
            drops += record.drops
            let own = [key] + fields[fieldStart...].map(\.value) + ids[idStart...].map(\.value)
            // Without a key, no record is of the conversation of another.
            let watched = key < 0 ? nil : watch(own + metadata[metadataStart...].map(\.value))
            rules.append(
                Rule(
                    condition: condition(record.condition),
                    key: key,
                    fields: fieldStart..<fields.count,
                    ids: idStart..<ids.count,
                    metadata: metadataStart..<metadata.count,
                    entries: entryStart..<entries.count,
                    drops: dropStart..<drops.count,
                    people: peopleStart..<people.count,
                    isNewestFirst: record.isNewestFirst,
                    watched: watched
                )
            )
        }
        choices = Cells(allChoices)
        values = Cells(allValues)
    }

    /// Lists the members that values are made of; nil if they are made of anything else.
    private mutating func watch(_ all: [PlannedValue]) -> Range<Int>? {
        let start = watched.count
        for value in all where value >= 0 {
            for index in allValues[Int(value)] {
                let choice = allChoices[Int(index)]
                guard choice.kind != .general else { return nil }
                if choice.kind == .member { watched.append(index) }
                guard choice.condition >= 0 else { continue }
                let test = tests[Int(choice.condition)]
                guard test.kind != .general else { return nil }
                watched.append(test.choice)
            }
        }
        return start..<watched.count
    }

    /// Binds the members of a table to its columns, which lie in every row where they lie in this one.
    mutating func bind(_ row: JSONView) {
        isBound = true
        for index in 0..<choices.count where choices[index].kind == .member {
            choices[index].hint = -1
            row.forEachMember(row.root) { key, _ in
                if row.text(key).equals(choices[index].text) { choices[index].hint = Int32(key) }
            }
        }
        plain = PlainRows(self)
    }

    /// Notes where a member was found.
    @inline(__always)
    mutating func remember(_ choice: Int, at offset: Int) { choices[choice].hint = Int32(truncatingIfNeeded: offset) }

    // MARK: Compiling

    private mutating func compile(_ rules: [KindRule]) -> Range<Int> {
        let compiled = rules.map { rule -> Kind in
            let timeStart = times.count
            for time in rule.time {
                timeRules.append(time)
                let value = value(Expression(alternatives: [time.value]))
                let isAutomatic = time.format == "automatic" && time.since == nil && time.after == nil
                times.append(Time(value: value, rule: Int32(timeRules.count - 1), isAutomatic: isAutomatic))
            }
            kindRules.append(rule)
            let timeRange = timeStart..<times.count
            let sender = sender(rule.sender)
            return Kind(
                kind: rule.kind,
                condition: condition(rule.condition),
                id: value(rule.id),
                times: timeRange,
                sender: sender,
                watched: watch(sender.values),
                text: value(rule.text),
                replaces: value(rule.replaces),
                isOpening: rule.isOpening,
                hasAttachments: !rule.attachments.isEmpty,
                rule: Int32(kindRules.count - 1),
                reached: rule.rule
            )
        }
        kinds += compiled
        return kinds.count - compiled.count..<kinds.count
    }

    private mutating func sender(_ rule: SenderRule) -> Sender {
        Sender(
            participant: value(rule.participant),
            id: value(rule.id),
            name: value(rule.name),
            email: value(rule.email),
            phone: value(rule.phone),
            role: value(rule.role)
        )
    }

    /// Compiles an expression.
    ///
    /// - Returns: Its index, or -1 if there is none.
    private mutating func value(_ expression: Expression?) -> PlannedValue {
        guard let expression else { return -1 }
        // Conditions may add choices of their own, which must not lie between these.
        let conditions = expression.alternatives.map { condition($0.condition) }
        let start = Int32(allChoices.count)
        for (alternative, condition) in zip(expression.alternatives, conditions) {
            var choice = simple(alternative) ?? Choice(kind: .general, text: TextSlice(literal: ""), rule: 0)
            choice.rule = Int32(alternative.rule)
            choice.condition = choice.kind == .general ? -1 : condition
            append(choice, alternative)
        }
        allValues.append(start..<Int32(allChoices.count))
        return PlannedValue(allValues.count - 1)
    }

    @discardableResult
    private mutating func append(_ choice: Choice, _ alternative: Alternative?) -> Int32 {
        allChoices.append(choice)
        alternatives.append(alternative)
        return Int32(allChoices.count - 1)
    }

    private mutating func simple(_ alternative: Alternative) -> Choice? {
        var choice: Choice
        switch alternative.source {
        case .path(let path):
            guard let name = member(of: path) else { return nil }
            choice = Choice(kind: .member, text: name, rule: 0)
        case .constant(let text):
            // What is blank is no value, which the general way knows.
            guard text.utf8.contains(where: { $0 > 0x20 }) else { return nil }
            choice = Choice(kind: .constant, text: memory.keep(text), rule: 0)
        default: return nil
        }
        guard let step = alternative.steps.first else { return choice }
        guard alternative.steps.count == 1, case .map(let map, let otherwise) = step,
            let table = WordTable(map, otherwise, &memory)
        else { return nil }
        words.append(table)
        choice.words = Int32(words.count - 1)
        return choice
    }

    /// Whether a value can be nothing but one text.
    private func isText(_ expression: Expression, isTable: Bool, hasAttributes: Bool) -> Bool {
        expression.alternatives.allSatisfy { alternative in
            if alternative.steps.contains(where: \.givesPieces) { return false }
            if isTable { return true }
            guard hasAttributes, case .path(let path) = alternative.source, path.up == 0, path.file == nil,
                path.steps.count == 1, case .member(let name) = path.steps[0]
            else { return false }
            return name.first == UInt8(ascii: "@")
        }
    }

    /// The name, if a path is one member of the thing itself.
    private mutating func member(of path: ValuePath) -> TextSlice? {
        guard path.up == 0, path.file == nil, path.steps.count == 1, case .member(let name) = path.steps[0],
            !name.elementsEqual("#name".utf8)
        else { return nil }
        return name.withUnsafeBytes { memory.keep(utf8: $0) }
    }

    private mutating func condition(_ condition: Condition?) -> Int32 {
        guard let condition else { return -1 }
        let test = test(condition)
        conditions.append(condition)
        tests.append(test)
        return Int32(tests.count - 1)
    }

    private mutating func test(_ condition: Condition) -> Test {
        switch condition {
        case .equals(let path, let patterns):
            guard let name = member(of: path), !patterns.contains(where: { $0.contains("*") }) else { break }
            let start = testWords.count
            for pattern in patterns { testWords.append(memory.keep(pattern)) }
            let choice = append(Choice(kind: .member, text: name, rule: 0), nil)
            return Test(kind: .equals, choice: choice, words: start..<testWords.count)
        case .exists(let path):
            guard let name = member(of: path) else { break }
            return Test(kind: .exists, choice: append(Choice(kind: .member, text: name, rule: 0), nil))
        default: break
        }
        return Test(kind: .general)
    }
}
