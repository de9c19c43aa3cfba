// The library's way to a tenant: submit, resume, status.

internal import Glibc
public import InteractionConversion
public import InteractionLedger
public import InteractionModel
internal import InteractionSubmission
package import Logging

/// Sends Interactions to a tenant, with a ledger that knows what became of each.
///
/// ```swift
/// var options = MigrationOptions(ledger: "run.sqlite")
/// options.tenant = "acme"
/// let report = try await Migration(options).submit(files: ["converted.ndjson"])
/// ```
///
/// Credentials come from the environment, as docs/CLI.md says. A run that was stopped or killed is resumed by the same
/// call: what the tenant has accepted is not sent again, and what is in doubt is sent again with the same idempotency
/// key.
public struct Migration: Sendable {
    /// What was asked for.
    public let options: MigrationOptions
    private let environment: [String: String]
    package var logger = Logger(label: "interaction-migrate")

    /// Makes a migration.
    ///
    /// - Parameters:
    ///   - options: Where to send, how, and what is remembered.
    ///   - environment: The variables for credentials and proxies; those of the process if none are given.
    public init(_ options: MigrationOptions, environment: [String: String]? = nil) {
        self.options = options
        self.environment = environment ?? ProcessVariables.all()
    }

    /// Who wants to know what happens while it does.
    public struct Observer: Sendable {
        /// Receives the state of the run ten times a second.
        public var progress: (@Sendable (_ report: MigrationReport, _ bytesRead: Int64) -> Void)?
        /// Receives what a person should know: records that are refused, and why.
        public var finding: (@Sendable (Finding) -> Void)?
        /// A file for what is refused, each message with its reason; it can be submitted again.
        public var deadLetters: String?
        /// A file to which every reply of the tenant is added.
        public var replies: String?
        /// Receives what a person should know of the run as a whole.
        public var notice: (@Sendable (String) -> Void)?

        /// Makes an observer of nothing.
        public init() {}
    }

    /// Sends what the tenant does not have yet.
    ///
    /// Inputs are finished Interactions in either form, dead letters, or anything that `Converter` converts.
    ///
    /// - Parameters:
    ///   - files: Paths, folders or patterns; `-` is standard input.
    ///   - isStopped: Asked ten times a second; once it says true, nothing new is sent, and what is in flight is waited
    ///     for up to ``MigrationOptions/drain``.
    ///   - observer: Who wants to know what happens.
    /// - Returns: What became of the messages. A tenant that refuses, or does not answer, is no thrown error.
    /// - Throws: `LedgerError`, `InputSelectionFailure`, `OutputFailure`, and an error with a description where the
    ///   options cannot be used.
    @concurrent
    public func submit(
        files: [String],
        isStopped: @escaping @Sendable () -> Bool = { false },
        observer: Observer = Observer()
    ) async throws -> MigrationReport {
        let (asides, tell) = AsyncStream<Aside>.makeStream()
        let submitter = try Submitter(
            options: options.sharedSubmission,
            environment: environment,
            listener: SubmissionListener(
                reply: observer.replies.map { _ in { @Sendable reply in _ = tell.yield(.reply(reply, Self.now)) } },
                deadLetter: { letter in _ = tell.yield(.deadLetter(letter)) }
            ),
            logger: logger
        )
        let isNew = access(options.ledger, F_OK) != 0
        let ledger = try Ledger(options.ledger, .writing)
        let writer = try AsideWriter(
            ledger,
            deadLetters: observer.deadLetters,
            replies: observer.replies,
            show: observer.finding
        )
        try await ledger.beginRun(
            tool: options.tool,
            target: try options.targetHost(environment: environment),
            options: options.summary,
            time: Self.now
        )
        let checkpointer = Checkpointer(ledger, files, options.shard) { observer.notice?($0) }
        let feed = Feed(ledger, options, checkpointer) { aside in _ = tell.yield(aside) }
        async let written: Void = writer.write(asides) { submitter.stop() }
        let recorder = LedgerRecorder(ledger: ledger, checkpointer: checkpointer)
        let outcome = await Self.run(submitter, feed, recorder, files, isStopped, observer.progress)
        tell.finish()
        var report: MigrationReport
        do {
            try await written
            report = try await Self.report(outcome, feed)
            try await checkpointer.keep()
        } catch {
            try await ledger.endRun(result: "failed", time: Self.now)
            try await ledger.close()
            throw error
        }
        report.take(await feed.readReport, options.conversion.acceptedRejects)
        try await ledger.endRun(result: report.ending.rawValue, time: Self.now)
        try await ledger.close()
        // An input that is not there, or holds no message, leaves nothing behind.
        if isNew, report.counts.messages == 0 { unlink(options.ledger) }
        return report
    }

