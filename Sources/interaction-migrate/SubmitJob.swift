// `submit --job`: a whole backfill in one file, whose keys are the options.

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionMapping
internal import InteractionModel

/// A job file as arguments of `submit`.
struct SubmitJob {
    /// What a job may say: the options, as the command line declares them.
    private enum Kind {
        case value
        case values
        case flag
    }

    private let path: String
    private let settings: [Setting]

    /// Reads a job; every key must be an option, with a value of its kind.
    ///
    /// - Throws: ``ProfileFailure`` with line and column of everything that is wrong.
    init(_ path: String) throws(ProfileFailure) {
        self.path = path
        settings = try Setting.read(contentsOf: path)
        let known = Self.options
        var faults: [String] = []
        for setting in settings {
            guard let kind = known[setting.name] else {
                let hint = setting.nearest(of: known.keys.sorted()).map { "; did you mean `\($0)`?" } ?? ""
                faults.append(place(setting.line, setting.column, "there is no option `\(setting.name)`\(hint)"))
                continue
            }
            if kind != .values, setting.isList {
                faults.append(place(setting.line, setting.column, "`\(setting.name)` has one value, not a list"))
            } else if kind == .flag, !["true", "false"].contains(setting.values.first?.text) {
                faults.append(place(setting.line, setting.column, "`\(setting.name)` is true or false"))
            }
        }
        guard faults.isEmpty else { throw ProfileFailure(lines: faults) }
    }

    /// The job as a command, with what the command line says besides, which counts more.
    ///
    /// - Parameters:
    ///   - arguments: Those of the command line.
    ///   - hasInputs: Whether they name inputs, which are then read instead of the job's.
    /// - Returns: The command, checked.
    /// - Throws: ``ProfileFailure`` if a value cannot be used.
    func command(overriddenBy arguments: [String], hasInputs: Bool) throws(ProfileFailure) -> Submit {
        var words: [String] = []
        var inputs: [String] = []
        for setting in settings {
            if setting.name == "inputs" {
                if !hasInputs { inputs = setting.values.map(\.text) }
            } else if Self.options[setting.name] == .flag {
                if setting.values.first?.text == "true" { words.append("--" + setting.name) }
            } else {
                words += setting.values.flatMap { ["--" + setting.name, $0.text] }
            }
        }
        do {
            var command = try Submit.parse(words + arguments + inputs)
            command.job = nil
            try command.validate()
            return command
        } catch {
            let message = Submit.message(for: error)
            // The longest name that is mentioned: --rate is also in --rate-limit.
            let setting = settings.filter { message.contains("--\($0.name)") }.max { $0.name.count < $1.name.count }
            let value = setting?.values.first
            throw ProfileFailure(lines: [place(value?.line ?? 1, value?.column ?? 1, message)])
        }
    }

    private func place(_ line: Int, _ column: Int, _ message: String) -> String {
        "\(path):\(line):\(column): error: \(message)"
    }

    /// The long names of all options with what they take, out of the command's own description.
    private static let options: [String: Kind] = {
        var options: [String: Kind] = ["inputs": .values]
        let description = try? JSONValue(parsing: Array(Submit._dumpHelp().utf8))
        for argument in description?["command"]?["arguments"]?.elements ?? [] {
            let isRepeating = argument["isRepeating"] == .bool(true)
            let kind: Kind = argument["kind"]?.text == "flag" ? .flag : isRepeating ? .values : .value
            for name in argument["names"]?.elements ?? [] where name["kind"]?.text == "long" {
                guard let name = name["name"]?.text, !["help", "version", "job"].contains(name) else { continue }
                options[name] = kind
            }
        }
        return options
    }()
}
