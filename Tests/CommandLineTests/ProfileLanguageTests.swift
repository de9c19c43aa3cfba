// What profiles can say of sources that hide their structure: in texts, in the order of records, in other files.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct ProfileLanguageTests {
    /// As much of an Interaction as these tests look at.
    private struct Interaction: Decodable {
        struct Request: Decodable {
            var connections: Connections
            var reference: Reference?
            var resources: Resources?
            var scope: Scope
        }

        struct Connections: Decodable { var threadId: String }

        struct Reference: Decodable { var tags: [String]? }

        struct Resources: Decodable { var links: [Link] }

        struct Link: Decodable { var url: String }

        struct Scope: Decodable { var conversations: [Conversation] }

        struct Conversation: Decodable {
            var participants: [Participant]
            var messages: [Message]
        }

        struct Participant: Decodable {
            var participantId: String
            var displayName: String?
        }

        struct Message: Decodable {
            var content: String
            var participantId: String
            var timestamp: String?
        }

        var request: Request

        /// Who said what and when, a line each.
        var lines: [String] {
            request.scope.conversations.flatMap { conversation in
                conversation.messages.map { message in
                    let person = conversation.participants.first { $0.participantId == message.participantId }
                    let time = message.timestamp.map { " " + $0.dropFirst(11).prefix(8) } ?? ""
                    return "\(person?.displayName ?? "-")\(time): \(message.content)"
                }
            }
        }
    }

    /// Converts files, whose books must balance.
    ///
    /// - Returns: The Interactions, and all of the output.
    private func convert(
        _ profile: String,
        _ files: [(name: String, text: String)],
        options: [String] = []
    ) throws -> (interactions: [Interaction], text: String, errors: String) {
        try TestFiles.withFolder { folder in
            try Folder.write("profile: test\ntitle: Test\n" + profile, folder + "/p.yaml")
            for file in files {
                let path = URL(filePath: "\(folder)/\(file.name)")
                let place = path.deletingLastPathComponent()
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
                try Folder.write(file.text, path.path)
            }
            let arguments = ["convert"] + files.map(\.name) + ["--profile", "p.yaml", "--organization-id", "o"]
            let run = try CommandLineTool.run(arguments + ["--report", "r.json"] + options, folder: folder)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try Folder.text(folder + "/r.json").contains(#""balanced":true"#))
            #expect(!(try Folder.text(folder + "/r.json").contains(#""balanced":false"#)))
            let lines = run.text.split(separator: "\n")
            let interactions = try lines.map { try JSONDecoder().decode(Interaction.self, from: Data($0.utf8)) }
            return (interactions, run.text, run.errors)
        }
    }

    // MARK: Texts that hold more

    @Test func textsAreUnpacked() throws {
        let profile = """
            kind: json
            records:
              card:
                at: $.rows[*]
                detect: {all: [room]}
                unpack:
                  "cards[*].content": json
                  document: [base64, json]
                  broken: [base64, json]
                when: {document.topic: {exists: true}}
                conversation: {key: room, metadata: {topic: document.topic}}
                entries:
                  - each: ["document.lines[*]", "cards[*].content.body[*]"]
                    time: at
                    sender: {name: who, role: {value: user}}
                    text: text
            """
        let document = Data(
            #"{"topic":"late","lines":[{"who":"Anna","text":"Yes?","at":"2024-01-01T10:01:00Z","odd":5}]}"#.utf8
        ).base64EncodedString()
        let card =
            #"{\"body\":[{\"who\":\"Kim\",\"text\":\"Hi\",\"at\":\"2024-01-01T10:00:00Z\"},"#
            + #"{\"who\":\"Kim\",\"text\":\"You?\",\"at\":\"2024-01-01T10:00:00Z\"}],\"v\":1,\"v\":2}"#
        let cards = #"[{"content":"\#(card)"},{"content":"no json"}]"#
        let row = #"{"room":"r","broken":"%%%","cards":\#(cards),"document":"\#(document)"}"#
        let (interactions, text, _) = try convert(profile, [("a.json", "{\"rows\":[\(row)]}")])
        #expect(interactions.first?.lines == ["Kim 10:00:00: Hi", "Kim 10:00:00: You?", "Anna 10:01:00: Yes?"])
        for kept in [#""topic":"late""#, #""broken":"%%%""#, #""content":"no json""#, #"odd":5"#, #".v":2"#] {
            #expect(text.contains(kept), "\(kept) is lost")
        }
    }

    @Test func rowsOfATableAreUnpackedToo() throws {
        let profile = """
            kind: csv
            tables:
              people:
                detect: {all: [user, attributes]}
                unpack: {attributes: json}
                key: {join: [$file.folder, user]}
            records:
              line:
                detect: {all: [room, who, text]}
                conversation: {key: {join: [$file.folder, room]}}
                entries:
                  - text: text
                    sender:
                      name: {lookup: people, by: {join: [$file.folder, who]}, get: attributes.name}
                      role: {value: user}
            """
        let (interactions, _, _) = try convert(
            profile,
            [
                ("a/people.csv", "user,attributes\n1,\"{\"\"name\"\":\"\"Kim\"\"}\"\n2,none\n"),
                ("b/people.csv", "user,attributes\n1,\"{\"\"name\"\":\"\"Anna\"\"}\"\n2,none\n"),
                ("a/lines.csv", "room,who,text\nr,1,Hello\nr,1,Bye\n"),
                ("b/lines.csv", "room,who,text\nr,1,Yes?\nr,1,No\n"),
            ]
        )
        #expect(interactions.map(\.lines) == [["Kim: Hello", "Kim: Bye"], ["Anna: Yes?", "Anna: No"]])
    }

    @Test func withoutAKeyEachRowIsAConversation() throws {
        let profile = """
            kind: csv
            records:
              line:
                detect: {all: [room, who, text]}
                conversation: {metadata: {room: room}}
                entries:
                  - text: text
                    sender: {name: who, role: {value: user}}
            """
        // Rows that are alike but for their texts, and then not.
        let rows = "room,who,text\nr,Kim,Hello\nr,Kim,Hello?\nr,Kim,Anybody?\ns,Kim,Hello\n"
        let (interactions, _, _) = try convert(profile, [("a.csv", rows)])
        #expect(
            interactions.map(\.lines) == [["Kim: Hello"], ["Kim: Hello?"], ["Kim: Anybody?"], ["Kim: Hello"]]
        )
    }

    @Test func aTextIsAllItsPieces() throws {
        let profile = """
            kind: csv
            records:
              line:
                detect: {all: [room, text]}
                conversation:
                  key: room
                  tags: {path: tags, split: {on: ";"}, trim: true, map: {a: one, b: two}}
                  metadata: {topics: {path: topics, split: {on: ","}}}
                entries:
                  - text: text
                    sender: {name: who, role: {value: user}}
                    attachments: [{each: {path: files, split: {on: ","}}, url: {path: ., trim: true}}]
            """
        let rows = "room,who,text,tags,topics,files\nr,Kim,Look,a; b;zzz,\"x,y\",\"https://x/1, https://x/2\"\n"
        let (interactions, text, _) = try convert(profile, [("a.csv", rows)])
        #expect(interactions.first?.request.reference?.tags == ["one", "two"])
        #expect(interactions.first?.request.resources?.links.map(\.url) == ["https://x/1", "https://x/2"])
        #expect(text.contains(#""topics":["x","y"]"#))
        #expect(text.contains("a; b;zzz"), "a piece that came to nothing is lost")
    }

    @Test func aTranscriptIsCutIntoEntries() throws {
        let profile = #"""
            kind: csv
            zone: UTC
            records:
              chat:
                detect: {all: [Id, Body]}
                conversation: {key: Id}
                entries:
                  - each: {cut: Body, as: html, at: '\( (?<after>[^)]+) \) (?<who>[^:]+): (?<text>.*)'}
                    time: {path: after, after: ^.Start}
                    sender: {name: who, role: {path: who, map: {Visitor: user}, default: operator}}
                    text: text
                    kinds:
                      - {as: event, when: {who: null}, sender: {role: {value: system}}}
                      - as: message
            """#
        let body =
            "Chat started<br>( 6s ) Pia: Hello<br>( 1m 24s ) Visitor: Late<br>and sorry: very<br>"
            + "( 0:02:00 ) Pia: Fine"
        let rows =
            "Id,Start,Agent,Body\nc1,2024-05-01 10:00:00,Pia,\"\(body)\"\n"
            + "c2,2024-05-01 11:00:00,Pia,( 1h 2s ) Pia: Hm\n"
        let (interactions, text, _) = try convert(profile, [("a.csv", rows)])
        try #require(interactions.count == 2)
        #expect(
            interactions[0].lines == [
                "Pia 10:00:06: Hello", "Visitor 10:01:24: Late\nand sorry: very", "Pia 10:02:00: Fine",
            ]
        )
        #expect(interactions[1].lines == ["Pia 12:00:02: Hm"])
        #expect(text.contains("Chat started"))
    }

    @Test func aSectionOfATranscriptBeginsAnItem() throws {
        let profile = #"""
            kind: csv
            zone: UTC
            records:
              chat:
                detect: {all: [Id, Body]}
                conversation: {key: Id}
                entries:
                  - each: {cut: Body, before: <h2>, as: html, at: '(?<after>\d+s) (?<who>\w+): (?<text>.*)'}
                    time:
                      - {path: text, match: 'at (.+)$', when: {who: null}}
                      - {path: after, after: ^.Start}
                    sender: {name: who, role: {value: user}}
                    text: text
                    kinds:
                      - {as: event, when: {who: null}, sender: {role: {value: system}}}
                      - as: message
            """#
        let body =
            "6s Pia: Hello<br>there<h2>Moved at 2024-05-01 12:00:00</h2><h2>On hold</h2><h2>Back</h2>7s Kim: Late<br>60s Pia: Fine"
        let rows = "Id,Start,Body\nc1,2024-05-01 10:00:00,\"\(body)\"\n"
        let (interactions, text, _) = try convert(profile, [("a.csv", rows)])
        // A span counts from the last entry that told its own time, once there is one.
        #expect(
            interactions.first?.lines == ["Pia 10:00:06: Hello\nthere", "Kim 12:00:07: Late", "Pia 12:01:00: Fine"]
        )
        for event in ["Moved at 2024-05-01 12:00:00", "On hold", "Back"] {
            #expect(text.contains(#""content":"\#(event)""#), "\(event) is no event")
        }
    }

    @Test func aLongTextIsReportedAndKept() throws {
        let profile = """
            kind: json
            records:
              line:
                at: $[*]
                detect: {all: [room]}
                conversation: {key: room, metadata: {first: {path: long, match: "(x)+y"}}}
                entries: [{text: text, sender: {role: {value: user}}}]
            """
        let long = String(repeating: "x", count: 70_000)
        let (_, text, errors) = try convert(profile, [("a.json", #"[{"room":"r","text":"Hi","long":"\#(long)"}]"#)])
        #expect(errors.contains("too long for a regular expression"))
        #expect(text.contains(long))
    }

    // MARK: Order

    @Test(arguments: [false, true])
    func deletionsAndEditsCountInAnyOrder(isReversed: Bool) throws {
        let profile = """
            kind: json
            records:
              change:
                at: $[*]
                detect: {all: [room, type]}
                conversation: {key: room}
                entries:
                  - time: at
                    sender: {name: who, role: {value: user}}
                    text: text
                    kinds:
                      - {as: deleted, when: {type: delete}, replaces: of}
                      - {as: message, when: {type: edit}, replaces: of}
                      - {as: message, id: id}
            """
        let rows = [
            #"{"room":"r","type":"new","id":"1","who":"Kim","text":"One","at":"2024-01-01T10:00:01Z"}"#,
            #"{"room":"r","type":"new","id":"2","who":"Kim","text":"Two","at":"2024-01-01T10:00:02Z"}"#,
            #"{"room":"r","type":"edit","of":"2","text":"2","at":"2024-01-01T10:00:03Z"}"#,
            #"{"room":"r","type":"edit","of":"2","text":"II","at":"2024-01-01T10:00:04Z"}"#,
            #"{"room":"r","type":"delete","of":"1","at":"2024-01-01T10:00:05Z"}"#,
        ]
        let files = (isReversed ? rows.reversed() : rows).enumerated().map { ("\($0).json", "[\($1)]") }
        let kept = try convert(profile, files)
        #expect(kept.interactions.first?.lines == ["Kim 10:00:01: One", "Kim 10:00:02: II"])
        #expect(kept.errors.contains("message-deleted"))
        let dropped = try convert(profile, files, options: ["--deleted", "drop"])
        #expect(dropped.interactions.first?.lines == ["Kim 10:00:02: II"])
    }

    @Test func theNewestMayBeTheFirst() throws {
        let item = { (text: String, second: Int) in
            #"{"room":"r","who":"Kim","text":"\#(text)","at":"2024-01-01T10:00:0\#(second)Z"}"#
        }
        let items = "[" + [item("d", 2), item("c", 1), item("b", 1), item("a", 1)].joined(separator: ",") + "]"
        let entry = "{time: at, text: text, sender: {name: who, role: {value: user}}"
        let detect = "detect: {all: [room]}"
        let records = """
            kind: json
            records:
              m: {at: "$[*]", \(detect), newest: first, conversation: {key: room}, entries: [\(entry)}]}
            """
        let expected = ["a", "b", "c", "d"]
        let texts = { (lines: [String]?) in lines?.map { String($0.suffix(1)) } }
        let byRecord = try convert(records, [("a.json", items)])
        #expect(texts(byRecord.interactions.first?.lines) == expected)
        let list = """
            kind: json
            records:
              m: {at: $, detect: {all: [key]}, conversation: {key: key}, entries: [\(entry), each: "list[*]", newest: first}]}
            """
        let byItem = try convert(list, [("a.json", #"{"key":"k","list":\#(items)}"#)])
        #expect(texts(byItem.interactions.first?.lines) == expected)
    }

    @Test func severalListsAreOneInTheOrderOfTheDocument() throws {
        let profile = """
            kind: xml
            records:
              t:
                at: ticket
                detect: {all: [m]}
                conversation: {key: {each: ["staff[*]", "guest[*]"], text: ., with: "+", sorted: true}}
                entries:
                  - {each: [m, log.m], text: "#text", sender: {name: "@by", role: {value: user}}}
                  - {each: {path: more, split: {on: ";"}}, text: ., sender: {name: {value: d}, role: {value: user}}}
            """
        let xml =
            "<ticket><m by='a'>1</m><log><m by='b'>2</m></log><m by='c'>3</m>"
            + "<guest>z</guest><staff>y</staff><more>4;5</more></ticket>"
        let (interactions, _, _) = try convert(profile, [("a.xml", xml)])
        #expect(interactions.first?.request.connections.threadId == "y+z")
        #expect(interactions.first?.lines == ["a: 1", "b: 2", "c: 3", "d: 4", "d: 5"])
    }

    // MARK: Texts and tables as they are

    @Test func tablesWithoutHeaderAreKnownByTheirValues() throws {
        let profile = #"""
            kind: csv
            csv: {columns: [[who, at, text], [from, to, at, text]]}
            tables:
              people:
                detect: {values: {at: {match: '@'}}}
                key: who
            records:
              line:
                detect: {values: {at: {match: '^\d{13}$'}}}
                conversation: {key: [{join: [from, to], sorted: true}, {value: room}]}
                entries:
                  - time: {path: at, format: milliseconds}
                    sender:
                      id: [from, who]
                      name: {lookup: people, by: [from, who], get: text}
                      role: {value: user}
                    text: text
            """#
        let (interactions, _, errors) = try convert(
            profile,
            [
                ("1.csv", "kim,1704103200000,Hello\nanna,1704103201000,Yes?\n"),
                ("2.csv", "kim,anna,1704103202000,Psst\nanna,kim,1704103203000,What?\n"),
                ("people.csv", "kim,kim@example.org,Kim\nanna,anna@example.org,Anna\n"),
            ]
        )
        #expect(
            interactions.map(\.lines) == [
                ["Kim 10:00:00: Hello", "Anna 10:00:01: Yes?"], ["Kim 10:00:02: Psst", "Anna 10:00:03: What?"],
            ]
        )
        #expect(!errors.contains("row-ragged"))
    }

    @Test func mojibakeIsMendedInAllTexts() throws {
        let profile = """
            kind: json
            json: {text: mojibake}
            records:
              m:
                at: $.messages[*]
                detect: {all: [text]}
                conversation: {key: ^.title}
                entries: [{text: text, sender: {name: who, role: {value: user}}}]
            """
        let json = #"""
            {"title": "Caf\u00c3\u00a9", "messages": [
              {"who": "M\u00c3\u00bcller", "text": "Gr\u00c3\u00bc\u00c3\u009fe", "reaction": "\u00e2\u009d\u00a4"}]}
            """#
        let (interactions, text, _) = try convert(profile, [("a.json", json)])
        #expect(interactions.first?.request.connections.threadId == "Café")
        #expect(interactions.first?.lines == ["Müller: Grüße"])
        #expect(text.contains("❤"))
    }

    @Test func dropsMayDependAndMeanAnyName() throws {
        let profile = """
            kind: json
            records:
              m:
                at: $[*]
                detect: {all: [room]}
                conversation: {key: room}
                entries: [{each: "posts[*]", text: {path: text, dedent: true}, sender: {role: {value: user}}}]
                drop:
                  "posts[*].edited": {reason: not-edited, when: {edited: 0}}
                  "posts[*].*.nil": markup
            """
        let json = #"""
            [{"room": "r", "posts": [{"text": "  One\n     Two ", "edited": 0, "a": {"nil": "gone-a"}, "b": {"nil": "gone-b"}},
              {"text": "x", "edited": 17}]}]
            """#
        let (interactions, text, _) = try convert(profile, [("a.json", json)])
        #expect(interactions.first?.lines == ["-: One\nTwo", "-: x"])
        #expect(text.contains(#"edited":17"#) && !text.contains(#"edited":0"#) && !text.contains("gone-"))
    }
}
