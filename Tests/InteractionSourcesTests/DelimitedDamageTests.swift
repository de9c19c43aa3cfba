// Broken tables: what is reported and where, what is lost, and that the rest goes on.

import InteractionModel
import TestSupport
import Testing

@testable import InteractionSources

@Suite
struct DelimitedDamageTests {
    private func places(_ lines: DecodedLines) -> [String] {
        lines.faults.map { fault in
            let place = "\(fault.record ?? 0) \(fault.line ?? 0):\(fault.column ?? 0) @\(fault.offset ?? -1)"
            return "\(fault.code.rawValue) \(fault.severity) \(place)\(fault.losesRecord ? " lost" : "")"
        }
    }

    @Test(
        arguments: [
            ("a,b\n1\n", [#"{"a":"1","b":null}"#], ["row-ragged warning 1 2:2 @5"]),
            (
                "a,b\n1,2,3,\"4\n\"\n5,6\n", [##"{"a":"1","b":"2","#3":"3","#4":"4\n"}"##, #"{"a":"5","b":"6"}"#],
                ["row-ragged warning 1 2:5 @8"]
            ),
            ("a,b\n5\" disk,x\n", [#"{"a":"5\" disk","b":"x"}"#], ["row-broken warning 1 2:2 @5"]),
            ("a,b\n\"l\nm\",5\"\n", [#"{"a":"l\nm","b":"5\""}"#], ["row-broken warning 1 3:5 @11"]),
            (
                "a,b\n\"he said \"hi, you\" ok\",x\n", [#"{"a":"he said \"hi, you\" ok","b":"x"}"#],
                ["row-broken warning 1 2:10 @13"]
            ),
            ("a,b\n\"x\"y,\"z\"\n", [#"{"a":"\"x\"y","b":"z"}"#], ["row-broken warning 1 2:3 @6"]),
            ("a,b\n \"x,y\n", [#"{"a":" \"x","b":"y"}"#], ["row-broken warning 1 2:2 @5"]),
            (
                "a,b\n1,2\n3,\"4\n5,6\n7,8\n",
                [#"{"a":"1","b":"2"}"#, #"{"a":"5","b":"6"}"#, #"{"a":"7","b":"8"}"#],
                ["row-broken error 2 3:3 @10 lost"]
            ),
            ("a,b\n1,\"2", [], ["row-broken error 1 2:3 @6 lost"]),
            ("a,\"b\n1,2\n", [#"{"a":"1","\"b":"2"}"#], ["row-broken error 0 1:3 @2"]),
        ] as [(String, [String], [String])]
    )
    func reportsWhatIsBroken(_ text: String, _ rows: [String], _ faults: [String]) {
        let lines = decodeTable(text, delimiter: 0x2C)
        #expect(lines.json == rows)
        #expect(places(lines) == faults)
    }

    @Test
    func eightBitCellsAreReadAsWindows1252() {
        let text =
            Array("a,b\ncaf".utf8) + [0xE9, 0x2C, 0x80, 0x81, 0x0A] + Array("é,\"l\n".utf8)
            + [0xFC, 0x22, 0x22, 0x22, 0x0A] + Array("x,y\n".utf8)
        let lines = DecoderConformance.checkCuts(text) { DelimitedDecoder() }
        #expect(
            lines.json == [
                #"{"a":"café","b":"€\#u{81}"}"#, #"{"a":"é","b":"l\nü\""}"#, #"{"a":"x","b":"y"}"#,
            ]
        )
        #expect(places(lines) == ["text-reencoded warning 1 2:4 @7", "text-reencoded warning 2 4:1 @18"])
        let header = DecoderConformance.decode([0xE9, 0x2C, 0x62, 0x0A, 0x31, 0x2C, 0x32]) { DelimitedDecoder() }
        #expect(header.json == [#"{"é":"1","b":"2"}"#])
        #expect(places(header) == ["text-reencoded warning 0 1:1 @0"])
    }

    @Test(arguments: [
        // Rows of 8 bytes fit, whatever ends them; of 9 they do not.
        ("a,b\n123,4567\n1,2\n", ["123 1"], [] as [String]), ("a,b\r\n123,4567\r\n1,2", ["123 1"], []),
        ("a,b\r123,4567\r1,2\r", ["123 1"], []), ("a,b\n123,4567", ["123"], []),
        ("a,b\n1234,5678\n1,2\n", ["1"], ["record-too-large error 1 2:1 @4 lost"]),
        ("a,b\r\n1234,5678\r\n1,2", ["1"], ["record-too-large error 1 2:1 @5 lost"]),
        ("a,b\r1234,5678\r1,2\r", ["1"], ["record-too-large error 1 2:1 @4 lost"]),
        ("a,b\n1234,5678", [], ["record-too-large error 1 2:1 @4 lost"]),
        ("a,b\n1,\"345678\"\n1,2\n", ["1"], ["record-too-large error 1 2:1 @4 lost"]),
        ("a,b\n1,\"34567890123456789", [], ["record-too-large error 1 2:1 @4 lost"]),
        ("a,b\n1,\"\n3,4\n5,6\n7,8\n", ["3 5 7"], ["row-broken error 1 2:3 @6 lost"]),
        ("a,b\n\"\",\"\r\n3,4\n5,6\n7,8\n", ["3 5 7"], ["row-broken error 1 2:4 @7 lost"]),
        ("abcdefghijk,b\n1,2\n", ["1"], ["header-missing error 0 1:1 @0"]),
    ])
    func rowsHaveALimit(_ text: String, _ first: [String], _ faults: [String]) {
        let lines = decodeTable(text, delimiter: 0x2C, largest: 8)
        #expect(places(lines) == faults)
        let cells = lines.json.map { String($0.split(separator: "\"")[3]) }
        #expect(cells == first.joined().split(separator: " ").map(String.init))
        #expect(lines.records.allSatisfy { $0.bytes.count <= 10 })
    }

    @Test
    func aBadRowCostsNoOther() {
        let bad: [(String, FindingCode)] = [
            ("x\n", .rowRagged), ("1,2,3\n", .rowRagged), ("\"x\n", .rowBroken), ("x\"y,2\n", .rowBroken),
            ("\"x\"y,2\n", .rowBroken), (String(repeating: "z", count: 200) + "\n", .recordTooLarge),
        ]
        for (row, code) in bad {
            DecoderConformance.checkDamage(
                before: Array("a,b\n1,2\n\"3\n3\",4\n".utf8),
                bad: Array(row.utf8),
                after: Array("5,6\n7,8\n".utf8),
                code: code
            ) { DelimitedDecoder(dialect: DelimitedDialect(delimiter: 0x2C), largestRecord: 100) }
        }
    }

    @Test
    func prefixesGiveTheRowsBeforeTheirEnd() {
        let text = "sep=;\nid;text\n1;\"a\nb\nc\"\r\n2;\"é \"\"q\"\"\"\n\n3;日;x\n4\n5;plain\r6;\"end\"\n"
        DecoderConformance.checkTruncation(Array(text.utf8)) { DelimitedDecoder() }
        DecoderConformance.checkTruncation(Array(text.utf8)) {
            DelimitedDecoder(dialect: DelimitedDialect(header: .names(["x", "y"])), largestRecord: 9)
        }
    }

    @Test
    func anOpenQuoteCostsLinearTime() {
        // Looked at again for each piece, or for each line after the quote, it would take minutes.
        let text = Array("a,b\n1,\"".utf8) + [UInt8](repeating: 0x0A, count: 1 << 19) + Array("1,\"\"\n2,3\n".utf8)
        var lines = DecodedLines()
        let elapsed = ContinuousClock().measure {
            lines = DecoderConformance.decode(text, cuts: Array(stride(from: 0, to: text.count, by: 500))) {
                DelimitedDecoder(largestRecord: 1 << 18)
            }
        }
        #expect(lines.json == [#"{"a":"1","b":""}"#, #"{"a":"2","b":"3"}"#])
        #expect(lines.codes == ["row-broken error"])
        #expect(lines.records.map(\.line) == [2 + (1 << 19), 3 + (1 << 19)])
        #expect(elapsed < .seconds(20))
    }

    @Test
    func anyBytesAreRowsOrFaults() {
        var random = SeededRandom(seed: 2)
        var faulty = 0
        for round in 0..<1500 {
            let text: [UInt8] = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                [0x22, 0x22, 0x2C, 0x2C, 0x0A, 0x0D, 0x61, 0x20, 0xC3, 0xA9, 0x5C, 0].randomElement(using: &random) ?? 0
            }
            let largest = Int.random(in: 4...60, using: &random)
            let whole = DecoderConformance.checkCuts(text, seed: UInt64(round)) {
                DelimitedDecoder(dialect: DelimitedDialect(delimiter: 0x2C, header: .absent), largestRecord: largest)
            }
            if !whole.faults.isEmpty { faulty += 1 }
            let numbers = whole.records.map(\.number) + whole.faults.filter(\.losesRecord).compactMap(\.record)
            #expect(numbers.sorted() == Array(1...numbers.count + 1).dropLast(), "round \(round)")
            for record in whole.records {
                let start = Int(record.bytes.lowerBound)
                let breaks = text[..<start].indices.count {
                    text[$0] == 0x0A || text[$0] == 0x0D && !($0 + 1 < text.count && text[$0 + 1] == 0x0A)
                }
                #expect(record.line == breaks + 1, "round \(round): \(text)")
            }
        }
        #expect(faulty > 300)
    }
}
