// Standard error for people: findings, summary, progress; colours only where they help.

internal import Glibc
internal import InteractionConversion
internal import InteractionModel

/// Writes to standard error.
struct Terminal {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let usesColour: Bool
    private let isQuiet: Bool

    init(isQuiet: Bool = false) {
        self.isQuiet = isQuiet
        let refuses = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
        usesColour = isatty(STDERR_FILENO) == 1 && !refuses && !isDumb
    }

    /// Whether a progress line may be drawn.
    var showsProgress: Bool { isTerminal && !isQuiet }

    /// Whether standard output is a terminal, so that it can be drawn over.
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether warnings are shown.
    var showsWarnings: Bool { !isQuiet }

    /// Writes a line.
    func say(_ text: String) {
        Self.write(clearing + text + "\n")
    }

    /// Writes a finding.
    func say(_ finding: Finding) {
        var text = finding.description
        if usesColour {
            let colour = finding.severity == .error ? "31" : finding.severity == .warning ? "33" : "36"
            let word = "\(finding.severity.rawValue):"
            if let range = text.firstRange(of: word) {
                text.replaceSubrange(range, with: "\u{1B}[\(colour)m\(word)\u{1B}[0m")
            }
        }
        say(text)
    }

    /// Writes an error that ends the run.
    func fail(_ message: String) {
        say(usesColour ? "\u{1B}[31merror:\u{1B}[0m \(message)" : "error: \(message)")
    }

    /// Draws a line over the last one.
    func progress(_ text: String) {
        if showsProgress { Self.write("\r\u{1B}[K" + text) }
    }

    /// Takes the drawn line away.
    func clear() {
        if showsProgress { Self.write(clearing) }
    }

    /// Ends the process as the command line promises if inputs cannot be used, or the output cannot be written.
    func reporting<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let failure as OutputFailure {
            if failure.isClosedPipe { throw ExitStatus.success }
            fail(failure.description)
            throw ExitStatus.failed
        } catch let failure as InputSelectionFailure {
            fail(failure.description)
            throw ExitStatus.failed
        } catch let failure as SpillFailure {
            fail(failure.description)
            throw ExitStatus.failed
        }
    }

    private var clearing: String { showsProgress ? "\r\u{1B}[K" : "" }

    private static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.write(STDERR_FILENO, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                sent += count
            }
        }
    }
}
