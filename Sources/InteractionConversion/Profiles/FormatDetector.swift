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
    func profiles(_ kind: Skeleton.Kind) -> [Profile] {
        guard let only else { return BuiltInProfiles.all(of: Profile.Kind(kind)) }
        return only.kind == Profile.Kind(kind) ? [only] : []
    }

    /// Finds out what an input is.
    ///
    /// - Parameter head: Its first bytes, in UTF-8 but for tables and XML.
    /// - Returns: The format that more of the content speaks for than for any other.
    func format(of head: UnsafeRawBufferPointer) -> InputFormat { look(at: head).format }

    /// Finds out what an input is, and keeps what it was told by.
    ///
    /// - Parameter head: Its first bytes, in UTF-8 but for tables and XML.
    /// - Returns: The format, and what the first bytes look like.
    func look(at head: UnsafeRawBufferPointer) -> (format: InputFormat, skeleton: Skeleton?) {
        if only == nil, Self.beginsWithLegacyRecord(head) { return (.legacy, nil) }
        guard let skeleton = Self.skeleton(of: head) else {
            let isText = ContentKind.of(head) == .otherText
            return (isText ? .otherText : .unknown("it is neither JSON nor XML nor a table with a header"), nil)
        }
        return (format(of: head, skeleton), skeleton)
    }

    private func format(of head: UnsafeRawBufferPointer, _ skeleton: Skeleton) -> InputFormat {
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
                ?? .unknown(nearMisses(skeleton).first?.description ?? "its elements are those of no known format")
        case .delimited:
            return LegacyShape.isFlattened(skeleton)
                ? .legacyTable
                : .unknown(nearMisses(skeleton).first?.description ?? "its columns are those of no known format")
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
            guard let first = batch.records.first else { continue }
            return withExtendedLifetime(batch) { GenerationDetector.isCertain(of: batch.view(of: first)) }
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
