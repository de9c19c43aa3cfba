// What must survive the conversion of a legacy payload, as files of facts beside the payloads say it.

import Foundation

/// The facts of one payload; members that a file of facts does not know are nil.
package struct LegacyFacts: Decodable, Sendable {
    /// How many participants there may be.
    package struct Span: Decodable, Sendable {
        package var min: Int
        package var max: Int
    }

    /// A value outside the messages that is not a default.
    package struct Value: Decodable, Sendable {
        package var path: String
        package var type: String
        /// The first 16 hexadecimal digits of the SHA-256 of the value as text.
        package var digest: String

        package init(from decoder: any Decoder) throws {
            var items = try decoder.unkeyedContainer()
            path = try items.decode(String.self)
            type = try items.decode(String.self)
            digest = try items.decode(String.self)
        }
    }

    /// Whether conversion or refusal is right.
    package struct Expectation: Decodable, Sendable {
        package var convertible: Bool
        /// What must come from configuration.
        package var needs: [String]
        package var blockers: [String]
    }

    /// A field that may hold a thread's id, or a remark about one.
    package struct Candidate: Decodable, Sendable {
        package var text: String?

        package init(from decoder: any Decoder) throws {
            text = try? decoder.singleValueContainer().decode(String.self)
        }
    }

    package var id: String
    package var generation: String?
    package var form: String?
    package var overLimit: Bool?
    package var messages: Int?
    package var participants: Span?
    package var threadId: String?
    package var organizationId: String?
    /// SHA-256 of each text in source order; nil for a message without one.
    package var texts: [String?]?
    /// The same in the order of time, where that is another.
    package var textsByTime: [String?]?
    /// Milliseconds since 1970, with the fraction that the source gives; nil for what cannot be known.
    package var instants: [Double?]?
    package var roles: [String?]?
    /// The target's roles; nil where the target has none, or none that can be known.
    package var rolesMapped: [String?]?
    package var names: [String?]?
    /// SHA-256 of the texts of events that the payload keeps beside its messages.
    package var interactions: [String?]?
    package var other: [Value]?
    package var expect: Expectation?
    package var threadCandidates: [String: Candidate]?
    package var idsLookPerMessage: Bool?
    /// What must become of a hostile line, and why.
    package var want: String?
    package var why: String?
}

/// A file of payloads with its facts.
package struct LegacyCorpus: Sendable {
    /// One line of the payload file.
    package struct Line: Sendable {
        package var text: [UInt8]
        package var facts: LegacyFacts

        /// Makes a line.
        package init(text: [UInt8], facts: LegacyFacts) {
            self.text = text
            self.facts = facts
        }
    }

    /// A file that does not agree with its facts.
    package struct Mismatch: Error, CustomStringConvertible {
        package var description: String
    }

    /// The file's name without its extension.
    package var name: String
    /// Where the payloads are.
    package var path: String
    package var lines: [Line]

    /// Whether there are payloads with facts on this machine.
    package static var isThere: Bool { folder != nil }

    private static var folder: String? {
        guard let path = TestFiles.shared.map({ $0 + "/corpus/legacy" }) else { return nil }
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// Reads every file of payloads that has facts.
    ///
    /// - Returns: The files in the order of their names; none on a machine without them.
    package static func all() throws -> [LegacyCorpus] {
        guard let folder else { return [] }
        let suffix = ".facts.ndjson"
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(suffix) }.sorted()
            .map { try LegacyCorpus(name: String($0.dropLast(suffix.count)), folder: folder) }
    }

    private init(name: String, folder: String) throws {
        self.name = name
        path = "\(folder)/\(name).ndjson"
        let texts = try Self.lines(of: path)
        let facts = try Self.lines(of: "\(folder)/\(name).facts.ndjson").map {
            try JSONDecoder().decode(LegacyFacts.self, from: Data($0))
        }
        // A line is paired with its facts by position: the member `line` of some files counts in another file.
        guard texts.count == facts.count else {
            throw Mismatch(description: "\(name): \(texts.count) payloads, but facts of \(facts.count)")
        }
        lines = zip(texts, facts).map { Line(text: $0, facts: $1) }
    }

    /// The lines of a file that are not blank.
    package static func lines(of path: String) throws -> [[UInt8]] {
        try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: UInt8(ascii: "\n"))
            .map { [UInt8]($0) }
            .filter { line in line.contains { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D } }
    }
}
