// The books of single values: every leaf once, under its path, whatever its key looks like.

import TestSupport
import Testing

@testable import InteractionMapping
@testable import InteractionModel

@Suite
struct FieldLedgerTests {
    /// Counts a text's leaves as kept, `times` over, and returns the report's lines.
    private func lines(_ texts: [String], times: Int = 1) throws -> [String] {
        var ledger = FieldLedger()
        for _ in 0..<times {
            for text in texts { try count(text, &ledger) }
        }
        return FieldTotal.report(ledger.totals()).map { "\($0.path) \($0.count)" }
    }

    @discardableResult
    private func count(
        _ text: String,
        _ ledger: inout FieldLedger,
        _ disposition: Disposition = .kept
    ) throws -> Books.Level {
        let root = ledger.define(FieldLedger.root, "v1")
        let padded = PaddedBytes(Array(text.utf8))
        var tape = JSONTape()
        try tape.scan(padded.start, count: padded.count)
        let view = tape.view(of: padded.start)
        ledger.count(all: root, view, view.root, disposition, "rule")
        return ledger.commit()
    }

    @Test
    func everyLeafIsCountedUnderItsPath() throws {
        let text = #"{"a":1,"b":{"c":[1,2,{"d":[]}],"e":{}},"f":null}"#
        #expect(try lines([text]) == ["a 1", "b.c[] 2", "b.c[].d 1", "b.e 1", "f 1"])
        #expect(try lines([text, #"{"f":[1],"a":2}"#]) == ["a 2", "b.c[] 2", "b.c[].d 1", "b.e 1", "f 1", "f[] 1"])
    }

    @Test
    func aKeyIsOneHoweverItIsSpelled() throws {
        #expect(try lines([#"{"a/b":1}"#, #"{"a\/b":1}"#, #"{"\u0061/b":1}"#]) == ["a/b 3"])
        #expect(try lines([#"{"a\nb":1,"\"":2}"#], times: 3) == ["\" 3", "a\nb 3"])
    }

    @Test
    func escapedKeysDoNotUseNamesUp() throws {
        // More records than an object may have names: the same two keys each time.
        let lines = try lines([#"{"a\nb":1,"c\/d":1}"#], times: FieldLedger.workingKeys + 10)
        #expect(lines == ["a\nb \(FieldLedger.workingKeys + 10)", "c/d \(FieldLedger.workingKeys + 10)"])
    }

    @Test(arguments: ["k", "k\\/", "k\\n"])
    func keysThatAreDataAreFolded(_ prefix: String) throws {
        let members = (0..<3000).map { "\"\(prefix)\($0)\":1" }.joined(separator: ",")
        let text = "{\"map\":{\(members)},\"a\":1}"
        #expect(try lines([text]) == ["a 1", "map.* 3000"])
        // Not only the report is short: the ledger itself must not grow with the data.
        var ledger = FieldLedger()
        try count(text, &ledger)
        #expect(ledger.totals().count <= FieldLedger.workingKeys + 2)
    }

    @Test
    func foldingDependsOnAllTotalsTogether() throws {
        // Each worker saw fewer keys than are folded, both together saw more.
        let half = FieldLedger.distinctKeys * 3 / 4
        var totals: [FieldTotal: Int] = [:]
        for worker in 0..<2 {
            var ledger = FieldLedger()
            try count("{" + (0..<half).map { "\"w\(worker)-\($0)\":1" }.joined(separator: ",") + "}", &ledger)
            #expect(FieldTotal.report(ledger.totals()).count == half)
            totals.merge(ledger.totals(), uniquingKeysWith: +)
        }
        let report = FieldTotal.report(totals)
        #expect(report.map(\.path) == ["*"])
        #expect(report.map(\.count) == [half * 2])
    }

    @Test
    func whatIsRolledBackWasNeverCounted() throws {
        var ledger = FieldLedger()
        let root = ledger.define(FieldLedger.root, "v1")
        let path = ledger.define(root, "a")
        ledger.count(path, .mapped, "x", 3)
        ledger.count(path, .dropped, "y", 2)
        ledger.rollBack()
        ledger.count(path, .rejected, "record", 5)
        let level = ledger.commit()
        #expect(level.rejected == 5)
        #expect(level.mapped == 0 && level.dropped.isEmpty)
        #expect(FieldTotal.report(ledger.totals()).map(\.count) == [5])
        #expect(ledger.commit() == Books.Level(), "a record is settled once")
    }

    @Test
    func pathsAreFoundFromNodes() throws {
        let padded = PaddedBytes(Array(#"{"a":[{"b":1,"c":{"d":[2,3]}}],"e":4}"#.utf8))
        var tape = JSONTape()
        try tape.scan(padded.start, count: padded.count)
        let view = tape.view(of: padded.start)
        var ledger = FieldLedger()
        let root = ledger.define(FieldLedger.root, "v1")
        var found: [String] = []
        for node in 0..<tape.count where view.kind(node) == .number {
            let path = ledger.path(to: node, view, from: root)
            found.append(ledger.text(path))
        }
        #expect(found == ["a[].b", "a[].c.d[]", "a[].c.d[]", "e"])
    }

    @Test
    func theBooksOfAnyValueBalance() throws {
        var random = SeededRandom(seed: 12)
        for disposition in Disposition.allCases {
            let text = #"{"a":[1,{"b":"\#(Int.random(in: 0...9, using: &random))"}],"c":{},"d":[]}"#
            var ledger = FieldLedger()
            var level = try count(text, &ledger, disposition)
            level.total = 4
            #expect(level.isBalanced, "\(disposition)")
        }
    }
}
