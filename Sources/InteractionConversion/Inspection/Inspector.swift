// Finds out what inputs are: a look at their beginnings, then the real conversion with nothing written.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// Tells what inputs are and what a conversion would make of them.
///
/// ```swift
/// let inspection = try await Inspector(ConversionOptions()).inspect("export.zip")
/// print(inspection.formats, inspection.report.books.messages.total)
/// ```
public struct Inspector: Sendable {
    /// The choices that the conversion would have.
    public let options: ConversionOptions
    /// Whether examples hold the texts of the input.
    public var showsContent: Bool { options.showsContent }

    /// Makes an inspector.
    ///
    /// - Parameters:
    ///   - options: The choices that the conversion would have.
    ///   - sample: Bytes of each file to look at; nil for all.
    ///   - showsContent: Whether examples hold the texts of the input; otherwise letters and digits are masked.
    public init(_ options: ConversionOptions = ConversionOptions(), sample: Int? = nil, showsContent: Bool = false) {
        var options = options
        options.sample = sample
        // What counts is the payload, whatever is around it.
        options.mapping.form = .rest
        options.tellsShapes = true
        options.showsContent = showsContent
        self.options = options
    }

    /// Inspects one file, folder or archive.
    ///
    /// Files that are named apart are inspected apart: name the folder of those that belong together.
    ///
    /// - Parameters:
    ///   - path: The path; `-` is standard input.
    ///   - isStopped: Asked before each read.
    ///   - progress: Receives how far the run has come.
    /// - Returns: What it is. What cannot be read is a finding of its report.
    /// - Throws: ``InputSelectionFailure``, ``SpillFailure``.
    @concurrent
    public func inspect(
        _ path: String,
        isStopped: @escaping @Sendable () -> Bool = { false },
        progress: (Converter.Progress) -> Void = { _ in }
    ) async throws -> Inspection {
        var options = options
        // Without one, most records would be rejected, and nothing be known of them.
        if options.mapping.organizationId == nil { options.mapping.organizationId = InteractionTally.placeholder }
        let converter = Converter(options)
        let isCancelled: @Sendable () -> Bool = { isStopped() || Task.isCancelled }

        var inspection = Inspection(input: path, container: Self.container(of: path))
        inspection.sample = options.sample
        let detector = FormatDetector(only: options.profile)
        let plan = InputPlan(try converter.members(of: [path]), options, isCancelled: isCancelled) { look in
            inspection.add(InspectionLook(look, detector).group)
        }
        var tally = InteractionTally()
        var latest = Converter.Progress(bytesRead: 0, records: 0)
        inspection.report = try await converter.run(plan, isCancelled: isCancelled) { batch, now in
            tally.add(batch)
            latest = now
            progress(now)
        }
        inspection.times = tally.times
        inspection.senders = tally.senders
        inspection.settleFormats()
        inspection.advise(tally, isLarge: latest.bytesRead > options.memory, options)
        return inspection
    }

    private static func container(of path: String) -> Inspection.Container {
        if path == "-" { return .standardInput }
        return switch InputContainer.of(path) {
        case .file: .file
        case .folder: .folder
        case .archive: .archive
        }
    }
}

extension Inspection {
    /// Adds a file to those that are like it.
    mutating func add(_ group: Group) {
        let known = groups.firstIndex { other in
            other.syntax == group.syntax && other.encoding == group.encoding && other.format == group.format
                && other.dialect == group.dialect && other.candidates == group.candidates
        }
        if let known {
            groups[known].files += 1
        } else {
            groups.append(group)
        }
    }

    /// Profiles are told by the look, generations by each record.
    fileprivate mutating func settleFormats() {
        let profiles = Set(groups.compactMap(\.format).filter { $0 != InspectionLook.legacy })
        let generations = Set(report.generations.keys.filter { $0 != "unrecognized" && !profiles.contains($0) })
        var names = profiles.union(generations)
        // Other messages of the vendor's are of no generation; a sample may end before the first record does.
        let hasSkipped = report.books.records.dropped.values.contains { $0 > 0 }
        let legacy = groups.filter { $0.format == InspectionLook.legacy }
        let isBegun = report.books.records.total == 0 && legacy.contains { !$0.evidence.isEmpty }
        if names.isEmpty, !legacy.isEmpty, hasSkipped || isBegun { names.insert(InspectionLook.legacy) }
        if generations.isEmpty, !names.contains(InspectionLook.legacy) {
            // What was taken for payloads, for want of something better, is none.
            for index in groups.indices where groups[index].format == InspectionLook.legacy {
                groups[index].format = nil
            }
        }
        formats = names.sorted()
    }

    fileprivate mutating func advise(_ tally: borrowing InteractionTally, isLarge: Bool, _ options: ConversionOptions) {
        if groups.contains(where: { !$0.candidates.isEmpty }) {
            advice.append(Advice(option: "--from", value: "NAME", reason: "several formats fit equally well"))
        }
        // Where nothing could be converted, nobody has seen whether there is one.
        let isUnseen = report.interactions == 0 && report.books.records.total > 0 && !formats.isEmpty
        if tally.lacksOrganization || isUnseen && options.mapping.organizationId == InteractionTally.placeholder {
            let reason = isUnseen ? "records may name no organization" : "records name no organization"
            advice.append(Advice(option: "--organization-id", value: "ID", reason: reason))
        }
        if report.findings.contains(where: { $0.code == .timeWithoutZone }) {
            advice.append(Advice(option: "--timezone", value: "ZONE", reason: "times name no zone"))
        }
        for role in tally.unknownRoles {
            let reason = role.isEmpty ? "some senders have no role" : "the role \(role) is not known"
            advice.append(Advice(option: "--role", value: "\(role)=ROLE", reason: reason))
        }
        if isLarge, tally.isClustered, tally.gatheredCount > 0, options.order == .any {
            let reason = "the input is large, and the records of each conversation lie together"
            advice.append(Advice(option: "--order", value: "clustered", reason: reason))
        }
    }
}
