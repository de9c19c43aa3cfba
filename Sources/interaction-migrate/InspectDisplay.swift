// What `inspect` prints: one screen for each input.

internal import Glibc
internal import InteractionConversion
internal import InteractionMapping
internal import InteractionModel

/// Shows an inspection to a person.
struct InspectDisplay {
    /// Options of `convert` that the inspection was given.
    let given: [String]
    private let usesBold: Bool

    /// What a screen has room for.
    private static let (largestGroups, largestPaths, largestShapes, largestWidth) = (8, 8, 5, 240)

    init(given: [String]) {
        self.given = given
        let refuses = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        usesBold = isatty(STDOUT_FILENO) == 1 && !refuses
    }

    /// The screen, with its line feeds.
    func text(of inspection: Inspection) -> String {
        let isFile = inspection.container == .file
        let title =
            inspection.input == "-"
            ? "standard input" : inspection.input + (isFile ? "" : " (\(inspection.container.rawValue))")
        var lines = [usesBold ? "\u{1B}[1m\(title)\u{1B}[0m" : title]
        func add(_ label: String, _ values: [String]) {
            for (number, value) in values.enumerated() {
                let name = number == 0 ? label : ""
                lines.append("  " + name + String(repeating: " ", count: 15 - name.count) + value)
            }
        }
        add("format", Self.format(inspection))
        add("files", Self.files(inspection))
        if let sample = inspection.sample { add("looked at", ["the first \(Self.size(sample)) of each file only"]) }
        let books = inspection.report.books
        let rejected = books.records.rejected > 0 ? " (\(Self.number(books.records.rejected)) rejected)" : ""
        add("records", [Self.number(books.records.total) + rejected])
        add("conversations", [Self.number(books.conversations.total)])
        add("messages", [Self.number(books.messages.total)])
        add("participants", [Self.number(books.participants.total)])
        add("senders", inspection.senders.sorted { $0.key < $1.key }.map { Self.sender($0.key, $0.value) })
        if let times = inspection.times { add("times", ["\(times.first) to \(times.last)"]) }
        add("findings", inspection.report.findings.sorted { $0.count > $1.count }.map(Self.finding))
        let leftovers = inspection.leftovers
        add("kept only", Self.fields(leftovers.kept))
        add("unknown, kept", Self.fields(leftovers.unknown))
        add("dropped", Self.fields(leftovers.dropped))
        add("shapes", Self.shapes(inspection))
        if let command = inspection.command(given: given) {
            add("next", [command] + inspection.advice.map { "  \($0.option) \($0.value): \($0.reason)" })
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func format(_ inspection: Inspection) -> [String] {
        if !inspection.formats.isEmpty {
            return inspection.formats.map { name in
                BuiltInProfiles.named(name).map { "\(name) (\($0.title))" } ?? title(of: name)
            }
        }
        let candidates = inspection.groups.flatMap(\.candidates)
        if !candidates.isEmpty { return ["ambiguous: it could be any of \(candidates.joined(separator: ", "))"] }
        if inspection.report.hasUnreadableInput { return ["unknown: it cannot be read"] }
        if inspection.groups.allSatisfy({ $0.syntax == .empty }) { return ["none: there is nothing in it"] }
        let isReadable = inspection.groups.contains { [.json, .xml, .table].contains($0.syntax) }
        return [isReadable ? "unknown" : "unknown: it is neither JSON nor XML nor a table with a header"]
    }

    private static func title(of name: String) -> String {
        if name == "legacy" { return "legacy (Customer Interaction of no generation yet)" }
        if name == "interaction" { return "interaction (Interaction in its envelope)" }
        return Generation(rawValue: name) == nil ? name : "\(name) (Customer Interaction)"
    }

    /// How the files are written, and what they are told by.
    private static func files(_ inspection: Inspection) -> [String] {
        var lines: [String] = []
        for group in inspection.groups.prefix(largestGroups) {
            var words = [group.syntax.rawValue]
            if let encoding = group.encoding { words.append(encoding) }
            if let dialect = group.dialect {
                let delimiter = dialect.delimiter == "\t" ? "tabs" : "`\(dialect.delimiter)`"
                words.append("\(dialect.columns) columns parted by \(delimiter)")
                if !dialect.hasHeader { words.append("no header") }
            }
            let name = inspection.groups.count > 1 || group.files > 1 ? group.first + ": " : ""
            let count = group.files > 1 ? "\(number(group.files)) files such as " : ""
            let isOne = inspection.container == .file || inspection.container == .standardInput
            let format = isOne || group.syntax == .empty ? "" : " (\(group.format ?? "of no known format"))"
            lines.append(cut(count + name + words.joined(separator: ", ") + format))
            let signs = group.evidence.prefix(largestPaths).map(\.description)
            let more = group.evidence.count - signs.count
            if !signs.isEmpty {
                lines.append(cut("  told by " + signs.joined(separator: ", ") + (more > 0 ? ", … \(more) more" : "")))
            }
            lines += group.nearMisses.map { cut("  \($0)") }
        }
        let rest = inspection.groups.count - largestGroups
        return rest > 0 ? lines + ["… \(rest) more kinds of file"] : lines
    }

    private static func sender(_ role: String, _ sender: Inspection.Sender) -> String {
        var words = [sender.people == 1 ? "1 person" : "\(number(sender.people)) people"]
        if sender.messages > 0 { words.append("\(number(sender.messages)) messages") }
        if sender.interactions > 0 { words.append("\(number(sender.interactions)) other entries") }
        if sender.people == 0 { words.removeFirst() }
        return "\(role.isEmpty ? "(no role)" : role): \(words.joined(separator: ", "))"
    }

    private static func finding(_ finding: ConversionReport.FindingCount) -> String {
        let first = finding.first
        let path = first.path.map { " at \($0)" } ?? ""
        let head = "\(number(finding.count)) × \(finding.code.rawValue) (\(finding.severity.rawValue))"
        return cut("\(head), first at \(first.place): \(first.message)\(path)")
    }

    private static func fields(_ fields: [ConversionReport.Field]) -> [String] {
        guard !fields.isEmpty else { return [] }
        let shown = fields.sorted { ($1.count, $0.path) < ($0.count, $1.path) }.prefix(largestPaths).map { field in
            let rule = field.disposition == .dropped ? ", \(field.note)" : ""
            return "\(field.path) (\(number(field.count))\(rule))"
        }
        let values = fields.reduce(0) { $0 + $1.count }
        let more = fields.count - shown.count
        return [
            "\(number(values)) values at \(number(fields.count)) paths",
            cut("  " + shown.joined(separator: ", ") + (more > 0 ? ", … \(more) more" : "")),
        ]
    }

    private static func shapes(_ inspection: Inspection) -> [String] {
        let shown = inspection.report.shapes.prefix(largestShapes)
        var lines = shown.flatMap { shape in
            ["\(number(shape.records)) × \(cut(shape.structure))", "  \(cut(shape.example))"]
        }
        let rest = inspection.report.shapes.dropFirst(largestShapes)
        let records = rest.reduce(0) { $0 + $1.records } + inspection.report.otherRecords
        if records > 0 {
            let count = "\(number(rest.count))\(inspection.report.otherRecords > 0 ? " and more" : "")"
            lines.append("… \(number(records)) records of \(count) other shapes; --format json has them")
        }
        return lines
    }

    private static func cut(_ line: String) -> String {
        line.count > largestWidth ? line.prefix(largestWidth) + "…" : line
    }

    /// Digits in groups of three.
    private static func number(_ number: Int) -> String {
        var text = ""
        for (place, digit) in String(number).reversed().enumerated() {
            if place > 0, place % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    private static func size(_ bytes: Int) -> String {
        bytes % (1 << 20) == 0 ? "\(bytes >> 20) MiB" : bytes % 1024 == 0 ? "\(bytes >> 10) KiB" : "\(bytes) bytes"
    }
}
