// Joins of facts: transitive, the same in any order, and never against what contradicts them.

import Foundation
import TestSupport
import Testing

@testable import InteractionConversion
@testable import InteractionMapping
@testable import InteractionModel

@Suite(.timeLimit(.minutes(30)))
struct ParticipantSurveyTests {
    /// One participant of one conversation, as a source tells of them.
    struct Sighting: Sendable {
        var id: String?
        var email: String?
        var phone: String?
        var name: String?
        var role = ParticipantRole.user
        var system = "desk"
        var organization = "org"
        /// What a crosswalk has decided.
        var decided: String?
    }

    private static func outcome(_ sighting: Sighting, record: Int) -> RecordOutcome {
        var texts = TextArena()
        let key = [sighting.id, sighting.email, sighting.phone].compactMap(\.self).first
        let rule: Speaker.Rule =
            sighting.id != nil
            ? .sourceId : sighting.email != nil ? .email : sighting.phone != nil ? .phone : .name
        var speaker = Speaker(role: sighting.role, rule: rule)
        speaker.key = key.map { texts.keep($0) }
        speaker.name = sighting.name.map { texts.keep($0) }
        var person = SourcePerson(speaker, sighting.organization, sighting.system)
        person.email = sighting.email
        person.phone = sighting.phone
        let system = rule == .sourceId && sighting.system != "desk" ? sighting.system + "/" : ""
        let id = "\(sighting.organization)/\(rule.rawValue)/\(system)\(key ?? sighting.name ?? "")"
        var participant = RecordOutcome.ResolvedParticipant(
            participantId: sighting.decided ?? id,
            role: sighting.role,
            rule: sighting.decided == nil ? rule.rawValue : "crosswalk"
        )
        participant.people = [person]
        var outcome = RecordOutcome(file: "f", record: record, bytes: 0..<1, kind: .converted)
        outcome.participants = [participant]
        return outcome
    }

    private static func survey(_ sightings: [Sighting], sharedFrom: Int = 4) -> SurveyedParticipants {
        var table = PeopleTable()
        for (index, sighting) in sightings.enumerated() { table.add(outcome(sighting, record: index + 1)) }
        return SurveyedParticipants(ConversionReport(), table, Crosswalk(), sharedFrom, nil)
    }

    /// The ids that keys get, or that they have.
    private static func ids(_ found: SurveyedParticipants) -> [String: String] {
        var result: [String: String] = [:]
        found.forEachKey(all: true) { key in
            let system = key.system.map { $0 + "/" } ?? ""
            result[system + key.sourceKey] = key.participantId ?? "(\(key.currentId ?? ""))"
        }
        return result
    }

    private static func conflicts(_ found: SurveyedParticipants) -> [String] {
        found.conflicts.map { "\($0.kind.rawValue): \($0.keys.map(\.sourceKey).joined(separator: " "))" }
    }

    @Test func factsJoinOverSeveralRecords() {
        let found = Self.survey([
            Sighting(id: "u1", email: "a@x"), Sighting(email: "a@x", phone: "1"), Sighting(phone: "1"),
            Sighting(id: "u2"),
        ])
        let one = "org/source-id/u1"
        #expect(Self.ids(found) == ["desk/u1": one, "email:a@x": one, "phone:1": one, "desk/u2": "(org/source-id/u2)"])
        #expect(found.conflicts.isEmpty)
        #expect(found.joinedCount == 2)
    }

    @Test func anAddressJoinsTheIdsOfTwoSystems() {
        let found = Self.survey([
            Sighting(id: "17", email: "a@x", system: "desk"), Sighting(id: "17", system: "other"),
            Sighting(id: "9", email: "a@x", system: "other"),
        ])
        // The smallest key leads, whatever comes first.
        #expect(Self.ids(found)["desk/17"] == "org/source-id/17")
        #expect(Self.ids(found)["other/9"] == "org/source-id/17")
        #expect(Self.ids(found)["other/17"] == "(org/source-id/other/17)")
        #expect(found.conflicts.isEmpty)
    }

