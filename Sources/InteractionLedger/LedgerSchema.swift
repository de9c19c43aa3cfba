// The tables of the ledger, and the way from each version to the next.

internal import GRDB

/// The schema, by migrations that are never changed once they were released.
enum LedgerSchema {
    /// What SQLite files of this program have in their header: "IMLG".
    static let application: Int32 = 0x494D_4C47

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator().disablingDeferredForeignKeyChecks()
        migrator.registerMigration("1 runs, messages, attempts") { database in
            try database.execute(sql: first)
        }
        migrator.registerMigration("3 checkpoints of sources") { database in
            try database.execute(sql: checkpoints)
        }
        migrator.registerMigration("4 sheets") { database in
            try database.execute(sql: sheets)
        }
        return migrator
    }

    /// Checks a file that was opened, makes the tables, or brings them up to this version.
    static func prepare(_ queue: DatabaseQueue, _ path: String, _ access: Ledger.Access) throws {
        try queue.read { database in
            let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
            let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            if isEmpty, application == 0, access != .reading { return }
            guard application == Self.application else { throw LedgerError.foreign(path) }
            guard try !migrator.hasBeenSuperseded(database) else {
                throw LedgerError(
                    .newer,
                    "a newer version of interaction-migrate has made the ledger \(path); use that version"
                )
            }
            let check = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "no answer"
            guard check == "ok" else {
                // The first lines say which database is meant.
                throw LedgerError.damaged(path, String(check.split(separator: "\n").last?.prefix(200) ?? ""))
            }
            guard try access != .reading || migrator.hasCompletedMigrations(database) else {
                throw LedgerError(
                    .unavailable,
                    "the ledger \(path) is of an older version; `submit` with it once brings it up to date"
                )
            }
            // SQLite leaves constraints out of its check where nothing can be written.
            if access == .reading {
                let broken = "SELECT first FROM sheet WHERE (\(fitting)) IS NOT 1 LIMIT 1"
                if let first = try Int64.fetchOne(database, sql: broken) {
                    throw LedgerError.damaged(path, "the sheet of message \(first) does not fit together")
                }
            }
        }
        if access != .reading {
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA application_id = \(application)")
            }
            try migrator.migrate(queue)
        }
        try queue.writeWithoutTransaction { database in
            try LedgerViews.make(of: "main", database)
            // Sheets that are made here fit; rows of a damaged ledger are copied into one that is created.
            if access != .creating { try database.execute(sql: "PRAGMA ignore_check_constraints = ON") }
        }
    }

    /// What a run is shaped by is written once, how far it is again and again.
    private static let checkpoints = """
        CREATE TABLE source(
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL UNIQUE,
          basis TEXT NOT NULL
        ) STRICT;
        CREATE TABLE checkpoint(
          source INTEGER PRIMARY KEY REFERENCES source(id),
          position INTEGER NOT NULL,
          open TEXT NOT NULL,
          messages INTEGER NOT NULL,
          other_shards INTEGER NOT NULL,
          records INTEGER
        ) STRICT;
        """

    /// Many messages in a row, as ``LedgerSheet`` says; `sheet_key` has the sheets before the row `entered` only.
    private static let sheets = """
        CREATE TABLE sheet(
          first INTEGER PRIMARY KEY,
          run INTEGER NOT NULL REFERENCES run(id),
          count INTEGER NOT NULL,
          states TEXT NOT NULL,
          outcomes BLOB NOT NULL,
          digests BLOB NOT NULL,
          facts TEXT NOT NULL,
          CHECK (\(fitting))
        ) STRICT;
        CREATE TABLE sheet_key(
          thread TEXT NOT NULL,
          request TEXT NOT NULL,
          sheet INTEGER NOT NULL REFERENCES sheet(first),
          slot INTEGER NOT NULL,
          PRIMARY KEY (thread, request, sheet, slot)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE sheet_key_state(entered INTEGER NOT NULL) STRICT;
        INSERT INTO sheet_key_state VALUES (0);
        """

    /// What holds of every sheet.
    private static let fitting = """
        length(states) = count AND states NOT GLOB '*[^0145-]*' AND length(outcomes) = 26 * count
        AND length(digests) = 16 * count
        AND CASE WHEN json_valid(facts) THEN json_array_length(facts) ELSE -1 END = count
        """

    /// A digest is the UUID that the payload's bytes give; it is also the idempotency key where `key` is null.
    private static let first = """
        CREATE TABLE run(
          id INTEGER PRIMARY KEY,
          tool TEXT NOT NULL,
          target TEXT NOT NULL,
          options TEXT NOT NULL,
          started INTEGER NOT NULL,
          ended INTEGER,
          result TEXT
        ) STRICT;
        CREATE TABLE input(
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL UNIQUE
        ) STRICT;
        CREATE TABLE message(
          id INTEGER PRIMARY KEY,
          thread TEXT NOT NULL,
          request TEXT NOT NULL,
          part INTEGER NOT NULL,
          digest BLOB NOT NULL,
          key TEXT,
          input INTEGER NOT NULL REFERENCES input(id),
          record INTEGER NOT NULL,
          run INTEGER NOT NULL REFERENCES run(id),
          state INTEGER NOT NULL,
          attempts INTEGER NOT NULL DEFAULT 0,
          status INTEGER,
          reason TEXT
        ) STRICT;
        CREATE UNIQUE INDEX message_identity ON message(thread, request, digest);
        CREATE INDEX message_key ON message(key) WHERE key IS NOT NULL;
        CREATE TABLE attempt(
          message INTEGER NOT NULL REFERENCES message(id),
          number INTEGER NOT NULL,
          run INTEGER NOT NULL REFERENCES run(id),
          started INTEGER,
          latency INTEGER,
          state INTEGER,
          status INTEGER,
          reason TEXT,
          PRIMARY KEY (message, number)
        ) STRICT, WITHOUT ROWID;
        """
}
