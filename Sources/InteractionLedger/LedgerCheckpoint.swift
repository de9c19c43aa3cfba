// How far the run of a source had come, so that the next one need not convert it again.

internal import GRDB

/// How far a run over some inputs has come: always behind what the ledger has of their messages, never ahead of it.
package struct LedgerCheckpoint: Sendable, Hashable {
    /// The position in the run before which everything is delivered, but for the open ones.
    package var end = 0
    /// Positions before the end of which something is not delivered, in ascending order.
    package var open: [Int] = []
    /// The messages of what is delivered.
    package var messages = 0
    /// Messages of it that were the business of other shards.
    package var otherShards = 0
    /// The records of all inputs, once they were read to their end and nothing is open.
    package var records: Int?

    package init() {}
}

extension Ledger {
    /// What is known of an earlier run over the same inputs.
    ///
    /// - Parameter source: The inputs, as they were named.
    /// - Returns: What the run was shaped by, and how far it had come; nil if there was none.
    /// - Throws: ``LedgerError``.
    package nonisolated func checkpoint(
        of source: String
    ) throws(LedgerError) -> (basis: String, checkpoint: LedgerCheckpoint)? {
        try read { database in
            let sql = """
                SELECT basis, position, open, messages, other_shards, records
                FROM source JOIN checkpoint ON checkpoint.source = source.id WHERE name = ?
                """
            guard let row = try Row.fetchOne(database, sql: sql, arguments: [source]) else { return nil }
            var checkpoint = LedgerCheckpoint()
            checkpoint.end = row[1]
            checkpoint.open = PositionRanges.read(row[2])
            checkpoint.messages = row[3]
            checkpoint.otherShards = row[4]
            checkpoint.records = row[5]
            return (row[0], checkpoint)
        }
    }

    /// Begins anew with inputs.
    ///
    /// - Parameters:
    ///   - source: The inputs, as they were named.
    ///   - basis: What the run is shaped by; nil if nothing can be said of it, so that nothing is kept.
    /// - Throws: ``LedgerError``.
    package func beginCheckpoint(of source: String, basis: String?) throws(LedgerError) {
        try write { database in
            try database.execute(
                sql: "DELETE FROM checkpoint WHERE source IN (SELECT id FROM source WHERE name = ?)",
                arguments: [source]
            )
            try database.execute(sql: "DELETE FROM source WHERE name = ?", arguments: [source])
            guard let basis else { return }
            try database.execute(sql: "INSERT INTO source(name, basis) VALUES (?, ?)", arguments: [source, basis])
        }
    }

    /// Writes down how far a run has come.
    ///
    /// - Parameters:
    ///   - checkpoint: What the ledger has the outcomes of.
    ///   - source: The inputs, as they were named.
    /// - Throws: ``LedgerError``.
    package func keep(_ checkpoint: LedgerCheckpoint, of source: String) throws(LedgerError) {
        try write { database in
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO checkpoint(source, position, open, messages, other_shards, records)
                    SELECT id, ?, ?, ?, ?, ? FROM source WHERE name = ?
                    """,
                arguments: [
                    checkpoint.end, PositionRanges.text(checkpoint.open), checkpoint.messages, checkpoint.otherShards,
                    checkpoint.records, source,
                ]
            )
        }
    }
}

/// Positions as text: `3,17-40`.
enum PositionRanges {
    static func text(_ positions: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for position in positions {
            if let last = ranges.last, position == last.upperBound + 1 {
                ranges[ranges.count - 1] = last.lowerBound...position
            } else {
                ranges.append(position...position)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }

    static func read(_ text: String) -> [Int] {
        text.split(separator: ",").flatMap { range in
            let bounds = range.split(separator: "-").compactMap { Int($0) }
            guard let first = bounds.first, let last = bounds.last, first <= last else { return [Int]() }
            return Array(first...last)
        }
    }
}
