// What an input is: its profile and the kind of its records, by content.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// What an input holds.
enum InputFormat: Sendable, Equatable {
    /// Legacy payloads in JSON, which the mapping recognises record by record.
    case legacy
    /// Legacy payloads as XML elements at a path.
    case legacyMarkup(path: String)
    /// Legacy payloads flattened into the columns of a table.
    case legacyTable
    /// Content of one profile, by its name: which of its rules are for it, and which of its side tables are in it.
    case content(profile: String, rules: [Int], tables: [Int])
    /// Records at one place of an input: the rules that are for them, and the side tables that have rows among them.
    ///
    /// The profile is one of the plan's.
    case records(profile: Int, rules: [Int], besides: [Int])
    /// Rows of a profile's side table at one place of an input; another reading books them if they are not to be booked.
    case table(profile: Int, table: Int, isBooked: Bool)
    /// Text of no syntax that is read here, which may be damaged JSON.
    case otherText
    /// Nothing that is known.
    case unknown(String)
    /// Several profiles fit equally well.
    case ambiguous([String])
}

/// Tells formats apart by the paths and values at the beginning of an input.
struct FormatDetector: Sendable {
    /// The only profile to choose from; nil for those that are built in.
    let only: Profile?

    /// The profiles to choose from for one kind of input.
    private func profiles(_ kind: Skeleton.Kind) -> [Profile] {
        guard let only else { return BuiltInProfiles.all(of: Profile.Kind(kind)) }
        return only.kind == Profile.Kind(kind) ? [only] : []
    }

    /// Finds out what an input is.
    ///
    /// - Parameter head: Its first bytes, in UTF-8 but for tables and XML.
    /// - Returns: The format that more of the content speaks for than for any other.
    func format(of head: UnsafeRawBufferPointer) -> InputFormat {
        if only == nil, Self.beginsWithLegacyRecord(head) { return .legacy }
        guard let skeleton = Self.skeleton(of: head) else {
            return ContentKind.of(head) == .otherText
                ? .otherText : .unknown("it is neither JSON nor XML nor a table with a header")
        }
        var best: (score: Int, format: InputFormat, names: [String]) = (0, .unknown(""), [])
        for profile in profiles(skeleton.kind) {
            guard let own = Self.skeleton(of: head, like: skeleton, for: profile),
                let (score, format) = match(profile, own), score >= best.score
            else { continue }
            best = (score, format, score == best.score ? best.names + [profile.name] : [profile.name])
        }
        if best.names.count > 1 { return .ambiguous(best.names) }
        if !best.names.isEmpty { return best.format }
        switch skeleton.kind {
        case .json: return .legacy
        case .markup:
            return LegacyShape.path(in: skeleton).map { .legacyMarkup(path: $0) }
                ?? .unknown("its elements are those of no known format")
        case .delimited:
            return LegacyShape.isFlattened(skeleton)
                ? .legacyTable : .unknown("its columns are those of no known format")
        }
    }

    /// Whether the first record is a legacy payload: most inputs are many of these, and need no further look.
    private static func beginsWithLegacyRecord(_ head: UnsafeRawBufferPointer) -> Bool {
        guard ContentKind.of(head) == .json, let path = try? JSONRecordPath("$") else { return false }
        for count in [16 << 10, Skeleton.headSize] {
            var decoder = JSONRecordDecoder(path: path, largestRecord: Skeleton.headSize)
            var builder = DecodedBatchBuilder()
            let beginning = UnsafeRawBufferPointer(rebasing: head.prefix(count))
            decoder.decode(beginning, isFinal: count >= head.count, into: &builder)
            let batch = builder.seal()
            if let first = batch.records.first { return GenerationDetector.isCertain(of: batch.view(of: first)) }
        }
        return false
    }

    /// What the first bytes say, whatever the format.
    static func skeleton(of head: UnsafeRawBufferPointer) -> Skeleton? {
        switch ContentKind.of(head) {
        case .json: JSONSkeleton.read(head)
        case .markup: MarkupSkeleton.read(head, encoding: nil)
        case .delimited: DelimitedSkeleton.read(head, dialect: DelimitedDialect())
        default: nil
        }
    }

    /// The skeleton as a profile sees it that knows the names of columns.
    private static func skeleton(
        of head: UnsafeRawBufferPointer,
        like known: Skeleton,
        for profile: Profile
    ) -> Skeleton? {
        guard !profile.decoding.columns.isEmpty else { return known }
        return DelimitedSkeleton.read(head, dialect: profile.decoding.dialect)
    }