    /// Says what `submit` would do, by what the ledger has; nothing is sent or written.
    ///
    /// - Parameters:
    ///   - files: As for `submit`.
    ///   - plan: A file for what would be sent, as digests, which ``differences(fromPlanAt:files:isStopped:)`` reads.
    ///   - isStopped: Asked before each read.
    ///   - observer: Only its findings are used.
    /// - Returns: A report of which only the counts say something.
    /// - Throws: `LedgerError`, `InputSelectionFailure`, and `OutputFailure` of the plan.
    @concurrent
    public func dryRun(
        files: [String],
        plan: String? = nil,
        isStopped: @escaping @Sendable () -> Bool = { false },
        observer: Observer = Observer()
    ) async throws -> MigrationReport {
        let known = access(options.ledger, F_OK) == 0 ? try Ledger(options.ledger, .reading) : nil
        let scratch = try Ledger("", .temporary)
        var triage = Triage(options)
        var filter = ShardFilter(options.shard)
        let converter = Converter(options.conversion)
        let plan = try plan.map { try PlanWriter(path: $0, of: converter, files: files, version: options.tool) }
        let read = try await converter.ready(files: files, isStopped: isStopped) { batch, _ in
            try plan?.write(batch)
            let batch = filter.own(batch)
            if let show = observer.finding {
                for finding in batch.findings { show(finding) }
                for refused in batch.refused { show(refused.finding) }
            }
            let entries = batch.messages.map { LedgerEntry($0) }
            let here = try await scratch.register(entries, takesChanges: true)
            let before = try known?.look(entries) ?? here
            for (ready, (here, before)) in zip(batch.messages, zip(here, before)) {
                // What this run would register first comes before what the ledger has.
                let standing = here.kind == .new || here.kind == .changed && before.kind != .new ? before : here
                if triage.decide(ready, standing) == .changed { observer.finding?(ready.changed) }
            }
        }
        var report = MigrationReport()
        report.counts = triage.counts
        report.counts.records = read.records
        report.counts.invalid = filter.hasInvalid ? read.refused : 0
        report.counts.otherShards = filter.others
        report.take(read, options.conversion.acceptedRejects)
        if !read.wasInterrupted { try plan?.finish() }
        return report
    }

    /// Compares a plan with what `submit` would send now; nothing is sent or written.
    ///
    /// It may be the plan of a dry run of the same inputs, by `submit` or by `convert`. For a converted file, it may also
    /// be that of the conversion that has written it. What the ledger has is no part of a plan, so that the plan still
    /// holds when a run is resumed.
    ///
    /// - Parameters:
    ///   - path: The plan file.
    ///   - files: As for `submit`; they are read twice.
    ///   - isStopped: Asked before each read.
    /// - Returns: Every difference; nil if the comparison was stopped before its end.
    /// - Throws: `PlanFailure` and `InputSelectionFailure`.
    @concurrent
    public func differences(
        fromPlanAt path: String,
        files: [String],
        isStopped: @escaping @Sendable () -> Bool = { false }
    ) async throws -> [ConversionPlan.Difference]? {
        try await Converter(options.conversion).differences(
            fromReadyPlanAt: path,
            files: files,
            version: options.tool,
            isStopped: isStopped
        )
    }

    /// Counts what a ledger has, also while a run writes to it.
    ///
    /// - Parameter path: The ledger's file.
    /// - Returns: Messages by state, runs, and reasons of failure.
    /// - Throws: `LedgerError`.
    public static func status(ledger path: String) async throws -> LedgerStatus {
        let ledger = try Ledger(path, .reading)
        let status = try ledger.status()
        try await ledger.close()
        return status
    }

    /// Counts what a ledger has again and again.
    ///
    /// - Parameters:
    ///   - path: The ledger's file.
    ///   - body: Receives the counts; says whether it wants them again, after as long as it likes.
    /// - Throws: `LedgerError`, and what `body` throws.
    public static func watch(ledger path: String, _ body: (LedgerStatus) async throws -> Bool) async throws {
        try await watch(ledgers: [path]) { try await body($0[0]) }
    }

