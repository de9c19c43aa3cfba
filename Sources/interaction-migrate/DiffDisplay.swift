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

    init(_ options: DiffDisplayOptions, _ out: OutputFile, old: String, new: String) {
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

    /// Writes a source record beside its Interaction.
    mutating func show(_ comparison: SourceComparison) throws(OutputFailure) {
        if options.summary {
            if let difference = comparison.difference { summary.add(difference) }
            return
        }
        if options.format == .json {
            try out.write(comparison.json)
            return
        }
        var text = screen.title(comparison)
        for leaf in comparison.leaves { text += screen.line(leaf, isSideBySide: options.sideBySide) }
        for finding in comparison.findings { text += "  # \(Screen.safe(finding))\n" }
        if let difference = comparison.difference, difference.kind != .equal { text += self.text(difference) }
        try out.write(text)
    }

    /// Writes what is known at the end only.
    ///
    /// - Parameter conversion: What happened to the sources, if there are any.
    /// - Throws: ``OutputFailure``.
    func finish(_ conversion: ConversionReport? = nil) throws(OutputFailure) {
        guard options.summary else { return }
        if let conversion {
            for field in conversion.fields {
                try out.write(options.format == .json ? field.json + "\n" : screen.line(field))
            }
        }
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
