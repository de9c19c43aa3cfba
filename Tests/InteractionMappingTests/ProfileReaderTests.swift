// What a profile that reads without findings compiles to.

import Testing

@testable import InteractionMapping

@Suite struct ProfileReaderTests {
    /// The only record of a profile of which just the record is given.
    static func record(_ yaml: String) throws -> RecordRule {
        let head = "profile: a\ntitle: A\nkind: json\nrecords:\n  r:\n    at: $\n    detect: {all: [a]}\n"
        let body = yaml.split(separator: "\n").map { "    " + $0 + "\n" }.joined()
        let (profile, findings) = Profile.read(head + body, file: "a.yaml")
        #expect(findings.isEmpty, "\(findings)")
        return try #require(profile).records[0]
    }

    @Test func theTopOfAProfile() throws {
        let yaml = """
            profile: a-1
            title: An example
            system: acme
            kind: csv
            zone: Europe/Paris
            csv: {delimiter: tab, columns: [one, two]}
            tables:
              users:
                detect: {all: [login], any: id, none: [x], values: {type: [a, "b*"], kind: c}}
                when: {login: {exists: true}}
                key: login
            records:
              row:
                detect: {all: [one], values: {two: {match: "^u[0-9]+$"}}}
                conversation: {key: one, user: {lookup: users, by: two, get: [name, login]}}
            """
        let (read, findings) = Profile.read(yaml, file: "a.yaml")
        #expect(findings.isEmpty, "\(findings)")
        let profile = try #require(read)
        #expect(profile.name == "a-1" && profile.title == "An example" && profile.system == "acme")
        #expect(profile.kind == .csv && profile.zone == "Europe/Paris" && profile.source == yaml)
        #expect(profile.decoding.delimiter == 0x09 && profile.decoding.columns == [["one", "two"]])
        let table = try #require(profile.tables.first)
        #expect(table.name == "users" && table.at.isEmpty && table.condition != nil)
        #expect(table.detection.all == ["login"] && table.detection.any == ["id"] && table.detection.none == ["x"])
        #expect(table.detection.values.map(\.path) == ["type", "kind"])
        #expect(table.detection.values.map(\.patterns) == [["a", "b*"], ["c"]])
        #expect(profile.records.map(\.name) == ["row"])
        #expect(profile.records[0].detection.values.map(\.expression) == ["^u[0-9]+$"])
        #expect(profile.records[0].detection.values[0].isAmong(["x", "u12"]))
    }

    @Test func xmlMarkupAndTheDefaultSystem() throws {
        let yaml = """
            profile: log
            title: Logs
            kind: xml
            xml: {markup: [div, body]}
            records: {m: {at: log/message, detect: {all: "@at"}, entries: [{text: "#text"}]}}
            """
        let profile = try #require(Profile.read(yaml, file: "").profile)
        #expect(profile.system == "log" && profile.decoding.markup == ["div", "body"])
        #expect(profile.records[0].at == "log/message" && profile.records[0].detection.all == ["@at"])
    }

