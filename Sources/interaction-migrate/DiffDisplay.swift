// What `diff` writes to standard output.

internal import Glibc
internal import InteractionConversion

/// Writes differences in the format that was asked for.
struct DiffDisplay {
    private let options: DiffDisplayOptions
    private let out: OutputFile
    private let screen = Screen()
    private var summary = DiffSummary()
    /// The two names, until something differs.
    private var heading: [String]

    init(_ options: DiffDisplayOptions, _ out: OutputFile, old: String, new: String) throws {
        self.options = options
        self.out = out
        heading = [Screen.safe(old), Screen.safe(new)]
    }

    /// Writes one Interaction's difference.
    mutating func show(_ difference: InteractionDifference) throws(OutputFailure) {
        if options.summary {
            summary.add(difference)
            return
        }
        switch options.format {
        case .json: try out.write(difference.json)
        case .jsonPatch: try out.write(difference.patchLine)
        case .text: try out.write(text(difference))
        }
    }

    /// Writes what is known at the end only.
    func finish() throws(OutputFailure) {
        guard options.summary else { return }
        let groups = summary.groups
        if options.format == .json {
            for group in groups { try out.write(group.json + "\n") }
        } else if !groups.isEmpty {
            try out.write(screen.table(groups))
        }
    }

    private mutating func text(_ difference: InteractionDifference) -> String {
        var text = ""
        if !heading.isEmpty {
            text = screen.heading(heading[0], heading[1], isSideBySide: options.sideBySide)
            heading = []
        }
        text += screen.title(difference)
        guard difference.kind == .changed else { return text }
        let rows = DiffRows(difference.lines, context: options.context)
        return text + (options.sideBySide ? screen.columns(rows) : screen.unified(rows))
    }
}

/// The lines of a difference that are shown: those that differ, and what surrounds them.
struct DiffRows {
    /// A line, or the place of lines that are left out.
    enum Row {
        case line(DifferenceLine)
        case gap
    }

    let rows: [Row]

    init(_ lines: [DifferenceLine], context: Int) {
        var isShown = [Bool](repeating: false, count: lines.count)
        for (index, line) in lines.enumerated() where line.kind != .same {
            let reach = min(context, lines.count)
            for near in max(0, index - reach)...min(lines.count - 1, index + reach) { isShown[near] = true }
        }
        var rows: [Row] = []
        for (index, line) in lines.enumerated() {
            if isShown[index] {
                rows.append(.line(line))
            } else if index > 0, isShown[index - 1], isShown[index...].contains(true) {
                rows.append(.gap)
            }
        }
        self.rows = rows
    }
}
