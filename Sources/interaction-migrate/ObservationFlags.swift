// How a submission is watched: logs and metrics.

internal import ArgumentParser
internal import Glibc
internal import InteractionMigration
internal import InteractionModel
internal import Logging

/// The options for logs and metrics.
struct ObservationFlags: ParsableArguments {
    enum LogFormat: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Option(help: ArgumentHelp("How log lines on standard error look.", valueName: "text|json"))
    var logFormat: LogFormat = .text

    enum LogLevel: String, ExpressibleByArgument, CaseIterable {
        case error, warning, notice, info, debug, trace
    }

    @Option(
        help: ArgumentHelp("What is logged at least.", valueName: "error|warning|notice|info|debug|trace")
    )
    var logLevel: LogLevel = .warning

    @Option(
        help: ArgumentHelp(
            "Serve metrics for Prometheus on this port of 127.0.0.1, as /metrics; 0 takes a free one.",
            valueName: "port"
        )
    )
    var metricsPort: Int?

    mutating func validate() throws {
        guard metricsPort.map({ (0...65535).contains($0) }) ?? true else {
            throw ValidationError("--metrics-port is a number up to 65535.")
        }
    }

    /// Serves metrics, if somebody wants them.
    func serve(_ metrics: PrometheusMetrics, _ terminal: Terminal) async throws -> MetricsServer? {
        guard let metricsPort else { return nil }
        do {
            let server = try await MetricsServer.start(metrics, port: metricsPort)
            terminal.say("metrics: http://127.0.0.1:\(server.port)/metrics")
            return server
        } catch {
            terminal.fail("--metrics-port \(metricsPort): the port cannot be had")
            throw ExitStatus.failed
        }
    }

    /// Writes to standard error in the chosen form.
    func logger() -> Logger {
        let (format, level) = (logFormat, logLevel)
        var logger = Logger(label: "submit") { _ in StandardErrorLog(format: format) }
        logger.logLevel = Logger.Level(rawValue: level.rawValue) ?? .warning
        return logger
    }
}

/// One line for each event; ids, codes and counts only, as whoever logs here promises.
struct StandardErrorLog: LogHandler {
    let format: ObservationFlags.LogFormat
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        switch format {
        case .text:
            let pairs = all.map { " \($0.key)=\($0.value)" }.joined()
            Terminal().say("\(event.level): \(event.message)\(pairs)")
        case .json:
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            let instant = Instant(
                seconds: Int64(time.tv_sec),
                attoseconds: UInt64(time.tv_nsec) / 1_000_000 * 1_000_000_000_000_000
            )
            let line = OutputBuffer.text(object: {
                $0.member("time", instant.description)
                $0.member("level", "\(event.level)")
                $0.member("message", "\(event.message)")
                for (name, value) in all { $0.member(name, "\(value)") }
            })
            Terminal().say(line)
        }
    }
}
