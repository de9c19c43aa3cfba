// What the page shows of the output: time, participants, sizes.

internal import InteractionMapping

extension ReportPage {
    // MARK: Time

    /// Conversations and messages over time.
    var timeline: Section {
        let timeline = report.timeline
        let buckets = timeline.buckets
        let without = timeline.withoutTime
        var content: HTML = ""
        if let first = buckets.first, let last = buckets.last {
            let chart = TimeScale(buckets)
            let series: [(String, String, (Timeline.Counts) -> Int)] = [
                ("Messages", "messages", { $0.messages }), ("Conversations", "conversations", { $0.conversations }),
            ]
            content += """
                <p>By \(timeline.unit.rawValue), from <time>\(first.start)</time> to <time>\(last.start)</time>. A \
                conversation counts where its first message is.\(chart.isBroken
                    ? " Where nothing was said for long, the time is left out of the charts." : "")</p>
                \(series.map { Self.figure($0.0, $0.1, buckets, chart, timeline.unit, $0.2) })
                \(Self.timetable(buckets))
                """
        } else {
            content += "<p>No message has a time.</p>"
        }
        if without != Timeline.Counts() {
            content += """
                <p>\(without.messages) messages have no time; in \(without.conversations) conversations no message \
                has one.</p>
                """
        }
        return Section(id: "time", title: "Over time", content: content)
    }

    private static func figure(
        _ title: String,
        _ kind: String,
        _ buckets: [Timeline.Bucket],
        _ scale: TimeScale,
        _ unit: Timeline.Unit,
        _ count: (Timeline.Counts) -> Int
    ) -> HTML {
        let most = buckets.map { count($0.counts) }.max() ?? 0
        let all = buckets.reduce(0) { $0 + count($1.counts) }
        let top = buckets.first { count($0.counts) == most }?.start ?? ""
        let bars = zip(buckets, scale.positions).filter { count($0.0.counts) > 0 }.map { bucket, x -> HTML in
            let height = max(Int((Double(count(bucket.counts)) / Double(max(most, 1)) * 1000).rounded()), 8)
            return """
                <rect x="\(digits: x)" y="\(digits: 1000 - height)" width="\(digits: scale.width)" \
                height="\(digits: height)"><title>\(bucket.start): \(count(bucket.counts))</title></rect>
                """
        }
        return """
            <figure>
            <figcaption>\(title) by \(unit.rawValue)</figcaption>
            <div class="chart"><span class="most" aria-hidden="true">\(most)</span>
            <svg class="\(kind)" viewBox="0 0 \(digits: scale.total) 1000" preserveAspectRatio="none" role="img" \
            aria-label="\(title): \(all) in all; the \(unit.rawValue) with the most is \(top) with \(most).">\(bars)</svg>
            <span class="axis" aria-hidden="true"><span>\(buckets.first?.start ?? "")</span>\
            <span>\(buckets.last?.start ?? "")</span></span></div>
            </figure>

            """
    }

    private static func timetable(_ buckets: [Timeline.Bucket]) -> HTML {
        let rows = buckets.map { bucket -> HTML in
            """
            <tr><th scope="row">\(bucket.start)</th><td class="number">\(bucket.counts.conversations)</td>\
            <td class="number">\(bucket.counts.messages)</td></tr>

            """
        }
        let head = [
            Self.head("Time"), Self.head("Conversations", isNumber: true), Self.head("Messages", isNumber: true),
        ]
        return """
            <details><summary>The same as a table (\(rows.count) lines)</summary>
            \(table("Conversations and messages over time", class: "sortable", head: head, rows: rows))
            </details>
            """
    }

    /// Where the bars of a chart over time stand.
    private struct TimeScale {
        let positions: [Int]
        let width = 8
        let total: Int
        /// Whether time is left out.
        let isBroken: Bool

        private static let step = 10
        /// Pieces of time with nothing in them that are shown in a row, where not all can be.
        private static let largestGap = 5
        private static let largestCount = 800

