// docs/MAPPING.md and the mapping tables say the same, line by line.

import Foundation
import InteractionModel
import TestSupport
import Testing

@testable import InteractionMapping

@Suite struct MappingDocumentationTests {
    @Test func version1() throws {
        try compare(LegacyRules.version1, wrappers: [], heading: "## v1")
    }

    @Test func version2And3() throws {
        try compare(LegacyRules.version2, wrappers: ["inputs", "payload"], heading: "## v2.0 and v3.0")
    }

    @Test func version31() throws {
        try compare(LegacyRules.version31, wrappers: ["payload"], heading: "## v3.1")
    }

    @Test func participantRules() throws {
        let rules = try rows(below: "## Participants").map { $0[0] }
        let expected: [Speaker.Rule] = [.crosswalk, .given, .idAndRole, .name, .role]
        #expect(rules == expected.map { "`\($0.rawValue)`" })
    }

    @Test func threadCandidates() throws {
        let text = try document()
        let fields = ThreadCandidate.standard.compactMap { candidate in
            if case .field(let name) = candidate { return "`\(name)`" }
            return nil
        }
        #expect(text.contains("1. " + fields.joined(separator: ", ") + ";"))
        #expect(text.contains("`\(UUIDValue.interactionMigrate.description)`"))
    }

    /// Every path of a table has a row with its target, and every row is a path of the table.
    private func compare(_ table: [LegacyMapping], wrappers: [String], heading: String) throws {
        var targets: [String: String] = [:]
        for row in try rows(below: heading) {
            try #require(row.count == 3, "\(row)")
            let path = row[0].trimmingCharacters(in: ["`"])
            #expect(targets.updateValue(row[1], forKey: path) == nil, "\(path) has two rows")
        }
        var known: Set<String> = []
        for mapping in table where !wrappers.contains(mapping.path) {
            let wrapper = wrappers.first { mapping.path.hasPrefix($0 + ".") }
            let path = String(mapping.path.dropFirst(wrapper.map { $0.count + 1 } ?? 0))
            known.insert(path)
            let target = Self.target(of: mapping.rule)
            #expect(targets[path]?.contains(target) ?? false, "\(path) has no row in \(heading) that says \(target)")
        }
        #expect(Set(targets.keys).subtracting(known).isEmpty, "rows that no rule stands behind")
        #expect(known.count > 5)
    }

    private static func target(of rule: LegacyRule) -> String {
        switch rule {
        case .section: "—"
        case .slot(let slot): "`\(slot.path)`"
        case .identifier(let name): "`\(Slot.referenceIds.path)` as `\(name)`"
        case .keep: "`metadata.legacy`"
        case .special(let special): "`\(target(of: special))`"
        }
    }

    private static func target(of special: LegacyRule.Special) -> String {
        switch special {
        case .transcript: "request.scope.conversations[0]"
        case .interactions, .notes: Slot.interactions.path.description
        case .requestId: "request.requestId"
        case .threadId: Slot.threadId.path.description
        case .organizationId: Slot.organizationId.path.description
        case .tenantId: "headers.tenantId"
        case .latency: "headers.networkLatencyMs"
        case .messageName: "headers.action"
        case .medium: Slot.channelMedium.path.description
        case .variant, .variation: Slot.attributesVariant.path.description
        case .productId, .product: Slot.products.path.description
        case .crm: Slot.interfaceName.path.description
        case .channelName: Slot.channelMetadata.path.description
        case .organizationName: Slot.organizations.path.description
        case .agent: Slot.operators.path.description
        case .user: Slot.users.path.description
        }
    }

    private func document() throws -> String {
        try String(contentsOfFile: TestFiles.package + "/docs/MAPPING.md", encoding: .utf8)
    }

    /// The cells of the first table below a heading, without its head.
    private func rows(below heading: String) throws -> [[String]] {
        let lines = try document().components(separatedBy: "\n").drop { $0 != heading }.dropFirst()
        let rows = lines.drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
        try #require(rows.count > 2, "there is no table below \(heading)")
        return rows.dropFirst(2).map { row in
            row.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }
}
