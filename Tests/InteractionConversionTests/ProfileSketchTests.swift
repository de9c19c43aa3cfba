// Proposals for profiles: what is found in samples, and that a profile's reader takes every proposal.

import Foundation
import InteractionConversion
import InteractionMapping
import TestSupport
import Testing

@Suite struct ProfileSketchTests {
    private static let helpdesk = """
        {"exported": "2024-05-02", "tickets": [
          {"number": 4711, "subject": "Late parcel", "lang": "en", "tags": ["parcel"],
           "opened_by": {"login": "kim@example.org", "name": "Kim"},
           "question": "<p>Where is my parcel?</p>", "opened": "02.05.2024 10:15",
           "log": [
             {"kind": "reply", "by": "anna", "at": "02.05.2024 10:20", "html": "<p>It is on its way.</p>"},
             {"kind": "internal", "by": "anna", "at": "02.05.2024 10:21", "html": "Lost it once again"},
             {"kind": "reply", "by": "kim@example.org", "at": "22.05.2024 10:25", "html": "Thank you very much"},
             {"kind": "closed", "by": "system", "at": "03.05.2024 09:00"}]}]}
        """

    private static func sketch(
        _ text: String,
        _ name: String,
        showsContent: Bool = false
    ) throws -> ProfileSketch {
        try TestFiles.withFolder { folder in
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            return try ProfileSketch(sample: "\(folder)/\(name)", name: nil, showsContent: showsContent)
        }
    }

    /// The lines without their reasons, and without what they are indented by.
    private static func lines(_ sketch: ProfileSketch) -> [String] {
        sketch.yaml.split(separator: "\n").map { line in
            let end = line.firstRange(of: "  # ")?.lowerBound ?? line.endIndex
            return line[..<end].trimmingCharacters(in: .whitespaces)
        }
    }

    private static func comments(_ yaml: String) -> String {
        yaml.split(separator: "\n").compactMap { $0.split(separator: "# ", maxSplits: 1).dropFirst().first }
            .joined(separator: "\n")
    }

    private static func errors(_ yaml: String) -> [String] {
        Profile.read(yaml, file: "proposal").findings.filter { $0.severity == .error }.map(\.description)
    }

    @Test func conversationsWithTheirMessagesInside() throws {
        let sketch = try Self.sketch(Self.helpdesk, "Acme Desk.json")
        let lines = Self.lines(sketch)
        for line in [
            "profile: acme-desk", "kind: json", #"at: "$.tickets[*]""#, "key: number", "language: lang",
            #"tags: "tags[*]""#, "metadata: {title: subject}", "- opening: true",
            #"time: {path: opened, format: "dd.MM.yyyy HH:mm"}"#, "text: {path: question, as: html}",
            #"- each: "log[*]""#, #"time: {path: at, format: "dd.MM.yyyy HH:mm"}"#, "id: by",
            "role: [{value: user, when: {by: {same: ^.opened_by.login}}}, {value: operator}]",
            "text: {path: html, as: html}", "- {as: note, when: {kind: [internal]}}",
            "- {as: event, when: {kind: [closed]}, text: kind}", "# zone: Europe/Berlin",
        ] {
            #expect(lines.contains(line), "\(line) is not in\n\(sketch.yaml)")
        }
        #expect(Self.errors(sketch.yaml).isEmpty)
        #expect(sketch.openQuestions == sketch.yaml.split(separator: "TODO: ").count - 1)
        #expect(sketch.recordCount == 1)
        #expect(sketch.messageCount == 4)
        #expect(sketch.builtIn == nil)
    }

    @Test func messagesThatNameTheirConversation() throws {
        let rows = (0..<40).map { row in
            let role = ["visitor", "Agent", "Concierge"][row % 3]
            return "c\(row / 4);\(1_700_000_000_000 + row * 1000);\(role);\"Well; this is \"\"text\"\" number \(row)\""
        }
        let sketch = try Self.sketch("Chat ID;Sent;Sender Type;Message\n" + rows.joined(separator: "\n"), "chats.csv")
        let lines = Self.lines(sketch)
        for line in [
            "kind: csv", "key: Chat ID", "- time: {path: Sent, format: milliseconds}", "path: Sender Type",
            "visitor: user", "agent: operator", "concierge: operator", "text: Message",
        ] {
            #expect(lines.contains(line), "\(line) is not in\n\(sketch.yaml)")
        }
        #expect(sketch.yaml.contains("concierge: operator  # TODO: say who this is"))
        #expect(sketch.yaml.contains("40 of 40 values are milliseconds since 1970"))
        #expect(Self.errors(sketch.yaml).isEmpty)
    }

