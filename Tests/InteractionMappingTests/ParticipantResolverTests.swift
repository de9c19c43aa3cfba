// Who is who in one conversation: by id, by name and role, by role, or by what a person has decided.

import TestSupport
import Testing

@testable import InteractionMapping
@testable import InteractionModel

@Suite
struct ParticipantResolverTests {
    /// What an entry says of its author.
    struct Author: Sendable {
        var id: String?
        var name: String?
        var role = ParticipantRole.user
    }

    /// What was settled for each author, and what was reported.
    struct Settled: Equatable {
        var indexes: [Int] = []
        var ids: [String] = []
        var rules: [String] = []
        var findings: [FindingCode] = []
    }

    private func settle(
        _ authors: [Author],
        thread: String = "thread-1",
        organization: String = "org-1",
        crosswalk: Crosswalk = Crosswalk()
    ) -> Settled {
        var texts = TextArena()
        var resolver = ParticipantResolver()
        var settled = Settled()
        for author in authors {
            let id = author.id.map { texts.keep($0) }
            let name = author.name.map { texts.keep($0) }
            settled.indexes.append(resolver.participant(id: id, name: name, role: author.role))
        }
        var findings: [FindingCode] = []
        resolver.settle(
            conversation: texts.keep(thread),
            organization: texts.keep(organization),
            crosswalk: crosswalk,
            texts: &texts,
            report: { code, _ in findings.append(code) }
        )
        settled.findings = findings
        for index in settled.indexes {
            let participant = resolver.participants[index]
            settled.ids.append((participant.id ?? participant.key)?.string ?? "")
            settled.rules.append(participant.rule.rawValue)
        }
        return settled
    }

    private func derived(_ lines: String...) -> String {
        UUIDValue.v5(namespace: .interactionMigrate, name: Array(lines.map { $0 + "\n" }.joined().utf8)).description
    }

    @Test
    func anIdIsKept() {
        let settled = settle([
            Author(id: "u1", name: "Ana"), Author(id: "u1"), Author(id: "u1", name: "Other"),
            Author(id: "u2", name: "Ana"),
        ])
        #expect(settled.indexes == [0, 0, 0, 1])
        #expect(settled.ids == ["u1", "u1", "u1", "u2"])
        #expect(settled.rules == ["given", "given", "given", "given"])
        #expect(settled.findings.isEmpty)
    }

    @Test
    func withoutAnIdTheNameAndTheRoleTellPeopleApart() {
        let settled = settle([
            Author(name: "Ana"), Author(name: "Ana"), Author(name: "ana"), Author(name: "Ana", role: .operator),
        ])
        #expect(settled.indexes == [0, 0, 1, 2])
        #expect(settled.ids[0] == derived("org-1", "customerinteraction", "name", "thread-1", "Ana", "user"))
        #expect(settled.ids[3] == derived("org-1", "customerinteraction", "name", "thread-1", "Ana", "operator"))
        #expect(settled.findings == [.nameTwoRoles])
    }

    @Test
    func withoutANameThereIsOneParticipantForEachRole() {
        let settled = settle([Author(), Author(role: .bot), Author(), Author(role: .bot)])
        #expect(settled.indexes == [0, 1, 0, 1])
        #expect(settled.ids[0] == derived("org-1", "customerinteraction", "role", "thread-1", "user"))
        #expect(settled.rules == ["role", "role", "role", "role"])
        // Nothing of it depends on the order in which people speak.
        #expect(Set(settle([Author(role: .bot), Author()]).ids) == Set(settled.ids))
    }

    @Test
    func oneIdInTwoRolesIsTwoPeople() {
        let settled = settle([Author(id: "x"), Author(id: "x", role: .operator), Author(id: "x")])
        #expect(settled.indexes == [0, 1, 0])
        #expect(settled.ids[0] == "x")
        #expect(settled.ids[1] == derived("org-1", "customerinteraction", "id", "x", "operator"))
        #expect(settled.rules == ["given", "id-and-role", "given"])
        #expect(settled.findings == [.idTwoRoles])
    }

    @Test
    func derivedIdsAreLocalToOrganizationAndThread() {
        let authors = [Author(name: "Ana"), Author()]
        let here = settle(authors).ids
        #expect(
            Set(here + settle(authors, thread: "thread-2").ids + settle(authors, organization: "org-2").ids).count == 6
        )
        #expect(settle(authors).ids == here)
    }

    @Test
    func decisionsGoFirst() {
        var crosswalk = Crosswalk()
        crosswalk.add("u1", Crosswalk.Entry(participantId: "decided-1"))
        crosswalk.add("name:Ana", Crosswalk.Entry(participantId: "decided-2"))
        crosswalk.add("role:bot", Crosswalk.Entry(participantId: "decided-3"))
        crosswalk.add("u3", Crosswalk.Entry(participantId: nil, displayName: "Shown"))
        let authors = [
            Author(id: "u1", name: "Ana"), Author(name: "Ana"), Author(role: .bot), Author(id: "u3"),
            Author(id: "u2", name: "Ana"),
        ]
        let settled = settle(authors, crosswalk: crosswalk)
        #expect(settled.ids == ["decided-1", "decided-2", "decided-3", "u3", "u2"])
        #expect(settled.rules == ["crosswalk", "crosswalk", "crosswalk", "given", "given"])
    }

    @Test
    func aDecisionIsMadeOnce() {
        var crosswalk = Crosswalk()
        #expect(crosswalk.isEmpty)
        let additions = ["a", "a", "b"].map { crosswalk.add("u", Crosswalk.Entry(participantId: $0)) }
        #expect(additions == [true, true, false])
        #expect(crosswalk.entries["u"]?.participantId == "a")
    }

    @Test
    func manyPeopleAreToldApartAsFewAre() {
        var random = SeededRandom(seed: 31)
        let roles: [ParticipantRole] = [.user, .operator, .bot]
        for round in 0..<200 {
            let people = Int.random(in: 1...60, using: &random)
            let authors = (0..<150).map { _ in
                Author(
                    id: Bool.random(using: &random) ? "id-\(Int.random(in: 0..<people, using: &random))" : nil,
                    name: Bool.random(using: &random) ? "Name \"\(Int.random(in: 0..<people, using: &random))\"" : nil,
                    role: roles.randomElement(using: &random) ?? .user
                )
            }
            let settled = settle(authors)
            // The rule in its plainest form: id and role, else name and role, else role.
            var known: [String: Int] = [:]
            let expected = authors.map { author in
                let key =
                    (author.id.map { "i" + $0 } ?? author.name.map { "n" + $0 } ?? "") + "|" + author.role.rawValue
                if let found = known[key] { return found }
                known[key] = known.count
                return known.count - 1
            }
            #expect(settled.indexes == expected, "round \(round), \(people) people")
            #expect(Set(settled.ids).count == known.count, "round \(round): two people share an id")
        }
    }
}
