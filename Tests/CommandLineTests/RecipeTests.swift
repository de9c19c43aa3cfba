// Recipes of docs/SCALE-OUT.md that need no engine to be tried: what each pod of the indexed Job does.

import Foundation
import TestSupport
import Testing

@Suite struct RecipeTests {
    private static let shares = 32

    /// The script of the Job, with folders of a test in place of the mounted ones.
    private static func script(in folder: String) throws -> String {
        let blocks = try Markdown("docs/SCALE-OUT.md").blocks("yaml")
        let job = try #require(blocks.first { $0.contains("completionMode: Indexed") })
        #expect(job.contains("completions: \(shares)\n") && job.contains("NR % \(shares) == n"))
        let lines = job.components(separatedBy: "\n")
        let start = try #require(lines.firstIndex { $0.hasSuffix("- |") })
        let script = lines[(start + 1)...].prefix { $0.hasPrefix(String(repeating: " ", count: 14)) }
        #expect(script.count == 8)
        return script.joined(separator: "\n").replacing("/in", with: folder + "/in").replacing(
            "/out",
            with: folder + "/out"
        )
    }

    @Test func theIndexedJobConvertsEveryFileOnce() throws {
        try TestFiles.withFolder { folder in
            for name in ["in", "out"] {
                try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
            }
            let names = (0..<40).map { $0 == 7 ? "bad.ndjson" : "file \($0).ndjson" }
            for (number, name) in names.enumerated() {
                let record = name == "bad.ndjson" ? "{}" : Payload.complete(number)
                try Folder.write(record + "\n", "\(folder)/in/\(name)")
            }
            try Folder.write(Self.script(in: folder), folder + "/pod.sh")
            let statuses = try (0..<Self.shares).map { index in
                try Shell.run("JOB_COMPLETION_INDEX=\(index) sh -e pod.sh", folder: folder).status
            }
            #expect(statuses.filter { $0 == 1 }.count == 1 && statuses.filter { $0 == 0 }.count == Self.shares - 1)
            for name in names {
                let report = try JSONText(Folder.text("\(folder)/out/\(name).json"))
                #expect(report.number("books.records.in") == 1, "\(name)")
                let plain = try CommandLineTool.run(["convert", "in/\(name)", "-q"], folder: folder)
                #expect(try Folder.text("\(folder)/out/\(name).ndjson") == plain.text, "\(name)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/out").count == 2 * names.count)
        }
    }
}
