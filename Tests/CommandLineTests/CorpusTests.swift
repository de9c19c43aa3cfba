// Real exports: each is converted or refused for a reason, no text of it is lost, and none is made up.

import Foundation
import TestSupport
import Testing

/// A file that somebody exported, and what is listed of it.
private struct CorpusFile {
    var system: String
    /// The path inside the corpus.
    var path: String
    var conversations: Int
    var messages: Int
}

/// The exports beside the package.
private struct Corpus {
    var folder: String
    /// The files of the systems that are built in.
    var files: [CorpusFile]
    /// What differs from the list for a reason, by path.
    var differences: [String: (conversations: Int, messages: Int)] = [:]

    static let systems = [
        "zendesk-support", "intercom", "slack", "livechat", "telegram", "vcon", "adium", "xmpp-archive",
        "sms-backup-restore", "agentune-callcenter", "freshdesk", "twilio", "zendesk-chat", "bot-framework", "hubspot",
        "chatwoot", "mattermost", "empathy-telepathy", "taskmaster",
    ]

    init() throws {
        folder = try #require(TestFiles.shared) + "/corpus"
        files = try String(contentsOfFile: folder + "/MANIFEST.tsv", encoding: .utf8).split(separator: "\n").dropFirst()
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
            .filter { Self.systems.contains($0[0]) }
            .map {
                let (conversations, messages) = (try #require(Int($0[6])), try #require(Int($0[7])))
                return CorpusFile(system: $0[0], path: $0[2], conversations: conversations, messages: messages)
            }
        try readDifferences()
    }

    /// Reads the tables of differences in the documentation.
    private mutating func readDifferences() throws {
        let text = try String(contentsOfFile: TestFiles.package + "/docs/FORMATS.md", encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for header in lines.indices where lines[header].hasPrefix("| File | List |") {
            for line in lines[(header + 2)...].prefix(while: { $0.hasPrefix("|") }) {
                let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
                for (number, name) in cells[0].split(separator: "`", omittingEmptySubsequences: false).enumerated()
                where number % 2 == 1 {
                    let file = try file(named: String(name))
                    differences[file.path] = try Self.counts(in: cells[2], of: file)
                }
            }
        }
    }

    /// Finds a file by the end of its path, with or without its extension.
    private func file(named name: String) throws -> CorpusFile {
        let end = "/" + (name.components(separatedBy: "…/").last ?? name)
        let found = files.filter { ("/" + $0.path).hasSuffix(end) || ("/" + $0.path).hasSuffix(end + ".\($0.suffix)") }
        try #require(found.count == 1, "docs/FORMATS.md explains `\(name)`, which is the name of \(found.count) files")
        return found[0]
    }

    /// Reads a cell such as `refused`, `8 conversations, 9 messages`, `1 message, 2 interactions`, `1, 1`, or `7`.
    private static func counts(in cell: String, of file: CorpusFile) throws -> (Int, Int) {
        if cell.hasPrefix("refused") { return (0, 0) }
        let said = cell.firstMatch(of: /(\d+) conversations?/).flatMap { Int($0.1) }
        if let said, let messages = cell.firstMatch(of: /(\d+) messages?/).flatMap({ Int($0.1) }) {
            return (said, messages)
        }
        let numbers = cell.split { !$0.isNumber }.compactMap { Int($0) }
        if numbers.count == 2, !cell.contains("message") { return (numbers[0], numbers[1]) }
        return (file.conversations, try #require(numbers.first, "no count in “\(cell)”"))
    }
}

extension CorpusFile {
    fileprivate var suffix: String { path.components(separatedBy: ".").last ?? "" }
}

/// What became of a file or a folder.
private struct CorpusRun {
    /// What a script that knows the formats, and not this program, says about the texts.
    struct Texts: Decodable {
        var texts: Int
        var missing: [String]
        var invented: [String]
    }

    var run: CommandLineTool.Run
    var threads: Set<String> = []
    var conversations = 0
    var messages = 0

    init(of path: String) throws {
        run = try CommandLineTool.run(["convert", "--organization-id", "acme", "--timezone", "UTC", path])
        for line in try JSONText.lines(run.text) {
            threads.insert(try #require(line.text("request.connections.threadId")))
            let said = try #require(line["request.scope.conversations"] as? [[String: Any]])
            conversations += said.count
            messages += said.reduce(0) { $0 + (($1["messages"] as? [Any])?.count ?? 0) }
        }
    }

    /// Asks the script about Interactions made of some files.
    static func texts(of files: [String], system: String, in interactions: [UInt8]) throws -> Texts {
        try TestFiles.withFolder { folder in
            let (input, output) = (folder + "/interactions.ndjson", folder + "/texts.json")
            try Data(interactions).write(to: URL(fileURLWithPath: input))
            try Data().write(to: URL(fileURLWithPath: output))
            let process = Process()
            let python = ProcessInfo.processInfo.environment["INTERACTION_MIGRATE_PYTHON"] ?? "/usr/bin/python3"
            process.executableURL = URL(fileURLWithPath: python)
            process.arguments = [TestFiles.package + "/Tests/Support/corpus_texts.py", system, input] + files
            process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "the script failed; its message is above")
            return try JSONDecoder().decode(Texts.self, from: Data(contentsOf: URL(fileURLWithPath: output)))
        }
    }

    /// Expects the texts of some files, as often as they are there, and no others.
    func expectTexts(of files: [String], system: String, _ what: String) throws {
        let answer = try Self.texts(of: files, system: system, in: run.output)
        #expect(answer.missing.isEmpty, "\(what): of \(answer.texts) texts these are not in the output")
        #expect(answer.invented.isEmpty, "\(what): these texts are not in the source")
    }

    /// Expects an error with a code and a hint if and only if something was refused.
    func expectReason(_ what: String) {
        let reason = #/: error: .+ \[[a-z-]+\]/#
        #expect(run.status == (run.errors.contains(reason) ? 1 : 0), "\(what): \(run.errors.prefix(1000))")
    }
}

@Suite("Real exports")
struct CorpusTests {
    @Test(
        .enabled(if: TestFiles.shared != nil, "there are no real exports beside the package"),
        arguments: Corpus.systems
    )
    func filesOfASystemConvertOneByOneAndTogether(system: String) throws {
        let corpus = try Corpus()
        let files = corpus.files.filter { $0.system == system }
        try #require(!files.isEmpty)
        var (threads, messages): (Set<String>, Int) = ([], 0)
        for file in files {
            let run = try expectConversion(of: file, in: corpus)
            // Files that are no documents lie in another folder.
            guard file.path.hasPrefix(system) else { continue }
            threads.formUnion(run.threads)
            messages += run.messages
        }
        // Of some systems there are only files that are no documents.
        guard files.contains(where: { $0.path.hasPrefix(system) }) else { return }
        let whole = try CorpusRun(of: "\(corpus.folder)/\(system)")
        whole.expectReason(system)
        #expect(whole.threads == threads, "\(system): a folder has the conversations of its files")
        #expect(whole.threads.count == whole.conversations, "\(system): a conversation comes once")
        #expect(whole.messages == messages, "\(system): a folder has the messages of its files")
        let paths = files.map(\.path).filter { $0.hasPrefix(system) }.map { "\(corpus.folder)/\($0)" }
        try whole.expectTexts(of: paths, system: system, system)
        let lines = whole.run.output.split(separator: UInt8(ascii: "\n")).map(Array.init)
        try LegacyFactsVerdicts.expectValid(lines, system)
    }

    private func expectConversion(of file: CorpusFile, in corpus: Corpus) throws -> CorpusRun {
        let path = "\(corpus.folder)/\(file.path)"
        let run = try CorpusRun(of: path)
        let expected = corpus.differences[file.path] ?? (file.conversations, file.messages)
        #expect(run.conversations == expected.conversations, "\(file.path): \(run.run.errors.prefix(1000))")
        #expect(run.messages == expected.messages, "\(file.path): \(run.run.errors.prefix(1000))")
        run.expectReason(file.path)
        if run.conversations < file.conversations { #expect(run.run.status == 1, "\(file.path): refused in silence") }
        try run.expectTexts(of: [path], system: file.system, file.path)
        return run
    }

    @Test func theScriptSeesWhatIsLostAndWhatIsMadeUp() throws {
        try TestFiles.withFolder { folder in
            let source = folder + "/day.json"
            let messages = """
                [{"type":"message","text":"see <https://a.example|the place> &lt;now"},{"type":"message","text":"lost"},
                {"type":"message","text":"twice &amp; so"},{"type":"message","text":"twice &amp; so"}]
                """
            try Data(messages.utf8).write(to: URL(fileURLWithPath: source))
            let texts = ["see the place (https://a.example) <now", "twice &  so", "made up", "[attachment: a.png]"]
            let said = texts.map { #"{"content":"\#($0)"}"# }.joined(separator: ",")
            let line = #"{"request":{"scope":{"conversations":[{"messages":[\#(said)]}]}}}"#
            let answer = try CorpusRun.texts(of: [source], system: "slack", in: Array(line.utf8))
            #expect(answer.texts == 4)
            #expect(answer.missing.sorted() == ["lost", "twice & so"])
            #expect(answer.invented == ["made up"])
        }
    }
}
