// Outcomes read back from the file that a conversion has written.

public import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// An outcome file that cannot be used.
public struct OutcomeFileFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is the matter with it, and where.
    public let description: String
}

/// Finds the outcomes of one thread, record or request.
public struct OutcomeSearch: Sendable {
    /// What is looked for.
    public enum Subject: Sendable, Hashable {
        /// A conversation, by the thread of its Interactions.
        case thread(String)
        /// A source record, by its number in its file, from 1.
        case record(Int)
        /// One Interaction, by the id of its request.
        case request(String)
    }

    private let subject: Subject
    private let file: String?

    /// Makes a search.
    ///
    /// - Parameters:
    ///   - subject: What is looked for.
    ///   - file: The input that it comes from, as it was named; nil for any.
    public init(_ subject: Subject, file: String? = nil) {
        self.subject = subject
        self.file = file
    }

    /// Reads an outcome file from its beginning to its end.
    ///
    /// - Parameters:
    ///   - path: The file, plain or compressed; `-` is standard input.
    ///   - isStopped: Asked before each read.
    ///   - emit: Receives each outcome that is meant, in the order of the file.
    /// - Returns: Whether the search was stopped before the end.
    /// - Throws: ``OutcomeFileFailure``, and what `emit` throws.
    public func run(
        in path: String,
        isStopped: @escaping @Sendable () -> Bool = { false },
        emit: (RecordOutcome) throws -> Void
    ) throws -> Bool {
        let end = try WrittenLines(path).read(isStopped: isStopped) { view, number in
            guard let outcome = view.flatMap({ OutcomeLine($0) }) else {
                throw OutcomeFileFailure(description: Self.refusal(path, number))
            }
            guard isMeant(outcome) else { return }
            guard let whole = outcome.whole else {
                throw OutcomeFileFailure(description: Self.refusal(path, number))
            }
            try emit(whole)
        }
        if let finding = end.trouble { throw OutcomeFileFailure(description: finding.description) }
        return end.wasInterrupted
    }

    private static func refusal(_ path: String, _ line: Int) -> String {
        "line \(line) of \(path == "-" ? "standard input" : path) is no outcome that this version reads; "
            + "name a file that `convert --outcomes` has written"
    }

    private func isMeant(_ outcome: OutcomeLine) -> Bool {
        if let file, outcome.text("file") != file { return false }
        switch subject {
        case .thread(let thread): return outcome.text("threadId") == thread
        case .record(let number): return outcome.number("record") == number
        case .request(let request): return outcome.hasRequest(request)
        }
    }
}

/// One line of an outcome file, looked at as far as it is asked for.
private struct OutcomeLine {
    private let view: JSONView
    private let node: Int

    /// Nil for what is no outcome.
    init?(_ view: JSONView) {
        self.init(view, view.root)
        guard view.kind(node) == .object, number("schemaVersion") == RecordOutcome.schemaVersion else { return nil }
    }

    private init(_ view: JSONView, _ node: Int) {
        self.view = view
        self.node = node
    }

    func text(_ name: StaticString) -> String? {
        guard let value = view.member(node, name), view.kind(value) == .string else { return nil }
        return view.text(value).string
    }

    func number(_ name: StaticString) -> Int? { view.member(node, name).flatMap(number) }

    private func number(_ value: Int) -> Int? {
        view.kind(value) == .number ? Int(String(decoding: view.bytes(value), as: UTF8.self)) : nil
    }

    func hasRequest(_ id: String) -> Bool { elements("outputs").contains { $0.text("requestId") == id } }

    private func elements(_ name: StaticString) -> [OutcomeLine] {
        guard let list = view.member(node, name), view.kind(list) == .array else { return [] }
        var found: [OutcomeLine] = []
        view.forEachElement(list) { found.append(OutcomeLine(view, $0)) }
        return found
    }

    /// The outcome; nil if a member is missing or of a wrong kind.
    var whole: RecordOutcome? {
        guard let file = text("file"), let record = number("record"), let bytes = range,
            let kind = text("outcome").flatMap(RecordOutcome.Kind.init)
        else { return nil }
        var outcome = RecordOutcome(file: file, record: record, bytes: bytes, kind: kind)
        outcome.generation = text("generation").flatMap(Generation.init)
        outcome.profile = text("profile")
        outcome.recordCount = number("records") ?? 1
        outcome.threadId = text("threadId")
        for element in elements("outputs") {
            guard let index = element.number("index"), let id = element.text("requestId"),
                let size = element.number("bytes"), size >= 0
            else { return nil }
            outcome.outputs.append(RecordOutcome.Output(index: index, requestId: id, range: 0..<size))
        }
        for element in elements("participants") {
            guard let id = element.text("participantId"), let rule = element.text("rule"),
                let role = element.text("role").flatMap(ParticipantRole.init)
            else { return nil }
            outcome.participants.append(.init(participantId: id, role: role, rule: rule))
        }
        for element in elements("findings") {
            guard let finding = element.finding else { return nil }
            outcome.findings.append(finding)
        }
        return outcome
    }

    private var range: Range<Int64>? {
        guard let list = view.member(node, "bytes"), view.kind(list) == .array else { return nil }
        var ends: [Int64] = []
        view.forEachElement(list) { element in number(element).map { ends.append(Int64($0)) } }
        guard ends.count == 2, ends[0] <= ends[1] else { return nil }
        return ends[0]..<ends[1]
    }

    private var finding: Finding? {
        guard let code = text("code").flatMap(FindingCode.init), let file = text("file"),
            let severity = text("severity").flatMap(Finding.Severity.init),
            let stage = text("stage").flatMap(Finding.Stage.init), let message = text("message")
        else { return nil }
        return Finding(
            code,
            severity,
            stage: stage,
            place: Finding.Place(
                file: file,
                record: number("record"),
                line: number("line"),
                column: number("column"),
                offset: number("offset").map { Int64($0) }
            ),
            path: text("path"),
            message: message,
            remedy: text("remedy")
        )
    }
}
