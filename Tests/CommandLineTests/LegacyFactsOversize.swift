// Payloads over the size limit, with their facts: the corpus' own, with their messages said again and again.

import Foundation
import TestSupport

/// Makes large payloads.
enum LegacyFactsOversize {
    /// A payload whose transcript is repeated until it has a size, or nil for one where that would change its meaning.
    static func enlarge(_ line: LegacyCorpus.Line, to size: Int) throws -> LegacyCorpus.Line? {
        var facts = line.facts
        guard let count = facts.texts?.count, count > 0, facts.idsLookPerMessage != true,
            var root = try JSONSerialization.jsonObject(with: Data(line.text)) as? [String: Any]
        else { return nil }
        let times = size / line.text.count + 2
        guard repeatTranscript(&root, times) else { return nil }
        func repeated<Element>(_ list: [Element]?) -> [Element]? {
            list.map { list in (0..<times).flatMap { _ in list } }
        }
        facts.texts = repeated(facts.texts)
        facts.instants = repeated(facts.instants)
        facts.roles = repeated(facts.roles)
        facts.rolesMapped = repeated(facts.rolesMapped)
        facts.names = repeated(facts.names)
        facts.textsByTime = byTime(facts)
        // Numbers may be spelled otherwise here.
        facts.other = facts.other?.filter { $0.type != "number" }
        return LegacyCorpus.Line(text: [UInt8](try JSONSerialization.data(withJSONObject: root)), facts: facts)
    }

    /// Equal instants stay in the order of the source.
    private static func byTime(_ facts: LegacyFacts) -> [String?]? {
        guard let texts = facts.texts, let instants = facts.instants?.compactMap({ $0 }), instants.count == texts.count
        else { return nil }
        return texts.indices.sorted { (instants[$0], $0) < (instants[$1], $1) }.map { texts[$0] }
    }

    private static func repeatTranscript(_ object: inout [String: Any], _ times: Int) -> Bool {
        for key in ["history", "user_perspective", "conversations", "messages"] {
            guard let list = object[key] as? [[String: Any]], !list.isEmpty else { continue }
            if key == "conversations", list.contains(where: { $0["messages"] != nil }) {
                // Repeating two conversations one after the other is not what the facts would then say.
                guard list.count == 1 else { return false }
                var conversation = list[0]
                guard repeatTranscript(&conversation, times) else { return false }
                object[key] = [conversation]
            } else {
                object[key] = (0..<times).flatMap { _ in list }
            }
            return true
        }
        for key in ["payload", "inputs", "session", "request", "scope"] {
            guard var inner = object[key] as? [String: Any] else { continue }
            if repeatTranscript(&inner, times) {
                object[key] = inner
                return true
            }
        }
        return false
    }
}
