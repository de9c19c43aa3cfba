// Sheets as if each of their messages had a row.
//
// They are made for each connection: what can be read of a damaged file must not hang on more of its pages than before.

internal import GRDB

/// Views of a ledger, which only one connection sees.
enum LedgerViews {
    /// Makes the views of a ledger.
    ///
    /// - Parameters:
    ///   - schema: The name under which its file is open; `main`, or what is put before the views' names.
    ///   - database: Where.
    /// - Throws: What SQLite says to them.
    static func make(of schema: String, _ database: Database) throws {
        let prefix = schema == "main" ? "" : schema + "_"
        let columns = """
            id, thread, request, part, digest, key, input, record, run, state, attempts, status, reason, started
            """
        try database.execute(
            sql: """
                CREATE TEMP VIEW \(prefix)sheet_message AS
                SELECT first AS sheet, fact.key AS slot, states, facts, first + fact.key AS id,
                  json_extract(fact.value, '$[0]') AS thread, json_extract(fact.value, '$[1]') AS request,
                  json_extract(fact.value, '$[2]') AS part, substr(digests, 16 * fact.key + 1, 16) AS digest, NULL AS key,
                  json_extract(fact.value, '$[3]') AS input, json_extract(fact.value, '$[4]') AS record, run,
                  CAST(substr(states, fact.key + 1, 1) AS INTEGER) AS state,
                  substr(states, fact.key + 1, 1) > '3' AS attempts,
                  CAST(nullif(substr(outcomes, 26 * fact.key + 1, 3), x'202020') AS INTEGER) AS status, NULL AS reason,
                  CASE WHEN substr(states, fact.key + 1, 1) > '3'
                  THEN CAST(substr(outcomes, 26 * fact.key + 4, 13) AS INTEGER) END AS started,
                  CASE WHEN substr(states, fact.key + 1, 1) > '3'
                  THEN CAST(substr(outcomes, 26 * fact.key + 17, 10) AS INTEGER) END AS latency
                FROM \(schema).sheet, json_each(facts) AS fact WHERE substr(states, fact.key + 1, 1) <> '-';
                CREATE TEMP VIEW \(prefix)own_message AS
                SELECT *, (SELECT max(started) FROM \(schema).attempt WHERE attempt.message = message.id) AS started
                FROM \(schema).message;
                CREATE TEMP VIEW \(prefix)every_message AS
                SELECT \(columns) FROM \(prefix)own_message UNION ALL SELECT \(columns) FROM \(prefix)sheet_message;
                """
        )
    }

    /// Takes the views of a ledger away.
    static func drop(of schema: String, _ database: Database) throws {
        for view in ["every_message", "own_message", "sheet_message"] {
            try database.execute(sql: "DROP VIEW temp.\(schema)_\(view)")
        }
    }
}
