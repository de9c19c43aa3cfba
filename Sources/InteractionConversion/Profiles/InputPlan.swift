// What each input of a run is, before any of them is converted.

internal import Glibc
internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// An input that is being read, from its beginning even if that has been looked at.
final class OpenedInput {
    private var reader: MemberReader
    /// What was read to find out what it is, and not yet handed out.
    private var head: ArraySlice<UInt8> = []
    private let sample: Int
    private var handedOut = 0
    /// Whether the end that was reached is that of the sample, and not of the input.
    private(set) var isCut = false

    init(_ options: ConversionOptions, isCancelled: @escaping @Sendable () -> Bool) {
        reader = MemberReader(encodingName: options.encoding, isCancelled: isCancelled)
        sample = options.sample ?? Int.max
    }

    /// How many bytes of the member have been read.
    var totalBytesRead: Int64 { reader.totalBytesRead }
    var encoding: TextEncoding? { reader.encoding }
    var leadingBytesDropped: Int { reader.leadingBytesDropped }

    func open(_ member: InputMember) throws(SourceError) {
        head = []
        handedOut = 0
        isCut = false
        try reader.open(member)
    }

    /// Reads the first bytes; the next reads begin with them.
    ///
    /// - Parameters:
    ///   - count: How many, if there are so many.
    ///   - isPatient: Whether to wait for all of them; otherwise one whole line of JSON is enough, so that lines that
    ///     come slowly are not kept waiting.
    /// - Returns: The bytes.
    /// - Throws: ``SourceError``.
    func peek(_ count: Int, isPatient: Bool) throws(SourceError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled + InputDecoder.minimumOutput <= count {
            let read = try bytes.withUnsafeMutableBufferPointer { (space) throws(SourceError) in
                let rest = UnsafeMutableRawBufferPointer(space)[filled...]
                return try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: rest))
            }
            if read == 0 { break }
            filled += read
            if !isPatient, Self.holdsLineOfJSON(bytes[..<filled]) { break }
        }
        head = bytes[..<filled]
        return Array(head)
    }

    private static func holdsLineOfJSON(_ bytes: ArraySlice<UInt8>) -> Bool {
        let text = bytes.drop { $0 <= 0x20 }
        guard text.first == UInt8(ascii: "{"), let end = text.firstIndex(of: 0x0A) else { return false }
        return text[..<end].last { $0 > 0x20 } == UInt8(ascii: "}")
    }

    /// Reads the next piece; 0 is the end.
    func read(into output: UnsafeMutableRawBufferPointer) throws(SourceError) -> Int {
        if handedOut >= sample {
            if !isCut, head.isEmpty { isCut = try reader.read(into: output) > 0 } else { isCut = true }
            return 0
        }
        // Whoever reads in pieces gets the sample to the byte; only a decoder needs more room than its rest may be.
        let room = min(output.count, max(sample - handedOut, InputDecoder.minimumOutput))
        let space = UnsafeMutableRawBufferPointer(rebasing: output[..<room])
        let count = try head.isEmpty ? reader.read(into: space) : takeHead(into: space)
        handedOut += count
        return count
    }

    private func takeHead(into output: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(output.count, head.count)
        head.withUnsafeBytes { output.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        head = head.dropFirst(count)
        return count
    }
}

