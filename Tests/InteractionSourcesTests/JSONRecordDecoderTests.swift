// Records inside JSON documents: by path, with what surrounds them, whatever the cuts and the damage.

import InteractionModel
import TestSupport
import Testing

@testable import InteractionSources

@Suite
struct JSONRecordDecoderTests {
    private func decoder(_ path: String, largest: Int = 1 << 20) throws -> () -> JSONRecordDecoder {
        let path = try JSONRecordPath(path)
        return { JSONRecordDecoder(path: path, largestRecord: largest) }
    }

    private func decode(_ text: String, _ path: String, largest: Int = 1 << 20) throws -> DecodedLines {
        DecoderConformance.checkCuts(Array(text.utf8), by: try decoder(path, largest: largest))
    }

    // MARK: Where records are

    @Test(arguments: [
        (#"{"a":1}{"a":2} 3"#, "$", [#"{"a":1}"#, #"{"a":2}"#, "3"]),
        ("[1, {\"b\": [2]}, null]", "$", ["1", #"{"b":[2]}"#, "null"]),
        (#"{"m":[1,"x",{"y":2}],"n":[3]}"#, "$.m[*]", ["1", #""x""#, #"{"y":2}"#]),
        (#"{"m":[1]}{"m":[2]}"# + "\n" + #"{"m":[]}{"m":[3]}"#, "$.m[*]", ["1", "2", "3"]),
        (#"[{"m":[1]},{"x":{"m":[9]}},{"m":[2]}]"#, "$[*].m[*]", ["1", "2"]),
        (#"{"c":{"list":[{"m":[1,2]},{"m":[3]}]}}"#, "$.c.list[*].m[*]", ["1", "2", "3"]),
        (#"{"a":{"b":{"t":1}},"b":2}"#, "$.a.b", [#"{"t":1}"#]),
        (#"{"odd key":[[1],[2]]}"#, "$['odd key'][*]", ["[1]", "[2]"]),
        (#"{"\u0061":[1]}"#, "$.a[*]", ["1"]),
        (#"{"m":"no array"}"#, "$.m[*]", []),
        (#"{"m":{"x":1,"y":{"z":2}}}"#, "$.m.*", ["1", #"{"z":2}"#]),
        ("", "$.m[*]", []),
    ])
    func recordsAreFoundByPath(_ text: String, _ path: String, _ records: [String]) throws {
        let lines = try decode(text, path)
        #expect(lines.json == records)
        #expect(lines.records.map(\.number) == Array(1..<records.count + 1))
        #expect(lines.faults.allSatisfy { $0.code == .outsideRecords }, "\(lines.codes)")
    }

    @Test
    func placesAreThoseOfTheInput() throws {
        let text = "\u{FEFF}{\"n\": 1,\n \"m\": [\n  {\"t\":\"é\"},  7\n ]}\n"
        let lines = try decode(text, "$.m[*]")
        let utf8 = Array(text.utf8)
        #expect(
            lines.records.map {
                String(decoding: utf8[Int($0.bytes.lowerBound)..<Int($0.bytes.upperBound)], as: UTF8.self)
            }
                == ["{\"t\":\"é\"}", "7"]
        )
        #expect(lines.records.map(\.line) == [3, 3])
        #expect(lines.records.map(\.column) == [3, 16])
        let values = try decode("\u{FEFF}{\n}\n\n {\"a\":\n1}\n", "$")
        #expect(values.records.map(\.line) == [1, 4])
        #expect(values.records.map(\.column) == [1, 2])
        #expect(values.records.map(\.bytes) == [3..<6, 9..<17])
    }

    // MARK: What surrounds them

    @Test
    func membersBeforeARecordSurroundIt() throws {
        let text = #"""
            {"id": 1, "who": {"n": "x"}, "list": [
              {"name": "a", "m": [1, 2], "late": true}, {"m": [3]}, {"name": "b", "m": [4]}], "end": 0}
            """#
        let lines = try decode(text, "$.list[*].m[*]")
        let outer = #"{"id":1,"who":{"n":"x"}}"#
        #expect(
            lines.records.map(\.context) == [
                #"{"name":"a","^":\#(outer)}"#, #"{"name":"a","^":\#(outer)}"#, #"{"^":\#(outer)}"#,
                #"{"name":"b","^":\#(outer)}"#,
            ]
        )
        #expect(lines.codes == ["outside-records note"])
        #expect(lines.faults.first?.message.hasPrefix("2 values") == true)
    }

    @Test
    func namesOfMembersAreKnown() throws {
        let lines = try decode(#"{"v": 1, "x": {"a": {"m": [1]}, "b\n": {"m": [2]}}}"#, "$.x.*.m[*]")
        #expect(
            lines.records.map(\.context) == [
                ##"{"^":{"#key":"a","^":{"v":1}}}"##, ##"{"^":{"#key":"b\n","^":{"v":1}}}"##,
            ]
        )
        let direct = try decode(#"{"x": {"a": 1, "b": 2}}"#, "$.x.*")
        #expect(direct.records.map(\.context) == [##"{"#key":"a","^":{}}"##, ##"{"#key":"b","^":{}}"##])
    }

    @Test
    func nothingSurroundsTheElementsOfABareArray() throws {
        #expect(try decode("[1,2]", "$[*]").records.map(\.context) == [nil, nil])
        #expect(try decode("[1,2]", "$").records.map(\.context) == [nil, nil])
    }

    @Test
    func surroundingsAreSharedWithinABatch() throws {
        let input = Array(#"{"id":1,"m":[1,2,3]}"#.utf8)
        var decoder = JSONRecordDecoder(path: try JSONRecordPath("$.m[*]"), largestRecord: 100)
        var batch = DecodedBatchBuilder()
        input.withUnsafeBytes { decoder.decode($0, isFinal: true, into: &batch) }
        #expect(batch.contexts.count == 1)
        #expect(batch.records.map(\.context) == [0, 0, 0])
    }

    @Test
    func largeMembersAndManyAreCountedNotKept() throws {
        let large = #""\#(String(repeating: "x", count: 70_000))""#
        let many = (0..<70).map { #""k\#($0)":\#($0)"# }.joined(separator: ",")
        let lines = try decode(#"{"large":\#(large),\#(many),"m":[1]}"#, "$.m[*]")
        let context = try #require(lines.records.first?.context)
        #expect(context.hasPrefix(#"{"k0":0,"#) && context.hasSuffix(#""k63":63}"#))
        #expect(lines.faults.map(\.message).first?.hasPrefix("7 values") == true)
    }

    // MARK: Faults

    @Test
    func aBadRecordCostsNoOther() throws {
        for (path, before, after) in [
            ("$.m[*]", "{\"id\":1,\n\"m\":[{\"t\":1},\n", "{\"t\":3}]}"), ("$", "[{\"t\":1},\n", "{\"t\":3}]"),
        ] {
            let damaged = DecoderConformance.checkDamage(
                before: Array(before.utf8),
                bad: Array("{\"t\":tru},\n".utf8),
                after: Array(after.utf8),
                code: .invalidJSON,
                by: try decoder(path)
            )
            let fault = try #require(damaged.faults.first)
            #expect(damaged.faults.count == 1 && fault.losesRecord && fault.severity == .error)
            #expect(fault.record == 2)
            #expect((fault.line, fault.column) == (path == "$" ? 2 : 3, 6))
            #expect(fault.offset == Int64(before.utf8.count) + 5)
            #expect(damaged.records.map(\.number) == [1, 3])
        }
    }

    @Test
    func aBrokenLineCostsOneRecord() throws {
        let lines = try decode("{\"a\":1}\n{\"a\":\n{\"a\":3}\n", "$")
        #expect(lines.json == [#"{"a":1}"#, #"{"a":3}"#])
        #expect(lines.codes == ["invalid-json error"])
        #expect(lines.faults.first?.line == 2)
    }

    @Test
    func faultsOfTheDocumentAreReportedAndPassedOver() throws {
        let lines = try decode(#"{"a" 1, "b": , "m": [1 2, , 3}, {"m":[4]}"#, "$.m[*]")
        #expect(lines.json == ["1", "2", "3", "4"])
        #expect(lines.faults.filter { $0.code == .invalidJSON }.map(\.column) == [6, 14, 24, 27, 30])
        let cutOff = try decode("{\"m\":[1,\n{\"m\":[2]}", "$.m[*]")
        #expect(cutOff.json == ["1", #"{"m":[2]}"#])
        let restarted = try decode("{\"m\":[1\n{\"m\":[2]}", "$.m[*]")
        #expect(restarted.json == ["1", "2"])
    }

    @Test
    func noiseEndsTheReading() throws {
        let lines = try decode(String(repeating: "]", count: 500) + #"{"m":[1]}"#, "$.m[*]")
        #expect(lines.json.isEmpty)
        #expect(lines.faults.count == 101)
        #expect(lines.faults.last?.message.contains("not read") == true)
    }

    @Test
    func truncationGivesWhatIsComplete() throws {
        let text = Array("{\"id\":1,\"m\":[{\"t\":\"a\\\"b\"},\n{\"t\":[2]},\n{\"t\":3}]\n,\"x\":0}\n".utf8)
        for path in ["$.m[*]", "$"] { DecoderConformance.checkTruncation(text, by: try decoder(path)) }
        DecoderConformance.checkTruncation(Array("[{\"t\":1},\n{\"t\":2},\n{\"t\":3}]\n".utf8), by: try decoder("$"))
        let cut = try decode(String(decoding: text.prefix(30), as: UTF8.self), "$.m[*]")
        #expect(cut.json.count == 1)
        #expect(cut.codes == ["truncated error"])
        #expect(cut.faults.first?.losesRecord == true && cut.faults.first?.record == 2)
        #expect(try decode("{\"m\":[1],", "$.m[*]").codes == ["truncated error"])
        #expect(try decode("[{\"a\":1},{\"a\"", "$").codes == ["truncated error"])
        #expect(try decode("[{\"a\":1},", "$").codes == ["truncated error"])
    }

    @Test
    func largeRecordsAreLeftOut() throws {
        let large = #"{"t":"\#(String(repeating: "x", count: 100))"}"#
        for path in ["$.m[*]", "$"] {
            let text = "[1,\(large),2]"
            let lines = try decode(path == "$" ? text : #"{"m":\#(text)}"#, path, largest: 50)
            #expect(lines.json == ["1", "2"])
            #expect(lines.codes == ["record-too-large error"])
            #expect(lines.faults.first?.message.contains("\(large.utf8.count) bytes") == true)
            #expect(lines.faults.first?.record == 2 && lines.faults.first?.losesRecord == true)
        }
    }

    @Test
    func relaxedTextIsReadAndSaid() throws {
        let text = "// export\n{id: 7, 'who': 'x', /* here */ m: [{t: 'it\\'s',}, {\"u\":0x10},],}"
        let lines = try decode(text, "$.m[*]")
        #expect(lines.json == [#"{"t":"it's"}"#, #"{"u":16}"#])
        #expect(lines.records.map(\.context) == Array(repeating: #"{"id":7,"who":"x"}"#, count: 2))
        #expect(lines.codes == ["json5-text note", "json5-text note", "json5-text note"])
    }

    @Test
    func repeatedKeysAreSaid() throws {
        let lines = try decode(#"{"m":[{"a":1,"a":2}]}"#, "$.m[*]")
        #expect(lines.json == [#"{"a":2}"#])
        #expect(lines.codes == ["duplicate-key warning"])
    }

    @Test
    func damageOfAnyKindIsHarmless() throws {
        let text = Array(#"{"id":1,"x":{"a":{"m":[{"t":"a\u00e9"},{"t":'b'},/*c*/3]}},"y":[1.5e3,null,true]}"#.utf8)
        for seed in 1...300 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            var damaged = text
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<damaged.count, using: &random)
                damaged[at] = Array(#"{}[],:"'\/*x"#.utf8 + [0, 0x0A, 0xC3]).randomElement(using: &random) ?? 0
            }
            for path in ["$.x.*.m[*]", "$"] {
                let make = try decoder(path, largest: 40)
                let whole = DecoderConformance.decode(damaged, by: make)
                let single = DecoderConformance.decode(damaged, cuts: Array(0..<damaged.count), by: make)
                #expect(single == whole, "seed \(seed), \(path): \(String(decoding: damaged, as: UTF8.self))")
            }
        }
    }
}
