// What the file is that a record is shared of, as a conversion would see it.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// An opened input, and how its records are found.
enum SharedInput {
    case json(PlannedInput)
    case table(OpenedInput, DelimitedDialect)
    case markup(OpenedInput, MarkupPath, markup: Set<String>, encoding: String?)

    /// Looks at an input's beginning.
    ///
    /// - Throws: ``SourceError``, ``ShareFailure``.
    init(_ path: String, _ options: ConversionOptions) throws {
        let member = InputMember(container: path)
        let opened = OpenedInput(options, isCancelled: { Task.isCancelled })
        try opened.open(member)
        let head = try opened.peek(Skeleton.headSize, isPatient: true)
        let detector = FormatDetector(only: options.profile)
        let (format, skeleton) = head.withUnsafeBytes { detector.look(at: $0) }
        let profile = skeleton.flatMap { Self.profile(of: format, detector.profiles($0.kind)) } ?? options.profile
        let isJSON = options.input != .auto || options.isSaidToBeJSON(member)
        switch isJSON ? .json : skeleton?.kind ?? .json {
        case .json: self = .json(PlannedInput(member: member, format: .legacy, opened: opened))
        case .delimited: self = .table(opened, profile?.decoding.dialect ?? DelimitedDialect())
        case .markup:
            if let name = Self.declaredEncoding(head, opened, options) {
                guard member.isRepeatable else {
                    throw ShareFailure(description: "\(path) is in \(name) and can be read only once; name a file")
                }
                var options = options
                options.encoding = name
                try self.init(path, options)
                return
            }
            let isConverted = options.encoding != nil || opened.encoding.map { $0 != .utf8 } ?? false
            self = .markup(
                opened,
                try MarkupPath(Self.path(format, profile)),
                markup: profile?.decoding.markup ?? [],
                encoding: isConverted ? "UTF-8" : nil
            )
        }
    }

    /// The encoding that a document says it is in, if somebody has yet to turn it into UTF-8.
    private static func declaredEncoding(
        _ head: [UInt8],
        _ opened: OpenedInput,
        _ options: ConversionOptions
    ) -> String? {
        guard options.encoding == nil, opened.encoding ?? .utf8 == .utf8,
            let name = MarkupDecoder.declaredEncoding(in: head)
        else { return nil }
        return ["UTF-8", "UTF8", "US-ASCII", "ASCII"].contains(name.uppercased()) ? nil : name
    }

    private static func profile(of format: InputFormat, _ profiles: [Profile]) -> Profile? {
        guard case .content(let name, _, _) = format else { return nil }
        return profiles.first { $0.name == name }
    }

    /// Where the records of a document are: for one of no known format, the elements inside its root.
    private static func path(_ format: InputFormat, _ profile: Profile?) -> String {
        switch format {
        case .legacyMarkup(let path): return path
        case .content(_, let rules, let tables):
            guard let profile else { break }
            if let rule = rules.first { return profile.records[rule].at }
            if let table = tables.first { return profile.tables[table].at }
        default: break
        }
        return "*/*"
    }
}
