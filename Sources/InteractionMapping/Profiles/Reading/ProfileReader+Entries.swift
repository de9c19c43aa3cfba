// People, and what they said.

extension ProfileReader {
    private static let roles = ParticipantRole.allCases.map(\.rawValue)
    private static let personKeys = ["id", "name", "email", "phone", "role"]
    /// What an entry says for all its kinds, each of which may say otherwise.
    private static let commonKeys = ["id", "time", "sender", "text", "replaces", "opening", "attachments"]

    // MARK: People

    mutating func participant(_ value: YAMLValue, _ origin: String) -> ParticipantRule? {
        var each: [ValuePath] = []
        var key: Expression?
        var keyIsPosition = false
        let members = members(value, of: "a participant", keys: ["each", "key"] + Self.personKeys)
        for member in members {
            if member.key == "each" { each = items(member.value) }
            if member.key == "key" {
                keyIsPosition = member.value.text == "position"
                if !keyIsPosition { key = expression(member.value, origin + ".key") }
            }
        }
        let sender = person(members, origin)
        if !members.contains(where: { $0.key == "each" }) {
            report(.error, value.place, "participants have no `each`", "say where the list is, or `.` for the record")
        }
        if key == nil, !keyIsPosition, sender.id == nil {
            report(.error, value.place, "participants have neither `key` nor `id`", "entries find them by it")
        }
        guard !each.isEmpty else { return nil }
        return ParticipantRule(each: each, key: key, keyIsPosition: keyIsPosition, sender: sender)
    }

    private mutating func sender(_ value: YAMLValue, _ origin: String) -> SenderRule {
        let members = members(value, of: "`sender`", keys: ["participant"] + Self.personKeys)
        return person(members, origin)
    }

    private mutating func person(_ members: [YAMLValue.Member], _ origin: String) -> SenderRule {
        var sender = SenderRule()
        for member in members {
            let place = "\(origin).\(member.key)"
            switch member.key {
            case "participant": sender.participant = expression(member.value, place)
            case "id": sender.id = expression(member.value, place)
            case "name": sender.name = expression(member.value, place)
            case "email": sender.email = expression(member.value, place)
            case "phone": sender.phone = expression(member.value, place)
            case "role":
                sender.role = expression(member.value, place)
                if let role = sender.role { checkWords(of: role, member.value.place, "role", known: Self.roles) }
            default: break
            }
        }
        return sender
    }

    // MARK: Entries

    mutating func entry(_ value: YAMLValue, _ origin: String) -> EntryRule {
        let members = members(value, of: "an entry", keys: ["each", "newest"] + Self.commonKeys + ["kinds"])
        var rule = EntryRule(kinds: [])
        for member in members where member.key == "each" { rule.each = items(member.value) }
        for member in members where member.key == "newest" {
            rule.isNewestFirst = comesNewestFirst(member)
            guard rule.each.isEmpty else { continue }
            report(.error, member.place, "`newest` is for the items of `each`", "put it beside `at` for records")
        }
        itemPaths = rule.each
        rule.kinds = kinds(members, value.place, origin)
        itemPaths = []
        return rule
    }

    private mutating func kinds(
        _ members: [YAMLValue.Member],
        _ place: YAMLPlace,
        _ origin: String
    ) -> [KindRule] {
        var common = KindRule(kind: .message, rule: 0)
        read(members, into: &common, origin)
        guard let kinds = members.first(where: { $0.key == "kinds" }) else {
            common.rule = rule(at: place, origin)
            checkContent(of: common, place)
            return [common]
        }
        let items = list(kinds.value, of: "`kinds`")
        let rules = items.enumerated().compactMap { kind($1, common, "\(origin).kinds[\($0)]") }
        checkReach(of: items)
        checkUse(of: members, by: items)
        return rules
    }

    /// Whether items or records come in the order in which the newest is the first.
    mutating func comesNewestFirst(_ member: YAMLValue.Member) -> Bool {
        let order = word(member.value, "`newest`")
        if order != "first" { report(.error, member.value.place, "`newest` is either `first` or not there") }
        return order == "first"
    }

