// `doctor` tells what is wrong with a machine, and nothing else changes.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct DoctorCommandTests {
    private static func checks(_ run: CommandLineTool.Run) throws -> [String: JSONText] {
        var checks: [String: JSONText] = [:]
        for line in try JSONText.lines(run.text) { checks[try #require(line.text("check"))] = line }
        return checks
    }

    private static let names = [
        "libxml2", "libarchive", "zlib", "iconv", "time-zones", "locale", "open-files", "memory", "cores", "output",
        "temporary", "clock",
    ]

    @Test
    func thisMachineIsLookedAt() throws {
        try TestFiles.withFolder { folder in
            let run = try CommandLineTool.run(["doctor", "--format", "json", "--spill-dir", folder], folder: folder)
            #expect(run.status == 0, "\(run.text)")
            let checks = try Self.checks(run)
            #expect(try JSONText.lines(run.text).compactMap { $0.text("check") } == Self.names)
            #expect(checks["libxml2"]?.text("found")?.wholeMatch(of: /\d+\.\d+\.\d+/) != nil)
            #expect(checks["libarchive"]?.text("found")?.contains("libarchive 3.") == true)
            #expect(checks["time-zones"]?.text("found")?.hasPrefix("tzdata ") == true)
            for name in ["libxml2", "libarchive", "zlib", "iconv", "time-zones", "locale", "open-files"] {
                #expect(checks[name]?.text("verdict") == "ok", "\(name)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)

            let text = try CommandLineTool.run(["doctor"], folder: folder)
            for name in Self.names { #expect(text.text.contains(" \(name) "), "\(name)") }
        }
    }

    @Test
    func whatWillFailIsAnError() throws {
        try TestFiles.withFolder { folder in
            let run = try CommandLineTool.run(
                ["doctor", "--format", "json", "--output-dir", "nowhere", "--spill-dir", "nowhere"],
                folder: folder
            )
            #expect(run.status == 1)
            let checks = try Self.checks(run)
            #expect(checks["output"]?.text("verdict") == "error")
            #expect(checks["temporary"]?.text("verdict") == "error")
            #expect(checks["output"]?.text("remedy") != nil)
            #expect(checks["libxml2"]?.text("verdict") == "ok")

            let few = try ShellScript.run("ulimit -n 64; $TOOL doctor", in: folder)
            #expect(few.status == 1)
            #expect(few.text.contains("ulimit -n 256"))
        }
    }

    @Test
    func credentialsAreTheirOwnersAlone() throws {
        try TestFiles.withFolder { folder in
            try Folder.write("client_secret=very-secret", folder + "/c")
            func check(_ path: String) throws -> (status: Int32, check: JSONText?, text: String) {
                let run = try CommandLineTool.run(
                    ["doctor", "--credentials", path, "--format", "json", "--spill-dir", "."],
                    folder: folder
                )
                return (run.status, try Self.checks(run)["credentials"], run.text)
            }
            chmod(folder + "/c", 0o640)
            let open = try check("c")
            #expect(open.status == 1)
            #expect(open.check?.text("remedy") == "chmod 600 c")
            chmod(folder + "/c", 0o600)
            let closed = try check("c")
            #expect(closed.status == 0)
            #expect(closed.check?.text("verdict") == "ok")
            #expect(!closed.text.contains("very-secret"))
            #expect(try check("missing").status == 1)
            #expect(try check(".").status == 1)
        }
    }
}
