// Where results go: whole files or none, links, devices, full disks, folders.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct OutputFileTests {
    private static let many = (1...200).map { Payload.complete($0) + "\n" }.joined()

    private static func link(_ path: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)
    }

    private static func mode(_ path: String) -> UInt32 {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test
    func aResultReplacesAFileAndKeepsItsMode() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Payload.complete(), folder + "/in.json")
            try Folder.write("old", folder + "/result")
            chmod(folder + "/result", 0o640)
            let run = try CommandLineTool.run(["convert", "in.json", "-o", "result"], folder: folder)
            #expect(run.status == 0)
            #expect(run.output.isEmpty)
            #expect(try Folder.text(folder + "/result").hasPrefix(#"{"session""#))
            #expect(Self.mode(folder + "/result") == 0o640)
            #expect(try Folder.partials(folder).isEmpty)
        }
    }

    @Test
    func theInputMayBeReplacedByItsConversion() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Self.many, folder + "/data.ndjson")
            let run = try CommandLineTool.run(["convert", "data.ndjson", "-o", "data.ndjson"], folder: folder)
            #expect(run.status == 0)
            #expect(try JSONText.lines(Folder.text(folder + "/data.ndjson")).count == 200)
        }
    }

    @Test(arguments: [true, false])
    func aLinkIsFollowed(targetExists: Bool) throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Payload.complete(), folder + "/in.json")
            try FileManager.default.createDirectory(atPath: folder + "/far", withIntermediateDirectories: true)
            if targetExists { try Folder.write("old", folder + "/far/result") }
            try FileManager.default.createSymbolicLink(atPath: folder + "/one", withDestinationPath: "far/two")
            try FileManager.default.createSymbolicLink(atPath: folder + "/far/two", withDestinationPath: "result")
            let run = try CommandLineTool.run(["convert", "in.json", "-o", "one"], folder: folder)
            #expect(run.status == 0)
            #expect(Self.link(folder + "/one") == "far/two")
            #expect(Self.link(folder + "/far/two") == "result")
            #expect(try Folder.text(folder + "/far/result").hasPrefix(#"{"session""#))
        }
    }

    @Test
    func devicesAndNamedPipesAreWrittenNotReplaced() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Self.many, folder + "/in.ndjson")
            let run = try ShellScript.run(
                """
                mkfifo pipe && cat pipe > got & sleep 0.2
                $TOOL convert in.ndjson -o pipe && $TOOL convert in.ndjson > direct && wait
                test -p pipe && cmp got direct || exit 9
                $TOOL convert in.ndjson -o /dev/null --outcomes /dev/null --report /dev/null && test -c /dev/null
                """,
                in: folder
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(Folder.size(folder + "/got") > 0)
        }
    }

    @Test(arguments: ["-o result", "-o /dev/null --outcomes result", "-o /dev/null --rejects result in.txt"])
    func aFullDiskLeavesTheEarlierFile(options: String) throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Self.many, folder + "/in.ndjson")
            try Folder.write(String(repeating: "not json\n", count: 5000), folder + "/in.txt")
            try Folder.write("the earlier result\n", folder + "/result")
            // bash counts in units of 1024 bytes.
            let script = "ulimit -f 8; exec $TOOL convert -q --max-findings 0 in.ndjson \(options)"
            let run = try ShellScript.run(script, in: folder)
            #expect(run.status == 2)
            #expect(run.errors.contains("error: cannot write result: File too large; free some space"))
            #expect(try Folder.text(folder + "/result") == "the earlier result\n")
            #expect(try Folder.partials(folder).isEmpty)
        }
    }

    @Test
    func aFullDeviceIsReported() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Self.many, folder + "/in.ndjson")
            let output = try ShellScript.run("$TOOL convert in.ndjson > /dev/full", in: folder)
            #expect(output.status == 2)
            #expect(output.errors.contains("error: cannot write standard output: No space left on device"))
            let file = try ShellScript.run("$TOOL convert in.ndjson -o /dev/full", in: folder)
            #expect(file.status == 2)
            #expect(file.errors.contains("error: cannot write /dev/full: No space left on device"))
            let check = try ShellScript.run("$TOOL validate in.ndjson > /dev/full", in: folder)
            #expect(check.status == 2)
            #expect(check.errors.contains("error: cannot write standard output: No space left on device"))
        }
    }

    @Test(arguments: ["-o", "--outcomes", "--rejects", "--report"])
    func aPlaceThatCannotBeWrittenIsKnownBeforeTheWork(option: String) throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Payload.complete(), folder + "/in.json")
            let run = try CommandLineTool.run(["convert", "in.json", option, "missing/file"], folder: folder)
            #expect(run.status == 2)
            #expect(run.errors == "error: cannot write missing/file: No such file or directory\n")
            #expect(run.output.isEmpty)
        }
    }

    @Test
    func aFolderIsNoPlaceForAFile() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Payload.complete(), folder + "/in.json")
            let run = try CommandLineTool.run(["convert", "in.json", "-o", "."], folder: folder)
            #expect(run.status == 2)
            #expect(run.errors.contains("Is a directory"))
            let other = try CommandLineTool.run(
                ["convert", "in.json", "--output", "files", "--output-dir", "in.json"],
                folder: folder
            )
            #expect(other.status == 2)
            #expect(other.errors.contains("cannot write in.json: Not a directory"))
        }
    }

    @Test
    func oneFileEach() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Self.many, folder + "/in.ndjson")
            let run = try CommandLineTool.run(
                ["convert", "in.ndjson", "--output", "files", "--output-dir", "a/b"],
                folder: folder
            )
            #expect(run.status == 0)
            #expect(run.output.isEmpty)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/a/b").sorted()
            #expect(names == (0..<200).map { String(format: "%09d.json", $0) })
            let last = try JSONText(Folder.text(folder + "/a/b/000000199.json"))
            #expect(last.text("request.requestId") == "r-200")
        }
    }

    @Test
    func theArrayHoldsTheSameInteractions() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Self.many, folder + "/in.ndjson")
            let array = try CommandLineTool.run(["convert", "in.ndjson", "--output", "json"], folder: folder)
            let lines = try CommandLineTool.run(["convert", "in.ndjson"], folder: folder)
            #expect(array.status == 0)
            #expect(try JSONText(array.text).count("") == 200)
            let unwrapped = array.text.dropFirst(2).dropLast(3).replacing(",\n", with: "\n") + "\n"
            #expect(unwrapped == lines.text)
            #expect(try CommandLineTool.run(["convert", "--output", "json"]).text == "[]\n")
        }
    }
}