    @Test func elementsWithDateAndTimeApart() throws {
        let sketch = try Self.sketch(
            """
            <desk><ticket id="t1" by="mo"><subject>Late</subject><messages>
              <message by="pia" date="14/03/2024" time="09:31am" private="1">It is the carrier again</message>
              <message by="mo" date="15/03/2024" time="06:01pm" private="0">It has come, thank you</message>
            </messages></ticket></desk>
            """,
            "desk.xml"
        )
        let lines = Self.lines(sketch)
        for line in [
            "kind: xml", "at: desk/ticket", #"key: "@id""#, "- each: messages.message",
            #"time: {join: ["@date", "@time"], format: "dd/MM/yyyy hh:mma"}"#, ##"text: "#text""##,
            #"- {as: note, when: {"@private": "1"}}"#,
        ] {
            #expect(lines.contains(line), "\(line) is not in\n\(sketch.yaml)")
        }
        #expect(Self.errors(sketch.yaml).isEmpty)
    }

    @Test func theOrderOfDayAndMonthIsLeftToAPersonWhereBothRead() throws {
        let text = "room,at,by,text\n1,03/04/2024 10:00,ann,how are you today\n1,04/04/2024 10:00,bob,I am quite fine\n"
        let sketch = try Self.sketch(text, "log.csv")
        #expect(sketch.yaml.contains("TODO: day and month could be the other way round"))
        let other = try Self.sketch(text.replacing("04/04/2024", with: "24/04/2024"), "log.csv")
        #expect(other.yaml.contains(#"format: "dd/MM/yyyy HH:mm""#))
        #expect(!other.yaml.contains("other way round"))
    }

    @Test func reasonsQuoteNothingUnlessAsked() throws {
        let hidden = Self.comments(try Self.sketch(Self.helpdesk, "a.json").yaml)
        let shown = Self.comments(try Self.sketch(Self.helpdesk, "a.json", showsContent: true).yaml)
        for value in ["parcel", "anna", "02.05.2024", "4711", "kim@example.org"] {
            #expect(!hidden.contains(value), "\(value) is in\n\(hidden)")
            #expect(shown.contains(value), "\(value) is not in\n\(shown)")
        }
    }

    @Test func theSameSampleGivesTheSameProposal() throws {
        let first = try Self.sketch(Self.helpdesk, "a.json").yaml
        for _ in 0..<3 { #expect(try Self.sketch(Self.helpdesk, "a.json").yaml == first) }
    }

    @Test(arguments: ["", "just some prose", "[]", "{}", "\u{0}\u{1}\u{2}"])
    func whatHoldsNoMessagesIsRefused(text: String) throws {
        #expect(throws: ProfileFailure.self) { try Self.sketch(text, "x") }
    }

    @Test func oddNamesAreQuoted() throws {
        let sketch = try Self.sketch(
            #"{"a.b[0]": {"it is | #1": [{"when.": 1700000000.5, "text: [x]": "one two three", "true": "id"}]}}"#,
            "odd.json"
        )
        #expect(Self.errors(sketch.yaml).isEmpty, "\(sketch.yaml)")
        #expect(sketch.yaml.contains("format: seconds"))
    }

    @Test(.enabled(if: TestFiles.shared != nil, "there are no real exports beside the package"))
    func everyProposalForARealExportIsAProfile() throws {
        let root = try #require(TestFiles.shared) + "/corpus"
        let files = try FileManager.default.subpathsOfDirectory(atPath: root).sorted().filter { path in
            ["json", "csv", "xml", "chatlog", "log", "transcript"].contains { path.hasSuffix("." + $0) }
                && !path.hasPrefix("_") && !path.hasPrefix("legacy/")
        }
        var proposed = 0
        for (_, files) in Dictionary(grouping: files, by: { $0.prefix { $0 != "/" } }) {
            for file in files.prefix(8) {
                var isFolder: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: "\(root)/\(file)", isDirectory: &isFolder)
                guard !isFolder.boolValue,
                    let sketch = try? ProfileSketch(sample: "\(root)/\(file)", name: nil, showsContent: true)
                else { continue }
                #expect(Self.errors(sketch.yaml).isEmpty, "\(file):\n\(sketch.yaml)")
                proposed += 1
            }
        }
        #expect(proposed > 40)
    }
}
