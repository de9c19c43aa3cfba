// `convert --dry-run`: the counts of the real run, and nothing written.

import Foundation
import TestSupport
import Testing

@Suite struct DryRunTests {
    /// Number by number, for every real export: the report of a dry run is that of the real run.
    @Test(.timeLimit(.minutes(30)))
    func countsAreThoseOfTheRealRun() throws {
        guard let shared = TestFiles.shared else { return }
        let corpus = shared + "/corpus"
        let manifest = try Folder.text(corpus + "/MANIFEST.tsv").split(separator: "\n").dropFirst()
        let files = manifest.map { corpus + "/" + $0.split(separator: "\t", omittingEmptySubsequences: false)[2] }
        try #require(files.count > 80)
        try TestFiles.withFolder { folder in
            let options = ["--organization-id", "acme", "--timezone", "UTC", "--max-findings", "0"]
            for file in files {
                let real = try CommandLineTool.run(
                    ["convert", file, "-o", "real.ndjson", "--report", "real.json"] + options,
                    folder: folder
                )
                let dry = try CommandLineTool.run(["convert", file, "--dry-run", "--format", "json"] + options)
                #expect(dry.status == real.status, "\(file)")
                guard real.status < 2 else { continue }
                let shown = try JSONText(dry.text)
                let report = try JSONText(Folder.text(folder + "/real.json"))
                let isSame = try Self.canonical(report[""]) == Self.canonical(shown["report"])
                #expect(isSame, "\(file): the counts differ")
                #expect(report["balanced"] as? Bool == true)
                try FileManager.default.removeItem(atPath: folder + "/real.json")
            }
        }
    }

    private static func canonical(_ value: Any?) throws -> Data {
        try JSONSerialization.data(withJSONObject: #require(value), options: .sortedKeys)
    }

    /// Every output option may stay where it is: nothing but the report is written.
    @Test func nothingIsWritten() throws {
        try TestFiles.withFolder { folder in
            let records = [Payload.complete(1), Payload.large(), "{}"].joined(separator: "\n") + "\n"
            try Folder.write(records, folder + "/in.ndjson")
            let outputs = ["-o", "out.ndjson", "--outcomes", "outcomes.ndjson", "--rejects", "rejects.ndjson"]
            let arguments = ["convert", "in.ndjson", "--dry-run", "--rate", "1/m", "--report", "report.json"]
            let run = try CommandLineTool.run(arguments + outputs, folder: folder)
            #expect(run.status == 1)
            let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(files == ["in.ndjson", "report.json"])
            let interactions = try #require(JSONText(Folder.text(folder + "/report.json")).number("interactions"))
            try #require(interactions > 2)
            for line in [
                "records        3: 2 converted, 1 rejected", "Interactions   \(interactions) to create, ",
                "submission     \(interactions) min 0 s at 1/m", "user by given", "1 × ", "in.ndjson:3:1: ", "→ ",
                "files          1 = 1 + 0 + 0 + 0 + 0", "the books balance",
            ] {
                #expect(run.text.contains(line), "\(line) is not in\n\(run.text)")
            }
            #expect(!run.text.contains("word word"), "texts of messages are shown")
        }
    }

    @Test(arguments: [["--rate", "50/s"], ["--check"], ["--plan", "p"], ["--seed", "1"], ["--redact-keep-length"]])
    func optionsThatBelongToOthers(arguments: [String]) throws {
        #expect(try CommandLineTool.run(["convert"] + arguments).status == 64)
    }

    @Test(arguments: ["50", "0/s", "x/s", "5/d", "-1/s"])
    func whatIsNoRate(rate: String) throws {
        #expect(try CommandLineTool.run(["convert", "--dry-run", "--rate=\(rate)"]).status == 64)
    }
}
