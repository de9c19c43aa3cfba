// The line on a terminal that says how far a run has come.

internal import InteractionConversion

/// Draws records, rate and time left, at most ten times a second.
struct ProgressLine {
    private let terminal: Terminal
    private let total: Int64?
    private let started = ContinuousClock.now
    private var lastDrawn = ContinuousClock.now

    init(_ terminal: Terminal, total: Int64?) {
        self.terminal = terminal
        self.total = total
    }

    /// Draws the line, unless it was drawn just now.
    mutating func draw(_ progress: Converter.Progress) {
        guard terminal.showsProgress, lastDrawn.duration(to: .now) > .milliseconds(100) else { return }
        lastDrawn = .now
        let elapsed = started.duration(to: .now)
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        let rate = Double(progress.bytesRead) / max(seconds, 0.001)
        var text = "\(progress.records) records, \(Self.megabytes(rate)) MB/s"
        if let total, total > 0 {
            let percent = Int(Double(progress.bytesRead) / Double(total) * 100)
            let left = Int(Double(max(0, total - progress.bytesRead)) / max(rate, 1))
            text = "\(percent)% " + text + ", \(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60) left"
        }
        terminal.progress(text)
    }

    private static func megabytes(_ bytes: Double) -> String {
        let tenths = Int(bytes / 100_000)
        return "\(tenths / 10).\(tenths % 10)"
    }
}
