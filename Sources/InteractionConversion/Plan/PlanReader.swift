// Reads plan files line by line.

internal import InteractionModel
internal import InteractionSources

/// Reads the lines of a plan file in order: the plan, the outcomes, the end.
struct PlanReader: ~Copyable {
    private let path: String
    private var input: InputReader
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false
    private var digest = ContentDigest()
    /// The last line, once it was met.
    private var lastLine: [UInt8]?

    init(_ path: String) throws(PlanFailure) {
        self.path = path
        do {
            input = try InputReader(path: path)
        } catch {
            throw PlanFailure(description: error.description)
        }
    }

    /// Reads what stands before the outcomes.
    mutating func readPlan() throws(PlanFailure) -> ConversionPlan {
        guard let first = try nextLine() else { throw incomplete }
        let plan = Self.value(first)
        guard let version = plan["plan"]?.number, let tool = plan["tool"]?.text, let count = plan["inputs"]?.number
        else {
            throw PlanFailure(description: "\(path) is no plan; `convert --dry-run --plan FILE` makes one")
        }
        guard version == ConversionPlan.formatVersion else {
            throw PlanFailure(description: "\(path) is a plan of form \(version), this tool reads form 1; make it anew")
        }
        note(first)
        var result = ConversionPlan(
            tool: tool,
            timeZoneData: plan["timeZoneData"]?.text,
            options: plan["options"]?.texts ?? [:],
            profiles: plan["profiles"]?.texts ?? [:],
            crosswalk: plan["crosswalk"]?.text,
            inputs: []
        )
        for _ in 0..<max(0, count) {
            guard let line = try nextLine() else { throw incomplete }
            let input = Self.value(line)
            guard let path = input["input"]?.text, let bytes = input["bytes"]?.number else { throw incomplete }
            note(line)
            result.inputs.append(
                ConversionPlan.Input(path: path, bytes: Int64(bytes), digest: input["sha256"]?.text)
            )
        }
        return result
    }

    /// The next outcome's line without its line feed; nil after the last one.
    mutating func nextOutcome() throws(PlanFailure) -> ArraySlice<UInt8>? {
        guard lastLine == nil, let line = try nextLine() else { return nil }
        if line.starts(with: "{\"outcomes\":".utf8) {
            lastLine = Array(line)
            return nil
        }
        note(line)
        return line
    }

    /// Makes sure that the plan is complete, and as it was written.
    mutating func readEnd() throws(PlanFailure) {
        guard let lastLine else { throw incomplete }
        guard Self.value(lastLine[...])["sha256"]?.text == digest.finish().hexadecimal else {
            throw PlanFailure(description: "\(path) was changed after it was written; make it anew")
        }
    }

    private var incomplete: PlanFailure {
        PlanFailure(description: "\(path) is not complete; make the plan anew")
    }

    private mutating func note(_ line: ArraySlice<UInt8>) {
        line.withUnsafeBytes { digest.update($0) }
        withUnsafeBytes(of: UInt8(ascii: "\n")) { digest.update($0) }
    }

    private mutating func nextLine() throws(PlanFailure) -> ArraySlice<UInt8>? {
        while true {
            if let end = buffer[position...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { position = end + 1 }
                return buffer[position..<end]
            }
            if isAtEnd { return nil }
            buffer.removeFirst(position)
            position = 0
            var chunk = [UInt8](repeating: 0, count: 256 << 10)
            let count: Int
            do {
                count = try chunk.withUnsafeMutableBufferPointer { (space) throws(SourceError) in
                    try input.read(into: UnsafeMutableRawBufferPointer(space))
                }
            } catch {
                throw PlanFailure(description: error.description)
            }
            isAtEnd = count == 0
            buffer.append(contentsOf: chunk[..<count])
        }
    }

    /// Where an outcome's record lies, in words.
    static func place(_ line: ArraySlice<UInt8>) -> String { PlannedMessages(line).place }

    fileprivate static func value(_ line: ArraySlice<UInt8>) -> JSONValue {
        (try? JSONValue(parsing: Array(line))) ?? .null
    }
}

/// What an outcome's line says of its Interactions.
struct PlannedMessages {
    /// Where its record lies, in words.
    let place: String
    let threadId: String?
    let requestIds: [String]
    let digest: String?

    init(_ line: ArraySlice<UInt8>) {
        let outcome = PlanReader.value(line)
        place = "\(outcome["file"]?.text ?? "?"), record \(outcome["record"]?.number ?? 0)"
        threadId = outcome["threadId"]?.text
        requestIds = outcome["requestIds"]?.elements.compactMap(\.text) ?? []
        digest = outcome["sha256"]?.text
    }
}

extension JSONValue {
    /// The members of an object by their names, as texts.
    var texts: [String: String] {
        guard case .object(let members) = self else { return [:] }
        return Dictionary(members.map { ($0.name, $0.value.text ?? "") }) { first, _ in first }
    }

    fileprivate var number: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }
}
