// What is wrong with a profile is said with its place, and nothing is ignored.

import TestSupport
import Testing

@testable import InteractionMapping

@Suite struct ProfileFindingTests {
    /// A wrong profile and what must be said of it.
    struct Case: Sendable, CustomTestStringConvertible {
        var yaml: String
        /// Line, column and severity, then a part of the message and of the suggestion.
        var expected: String
        var message: String

        init(_ yaml: String, _ expected: String, _ message: String) {
            self.yaml = yaml
            self.expected = expected
            self.message = message
        }

        var testDescription: String { message }
    }

    /// Each case is a record, whose lines begin at 8 and whose columns at 5.
    static let records = [
        Case("entires: []", "8:5 error", "unknown key `entires`; did you mean `entries`?"),
        Case("conversation: {key: a..b}", "8:27 error", "not a path: expected a name"),
        Case("conversation: {key: 'a[x'}", "8:29 error", "not a path: `]` is missing"),
        Case("conversation: {key: $file.nam}", "8:31 error", "not a path: an input has $file.path"),
        Case("conversation:\n  key: #text", "9:7 error", "must be a text, not nothing; what begins with `#`"),
        Case("conversation: {fields: {request.scope.ticket: a}}", "8:29 error", "did you mean `request.scope.tickets"),
        Case("conversation: {fields: {caseId: a}}", "8:29 error", "did you mean `request.context.caseId`?"),
        Case("conversation: {gap: 30}", "8:25 error", "`gap` must be a time; such as 90s"),
        Case("conversation: {gap: 0m}", "8:25 error", "`gap` must be a time"),
        Case("conversation: {medium: {value: sms}}", "8:28 error", "unknown medium `sms`; known are chat, voice, emai"),
        Case("conversation: {case: a, fields: {request.context.caseId: b}}", "8:38 error", "given twice"),
        Case("conversation: {key: {path: a, value: b}}", "8:35 error", "exactly one of path, value, first"),
        Case("conversation: {key: {as: html}}", "8:25 error", "exactly one of path, value, first"),
        Case("conversation: {key: {path: a, as: htlm}}", "8:39 error", "unknown form of text `htlm`; did you mean `ht"),
        Case("conversation: {key: {path: a, with: b}}", "8:35 error", "`with` belongs to `join`"),
        Case("conversation: {key: {path: a, default: b}}", "8:35 error", "`default` belongs to `map`"),
        Case("conversation: {key: {path: a, map: {x: 1, X: 2}}}", "8:47 error", "`X` is there twice"),
        Case("conversation: {key: {path: a, match: '(a'}}", "8:42 error", "not a regular expression"),
        Case("conversation: {key: {path: a, split: {take: 1}}}", "8:42 error", "`split` needs `on`"),
        Case("conversation: {key: {path: a, split: {on: x, take: y}}}", "8:56 error", "`take` must be a position"),
        Case("conversation: {key: {path: a, lower: false}}", "8:42 error", "`lower` is either true or not there"),
        Case("conversation: {key: {path: a, trim: yes}}", "8:41 error", "`trim` must be true or false, not a text"),
        Case("conversation: {key: {object: {a: b}, lower: true}}", "8:25 error", "an object takes no steps"),
        Case("conversation: {key: {lookup: users, by: a, get: b}}", "8:34 error", "unknown table `users`; there is no"),
        Case("conversation: {key: {lookup: users, by: a}}", "8:26 error", "`lookup` needs `by` and `get`"),
        Case("conversation: {key: [a, {value: b}, c]}", "8:41 warning", "never reached: the alternative before"),
        Case("conversation: {key: [{path: a, map: {x: y}, default: z}, c]}", "8:62 warning", "no unknown word comes"),
        Case("conversation: []", "8:19 error", "`conversation` must be a map, not a list"),
        Case("conversation: {}", "8:19 error", "`conversation` has nothing in it; leave it out"),
        Case("conversation: {key: a}\nwhen: true", "9:11 error", "a condition must be a map of paths"),
        Case("conversation: {key: a}\nwhen: {a: {exists: true, same: b}}", "9:30 error", "one test a path"),
        Case("conversation: {key: a}\nwhen: {a: {is: 1}}", "9:16 error", "unknown key `is`; known are exists, same, n"),
        Case("conversation: {key: a}\ndrop: {a: Not Kebab}", "9:15 error", "a reason is made of small letters"),
        Case("conversation: {key: a}\nunpack: {a: [json, base64]}", "9:17 error", "what `json` gives is no text"),
        Case("conversation: {key: a}\nunpack: {a: jsn}", "9:17 error", "unknown form of text `jsn`; did you m"),
        Case("conversation: {key: a}\nunpack: {^.a: json}", "9:14 error", "only what the record itself says"),
        Case("conversation: {key: a}\nnewest: last", "9:13 error", "`newest` is either `first` or not there"),
        Case("conversation: {key: {path: a, split: {on: x}}}", "8:42 warning", "only the first piece counts here"),
        Case("conversation: {key: {path: a, sorted: true}}", "8:35 error", "`sorted` belongs to `join`"),
        Case("conversation: {key: {path: a, match: '(x+)*y'}}", "8:42 warning", "this may take forever"),
        Case("entries: [{text: a, newest: first}]", "8:25 error", "`newest` is for the items of `each`"),
        Case("entries: [{each: {cut: a}, text: a}]", "8:22 error", "`each` needs `at`"),
        Case("entries: [{each: {path: a}, text: a}]", "8:22 error", "`each` needs `path` and `split`, or `cut"),
        Case("entries: [{each: {cut: a, at: b}, text: a}]", "8:35 error", "`at` has no named group"),
        Case("entries: [{each: {cut: a, before: '', at: '(?<b>.)'}, text: a}]", "8:39 error", "`before` is empty"),
        Case("entries: [{each: {path: a, at: b}, text: a}]", "8:32 error", "`at` says nothing here"),
        Case("entries: [{each: {path: ^.a, split: {on: x}}, text: a}]", "8:29 error", "only what the record itself"),
        Case("entries: [{each: {path: a, split: {on: x, take: 1}}, text: a}]", "8:39 error", "takes all pieces"),
        Case("entries: [{text: a, time: {path: b, since: c, after: d}}]", "8:51 error", "either `since` or `after`"),
        Case("conversation: {key: a}\ndrop: {a: {when: {b: 1}}}", "9:15 error", "what is dropped needs a `reason`"),
        Case("drop: {a: x}", "5:3 error", "the record `r` gives nothing; add `entries`"),
        Case("entries: [{each: a}]", "8:15 error", "a message has neither `text` nor `attachments`"),
        Case("entries: [{text: a, kinds: [{when: {a: 1}}]}]", "8:33 error", "a kind has no `as`"),
        Case("entries: [{text: a, kinds: [{as: massage}]}]", "8:38 error", "unknown kind `massage`; did you mean `mes"),
        Case("entries: [{text: a, kinds: [{as: skip}]}]", "8:33 error", "what is skipped needs a `reason`"),
        Case("entries: [{kinds: [{as: skip, reason: a, text: b}]}]", "8:46 error", "`skip` has no `text`"),
        Case("entries: [{text: a, kinds: [{as: note, reason: b}]}]", "8:44 error", "`note` has no `reason`"),
        Case("entries: [{text: a, kinds: [{as: message}, {as: note}]}]", "8:48 warning", "never reached: the kind"),
        Case("entries: [{text: a, kinds: [{as: message, text: b}]}]", "8:16 warning", "never used: every kind has its"),
        Case("entries: [{text: a, sender: {role: {value: boss}}}]", "8:40 error", "unknown role `boss`; known are use"),
        Case("entries: [{text: a, sender: {participant: b}}]", "8:5 error", "there are no `participants`"),
        Case("entries: [{text: a, attachments: [{each: b}]}]", "8:39 error", "needs a `url`, a `name` or an `id`"),
        Case("entries: [{text: a, opening: 1}]", "8:34 error", "`opening` must be true or false"),
        Case("entries: [{text: {path: a, format: seconds}}]", "8:32 error", "unknown key `format`"),
        Case("entries: [{text: a, time: {path: b, format: second}}]", "8:49 error", "did you mean `seconds`?"),
        Case("entries: [{text: a, time: {path: b, format: dd.QQ.yyyy}}]", "8:52 error", "'QQ' is no part of a time"),
        Case("entries: [{text: a, time: {path: b, zone: Europe/Pariss}}]", "8:47 error", "'Europe/Paris'"),
        Case("entries: [{text: a, time: {path: b, locale: de}}]", "8:49 error", "`locale` is for the names in"),
        Case("entries: [{text: a, time: {path: b, format: d MMM y, locale: xx}}]", "8:66 error", "in 'xx' are"),
        Case("participants: [{each: a, name: b}]", "8:20 error", "neither `key` nor `id`"),
        Case("participants: [{id: a}]", "8:20 error", "no `each`"),
        Case("conversation: {key: a}\nat: b", "6:5 error", "the key `at` is there twice"),
        Case("conversation: {key: a, 'key': b}", "8:20 error", "the key `key` is there twice"),
        Case("conversation: {key: @a}", "8:25 error", "cannot start any token; quote texts that begin with `@`"),
        Case("conversation: {key: a[*]}", "8:26 error", "cannot be read as YAML"),
        Case("conversation: {key: !x a}", "8:25 error", "tags such as `!x` are not read"),
        Case("conversation: &c {key: a}\nentries: [{<<: *c}]", "9:16 error", "merge keys are not read"),
        Case("conversation: {[a]: b}", "8:20 error", "a key must be a text"),
    ]

