// What each input of a run is, before any of them is converted.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// An input that is being read, from its beginning even if that has been looked at.
final class OpenedInput {
    private var reader: MemberReader
    /// What was read to find out what it is, and not yet handed out.
    private var head: ArraySlice<UInt8> = []

    init(encoding: String?, isCancelled: @escaping @Sendable () -> Bool) {
        reader = MemberReader(encodingName: encoding, isCancelled: isCancelled)
    }

    /// How many bytes of the member have been read.
    var totalBytesRead: Int64 { reader.totalBytesRead }
    var encoding: TextEncoding? { reader.encoding }
    var leadingBytesDropped: Int { reader.leadingBytesDropped }

    func open(_ member: InputMember) throws(SourceError) {
        head = []
        try reader.open(member)
    }

    /// Reads the first bytes; the next reads begin with them.
    func peek(_ count: Int) throws(SourceError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled + InputDecoder.minimumOutput <= count {
            let read = try bytes.withUnsafeMutableBufferPointer { (space) throws(SourceError) in
                try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(space)[filled...]))
            }
            if read == 0 { break }
            filled += read
        }
        head = bytes[..<filled]
        return Array(head)
    }

    /// Reads the next piece; 0 is the end.
    func read(into output: UnsafeMutableRawBufferPointer) throws(SourceError) -> Int {
        guard !head.isEmpty else { return try reader.read(into: output) }
        let count = min(output.count, head.count)
        head.withUnsafeBytes { output.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        head = head.dropFirst(count)
        return count
    }
}

/// An input with what it was found to be.
struct PlannedInput {
    var member: InputMember
    var format: InputFormat
    /// Standard input, which cannot be opened twice.
    var opened: OpenedInput?
    /// Whether it is read once more, for records at another place.
    var isAgain = false

    init(member: InputMember, format: InputFormat, opened: OpenedInput? = nil) {
        self.member = member
        self.format = format
        self.opened = opened
    }

    /// A file of payloads.
    init(file: String) { self.init(member: InputMember(container: file), format: .legacy) }

    var name: String { member.displayName }
}

/// Looks at the beginning of every input and decides what it is.
struct InputPlan {
    private(set) var legacy: [PlannedInput] = []
    private(set) var tables: [PlannedInput] = []
    private(set) var records: [PlannedInput] = []
    /// Inputs of no known format.
    private(set) var findings: [Finding] = []
    private(set) var books = Books.Level()

    init(_ members: [InputMember], _ options: ConversionOptions, isCancelled: @escaping @Sendable () -> Bool) {
        let detector = FormatDetector(profiles: options.profiles)
        let opened = OpenedInput(encoding: options.encoding, isCancelled: isCancelled)
        for member in members {
            if isCancelled() { return }
            guard options.looksAtContent else {
                legacy.append(PlannedInput(member: member, format: .legacy))
                continue
            }
            let isPipe = member.container == "-"
            let own = isPipe ? OpenedInput(encoding: options.encoding, isCancelled: isCancelled) : opened
            do {
                try own.open(member)
                let head = try own.peek(Skeleton.headSize)
                let format = head.isEmpty ? InputFormat.legacy : head.withUnsafeBytes { detector.format(of: $0) }
                place(PlannedInput(member: member, format: format, opened: isPipe ? own : nil), options)
            } catch {
                // Whoever opens it to convert it meets the fault again, says so and books it.
                legacy.append(PlannedInput(member: member, format: .legacy))
            }
        }
    }

    private mutating func place(_ input: PlannedInput, _ options: ConversionOptions) {
        switch input.format {
        case .legacy where options.profileIsGiven:
            refuse(input, .formatUnknown, "it does not look like \(options.profiles.map(\.name).joined(separator: ", "))")
        case .legacy: legacy.append(input)
        case .content(let profile, let rules, let tables):
            place(input, profile, rules, tables, options.profiles[profile])
        case .legacyMarkup, .legacyTable, .records, .table: records.append(input)
        case .unknown(let reason): refuse(input, .formatUnknown, reason)
        case .ambiguous(let names):
            refuse(input, .formatAmbiguous, "it could be any of \(names.joined(separator: ", "))")
        }
    }

    /// What lies at different places of one document is read one place after the other.
    private mutating func place(
        _ input: PlannedInput,
        _ number: Int,
        _ rules: [Int],
        _ tables: [Int],
        _ profile: Profile
    ) {
        var places: [String] = []
        for rule in rules where !places.contains(profile.records[rule].at) { places.append(profile.records[rule].at) }
        if places.count + tables.count > 1, input.opened != nil {
            refuse(input, .formatUnknown, "its records are at several places, so that it must be read twice; give a file")
            return
        }
        var part = input
        for table in tables {
            part.format = .table(profile: number, table: table)
            self.tables.append(part)
            part.isAgain = true
        }
        for place in places {
            part.format = .records(profile: number, rules: rules.filter { profile.records[$0].at == place })
            records.append(part)
            part.isAgain = true
        }
    }

    private mutating func refuse(_ input: PlannedInput, _ code: FindingCode, _ reason: String) {
        books.total += 1
        books.rejected += 1
        findings.append(
            Finding(
                code,
                .error,
                stage: .read,
                place: Finding.Place(file: input.name),
                message: "the input is not converted: \(reason)",
                remedy: code == .formatAmbiguous
                    ? "say which with --from NAME"
                    : "name its format with --from NAME, or describe it with --profile FILE (docs/PROFILES.md)"
            )
        )
    }
}