        init(_ buckets: [Timeline.Bucket]) {
            let span = (buckets.last?.place ?? 0) - (buckets.first?.place ?? 0) + 1
            let breaks = span > Self.largestCount
            var (x, positions, isBroken) = (0, [Int](), false)
            for (index, bucket) in buckets.enumerated() {
                let distance = index == 0 ? 0 : bucket.place - buckets[index - 1].place
                if breaks, distance > Self.largestGap { isBroken = true }
                x += Self.step * (breaks ? min(distance, Self.largestGap) : distance)
                positions.append(x)
            }
            self.positions = positions
            self.isBroken = isBroken
            // A few bars are not to be as wide as the page.
            total = max(x + Self.step, 30 * Self.step)
        }
    }

    // MARK: Participants

    /// Participants by role and rule.
    var participants: Section {
        let counts = report.participants
        let all = counts.reduce(0) { $0 + $1.count }
        let most = counts.map(\.count).max() ?? 0
        let rows = counts.map { entry -> HTML in
            """
            <tr><th scope="row">\(entry.role.rawValue)</th><td><code>\(entry.rule)</code> \
            <span class="muted">\(RecordOutcome.ResolvedParticipant.meaning(ofRule: entry.rule))</span></td><td class="number">\(entry.count)</td>\
            <td class="number">\(HTML.percent(entry.count, of: all))</td>\
            <td class="wide">\(Self.bar([(entry.role.rawValue, entry.count)], of: most))</td></tr>

            """
        }
        let head = [
            Self.head("Role"), Self.head("Identified by"), Self.head("Participants", isNumber: true),
            Self.head("Share", isNumber: true), Self.head("Bar"),
        ]
        let roles = ParticipantRole.allCases.map { role in
            (role.rawValue, counts.filter { $0.role == role }.reduce(0) { $0 + $1.count })
        }.filter { $0.1 > 0 }
        let words = roles.map { "\(HTML.grouped($0.1)) \($0.0)" }.joined(separator: ", ")
        return Section(
            id: "participants",
            title: "Participants",
            content: counts.isEmpty
                ? "<p>There are none.</p>"
                : """
                <p>By role: \(words).</p>
                \(Self.bar(roles.map { ($0.0, $0.1) }, of: all))
                \(Self.table("Participants by role and rule", head: head, rows: rows))
                """
        )
    }

    // MARK: Sizes

    /// Sizes against the limit.
    var sizes: Section {
        let sizes = report.sizes
        let most = sizes.counts.max() ?? 0
        let rows = sizes.counts.enumerated().map { place, count -> HTML in
            let isBeyond = place == MessageSizes.bounds.count
            let bound = isBeyond ? MessageSizes.limit : MessageSizes.bounds[place]
            let title = isBeyond ? "beyond the limit" : "up to \(bound / 1024) KiB"
            return """
                <tr><th scope="row">\(title)</th><td class="number">\(count)</td>\
                <td class="number">\(HTML.percent(count, of: report.interactions))</td>\
                <td class="wide">\(Self.bar([(isBeyond ? "rejected" : "size", count)], of: most))</td></tr>

                """
        }
        let head = [
            Self.head("Size"), Self.head("Interactions", isNumber: true), Self.head("Share", isNumber: true),
            Self.head("Bar"),
        ]
        let split: HTML =
            report.splitRecords == 0
            ? "None had to be cut into parts."
            : "\(report.splitRecords) were too large for one message and became \(report.parts) parts."
        return Section(
            id: "sizes",
            title: "Sizes against the limit",
            content: """
                <p>One message may have \(MessageSizes.limit) bytes (128 KiB). The largest Interaction has \
                \(sizes.largest) bytes, \(HTML.percent(sizes.largest, of: MessageSizes.limit)) of it. \(split)</p>
                \(Self.table("Interactions by size", head: head, rows: rows))
                """
        )
    }
}
