// What a ledger says about the submission as a whole.

internal import GRDB

/// The state of a submission, as its ledger has it.
public struct LedgerStatus: Sendable, Hashable {
    /// One call of `submit`.
    public struct Run: Sendable, Hashable {
        /// Its number, from 1.
        public var number: Int
        /// The program's version.
        public var tool: String
        /// Where to.
        public var target: String
        /// What was asked for.
        public var options: String
        /// When it began, in milliseconds since 1970.
        public var started: Int64
        /// When it ended; nil while it runs, and for good if it was killed.
        public var ended: Int64?
        /// How it ended, in a word.
        public var result: String?
        /// Attempts of which the outcome is known.
        public var attempts: Int
    }

    /// Messages that failed alike.
    public struct Failure: Sendable, Hashable {
        /// What is known of them.
        public var state: MessageState
        /// The HTTP status or WebSocket close code.
        public var status: Int?
        /// What was said.
        public var reason: String?
        /// How many there are.
        public var count: Int

        fileprivate static func isMoreFrequent(_ one: Failure, _ other: Failure) -> Bool {
            if one.count != other.count { return one.count > other.count }
            return (one.state.rawValue, one.status ?? -1, one.reason ?? "")
                < (other.state.rawValue, other.status ?? -1, other.reason ?? "")
        }
    }

    /// How many messages are in each state.
    public var counts: [MessageState: Int] = [:]
    /// The runs, from the first.
    public var runs: [Run] = []
    /// Messages that are rejected or in doubt, the most frequent reasons first, at most 20 of them.
    public var failures: [Failure] { Array(allFailures.prefix(20)) }
    /// The same with every reason, so that those of several ledgers can be added up.
    var allFailures: [Failure] = []

    /// Makes the status of an empty ledger.
    public init() {}

    /// Adds up what several ledgers have, such as those of a submission's shards.
    ///
    /// A message that two of them have counts twice.
    ///
    /// - Parameter statuses: The state of each.
    public init(sumOf statuses: [LedgerStatus]) {
        var failures: [Failure: Int] = [:]
        for status in statuses {
            counts.merge(status.counts, uniquingKeysWith: +)
            runs += status.runs
            for var failure in status.allFailures {
                let count = failure.count
                failure.count = 0
                failures[failure, default: 0] += count
            }
        }
        allFailures = failures.map { failure, count in
            var failure = failure
            failure.count = count
            return failure
        }
        .sorted(by: Failure.isMoreFrequent)
    }

    /// All messages.
    public var messages: Int { counts.values.reduce(0, +) }

    /// Messages that the tenant has.
    public var delivered: Int { self[.accepted] + self[.completed] }

    /// Messages that another run of the same inputs would send.
    public var pending: Int { self[.planned] + self[.sent] + self[.unknown] }

    /// How many messages are in a state.
    ///
    /// - Parameter state: The state.
    public subscript(state: MessageState) -> Int { counts[state] ?? 0 }
}

extension Ledger {
    /// Counts what the ledger has.
    ///
    /// - Returns: The counts, all of one moment.
    /// - Throws: ``LedgerError``.
    package nonisolated func status() throws(LedgerError) -> LedgerStatus {
        try read { database in
            var status = LedgerStatus()
            for row in try Row.fetchAll(database, sql: "SELECT state, count(*) FROM message GROUP BY state") {
                status.counts[MessageState(rawValue: row[0]) ?? .unknown, default: 0] += row[1]
            }
            var attempts: [Int: Int] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT run, count(*) FROM attempt GROUP BY run") {
                attempts[row[0]] = row[1]
            }
            for row in try Row.fetchAll(database, sql: Self.sheetCounts) {
                for (column, state) in [MessageState.planned, .sent, .accepted, .completed].enumerated() {
                    let count: Int = row[column + 1]
                    if count > 0 { status.counts[state, default: 0] += count }
                    if state.rawValue >= MessageState.accepted.rawValue { attempts[row[0], default: 0] += count }
                }
            }
            status.runs = try Row.fetchAll(
                database,
                sql: "SELECT id, tool, target, options, started, ended, result FROM run ORDER BY id"
            ).map { row in
                LedgerStatus.Run(
                    number: row[0],
                    tool: row[1],
                    target: row[2],
                    options: row[3],
                    started: row[4],
                    ended: row[5],
                    result: row[6],
                    attempts: attempts[row[0]] ?? 0
                )
            }
            status.allFailures = try Row.fetchAll(
                database,
                sql: """
                    SELECT state, status, reason, count(*) AS count FROM message WHERE state IN (2, 3)
                    GROUP BY state, status, reason ORDER BY count DESC, state, status, reason
                    """
            ).map { row in
                LedgerStatus.Failure(
                    state: MessageState(rawValue: row[0]) ?? .unknown,
                    status: row[1],
                    reason: row[2],
                    count: row[3]
                )
            }
            return status
        }
    }

    /// Of each run, how many messages on sheets are in the states that they can be in there; no sheet is taken apart.
    private static let sheetCounts = """
        SELECT run, \([MessageState.planned, .sent, .accepted, .completed].map { state in
            "sum(length(states) - length(replace(states, '\(state.rawValue)', '')))"
        }.joined(separator: ", ")) FROM sheet GROUP BY run
        """
}