    /// What a profile makes of an input: all of its record rules that fit, but where a side table fits better that takes
    /// every row.
    private func match(_ profile: Profile, _ skeleton: Skeleton) -> (score: Int, format: InputFormat)? {
        var best: [String: Int] = [:]
        var rules: [Int] = []
        for (number, rule) in profile.records.enumerated() {
            guard let score = skeleton.score(rule.detection, at: rule.at) else { continue }
            best[rule.at] = max(best[rule.at] ?? 0, score)
            rules.append(number)
        }
        var tables: [String: [Int]] = [:]
        for (number, table) in profile.tables.enumerated() {
            guard let score = skeleton.score(table.detection, at: table.at) else { continue }
            if table.isSelective {
                best[table.at] = max(best[table.at] ?? 0, score)
                tables[table.at, default: []].append(number)
            } else if score > best[table.at] ?? -1 {
                best[table.at] = score
                tables[table.at] = [number]
            }
        }
        // Rows of a table with a condition may lie among records.
        rules.removeAll { tables[profile.records[$0].at]?.contains { !profile.tables[$0].isSelective } ?? false }
        return best.values.max().map {
            ($0, .content(profile: profile.name, rules: rules, tables: tables.values.flatMap { $0 }.sorted()))
        }
    }
}

extension Profile.Kind {
    init(_ kind: Skeleton.Kind) {
        switch kind {
        case .json: self = .json
        case .delimited: self = .csv
        case .markup: self = .xml
        }
    }
}

extension Skeleton {
    /// How much of the content speaks for a detection; nil if something speaks against it.
    ///
    /// - Parameters:
    ///   - detection: What must be there, seen from a record.
    ///   - at: Where the records are.
    /// - Returns: The score.
    func score(_ detection: Detection, at: String) -> Int? {
        let places = RecordPlaces(at, kind)
        func facts(_ path: String) -> Facts? {
            path.split(separator: "|").lazy.compactMap { self.facts(String($0), places) }.first
        }
        var score = 0
        for path in detection.all {
            guard facts(path) != nil else { return nil }
            score += 2
        }
        if !detection.any.isEmpty {
            let found = detection.any.count { facts($0) != nil }
            guard found > 0 else { return nil }
            score += found
        }
        guard !detection.none.contains(where: { facts($0) != nil }) else { return nil }
        for value in detection.values {
            guard let found = facts(value.path) else { return nil }
            guard value.isAmong(found.samples) else { return nil }
            score += 3
        }
        return score
    }

    private func facts(_ path: String, _ places: RecordPlaces) -> Facts? {
        for place in places.paths(to: path) {
            if let exact = paths[place] { return exact }
            if kind == .delimited {
                // Columns are named by people: letter case and spaces do not tell them apart.
                let wanted = DelimitedDialect.folded(place)
                if let column = order.first(where: { DelimitedDialect.folded($0) == wanted }) { return paths[column] }
            } else if place.contains("*"), let found = order.first(where: { Glob.matches(place, $0) }) {
                return paths[found]
            }
        }
        return nil
    }
}

/// How the paths of a profile, which begin at a record, are called when they begin at the top of the document.
struct RecordPlaces {
    private let kind: Skeleton.Kind
    /// The ways to a record, each as steps; `*` stands for any.
    private var records: [[String]] = [[]]

    init(_ at: String, _ kind: Skeleton.Kind) {
        self.kind = kind
        switch kind {
        case .delimited: break
        case .json:
            let steps = at.dropFirst().replacingBrackets
            // A whole-document array stands for its elements.
            records = steps.isEmpty ? [[], ["[]"]] : [steps, ["[]"] + steps]
        case .markup:
            for step in at.split(separator: "/", omittingEmptySubsequences: true) {
                records = records.flatMap { way in step.split(separator: "|").map { way + [String($0)] } }
            }
            if at.hasPrefix("//") { records = records.flatMap { [["*"] + $0, $0] } }
            if at == "/" { records = [["*"]] }
        }
    }

    /// The paths from the top of the document to a path from a record.
    func paths(to path: String) -> [String] {
        var path = path
        var up = 0
        while path.hasPrefix("^") {
            up += 1
            path = String(path.dropFirst(path.hasPrefix("^.") ? 2 : 1))
        }
        switch kind {
        case .delimited: return [path]
        case .json:
            let inner = path.split(separator: ".").flatMap { ("." + $0).replacingBrackets }
            return records.map { way in
                // Arrays on the way up are no level of their own.
                var outer = way
                for _ in 0..<up {
                    while outer.last == "[]" { outer.removeLast() }
                    if !outer.isEmpty { outer.removeLast() }
                }
                return Self.joined(outer + inner)
            }
        case .markup:
            let inner = path.split(separator: ".").map(String.init).filter { !$0.hasPrefix("#") }
            return records.map { ($0.dropLast(up) + inner).joined(separator: "/") }
        }
    }

    private static func joined(_ steps: [String]) -> String {
        steps.reduce(into: "") { text, step in
            if !text.isEmpty, step != "[]" { text += "." }
            text += step
        }
    }
}

extension StringProtocol {
    /// The steps of `.a.b[*].c`, each array's elements a step of their own.
    fileprivate var replacingBrackets: [String] {
        String(self).split(separator: ".").flatMap { step -> [String] in
            let pieces = step.split(separator: "[", omittingEmptySubsequences: true)
            guard let first = pieces.first else { return [] }
            let isElement = step.hasPrefix("[")
            let names = isElement ? [] : [String(first)]
            return names
                + pieces.dropFirst(isElement ? 0 : 1).map { piece in
                    piece.first == "'" ? piece.filter { !"']".contains($0) } : "[]"
                }
        }
    }
}
