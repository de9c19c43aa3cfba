// What the first bytes of a file have shown, in the words of an inspection.

internal import InteractionMapping
internal import InteractionSources

/// Describes a file that was looked at.
struct InspectionLook {
    /// The format of payloads whose generation each record tells for itself.
    static let legacy = "legacy"

    private let look: InputLook
    private let detector: FormatDetector

    init(_ look: InputLook, _ detector: FormatDetector) {
        var look = look
        // Legacy payloads are recognised without it.
        if look.skeleton == nil { look.skeleton = look.head.withUnsafeBytes { FormatDetector.skeleton(of: $0) } }
        self.look = look
        self.detector = detector
    }

    /// The file as a group of its own.
    var group: Inspection.Group {
        var group = Inspection.Group(first: look.member.displayName, syntax: syntax)
        group.encoding = encoding
        group.dialect = dialect
        guard let skeleton = look.skeleton, group.syntax != .empty else { return group }
        switch look.format {
        case .content(let profile, _, _): group.format = profile
        case .legacy where detector.only == nil, .legacyMarkup, .legacyTable: group.format = Self.legacy
        case .ambiguous(let names): group.candidates = names
        default: break
        }
        group.evidence = detector.evidence(look.format, skeleton)
        switch look.format {
        case .unknown, .legacy: if group.evidence.isEmpty { group.nearMisses = detector.nearMisses(skeleton) }
        default: break
        }
        return group
    }

    private var syntax: Inspection.Syntax {
        if look.head.isEmptyArray || look.head.allSatisfy({ $0 <= 0x20 }) { return .empty }
        if let skeleton = look.skeleton {
            return switch skeleton.kind {
            case .json: .json
            case .markup: .xml
            case .delimited: .table
            }
        }
        return look.format == .otherText ? .text : .binary
    }

    private var encoding: String? {
        guard syntax != .binary else { return nil }
        switch look.encoding {
        case .utf16LittleEndian, .utf16BigEndian, .declared: return look.encoding?.rawValue
        case .utf8, nil: break
        }
        if syntax == .xml, let declared = declaredEncoding { return declared }
        // The look may end inside a character.
        let end = look.head.suffix(3).lastIndex { $0 >= 0xC0 } ?? look.head.endIndex
        let isValid =
            String(validating: look.head, as: UTF8.self) != nil
            || String(validating: look.head[..<end], as: UTF8.self) != nil
        if isValid { return TextEncoding.utf8.rawValue }
        return syntax == .table ? "Windows-1252" : "UTF-8, damaged"
    }

    /// What an XML declaration says.
    private var declaredEncoding: String? {
        let line = String(decoding: look.head.prefix(200).prefix { $0 != UInt8(ascii: ">") }, as: UTF8.self)
        guard let name = line.firstMatch(of: /<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']/)?.1 else {
            return nil
        }
        return name.uppercased()
    }

    private var dialect: Inspection.Dialect? {
        guard let skeleton = look.skeleton, let delimiter = skeleton.delimiter else { return nil }
        var dialect = Inspection.Dialect(
            delimiter: String(UnicodeScalar(delimiter)),
            columns: skeleton.order.count,
            hasHeader: true
        )
        if case .content(let name, _, _) = look.format,
            let profile = detector.profiles(.delimited).first(where: { $0.name == name })
        {
            dialect.hasHeader = profile.decoding.columns.isEmpty
        }
        return dialect
    }
}
