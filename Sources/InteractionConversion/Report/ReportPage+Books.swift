// The head of the page and its books: whether all is accounted for, and the equation of each level.

internal import InteractionMapping

extension ReportPage {
    /// What a person wants to know first.
    var verdict: HTML {
        let records = report.books.records
        var lines: [HTML] = []
        if report.isBalanced {
            lines.append(
                """
                <p class="verdict good"><span aria-hidden="true">✓</span> The books balance: everything that was read \
                is accounted for.</p>
                """
            )
        } else {
            lines.append(
                """
                <p class="verdict bad"><span aria-hidden="true">✗</span> The books do not balance. This is a defect of \
                the tool; please report it with this page.</p>
                """
            )
        }
        if report.wasInterrupted {
            lines.append("<p class=\"verdict bad\">The run was interrupted; this is what had been read until then.</p>")
        }
        if report.hasUnreadableInput {
            lines.append("<p class=\"verdict bad\">An input could not be read to its end; see the findings.</p>")
        }
        let skipped = records.dropped.values.reduce(0, +)
        let words: HTML = """
            \(records.mapped) of \(records.total) records (\(HTML.percent(records.mapped, of: records.total))) were \
            converted, \(records.rejected) rejected\(skipped > 0 ? ", \(HTML.grouped(skipped)) left out" : "").
            """
        let parts = [("mapped", records.mapped), ("dropped", skipped), ("rejected", records.rejected)]
        lines.append("<p class=\"lead\">\(words)</p>\n\(Self.bar(parts, of: records.total))")
        return "\(lines)"
    }

    /// The largest numbers.
    var figures: HTML {
        let books = report.books
        let people = report.participants.reduce(0) { $0 + $1.count }
        let entries: [(String, String, HTML)] = [
            ("Records", HTML.grouped(books.records.total), "\(HTML.size(Int(report.bytesRead))) read"),
            ("Conversations", HTML.grouped(books.conversations.mapped), "converted"),
            ("Messages", HTML.grouped(books.messages.mapped), "and \(books.messages.moved) events and notes"),
            ("Participants", HTML.grouped(people), "each once in a conversation"),
            ("Interactions", HTML.grouped(report.interactions), "\(HTML.size(Int(report.sizes.bytes))) written"),
        ]
        return """
            <dl class="figures">
            \(entries.map { "<div><dt>\($0.0)</dt><dd><strong>\($0.1)</strong> <span>\($0.2)</span></dd></div>\n" })</dl>
            """
    }

    /// The equation of each level.
    var books: Section {
        let names = [
            "files": "Files", "records": "Records", "conversations": "Conversations", "messages": "Messages",
            "participants": "Participants", "sourceFields": "Source fields",
        ]
        let rows = report.books.levels.map { name, counts -> HTML in
            let dropped = counts.dropped.values.reduce(0, +)
            let parts = [
                ("mapped", counts.mapped), ("moved", counts.moved), ("kept", counts.kept), ("dropped", dropped),
                ("rejected", counts.rejected),
            ]
            let mark: HTML =
                counts.isBalanced
                ? "<span class=\"good\">balanced</span>" : "<strong class=\"bad\">not balanced</strong>"
            let cells = parts.enumerated().map { place, part -> HTML in
                let sign = place == 0 ? "=" : "+"
                return "<td class=\"number\"><span class=\"sign\" aria-hidden=\"true\">\(sign)</span> \(part.1)</td>"
            }
            return """
                <tr><th scope="row">\(names[name] ?? name)</th><td class="number">\(counts.total)</td>\(cells)\
                <td>\(mark)</td><td class="wide">\(Self.bar(parts, of: counts.total))</td></tr>

                """
        }
        let kinds = ["Mapped", "Moved", "Kept", "Dropped", "Rejected"]
        let head =
            [Self.head("Level"), Self.head("Read", isNumber: true)]
            + kinds.map { name -> HTML in
                "<th scope=\"col\" class=\"number\"><span class=\"key \(name.lowercased())\"></span>\(name)</th>"
            } + [Self.head("Verdict"), Self.head("Shares")]
        return Section(
            id: "books",
            title: "Balanced books",
            content: """
                <p>On every level, what was read equals what is at its target, plus what is in the output in another \
                role, what is kept in the metadata, what was left out by a rule with a name, and what was rejected.</p>
                \(Self.table("Books by level", class: "books", head: head, rows: rows))
                \(drops)
                \(masked)
                """
        )
    }

    /// What was left out, by rule.
    private var drops: HTML {
        let rows = report.books.levels.flatMap { name, counts in
            counts.dropped.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { rule, count -> HTML in
                """
                <tr><th scope="row"><code>\(HTML.clipped(rule, to: 120))</code></th><td>\(name)</td>\
                <td class="number">\(count)</td></tr>

                """
            }
        }
        guard !rows.isEmpty else { return "<p>Nothing was left out.</p>" }
        let head = [Self.head("Rule"), Self.head("Level"), Self.head("Left out", isNumber: true)]
        return """
            <details><summary>Left out, by rule (\(rows.count))</summary>
            \(Self.table("Left out, by rule", head: head, rows: rows))
            </details>
            """
    }

    /// What was masked in texts, by kind; nothing if nothing was.
    private var masked: HTML {
        let counts = report.books.redacted.sorted { $0.key < $1.key }
        guard !counts.isEmpty else { return "" }
        let rows = counts.map { kind, count -> HTML in
            """
            <tr><th scope="row"><code>\(kind)</code></th><td class="number">\(count)</td></tr>

            """
        }
        let head = [Self.head("Kind"), Self.head("Masked", isNumber: true)]
        return Self.table("Masked in texts, by kind", head: head, rows: rows)
    }

    /// How fast the run was.
    var speed: Section? {
        guard let run else { return nil }
        let seconds = max(run.seconds, 0.001)
        let hundredths = Int((seconds * 100).rounded())
        let entries: [(String, String)] = [
            ("Time", "\(HTML.grouped(hundredths / 100)).\(hundredths % 100 / 10)\(hundredths % 10) s"),
            ("Read", HTML.size(Int(Double(report.bytesRead) / seconds)) + "/s"),
            ("Records", HTML.grouped(Int(Double(report.books.records.total) / seconds)) + "/s"),
            ("Messages", HTML.grouped(Int(Double(report.books.messages.total) / seconds)) + "/s"),
            ("Batches at a time", HTML.grouped(run.jobs)),
        ]
        return Section(
            id: "speed",
            title: "Throughput",
            content: """
                <p>How long the run took on the machine that it ran on. All else on this page is the same in every run.</p>
                <dl class="figures">
                \(entries.map { "<div><dt>\($0.0)</dt><dd><strong>\($0.1)</strong></dd></div>\n" })</dl>
                """
        )
    }
}
