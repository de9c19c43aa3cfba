// Ledgers to test with.

import Foundation
import InteractionLedger
import InteractionModel
import TestSupport

enum Fixture {
    /// A message of a thread; equal versions are equal content.
    static func entry(
        _ number: Int,
        thread: String = "t",
        version: UInt64 = 0,
        key: String? = nil,
        input: String = "in.ndjson"
    ) -> LedgerEntry {
        LedgerEntry(
            threadId: thread,
            requestId: "r-\(number)",
            part: 1,
            digest: UUIDValue(high: UInt64(number), low: version),
            givenKey: key,
            input: input,
            record: number
        )
    }

    static func outcome(_ row: Int64, _ state: MessageState?, status: Int? = nil, at time: Int64 = 0) -> LedgerOutcome {
        LedgerOutcome(
            row: row,
            state: state,
            status: status,
            reason: status.map { "HTTP \($0)" },
            startedAt: time,
            latency: 5
        )
    }

    /// Opens a ledger with a run in it.
    static func open(_ path: String, time: Int64 = 1) async throws -> Ledger {
        let ledger = try Ledger(path, .writing)
        try await ledger.beginRun(tool: "1", target: "acme", options: "", time: time)
        return ledger
    }

    /// Every message, in order.
    static func messages(_ path: String) async throws -> [MessageRecord] {
        let ledger = try Ledger(path, .reading)
        var messages: [MessageRecord] = []
        try ledger.forEachMessage { messages.append($0) }
        try await ledger.close()
        return messages
    }

    /// Runs a body with a fresh folder, which is removed afterwards.
    static func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let path = NSTemporaryDirectory() + "interaction-migrate-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    /// What opening for reading says.
    static func error(_ path: String, _ access: Ledger.Access = .reading) -> LedgerError? {
        do {
            _ = try Ledger(path, access)
            return nil
        } catch {
            return error
        }
    }
}
