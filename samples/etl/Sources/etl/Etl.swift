// Converts one file four ways: as a file, from memory, from a stream, and cut short.

import Foundation
import InteractionConversion

/// `etl FILE [ORGANIZATION-ID]` prints what became of the file's records; `--preview PLAN` before it looks first, and
/// `etl --changes OLD NEW` compares two conversions.
@main
struct Etl {
    static func main() async throws {
        var arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "--changes", arguments.count == 3 {
            return try Changes(old: arguments[2], new: arguments[3]).show()
        }
        let plan = arguments.first == "--preview" ? arguments.dropFirst().first : nil
        if plan != nil { arguments = arguments.dropFirst(2) }
        guard let path = arguments.first else {
            fail("usage: etl [--preview PLAN] FILE [ORGANIZATION-ID], or etl --changes OLD NEW", 64)
        }
        var options = ConversionOptions()
        options.mapping.organizationId = arguments.dropFirst().first
        options.mapping.form = .websocket
        do {
            guard let plan else { return try await convert(path, Converter(options)) }
            let preview = Preview(converter: Converter(options), path: path, plan: plan)
            try await FileManager.default.fileExists(atPath: plan) ? preview.check() : preview.make()
        } catch let failure as InputFailure {
            // Records that cannot be converted are outcomes; only a file that cannot be read ends up here.
            fail(failure.finding.description, 2)
        }
    }

    private static func fail(_ message: String, _ status: Int32) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(status)
    }

    private static func convert(_ path: String, _ converter: Converter) async throws {
        let file = try await Counts(of: converter.records(ofFiles: [path]))
        print("file: \(file)")

        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let memory = try await Counts(of: converter.records(of: bytes, name: path))
        print("memory: \(memory)")

        let chunks = FileChunks(path: path, size: 1000)
        let stream = try await Counts(of: converter.records(of: chunks, name: path))
        print("stream: \(stream)")

        print("cancelled after \(await recordsUntilCancelled(converter, path)) records")
    }

    /// Cancels the task that iterates at its first record: the batch at hand is still handed out, nothing more is read.
    private static func recordsUntilCancelled(_ converter: Converter, _ path: String) async -> Int {
        let task = Task {
            var count = 0
            do {
                for try await _ in converter.records(ofFiles: [path]) {
                    count += 1
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            } catch is CancellationError {
                return count
            }
            throw UncancelledRun()
        }
        do {
            return try await task.value
        } catch {
            fatalError("a cancelled run must end with CancellationError, not \(error)")
        }
    }
}

/// A run that went on to its end although its task was cancelled.
struct UncancelledRun: Error {}

/// What became of the records of one input.
struct Counts: CustomStringConvertible {
    private var converted = 0
    private var rejected = 0
    private var skipped = 0
    private var interactions = 0
    private var bytes = 0
    private var findings: [String: Int] = [:]

    /// Iterates to the end; a slow consumer here would slow the reading down.
    init<Chunks>(of records: ConversionSequence<Chunks>) async throws {
        for try await record in records {
            switch record.outcome.kind {
            case .converted: converted += 1
            case .rejected: rejected += 1
            // Nothing is folded here: records come one by one.
            case .skipped, .folded: skipped += 1
            }
            // This is where an ETL would load them.
            interactions += record.interactions.count
            for interaction in record.interactions { bytes += interaction.count }
            for finding in record.outcome.findings where finding.severity == .error {
                findings[finding.code.rawValue, default: 0] += 1
            }
        }
    }

    var description: String {
        let causes = findings.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return """
            \(converted) converted, \(rejected) rejected, \(skipped) skipped, \
            \(interactions) Interactions of \(bytes) bytes\(causes)
            """
    }
}
