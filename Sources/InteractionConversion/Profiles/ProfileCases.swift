// A profile's cases: inputs with what they must become, in folders beside it.

package import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// One input of a profile with what must become of it.
///
/// A folder of cases has `pass/<case>/` with `expected.ndjson` and `fail/<case>/` with `expected.findings.json`, each
/// with its input: a file `input.*`, or a folder or archive `input`. A file `options` has one option of `convert` a line.
package struct ProfileCase: Sendable {
    /// Such as `pass/two-chats`.
    package let name: String
    /// The options as they are written.
    package let optionLines: [String]
    private let folder: String
    private let input: String?
    private let mustPass: Bool

    /// What a case is compared with.
    package var expectedName: String { mustPass ? "expected.ndjson" : "expected.findings.json" }
    private var expectedPath: String { "\(folder)/\(expectedName)" }

    /// Finds the cases in a folder.
    ///
    /// - Parameter folder: What holds `pass` and `fail`.
    /// - Returns: The cases, the passing ones first, each kind by name.
    /// - Throws: ``ProfileFailure`` if there is none, or if an input or options cannot be read.
    package static func all(in folder: String) throws(ProfileFailure) -> [ProfileCase] {
        var cases: [ProfileCase] = []
        let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        for kind in ["pass", "fail"] {
            let root = "\(folder)/\(kind)"
            let files = ((try? InputExpansion.everyFile(of: [root])) ?? []).filter { $0.folder != nil }
            let paths = files.map { $0.path.dropFirst(root.count + 1).split(separator: "/").map(String.init) }
            var byCase: [String: [[String]]] = [:]
            for path in paths where path.count > 1 { byCase[path[0], default: []].append(Array(path.dropFirst())) }
            for (name, files) in byCase.sorted(by: { $0.key < $1.key }) {
                cases.append(try ProfileCase(kind, name, root: root, files))
            }
        }
        guard !cases.isEmpty else {
            throw ProfileFailure(lines: ["\(folder): there are no cases in it; make pass/NAME/input.* there"])
        }
        return cases
    }

    private init(_ kind: String, _ name: String, root: String, _ files: [[String]]) throws(ProfileFailure) {
        self.name = "\(kind)/\(name)"
        folder = "\(root)/\(name)"
        mustPass = kind == "pass"
        input = files.lazy.compactMap(\.first).first { $0 == "input" || $0.hasPrefix("input.") }
        guard files.contains(["options"]) else {
            optionLines = []
            return
        }
        let text = try Self.text(of: folder + "/options")
        optionLines = text.split(whereSeparator: \.isNewline).map(String.init).filter { !$0.hasPrefix("#") }
    }

    private static func text(of path: String) throws(ProfileFailure) -> String {
        do {
            return String(decoding: try WholeInput.read(path), as: UTF8.self)
        } catch {
            throw ProfileFailure(lines: [error.description])
        }
    }

    // MARK: Running

    /// What became of a case.
    package struct Outcome: Sendable {
        /// What a case is found to be.
        package enum Verdict: Sendable, Equatable {
            case passed
            case recorded
            /// The first line that differs; nil for a side that has ended.
            case differs(line: Int, expected: String?, actual: String?)
            /// Anything else, in words.
            case failed(String)
        }

        package var verdict: Verdict
        /// How often each rule of the profile gave something.
        package var hits: [Int]
        package var wasInterrupted: Bool
    }

    /// Converts the input and compares the result with what was expected.
    ///
    /// - Parameters:
    ///   - profile: The profile, whatever the options say.
    ///   - options: The choices of the run.
    ///   - records: Whether the result is written down as what is expected from now on.
    ///   - isStopped: Asked before each read.
    /// - Returns: Whether it became what it should, and what it reached.
    /// - Throws: ``InputSelectionFailure``, ``OutputFailure``.
    @concurrent
    package func run(
        _ profile: Profile,
        _ options: ConversionOptions,
        records: Bool,
        isStopped: @escaping @Sendable () -> Bool = { false }
    ) async throws -> Outcome {
        guard let input else { return Outcome(verdict: .failed("it has no input"), hits: [], wasInterrupted: false) }
        var options = options
        options.use(profile)
        var interactions: [UInt8] = []
        var findings: [Finding] = []
        let report = try await Converter(options).run(files: ["\(folder)/\(input)"], isStopped: isStopped) { batch, _ in
            batch.withBytes { interactions.append(contentsOf: $0) }
            for outcome in batch.outcomes { findings += outcome.findings }
            findings += batch.findings
        }
        findings += report.findings.map(\.first).filter { $0.stage == .read && !findings.contains($0) }
        findings.removeAll { $0.severity == .note }
        let hits = report.ruleHits.first ?? []
        let hasErrors = findings.contains { $0.severity == .error } || report.hasUnreadableInput
        var verdict: Outcome.Verdict
        if hasErrors == mustPass {
            let first = findings.first { $0.severity == .error }.map { moved($0).description }
            verdict = .failed(first ?? "everything in it is converted, and something should be refused")
        } else {
            let actual = mustPass ? interactions : Array(json(findings).utf8)
            verdict = records ? try record(actual) : compare(actual)
        }
        return Outcome(verdict: verdict, hits: hits, wasInterrupted: report.wasInterrupted)
    }

    private func record(_ actual: [UInt8]) throws(OutputFailure) -> Outcome.Verdict {
        let file = try OutputFile(path: expectedPath)
        try file.write(actual)
        try file.finish(isDurable: false)
        return .recorded
    }

    private func compare(_ actual: [UInt8]) -> Outcome.Verdict {
        guard let expected = try? Self.text(of: expectedPath) else {
            return .failed("there is no \(expectedName); --record writes it")
        }
        let difference = LineDifference(expected, String(decoding: actual, as: UTF8.self))
        return difference.map { .differs(line: $0.line, expected: $0.expected, actual: $0.actual) } ?? .passed
    }

    /// Findings as a file has them; where the case lies on this machine is no part of it.
    private func json(_ findings: [Finding]) -> String {
        "[\n" + findings.map { "  " + moved($0).json }.joined(separator: ",\n") + "\n]\n"
    }

    private func moved(_ finding: Finding) -> Finding {
        var finding = finding
        if finding.place.file.hasPrefix(folder + "/") { finding.place.file.removeFirst(folder.count + 1) }
        return finding
    }
}