    /// Counts what several ledgers have again and again, such as those of a submission's shards.
    ///
    /// - Parameters:
    ///   - paths: The ledgers' files.
    ///   - body: Receives the counts of each; says whether it wants them again, after as long as it likes.
    /// - Throws: `LedgerError`, and what `body` throws.
    public static func watch(ledgers paths: [String], _ body: ([LedgerStatus]) async throws -> Bool) async throws {
        // Opened once: the check of the whole file takes its time.
        let ledgers = try paths.map { try Ledger($0, .reading) }
        while try await body(try ledgers.map { try $0.status() }) {}
        for ledger in ledgers { try await ledger.close() }
    }

    /// Hands out every message of a ledger, in the order in which they were registered.
    ///
    /// - Parameters:
    ///   - path: The ledger's file.
    ///   - body: Receives each message.
    /// - Throws: `LedgerError`, and what `body` throws.
    public static func messages(ledger path: String, _ body: (MessageRecord) throws -> Void) async throws {
        let ledger = try Ledger(path, .reading)
        try ledger.forEachMessage(body)
        try await ledger.close()
    }

    // MARK: One run

    /// Reads, sends and tells how far it is, until all of that has ended.
    private static func run(
        _ submitter: Submitter,
        _ feed: Feed,
        _ recorder: LedgerRecorder,
        _ files: [String],
        _ isStopped: @escaping @Sendable () -> Bool,
        _ progress: (@Sendable (MigrationReport, Int64) -> Void)?
    ) async -> Result<SubmissionSummary, any Error> {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await feed.read(files, isStopped: isStopped) }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .milliseconds(100))
                    if isStopped() { submitter.stop() }
                    guard let progress, !Task.isCancelled else { continue }
                    var report = MigrationReport()
                    report.counts = await feed.counts
                    report.delivery = submitter.progress
                    progress(report, await feed.bytesRead)
                }
            }
            let result: Result<SubmissionSummary, any Error>
            do {
                result = .success(try await submitter.run(source: feed, recorder: recorder))
            } catch {
                result = .failure(error)
            }
            await feed.close()
            group.cancelAll()
            return result
        }
    }

    private static func report(
        _ outcome: Result<SubmissionSummary, any Error>,
        _ feed: Feed
    ) async throws -> MigrationReport {
        let summary = try outcome.get()
        var report = MigrationReport()
        report.counts = await feed.counts
        report.delivery = summary.progress
        report.duration = summary.duration
        switch summary.ending {
        case .finished: report.ending = .finished
        case .stopped: report.ending = .interrupted
        case .failed(let error):
            report.ending = .failed
            report.failure = error.description
        }
        return report
    }

    /// Milliseconds since 1970.
    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension MigrationReport {
    /// Takes what the reading came to, which ends a run that has not ended otherwise.
    fileprivate mutating func take(_ read: ReadyReport, _ limit: RejectLimit?) {
        hasUnreadableInput = read.hasUnreadableInput
        acceptsInvalid = limit != nil && !read.exceedsRejects
        guard ending == .finished else { return }
        if read.wasInterrupted {
            ending = .interrupted
        } else if read.exceedsRejects {
            ending = .failed
            failure = "more records are no valid message than is accepted; the reading ended there"
        }
    }
}

extension MigrationOptions {
    /// The host that stands for the tenant: the same for both transports, whatever the port.
    fileprivate func targetHost(environment: [String: String]) throws -> String {
        let host = try submission.target(environment: environment).endpoint.host
        return host.hasPrefix("ws-") ? String(host.dropFirst(3)) : host
    }
}

/// The variables of the process that submission looks at.
package enum ProcessVariables {
    private static let names =
        ["OPTAVE_CLIENT_ID", "OPTAVE_CLIENT_SECRET", "OPTAVE_TOKEN"].flatMap { [$0, $0 + "_FILE"] }
        + ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap { [$0, $0.lowercased()] }

    package static func all() -> [String: String] {
        var values: [String: String] = [:]
        for name in names { if let value = getenv(name) { values[name] = String(cString: value) } }
        return values
    }
}