extension InputMember {
    /// Whether it can be opened twice: a pipe gives what it has once.
    fileprivate var isRepeatable: Bool {
        guard name.isEmpty else { return true }
        var status = stat()
        return container != "-" && (stat(container, &status) != 0 || status.st_mode & S_IFMT == S_IFREG)
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

/// What the beginning of an input has shown.
struct InputLook {
    var member: InputMember
    var format: InputFormat
    /// Nil for what is of no syntax, and for what is empty.
    var skeleton: Skeleton?
    /// The first bytes, in UTF-8 but for tables and XML.
    var head: [UInt8]
    var encoding: TextEncoding?
}

/// Looks at the beginning of every input and decides what it is.
struct InputPlan {
    /// The profiles by which inputs are read, in the order of their first use.
    private(set) var profiles: [Profile] = []
    private(set) var legacy: [PlannedInput] = []
    /// Legacy payloads that are no JSON.
    private(set) var legacyShapes: [PlannedInput] = []
    private(set) var tables: [PlannedInput] = []
    private(set) var records: [PlannedInput] = []
    /// Inputs of no known format.
    private(set) var findings: [Finding] = []
    private(set) var books = Books.Level()
    private var leftOut: [PlannedInput] = []

    /// Looks at inputs.
    ///
    /// - Parameters:
    ///   - members: The inputs, in order.
    ///   - options: The choices of the run.
    ///   - isCancelled: Asked before each input.
    ///   - note: Receives what each input was found to be; not called for one that cannot be opened.
    init(
        _ members: [InputMember],
        _ options: ConversionOptions,
        isCancelled: @escaping @Sendable () -> Bool,
        note: (InputLook) -> Void = { _ in }
    ) {
        let detector = FormatDetector(only: options.profile)
        let opened = OpenedInput(options, isCancelled: isCancelled)
        for member in members {
            if isCancelled() { return }
            guard options.looksAtContent else {
                legacy.append(PlannedInput(member: member, format: .legacy))
                continue
            }
            // What a pipe has given cannot be read again.
            let isPipe = !member.isRepeatable
            let own = isPipe ? OpenedInput(options, isCancelled: isCancelled) : opened
            do {
                try own.open(member)
                let head = try own.peek(Skeleton.headSize, isPatient: !isPipe)
                var look = InputLook(member: member, format: .legacy, head: head, encoding: own.encoding)
                // Exports have a file for each kind of thing, also where there is none.
                if head.isEmptyArray {
                    legacy.append(PlannedInput(member: member, format: .legacy, opened: isPipe ? own : nil))
                } else {
                    if !head.allSatisfy({ $0 <= 0x20 }) {
                        (look.format, look.skeleton) = head.withUnsafeBytes { detector.look(at: $0) }
                    }
                    let input = PlannedInput(member: member, format: look.format, opened: isPipe ? own : nil)
                    place(input, look.skeleton, detector, options)
                }
                note(look)
            } catch {
                // Whoever opens it to convert it meets the fault again, says so and books it.
                legacy.append(PlannedInput(member: member, format: .legacy))
            }
        }
    }

    private mutating func place(
        _ input: PlannedInput,
        _ skeleton: Skeleton?,
        _ detector: FormatDetector,
        _ options: ConversionOptions
    ) {
        switch input.format {
        case .legacy:
            if let only = options.profile {
                let lacks = detector.lacks(skeleton).map { ": \($0)" } ?? ""
                refuse(input, .formatUnknown, "it does not look like \(only.name)\(lacks)")
            } else {
                if let miss = skeleton.flatMap(detector.nearMissOfLegacy) { doubt(input, miss) }
                legacy.append(input)
            }
        case .content(let name, let rules, let tables):
            // The detector has read the profile already.
            let known = skeleton.map { detector.profiles($0.kind) } ?? []
            guard let number = number(of: name, among: known) else { return }
            place(input, number, rules, tables, profiles[number])
        case .legacyMarkup, .legacyTable: legacyShapes.append(input)
        case .records, .table: records.append(input)
        case .otherText
        where options.isSaidToBeJSON(input.member) || options.profile == nil && input.member.name.isEmpty,
            .unknown where options.isSaidToBeJSON(input.member):
            // It is told record by record what is wrong with it.
            legacy.append(input)
        case .otherText: leaveOut(input, "it is neither JSON nor XML nor a table with a header")
        case .unknown(let reason):
            // Whoever names a folder or an archive does not vouch for everything in it.
            if input.member.name.isEmpty { refuse(input, .formatUnknown, reason) } else { leaveOut(input, reason) }
        case .ambiguous(let names):
            refuse(input, .formatAmbiguous, "it could be any of \(names.joined(separator: ", "))")
        }
    }

    private mutating func number(of name: String, among known: [Profile]) -> Int? {
        if let number = profiles.firstIndex(where: { $0.name == name }) { return number }
        guard let profile = known.first(where: { $0.name == name }) else { return nil }
        profiles.append(profile)
        return profiles.count - 1
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
            let reason = "its records are at several places, so that it must be read twice; give a file"
            refuse(input, .formatUnknown, reason)
            return
        }
        var part = input
        var booked = places
        for table in tables {
            // What lies among records is booked with them.
            let place = profile.tables[table].at
            part.format = .table(profile: number, table: table, isBooked: !booked.contains(place))
            booked.append(place)
            self.tables.append(part)
            part.isAgain = true
        }
        for place in places {
            part.format = .records(
                profile: number,
                rules: rules.filter { profile.records[$0].at == place },
                besides: tables.filter { profile.tables[$0].at == place }
            )
            records.append(part)
            part.isAgain = true
        }
    }

    /// Takes inputs of payloads in JSON out of the plan, for whoever has a shorter way for them.
    mutating func takeLegacy(named names: Set<String>) -> [PlannedInput] {
        let taken = legacy.filter { names.contains($0.name) }
        legacy.removeAll { names.contains($0.name) }
        return taken
    }

    /// Whether there is nothing to convert, and nothing to say about inputs.
    var isEmpty: Bool {
        legacy.isEmpty && legacyShapes.isEmpty && tables.isEmpty && records.isEmpty && findings.isEmpty
    }

    /// The folders and archives of which nothing is converted, if there is nothing else to convert.
    var fruitless: String? {
        guard legacy.isEmpty, legacyShapes.isEmpty, tables.isEmpty, records.isEmpty, books.rejected == 0,
            !findings.isEmpty
        else { return nil }
        return leftOut.map(\.member.container).first
    }

    private mutating func leaveOut(_ input: PlannedInput, _ reason: String) {
        leftOut.append(input)
        books.total += 1
        books.dropped["other-file", default: 0] += 1
        findings.append(
            Finding(
                .formatUnknown,
                .warning,
                stage: .read,
                place: Finding.Place(file: input.name),
                message: "left out: \(reason)"
            )
        )
    }

    private mutating func doubt(_ input: PlannedInput, _ miss: NearMiss) {
        findings.append(
            Finding(
                .formatUnknown,
                .warning,
                stage: .read,
                place: Finding.Place(file: input.name),
                message: "the input is read as legacy payloads: \(miss)",
                remedy: "if it is a chat log, describe it with --profile FILE (docs/PROFILES.md)"
            )
        )
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

extension [UInt8] {
    /// Whether this is a JSON array of nothing.
    var isEmptyArray: Bool { count < 64 && filter { $0 > 0x20 } == Array("[]".utf8) }
}