    private mutating func kind(_ value: YAMLValue, _ common: KindRule, _ origin: String) -> KindRule? {
        var keys = ["as", "when", "reason"] + Self.commonKeys
        let members = members(value, of: "a kind", keys: keys)
        guard let name = members.first(where: { $0.key == "as" }) else {
            let known = KindRule.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            report(.error, value.place, "a kind has no `as`", "say what such items are: \(known)")
            return nil
        }
        guard let kind = choice(name.value, "kind", as: KindRule.Kind.self) else { return nil }
        var rule = common
        rule.kind = kind
        rule.rule = self.rule(at: value.place, origin)
        keys = kind == .skip ? ["as", "when", "reason"] : ["as", "when"] + Self.commonKeys
        for member in members {
            guard keys.contains(member.key) else {
                report(.error, member.place, "an item that becomes `\(kind.rawValue)` has no `\(member.key)`")
                continue
            }
            if member.key == "when" { rule.condition = condition(member.value) }
            if member.key == "reason" { rule.reason = self.name(member.value, "`reason`") ?? "" }
        }
        if kind == .skip, !members.contains(where: { $0.key == "reason" }) {
            report(.error, value.place, "what is skipped needs a `reason`", "such as `reason: typing`")
        }
        read(members, into: &rule, origin)
        checkContent(of: rule, value.place)
        return rule
    }

    /// Reads what an entry and a kind can both say.
    private mutating func read(_ members: [YAMLValue.Member], into rule: inout KindRule, _ origin: String) {
        for member in members {
            let place = "\(origin).\(member.key)"
            switch member.key {
            case "id": rule.id = expression(member.value, place)
            case "time": rule.time = times(member.value, place)
            case "sender": rule.sender = sender(member.value, place)
            case "text": rule.text = expression(member.value, place)
            case "replaces": rule.replaces = expression(member.value, place)
            case "opening": rule.isOpening = flag(member.value, "`opening`") ?? false
            case "attachments":
                rule.attachments = list(member.value, of: "`attachments`").enumerated()
                    .compactMap { attachment($1, "\(place)[\($0)]") }
            default: break
            }
        }
    }

    private mutating func attachment(_ value: YAMLValue, _ origin: String) -> AttachmentRule? {
        var rule: AttachmentRule?
        let members = members(value, of: "an attachment", keys: ["each", "url", "name", "type", "id"])
        let each = members.first { $0.key == "each" }.map { items($0.value, within: itemPaths) }
        if each?.isEmpty != true { rule = AttachmentRule(each: each ?? []) }
        for member in members {
            let place = "\(origin).\(member.key)"
            switch member.key {
            case "url": rule?.url = expression(member.value, place)
            case "name": rule?.name = expression(member.value, place)
            case "type": rule?.type = expression(member.value, place)
            case "id": rule?.id = expression(member.value, place)
            default: break
            }
        }
        if !members.contains(where: { $0.key == "url" || $0.key == "name" || $0.key == "id" }) {
            report(.error, value.place, "an attachment needs a `url`, a `name` or an `id`")
        }
        return rule
    }

    // MARK: Checks

    private mutating func checkContent(of rule: KindRule, _ place: YAMLPlace) {
        guard rule.kind == .message, rule.text == nil, rule.attachments.isEmpty else { return }
        report(.error, place, "a message has neither `text` nor `attachments`")
    }

    /// Warns of kinds after one that takes every item.
    private mutating func checkReach(of kinds: [YAMLValue]) {
        let hasCondition = { (kind: YAMLValue) in
            guard case .map(let members) = kind.content else { return true }
            return members.contains { $0.key == "when" }
        }
        guard let last = kinds.firstIndex(where: { !hasCondition($0) }), last + 1 < kinds.count else { return }
        let message = "never reached: the kind before it has no `when` and takes everything"
        report(.warning, kinds[last + 1].place, message, "put it first, or give the other one a `when`")
    }

    /// Warns of what an entry says that each of its kinds says otherwise.
    private mutating func checkUse(of members: [YAMLValue.Member], by kinds: [YAMLValue]) {
        let users = kinds.compactMap { kind -> [YAMLValue.Member]? in
            guard case .map(let members) = kind.content else { return nil }
            return members.contains { $0.key == "as" && $0.value.text == "skip" } ? nil : members
        }
        for member in members where Self.commonKeys.contains(member.key) {
            guard users.allSatisfy({ $0.contains { $0.key == member.key } }) else { continue }
            report(.warning, member.place, "never used: every kind has its own `\(member.key)`", "leave it out")
        }
    }
}