    @Test func whatContradictsJoinsNobody() {
        let found = Self.survey([
            Sighting(id: "u1", email: "a@x"), Sighting(id: "u2", email: "a@x"), Sighting(email: "a@x"),
            Sighting(id: "v1", email: "b@x"), Sighting(email: "b@x", role: .operator),
            Sighting(id: "w1", email: "c@x", decided: "one"), Sighting(id: "w2", email: "c@x", decided: "two"),
            Sighting(email: "c@x"),
        ])
        #expect(
            Self.conflicts(found) == [
                "two-ids: u1 u2 email:a@x", "two-roles: v1 email:b@x", "two-decisions: w1 w2 email:c@x",
                "two-ids: w1 w2 email:c@x",
            ]
        )
        #expect(found.joinedCount == 0)
    }

    @Test func aDecisionLeadsAJoin() {
        let found = Self.survey([
            Sighting(id: "u1", email: "a@x"), Sighting(email: "a@x", phone: "1"), Sighting(phone: "1", decided: "ann"),
        ])
        #expect(Self.ids(found)["desk/u1"] == "ann")
        #expect(Self.ids(found)["email:a@x"] == "ann")
    }

    @Test(arguments: [2, 3, 4, 5])
    func manyIdsOrNamesMakeAnAddressShared(limit: Int) {
        let systems = ["a", "b", "c", "d"]
        let byId = Self.survey(systems.map { Sighting(id: "1", email: "a@x", system: $0) }, sharedFrom: limit)
        #expect(Self.conflicts(byId).count == (limit <= 4 ? 1 : 0))
        #expect(byId.joinedCount == (limit <= 4 ? 0 : 3))
        let byName = Self.survey(
            ["Ann", "ann", "Bob", "Cem", "Dee"].map { Sighting(email: "a@x", name: $0) },
            sharedFrom: limit
        )
        #expect(Self.conflicts(byName) == (limit <= 4 ? ["shared-mailbox: email:a@x"] : []))
    }

    @Test func aNameIsNobodysForSure() {
        let found = Self.survey([
            Sighting(name: "Ann"), Sighting(id: "u1", name: "Ann"), Sighting(name: "Bob"), Sighting(name: "Bob"),
            Sighting(name: "Cem"), Sighting(name: "Dee"), Sighting(name: "Dee", role: .operator),
        ])
        #expect(
            Self.conflicts(found) == [
                "same-name: name:Ann u1", "same-name: name:Bob", "same-name: name:Dee", "two-roles: name:Dee",
            ]
        )
        #expect(found.joinedCount == 0)
        #expect(Self.ids(found)["desk/u1"] == "(org/source-id/u1)")
    }

    @Test func aKeyOfTwoOrganizationsIsJoinedInNeither() {
        let found = Self.survey(
            ["org", "other"].flatMap { organization in
                [
                    Sighting(id: "u1", email: "a@x", organization: organization),
                    Sighting(email: "a@x", organization: organization),
                ]
            }
        )
        #expect(found.joinedCount == 0)
        #expect(Set(found.conflicts.map(\.kind)) == [.twoOrganizations])
        #expect(Set(Self.ids(found).values) == ["()"])
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func theOrderOfTheInputsIsOfNoEffect(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        func pick(_ prefix: String, _ count: Int) -> String? {
            Bool.random(using: &random) ? prefix + String(Int.random(in: 0..<count, using: &random)) : nil
        }
        let sightings = (0..<120).map { _ in
            Sighting(
                id: pick("u", 40),
                email: pick("e", 40),
                phone: pick("p", 40),
                name: pick("n", 10),
                role: Int.random(in: 0..<8, using: &random) == 0 ? .operator : .user,
                system: Bool.random(using: &random) ? "a" : "b"
            )
        }
        let found = Self.survey(sightings)
        let other = Self.survey(sightings.shuffled(using: &random))
        #expect(Self.ids(found) == Self.ids(other))
        #expect(Self.conflicts(found) == Self.conflicts(other))
        // Joined keys are never of two roles, nor two ids of one system.
        var people: [String: [ParticipantKey]] = [:]
        found.forEachKey(all: true) { key in
            if let id = key.participantId { people[id, default: []].append(key) }
        }
        for keys in people.values {
            #expect(Set(keys.flatMap(\.seenRoles)).count == 1)
            let systems = keys.filter { !$0.sourceKey.contains(":") }.map(\.system)
            #expect(Set(systems).count == systems.count)
        }
    }

    @Test func aPoolTellsTextsApart() {
        var pool = TextPool()
        let texts = (0..<5000).map { "text \($0 % 2500)" }
        let numbers = texts.map { pool.number(of: $0) }
        #expect(pool.count == 2500)
        for (text, number) in zip(texts, numbers) { #expect(pool[number] == text) }
        let (first, second, empty) = (pool.number(of: "a"), pool.number(of: "b"), pool.number(of: ""))
        #expect(pool.isOrdered(first, before: second) && !pool.isOrdered(second, before: first))
        #expect(pool[empty].isEmpty && pool.count == 2503)
    }

    /// A receiver that fails must not leave the other conversion waiting.
    @Test func aFailingReceiverEndsBothConversions() async throws {
        struct Enough: Error {}
        let folder = NSTemporaryDirectory() + "interaction-migrate-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let rows = (0..<20_000).map { "c\($0),2024-05-06T10:00:00Z,u\($0),Ann,customer,Hello\n" }.joined()
        let header = "conversation,time,sender_id,sender,role,text\n"
        try Data((header + rows).utf8).write(to: URL(fileURLWithPath: folder + "/chats.csv"))
        var options = ConversionOptions()
        options.mapping.organizationId = "org"
        options.order = .clustered
        var crosswalk = Crosswalk()
        crosswalk.add("u0", Crosswalk.Entry(participantId: "one"))
        crosswalk.add("u19999", Crosswalk.Entry(participantId: "two"))
        let comparison = Reassignment(options, to: crosswalk)
        await #expect(throws: Enough.self) {
            _ = try await comparison.run(files: [folder + "/chats.csv"]) { _ in throw Enough() }
        }
        var changed: [String?] = []
        let report = try await comparison.run(files: [folder + "/chats.csv"]) { changed.append($0.newThread) }
        #expect(changed == ["c0", "c19999"])
        #expect(report.interactions == 20_000 && report.changed == 2)
    }
}