    @Test func conversations() throws {
        let rule = try Self.record(
            """
            conversation:
              key: id
              gap: 30m
              medium: {value: email}
              fields: {request.scope.tickets: t, session.interface.name: app}
              ids: {external: x}
              metadata: {title: subject, rating: score}
            drop: {blocks: repeats-text, "files[*].thumb": preview}
            """
        )
        let conversation = rule.conversation
        #expect(conversation.gap == 1800 && conversation.key != nil)
        #expect(
            conversation.fields.map(\.slot) == [.channelMedium, .tickets, .interfaceName, .threadId],
            "the thread is the key where nothing else is said"
        )
        #expect(conversation.ids.map(\.name) == ["external"])
        #expect(conversation.metadata.map(\.name) == ["title", "rating"])
        #expect(rule.drops.map(\.path.text) == ["blocks", "files[*].thumb"])
        #expect(rule.drops.map(\.reason) == ["repeats-text", "preview"])
        let own = try Self.record("conversation: {key: id, thread: other}")
        #expect(own.conversation.fields.map(\.slot) == [.threadId])
    }

    @Test func kindsTakeWhatTheirEntrySays() throws {
        let rule = try Self.record(
            """
            participants:
              - {each: "users[*]", key: position, name: n}
            entries:
              - each: parts[*]
                id: id
                opening: true
                time: at
                sender: {participant: who, role: r}
                text: body
                attachments: [{each: "files[*]", url: u}, {name: n}]
                kinds:
                  - {as: skip, when: {a: 1}, reason: typing}
                  - {as: event, when: {b: null}, text: type, sender: {name: other}}
                  - as: message
            """
        )
        let kinds = rule.entries[0].kinds
        #expect(kinds.map(\.kind) == [.skip, .event, .message])
        #expect(kinds[0].reason == "typing" && kinds[0].condition != nil && kinds[2].condition == nil)
        #expect(kinds[1].sender.participant == nil && kinds[1].sender.name != nil && kinds[1].sender.role == nil)
        #expect(kinds[2].sender.participant != nil && kinds.allSatisfy { $0.isOpening && $0.id != nil })
        #expect(kinds[1].text?.alternatives[0].rule != kinds[2].text?.alternatives[0].rule)
        #expect(kinds[1].time[0].value.rule == kinds[2].time[0].value.rule, "one rule, used twice")
        #expect(kinds[2].attachments.map { $0.each.map(\.text) } == [["files[*]"], []])
        #expect(rule.participants[0].keyIsPosition && rule.participants[0].key == nil)
    }

    @Test func sourcesAndSteps() throws {
        let rule = try Self.record(
            """
            entries:
              - text:
                  - {path: a, trim: true, as: [base64, html], lower: true}
                  - {first: [b, {path: c, lower: true, when: {c: x}}], map: {Yes: y}, default: keep, when: {d: 1}}
                  - {join: [e, {value: 5}], match: "(.)", absent: [null, ~, "-"]}
                  - {runs: f, split: {on: ",", take: -1}}
            """
        )
        let alternatives = try #require(rule.entries[0].kinds[0].text).alternatives
        #expect(alternatives.count == 5, "`first` is a list like any other")
        #expect(
            alternatives.map { $0.steps.map { "\($0)" } } == [
                ["trim", "base64", "html", "lower"],
                [#"map(["yes": "y"], otherwise: InteractionMapping.TextStep.MapDefault.same)"#],
                ["lower", #"map(["yes": "y"], otherwise: InteractionMapping.TextStep.MapDefault.same)"#],
                [#"match("(.)")"#, #"absent(["null", "~", "-"])"#],
                [#"split(separator: ",", index: Optional(-1))"#],
            ]
        )
        guard case .join(let parts, separator: " ", isSorted: false) = alternatives[3].source,
            case .runs = alternatives[4].source,
            case .constant("5") = parts[1].alternatives[0].source
        else {
            Issue.record("\(alternatives)")
            return
        }
        guard case .all(let conditions) = alternatives[2].condition, conditions.count == 2 else {
            Issue.record("both conditions hold for what stands in `first`")
            return
        }
    }

    @Test func conditions() throws {
        let cases = [
            "{a: x}": "a=x",
            "{a: [x, 2, true]}": "a=x,2,true",
            "{a: null}": "!a?",
            "{a: ''}": "!a?",
            "{a: [x, null]}": "(!a?|a=x)",
            "{a: {exists: true}, b: {exists: false}}": "(a?&!b?)",
            "{a: {same: ^.b}}": "a==^.b",
            "{a: {not: [x, y]}}": "!a=x,y",
            "[{a: 1}, {b: 2, c: 3}]": "(a=1|(b=2&c=3))",
            "{not: {a: 1}, any: [{b: 2}, {c: 3}], all: [{d: 4}, [{e: 5}, {f: 6}]]}":
                "(!a=1&(b=2|c=3)&(d=4&(e=5|f=6)))",
        ]
        for (yaml, expected) in cases {
            let rule = try Self.record("when: \(yaml)\nconversation: {key: id}")
            #expect(rule.condition.map(Self.spelling) == expected, "\(yaml)")
        }
    }

    private static func spelling(_ condition: Condition) -> String {
        switch condition {
        case .all(let parts): "(" + parts.map(spelling).joined(separator: "&") + ")"
        case .any(let parts): "(" + parts.map(spelling).joined(separator: "|") + ")"
        case .not(let part): "!" + spelling(part)
        case .equals(let path, let texts): path.text + "=" + texts.joined(separator: ",")
        case .exists(let path): path.text + "?"
        case .same(let left, let right): left.text + "==" + right.text
        }
    }

    @Test func times() throws {
        let rule = try Self.record(
            """
            entries:
              - text: t
                time:
                  - {path: a, format: seconds}
                  - {join: [b, c], format: "d MMM yy HH:mm", locale: de, zone: UTC, when: {b: 1}}
                  - {path: d, since: ^.start}
                  - e
            """
        )
        let times = rule.entries[0].kinds[0].time
        #expect(times.map(\.format) == ["seconds", "d MMM yy HH:mm", "automatic", "automatic"])
        #expect(times.map(\.locale) == ["en", "de", "en", "en"])
        #expect(times.map(\.zone) == [nil, "UTC", nil, nil])
        #expect(times.map { $0.since != nil } == [false, false, true, false])
        #expect(times[1].value.condition != nil)
    }

    @Test func rulesKnowWhereTheyWereWritten() throws {
        let yaml = """
            profile: a
            title: A
            kind: json
            records:
              one:
                at: $
                detect: {all: [a]}
                conversation: {key: &key [id, {value: none}]}
                entries:
                  - each: x[*]
                    text: y
                    kinds: [{as: note, when: {n: 1}}, {as: message}]
              two: {at: "$.l[*]", detect: {all: [a]}, conversation: {key: *key}}
            """
        let profile = try #require(Profile.read(yaml, file: "").profile)
        #expect(
            profile.rules == [
                RuleOrigin(line: 8, column: 31, path: "records.one.conversation.key[0]"),
                RuleOrigin(line: 8, column: 35, path: "records.one.conversation.key[1]"),
                RuleOrigin(line: 11, column: 15, path: "records.one.entries[0].text"),
                RuleOrigin(line: 12, column: 17, path: "records.one.entries[0].kinds[0]"),
                RuleOrigin(line: 12, column: 43, path: "records.one.entries[0].kinds[1]"),
            ]
        )
        #expect(profile.records[1].conversation.key?.alternatives.map(\.rule) == [0, 1], "an alias is the same rule")
    }
}
