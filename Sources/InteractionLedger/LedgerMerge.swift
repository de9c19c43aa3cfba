// Several ledgers into one, such as those of workers that had a part of the inputs each.

internal import GRDB

/// Unites ledgers: of each message the best that any of them knows, and all attempts.
package enum LedgerMerge {
    /// Writes a new ledger that holds what others hold.
    ///
    /// Acceptance and completion win over rejection, rejection over doubt. The result depends on nothing but the
    /// ledgers and their order, which decides where two know equally much.
    ///
    /// - Parameters:
    ///   - sources: The ledgers; they stay as they are.
    ///   - target: A file that must not exist.
    /// - Returns: What the new ledger has.
    /// - Throws: ``LedgerError``.
    package static func merge(_ sources: [String], into target: String) async throws(LedgerError) -> LedgerStatus {
        for source in sources { try await Ledger(source, .reading).close() }
        let ledger = try Ledger(target, .creating)
        try await ledger.unite(sources)
        let status = try ledger.status()
        try await ledger.close()
        return status
    }
}

extension Ledger {
    fileprivate func unite(_ sources: [String]) throws(LedgerError) {
        do {
            try queue.writeWithoutTransaction { database in
                try database.execute(
                    sql: """
                        CREATE TEMP TABLE gathered(
                          message INTEGER, run INTEGER, started INTEGER, latency INTEGER, state INTEGER, status INTEGER,
                          reason TEXT
                        )
                        """
                )
                for source in sources {
                    try database.execute(sql: "ATTACH ? AS source", arguments: [source])
                    try LedgerViews.make(of: "source", database)
                    try database.inTransaction {
                        try database.execute(sql: Self.addSource)
                        return .commit
                    }
                    try LedgerViews.drop(of: "source", database)
                    try database.execute(sql: "DETACH source")
                }
                try database.inTransaction {
                    try database.execute(sql: Self.addAttempts)
                    return .commit
                }
            }
        } catch {
            throw LedgerError(error, path)
        }
    }

    /// A run is the same if it began at the same millisecond with the same options and target.
    private static let addSource = """
        INSERT INTO main.run(tool, target, options, started, ended, result)
        SELECT tool, target, options, started, ended, result FROM source.run AS other
        WHERE NOT EXISTS (
          SELECT 1 FROM main.run AS own WHERE own.started = other.started AND own.tool = other.tool
          AND own.target = other.target AND own.options = other.options
        ) ORDER BY id;
        CREATE TEMP TABLE same_run AS
        SELECT other.id AS other, own.id AS own FROM source.run AS other JOIN main.run AS own
        ON own.started = other.started AND own.tool = other.tool AND own.target = other.target
        AND own.options = other.options;
        INSERT OR IGNORE INTO main.input(name) SELECT name FROM source.input ORDER BY id;
        INSERT INTO main.message(
          thread, request, part, digest, key, input, record, run, state, attempts, status, reason
        )
        SELECT thread, request, part, digest, key, own_input.id, record, same_run.own,
          CASE state WHEN 1 THEN 2 ELSE state END, 0, status, reason
        FROM source_every_message AS other
        JOIN source.input AS other_input ON other_input.id = other.input
        JOIN main.input AS own_input ON own_input.name = other_input.name
        JOIN same_run ON same_run.other = other.run
        WHERE true ORDER BY other.id
        ON CONFLICT(thread, request, digest) DO UPDATE SET
          key = CASE WHEN excluded.state > state THEN excluded.key ELSE key END,
          status = CASE WHEN excluded.state > state THEN excluded.status ELSE status END,
          reason = CASE WHEN excluded.state > state THEN excluded.reason ELSE reason END,
          state = max(state, excluded.state);
        INSERT INTO gathered
        SELECT own.id, same_run.own, started, latency, attempt.state, attempt.status, attempt.reason
        FROM source.attempt AS attempt
        JOIN source.message AS other ON other.id = attempt.message
        JOIN main.message AS own
        ON own.thread = other.thread AND own.request = other.request AND own.digest = other.digest
        JOIN same_run ON same_run.other = attempt.run;
        INSERT INTO gathered
        SELECT own.id, same_run.own, other.started, other.latency, other.state, other.status, NULL
        FROM source_sheet_message AS other
        JOIN main.message AS own
        ON own.thread = other.thread AND own.request = other.request AND own.digest = other.digest
        JOIN same_run ON same_run.other = other.run WHERE other.attempts > 0;
        DROP TABLE same_run;
        """

    private static let addAttempts = """
        INSERT INTO main.attempt(message, number, run, started, latency, state, status, reason)
        SELECT message,
          row_number() OVER (PARTITION BY message ORDER BY run, started, latency, state, status, reason),
          run, started, latency, state, status, reason
        FROM (SELECT DISTINCT * FROM gathered);
        UPDATE main.message SET attempts = (
          SELECT count(*) FROM main.attempt WHERE attempt.message = main.message.id
        );
        DROP TABLE gathered;
        """
}