    @Test(arguments: records)
    func ofARecord(_ example: Case) throws {
        let head = "profile: a\ntitle: A\nkind: json\nrecords:\n  r:\n    at: $\n    detect: {all: [a]}\n"
        let body = example.yaml.split(separator: "\n").map { "    " + $0 + "\n" }.joined()
        try check(head + body, example)
    }

    static let profiles = [
        Case("", "1:1 error", "the profile is empty"),
        Case("[]", "1:1 error", "a profile must be a map, not a list"),
        Case("profile: A b\n", "1:10 error", "`profile` is made of small letters"),
        Case("profile: a\n---\nb: c\n", "2:1 error", "another document"),
        Case("profile: a\n", "1:1 error", "the profile has no `records`"),
        Case("kind: yaml\n", "1:7 error", "unknown kind `yaml`; known are json, csv, xml"),
        Case("kind: json\ncsv: {delimiter: ';'}\n", "2:1 error", "`csv` says nothing where `kind` is `json`"),
        Case("kind: json\njson: {text: latin}\n", "2:14 error", "`text` is either `mojibake` or not there"),
        Case("kind: csv\ncsv: {columns: [[a, b], [c, d]]}\n", "2:25 error", "two lists have 2 columns"),
        Case("kind: csv\ncsv: {columns: [a, b]}\nrecords: {r: {detect: {all: a}}}", "2:1 warning", "every table of as"),
        Case("kind: csv\ncsv: {delimiter: ab}\n", "2:18 error", "must be one ASCII character"),
        Case("kind: csv\nrecords: {r: {at: $}}\n", "2:15 error", "the records of CSV are its rows"),
        Case("kind: json\nrecords: {r: {at: a}}\n", "2:19 error", "`at` must be a JSONPath"),
        Case("kind: json\nrecords: {r: {at: $..a}}\n", "2:19 error", "`at` must be a JSONPath of names"),
        Case("kind: json\nrecords: {r: {at: '$.a[0]'}}\n", "2:19 error", "`at` must be a JSONPath of names and `[*]`"),
        Case("kind: xml\nrecords: {r: {at: $.a}}\n", "2:19 error", "`at` must be a path of element names"),
        Case("kind: xml\nrecords: {r: {at: a/b!}}\n", "2:19 error", "`at` must be a path of element names"),
        Case("kind: xml\nrecords: {r: {at: a/b|}}\n", "2:19 error", "`at` must be a path of element names"),
        Case("kind: xml\nrecords: {r: {at: a//b}}\n", "2:19 error", "`at` must be a path of element names; such"),
        Case("kind: json\nrecords: {r: {detect: {all: a}}}\n", "2:11 error", "the record `r` has no `at`"),
        Case("kind: json\nrecords: {r: {at: $}}\n", "2:11 warning", "the record `r` has no `detect`"),
        Case("kind: json\ntables: {t: {at: $, key: a}}\n", "2:10 warning", "nothing looks up the table `t`"),
        Case("kind: json\ntables: {t: {at: $}}\n", "2:10 error", "the table `t` has no `key`"),
        Case("kind: csv\ntables: {t: {key: {lookup: t, by: a, get: b}}}", "2:28 error", "cannot look things up"),
        Case("a: \u{1}", "1:4 error", "control characters are not allowed"),
        Case("x: [*a, *a]", "1:5 error", "found undefined alias"),
    ]

