// Tables of delimited text: the dialects people have, what is broken, and that both ways through a row agree.

import InteractionModel
import TestSupport
import Testing

@testable import InteractionSources

func decodeTable(
    _ text: String,
    delimiter: UInt8? = nil,
    header: DelimitedDialect.Header = .first,
    largest: Int = 1 << 20
) -> DecodedLines {
    DecoderConformance.checkCuts(Array(text.utf8)) {
        DelimitedDecoder(dialect: DelimitedDialect(delimiter: delimiter, header: header), largestRecord: largest)
    }
}

@Suite
struct DelimitedDecoderTests {
    @Test(
        arguments: [
            ("", []), ("a,b\n", []), ("\n\r\n\n", []), ("a\n1", [#"{"a":"1"}"#]),
            ("a,b\n1,2\n3,4", [#"{"a":"1","b":"2"}"#, #"{"a":"3","b":"4"}"#]),
            ("a,b\r\n1,2\r\n3,4\r\n", [#"{"a":"1","b":"2"}"#, #"{"a":"3","b":"4"}"#]),
            ("a,b\r1,2\r3,4\r", [#"{"a":"1","b":"2"}"#, #"{"a":"3","b":"4"}"#]),
            ("\u{FEFF}a,b\n1,2\n", [#"{"a":"1","b":"2"}"#]), ("a,b\n,\n", [#"{"a":"","b":""}"#]),
            ("a,b\n\"x,y\",\"q\"\"q\"\n", [#"{"a":"x,y","b":"q\"q"}"#]),
            ("a,b\n\"l1\nl2\r\nl3\",\"\"\n", [#"{"a":"l1\nl2\r\nl3","b":""}"#]),
            ("a,b\n\n1,2\n\n  \n3,4\n", [#"{"a":"1","b":"2"}"#, #"{"a":"3","b":"4"}"#]),
            ("sep=;\na;b\n1,5;2\n", [#"{"a":"1,5","b":"2"}"#]), ("SEP=|\r\na|b\r\n1|2", [#"{"a":"1","b":"2"}"#]),
            ("a, b ,\n1, 2 ,3\n", [##"{"a":"1","b":" 2 ","#3":"3"}"##]),
            ("a,a,A,,a_2\n1,2,3,4,5\n", [##"{"a":"1","a_2":"2","A":"3","#4":"4","a_2_2":"5"}"##]),
            ("a,#3\n1,2,3\n", [##"{"a":"1","#3":"2","#3_2":"3"}"##]),
            ("a,b\n1, \"x, y\" ,\n", [##"{"a":"1","b":"x, y","#3":""}"##]),
            ("a,b\n\"1\" ,2\n", [#"{"a":"1","b":"2"}"#]), ("a\n\"\"\n", [#"{"a":""}"#]),
            ("a,b\nx\u{0}y,\\\t\u{1}\n", [#"{"a":"x\u0000y","b":"\\\t\u0001"}"#]),
            ("a,b\né,日\u{1F600}\n", [#"{"a":"é","b":"日😀"}"#]),
        ] as [(String, [String])]
    )
    func readsWhatPeopleWrite(_ text: String, _ rows: [String]) {
        let lines = decodeTable(text)
        #expect(lines.json == rows)
        #expect(lines.faults.allSatisfy { $0.code == .rowRagged }, "\(lines.faults)")
    }

    @Test(arguments: [
        ("a;b\n1,5;2,5\n3,5;1\n", ";"), ("a\tb\n1, x\t2\n", "\t"), ("a|b\n1|2\n", "|"), ("a,b;c\n1,2\n3,4\n", ","),
        ("text\nhello, you\nnone\nno; one, two\n", "\t"), ("\"a,b,c\";d\n\"1,2\";3\n", ";"), ("a\n1\n", ","), ("", ","),
        ("id,text\n1,\"a;b;c\nd;e;f\ng;h;i\"\n2,\"a;b;c\"\n", ","),
    ])
    func findsTheDelimiter(_ text: String, _ delimiter: Character) {
        var decoder = DelimitedDecoder()
        var batch = DecodedBatchBuilder()
        Array(text.utf8).withUnsafeBytes { decoder.decode($0, isFinal: true, into: &batch) }
        #expect(decoder.dialect.delimiter == delimiter.asciiValue)
    }

    @Test
    func columnsComeFromWhereTheCallerSays() {
        #expect(
            decodeTable("1,2\n3,4\n", header: .absent).json == [##"{"#1":"1","#2":"2"}"##, ##"{"#1":"3","#2":"4"}"##]
        )
        #expect(decodeTable("1;2\n", delimiter: 0x3B, header: .names(["x", "y"])).json == [#"{"x":"1","y":"2"}"#])
        #expect(decodeTable("a;b,c\n1;2,3\n", delimiter: 0x2C).json == [#"{"a;b":"1;2","c":"3"}"#])
        #expect(decodeTable("1\n", header: .names([])).json == [##"{"#1":"1"}"##])
        #expect(decodeTable("sep=;\na,b\n1,2\n", delimiter: 0x2C).json == [#"{"a":"1","b":"2"}"#])
    }

    @Test
    func layoutIsFixed() throws {
        var decoder = DelimitedDecoder()
        var batch = DecodedBatchBuilder()
        Array("a,b,c\n1,2,3\n1\n1,2,3,4\nx\"y,2,3\n".utf8).withUnsafeBytes {
            decoder.decode($0, isFinal: true, into: &batch)
        }
        let sealed = batch.seal()
        #expect(decoder.columns == ["a", "b", "c"])
        #expect(decoder.headerLine == 1)
        let kinds = sealed.records.map { record in
            let view = sealed.view(of: record)
            for column in 0..<3 {
                #expect(view.text(1 + 2 * column).string == ["a", "b", "c"][column])
                #expect(view.next(2 + 2 * column) == 3 + 2 * column)
            }
            return (0..<3).map { view.kind(2 + 2 * $0) }
        }
        #expect(
            kinds == [
                [.string, .string, .string], [.string, .null, .null], [.string, .string, .string],
                [.string, .string, .string],
            ]
        )
        #expect(sealed.records.map { sealed.view(of: $0).next(0) } == [7, 7, 9, 7])
    }

    @Test
    func recordsKnowTheirPlaces() {
        let lines = decodeTable("\u{FEFF}a,b\r\n\r\n\"x\r\ny\ry\",1\r\nz,\"2\n\"\r\n5,6\r\n")
        #expect(lines.records.map(\.number) == [1, 2, 3])
        #expect(lines.records.map(\.line) == [3, 6, 8])
        #expect(lines.records.map(\.column) == [1, 1, 1])
        #expect(lines.records.map(\.bytes) == [10..<22, 22..<30, 30..<35])
    }

    @Test(arguments: [",", ";", "\t", "|"], ["\n", "\r\n", "\r"])
    func readsBackWhateverIsWritten(_ delimiter: Character, _ lineEnd: String) {
        var random = SeededRandom(seed: 4180)
        let pieces = [
            "a", " ", "\(delimiter)", "\"", "\n", "\r\n", "\r", "é", "日本", "1234567890", "\\", "\u{1}", "x\ty",
        ]
        for round in 0..<60 {
            let columns = Int.random(in: 1...5, using: &random)
            let table = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                (0..<columns).map { _ in
                    (0..<Int.random(in: 0...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
                        .joined()
                }
            }
            let rows = table.map { row in
                row.map { cell in
                    let isPlain = !cell.isEmpty && !cell.contains { "\"\n\r\r\n \(delimiter)".contains($0) }
                    return isPlain && Bool.random(using: &random)
                        ? cell : "\"\(cell.replacing("\"", with: "\"\""))\""
                }.joined(separator: String(delimiter))
            }
            let expected = table.map { row in
                var output = OutputBuffer()
                for (column, cell) in row.enumerated() {
                    output.append(text: column == 0 ? "{" : ",")
                    output.append(quoted: "c\(column)")
                    output.append(text: ":")
                    output.append(quoted: cell)
                }
                return String(decoding: output.array, as: UTF8.self) + "}"
            }
            let lines = decodeTable(
                rows.joined(separator: lineEnd) + (Bool.random(using: &random) ? lineEnd : ""),
                delimiter: delimiter.asciiValue,
                header: .names((0..<columns).map { "c\($0)" })
            )
            #expect(lines.json == expected, "round \(round): \(rows)")
            #expect(lines.faults.isEmpty)
        }
    }
}
