// Small CSV tables, as people and spreadsheets write them.

import TestSupport
import Testing

@testable import InteractionSources

@Suite
struct DelimitedLinesTests {
    private func cells(_ text: String) throws -> [[String]] {
        try DelimitedLines.rows(Array(text.utf8)).map(\.cells)
    }

    @Test(
        arguments: [
            ("", []), ("\n\r\n\n", []), ("a", [["a"]]), ("a,b\nc,d", [["a", "b"], ["c", "d"]]),
            ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
            ("a,b\rc,d\r", [["a", "b"], ["c", "d"]]), (",", [["", ""]]), ("a,\n,b", [["a", ""], ["", "b"]]),
            (#""a,b","c""d","""""#, [["a,b", "c\"d", "\""]]), ("\"a\nb\",\"\r\n\"\nc", [["a\nb", "\r\n"], ["c"]]),
            ("\"a\",", [["a", ""]]), ("\"\",\"\"\n", [["", ""]]), (" a , b ", [[" a ", " b "]]),
            ("é,日\u{1F600}", [["é", "日\u{1F600}"]]),
            ("5\" disk,a\"b", [["5\" disk", "a\"b"]]), ("a\n\n\nb", [["a"], ["b"]]),
        ] as [(String, [[String]])]
    )
    func readsRows(_ text: String, _ rows: [[String]]) throws {
        #expect(try cells(text) == rows)
    }

    @Test(arguments: [
        ("\"abc", 1), ("a,b\n\"c,d\ne\n", 2), ("\"a\"b", 1), ("x\n\"a\nb\" c\n", 3), ("\"a\"\"", 1), ("a\r\n\r\n\"", 3),
    ])
    func refusesWhatCannotBeMeant(_ text: String, _ line: Int) {
        #expect(throws: DelimitedLines.Fault.self) { try cells(text) }
        do throws(DelimitedLines.Fault) {
            _ = try DelimitedLines.rows(Array(text.utf8))
        } catch {
            #expect(error.line == line, "\(text)")
            #expect(!error.message.isEmpty)
        }
    }

    @Test
    func rowsKnowTheirLines() throws {
        let rows = try DelimitedLines.rows(Array("a\n\n\"b\nb\nb\",c\r\nd\re\n".utf8))
        #expect(rows.map(\.line) == [1, 3, 6, 7])
    }

    @Test
    func readsBackWhateverIsWritten() throws {
        var random = SeededRandom(seed: 4180)
        let pieces = ["a", " ", ",", "\"", "\n", "\r\n", "é", "1"]
        for round in 0..<500 {
            let table = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                (0..<Int.random(in: 2...4, using: &random)).map { _ in
                    (0..<Int.random(in: 0...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
                        .joined()
                }
            }
            let end = Bool.random(using: &random) ? "\n" : "\r\n"
            let text = table.map { row in
                row.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
            }.joined(separator: end)
            #expect(try cells(text) == table, "round \(round): \(text)")
        }
    }

    @Test
    func anyBytesAreRowsOrAFault() {
        var random = SeededRandom(seed: 2)
        var faults = 0
        for _ in 0..<2000 {
            let text: [UInt8] = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                [0x22, 0x2C, 0x0A, 0x0D, 0x61, 0xFF].randomElement(using: &random) ?? 0
            }
            do throws(DelimitedLines.Fault) {
                let rows = try DelimitedLines.rows(text)
                #expect(rows.allSatisfy { !$0.cells.isEmpty })
                #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.line < $1.line })
            } catch {
                faults += 1
                let last = 1 + text.count { $0 == 0x0A || $0 == 0x0D }
                #expect((1...last).contains(error.line))
            }
        }
        #expect((200..<1800).contains(faults), "the mixture must have both: \(faults)")
    }
}