    @Test(arguments: profiles)
    func ofAProfile(_ example: Case) throws { try check(example.yaml, example) }

    private func check(_ yaml: String, _ example: Case) throws {
        let (profile, findings) = Profile.read(yaml, file: "a.yaml")
        let found = findings.first {
            "\($0.line):\($0.column) \($0.severity)" == example.expected && $0.description.contains(example.message)
        }
        #expect(found != nil, "\(findings.map(\.description).joined(separator: "\n"))")
        #expect((profile == nil) == findings.contains { $0.severity == .error })
    }

    @Test(
        arguments: [
            ("json", ["$", "$.a", "$.a.*", "$[*].b-c[*]", "$['odd key'][*]", #"$["a.b"].ü_1"#]),
            ("xml", ["/", "a", "a/b|c", "//m", "*/chat", "//a/*"]),
        ]
    )
    func placesOfRecords(_ kind: String, _ paths: [String]) {
        for path in paths {
            let quoted =
                "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
            let records = "records: {r: {at: \(quoted), detect: {all: a}, conversation: {key: a}}}\n"
            let findings = Profile.read("profile: a\ntitle: A\nkind: \(kind)\n" + records, file: "").findings
            #expect(findings.isEmpty, "\(findings)")
        }
    }

    @Test func oneReadingFindsEverything() {
        let yaml = "profile: A\nkind: jason\nrecords: {r: {att: $, detect: {al: a}, entries: [{txt: a}]}}\nzones: x\n"
        let findings = Profile.read(yaml, file: "p.yaml").findings
        #expect(findings.map(\.line) == findings.map(\.line).sorted())
        #expect(findings.filter { $0.message.hasPrefix("unknown") }.count == 5)
        #expect(findings.first?.description == "p.yaml:1:1: error: the profile has no `title`")
    }

    // MARK: Bounds

    @Test func whatIsTooLargeIsRefused() throws {
        let cases = [
            (String(repeating: "# filling\n", count: 110_000), "larger than 1 MiB"),
            ("a: " + String(repeating: "[", count: 60) + String(repeating: "]", count: 60), "in one another"),
            (String(repeating: "[", count: 100_000), "cannot be read as YAML"),
            ("a: [" + String(repeating: "x,", count: 60_000) + "]", "more than 50000 values"),
            ("a: &a [b]\nb: [" + String(repeating: "*a,", count: 40) + "]", "more than 32 aliases"),
            (Self.laughs, "more than 50000 values"),
        ]
        for (yaml, message) in cases {
            let clock = ContinuousClock()
            let start = clock.now
            let findings = Profile.read(yaml, file: "a.yaml").findings
            #expect(findings.contains { $0.message.contains(message) }, "\(message): \(findings.prefix(3))")
            #expect(start.duration(to: clock.now) < .seconds(5), "\(message)")
        }
    }

    /// As many values as few aliases can make of a long list.
    private static let laughs: String = {
        var yaml = "a0: &a0 [" + String(repeating: "x,", count: 2000) + "]\n"
        for level in 1...10 { yaml += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1)]\n" }
        return yaml
    }()

    @Test func damagedProfilesAreNoDanger() throws {
        var random = SeededRandom(seed: 7)
        for name in BuiltInProfiles.names {
            let source = Array(try #require(BuiltInProfiles.source(of: name)).utf8)
            for _ in 0..<150 {
                var bytes = source
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let at = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes.remove(at: at)
                    case 1: bytes.insert(Array("{}[]:,-*&#'\" \n!|>".utf8).randomElement(using: &random) ?? 0, at: at)
                    default: bytes.removeSubrange(at..<min(bytes.count, at + 40))
                    }
                }
                let (profile, findings) = Profile.read(String(decoding: bytes, as: UTF8.self), file: name)
                #expect((profile == nil) == findings.contains { $0.severity == .error })
            }
        }
    }

    @Test(arguments: BuiltInProfiles.names)
    func builtInProfilesHaveNone(_ name: String) throws {
        let (profile, findings) = Profile.read(try #require(BuiltInProfiles.source(of: name)), file: name)
        #expect(findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))")
        #expect(profile?.name == name && BuiltInProfiles.named(name)?.name == name)
    }

    @Test func builtInProfilesAreInOrder() {
        #expect(BuiltInProfiles.names == BuiltInProfiles.names.sorted())
        #expect(BuiltInProfiles.all.map(\.name) == BuiltInProfiles.names)
        for kind in Profile.Kind.allCases {
            let names = BuiltInProfiles.all.filter { $0.kind == kind }.map(\.name)
            #expect(BuiltInProfiles.all(of: kind).map(\.name) == names)
        }
        #expect(BuiltInProfiles.nearest(to: "telegramm") == "telegram")
    }
}
