// What an input's first bytes show: its syntax, its paths, and what stands there.

import InteractionModel
import TestSupport
import Testing

@testable import InteractionSources

@Suite
struct SkeletonTests {
    private func json(_ text: String) -> Skeleton? { Array(text.utf8).withUnsafeBytes { JSONSkeleton.read($0) } }
    private func table(_ text: String) -> Skeleton? { Array(text.utf8).withUnsafeBytes { DelimitedSkeleton.read($0) } }
    private func kind(_ text: String) -> ContentKind { Array(text.utf8).withUnsafeBytes { ContentKind.of($0) } }

    @Test
    func pathsOfADocument() throws {
        let skeleton = try #require(
            json(#"{"audits":[{"id":1,"events":[{"type":"Comment"},{"type":null}]},{"id":2.5}],"a.b":true}"#)
        )
        #expect(
            skeleton.order == [
                "audits", "audits[]", "audits[].id", "audits[].events", "audits[].events[]", "audits[].events[].type",
                "['a.b']",
            ]
        )
        #expect(skeleton.paths["audits[]"]?.count == 2)
        #expect(skeleton.paths["audits[].id"] == Skeleton.Facts(count: 2, kinds: [.number], samples: ["1", "2.5"]))
        #expect(skeleton.paths["audits[].events[].type"]?.kinds == [.string, .null])
        #expect(skeleton.contains("audits[].events") && !skeleton.contains("events"))
    }

    @Test
    func pathsOfArraysLinesAndRelaxedText() {
        #expect(json("[{\"a\":1},[2]]")?.order == ["[]", "[].a", "[][]"])
        #expect(json("{\"a\":1}\n{\"a\":2,\"b\":3}\n")?.paths["a"]?.count == 2)
        #expect(json("{\"a\":1}\n{\"a\":tru}\n{\"c\":3}\n")?.order == ["a", "c"])
        #expect(json("\u{FEFF}// x\n{a: 'it\\'s', /* y */ b: +1,}")?.paths["a"]?.samples == ["it's"])
        #expect(json(#"{"t":"caf\u00e9"}"#)?.paths["t"]?.samples == ["café"])
    }

    @Test
    func cutsAreHarmless() {
        let text = #"{"a":[{"b":"x\u00e9\n","c":[1,true,null]},{"b":"y"}],"d":{"e":/*f*/-1.5e3}}"#
        for count in 1...text.utf8.count {
            let skeleton = json(String(decoding: Array(text.utf8).prefix(count), as: UTF8.self))
            #expect(skeleton != nil, "\(count)")
            #expect(
                skeleton?.order.starts(with: ["a", "a[]", "a[].b", "a[].c"].prefix(skeleton?.order.count ?? 0)) ?? false
                    || (skeleton?.order.count ?? 0) > 4
            )
        }
    }

    @Test
    func samplesAndPathsAreBounded() throws {
        let values = (0..<20).map { #"{"v":"\#($0 % 12)","w":"\#(String(repeating: "x", count: 81))"}"# }
        let skeleton = try #require(json("[" + values.joined(separator: ",") + "]"))
        #expect(skeleton.paths["[].v"]?.samples == (0..<8).map(String.init))
        #expect(skeleton.paths["[].w"]?.samples == [])
        let map = "{" + (0..<5000).map { #""k\#($0)":1"# }.joined(separator: ",") + "}"
        #expect(json(map)?.order.count == Skeleton.largestPathCount)
    }

    @Test(arguments: [
        "", "[12:30] Bob: hi", "[name](there)", "{not json}", "plain", "<a/>", "\"a\",\"b\"\n", "12,13\n", "{{x}}",
    ])
    func otherTextIsNoJSON(_ text: String) { #expect(json(text) == nil) }

    @Test
    func columnsOfATable() throws {
        let skeleton = try #require(table("id;name;note\n1;Ann;\"a;\nb\"\n2;Ben;\n"))
        #expect(skeleton.order == ["id", "name", "note"])
        #expect(skeleton.paths["name"]?.samples == ["Ann", "Ben"])
        #expect(skeleton.paths["note"]?.samples == ["a;\nb"])
        #expect(table("id,name\n")?.order == ["id", "name"])
        #expect(table("just a line\nand another\n") == nil)
        #expect(table("a,b\n1,2,3\n4\n5\n6,7,8\n") == nil)
        #expect(table("a,b\n\0,\0\n") == nil)
    }

    @Test(
        arguments: [
            ("{\"a\":1}", .json), (" [\n1, 2]", .json), ("// c\n{a: 1}", .json), ("<?xml version='1.0'?><a/>", .markup),
            ("\u{FEFF}\n<chat>", .markup), ("<3 you\n", .otherText), ("a,b\n1,2\n", .delimited),
            ("a\tb\n1\t2\n", .delimited),
            ("sep=;\nx\n", .delimited), ("Dear all,\nthis is text, with commas, here\nand\nthere\n", .otherText),
            ("[12:30] Bob: hi", .otherText), ("", .otherText), ("PK\u{3}\u{4}\0\0\0", .binary),
        ] as [(String, ContentKind)]
    )
    func contentIsTold(_ text: String, _ expected: ContentKind) { #expect(kind(text) == expected) }
}
