// Messages of one shape are read by position: it must come to what looking each name up comes to.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct PlainItemsTests {
    /// Messages whose members are missing, in another order, twice there, blank, escaped, or more than a text.
    private static let pieces: [[String]] = [
        [" t='2024-01-01T10:00:00Z'", " t='2024-01-01T10:00:01.5+02:00'", " t='yesterday'", " t=' '", ""],
        [" by='a'", " by='b'", " by=''", " by='a\"b'", ""],
        [" role='Agent'", " role='customer'", " role='other'", " role='&#10;'", ""],
        [" id='1'", " id='2'", ""], ["", "", " x='kept'"],
    ]
    private static let contents = ["hello", "two\nlines", " ", "", "é &amp; \"q\"", "<b>part</b>", "<b>1</b>x<b>2</b>"]

    private static func records(_ seed: UInt64) -> String {
        var random = SeededRandom(seed: seed)
        let chats = (0..<12).map { number -> String in
            // Most messages of a record are alike, as in real files.
            let alike = pieces.map { $0.randomElement(using: &random) ?? "" }
            let messages = (0..<8).map { _ -> String in
                var parts = alike
                if Int.random(in: 0..<3, using: &random) == 0 {
                    parts = pieces.map { $0.randomElement(using: &random) ?? "" }
                }
                if Int.random(in: 0..<6, using: &random) == 0 { parts.shuffle(using: &random) }
                return "<m\(parts.joined())>\(contents.randomElement(using: &random) ?? "")</m>"
            }
            return "<chat key='\(number)' t='2024-01-01T09:00:00Z'>\(messages.joined(separator: "\n"))</chat>"
        }
        return "<log>\(chats.joined(separator: "\n"))</log>"
    }

    private func convert(_ each: String, _ records: String) throws -> [String] {
        let profile = """
            profile: test
            title: Test
            kind: xml
            records:
              chat:
                at: log/chat
                conversation: {key: "@key"}
                entries:
                  - each: \(each)
                    time: "@t"
                    id: "@id"
                    sender:
                      id: ["@by", "@id"]
                      role: [{path: "@role", map: {agent: operator, customer: user}}, {value: user}]
                    text: "#text"
            """
        return try TestFiles.withFolder { folder in
            try Folder.write(profile, folder + "/p.yaml")
            try Folder.write(records, folder + "/a.xml")
            let run = try CommandLineTool.run(
                ["convert", "a.xml", "--profile", "p.yaml", "--organization-id", "o", "--report", "r.json"],
                folder: folder
            )
            #expect(run.status == 0, "\(run.errors)")
            let report = try Folder.text(folder + "/r.json")
            #expect(report.contains(#""balanced":true"#))
            let digest = /"(sha256|planDigest|digest)":"[^"]*"/
            return [run.text, report.replacing(digest, with: "")]
        }
    }

    @Test("By position and by name, messages come to the same", arguments: 0..<12)
    func positions(seed: UInt64) throws {
        let records = Self.records(seed)
        // A list of two is looked up name by name.
        let byPosition = try convert("m", records)
        let byName = try convert("[m, none]", records)
        #expect(byPosition[0].contains("hello"))
        #expect(byPosition == byName)
    }
}
