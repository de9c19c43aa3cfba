// Signals, and readers that go away: what is under a final name is always whole.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct InterruptionTests {
    /// More than the tool holds back before it writes, so that a part of it has been written.
    private static let many = (1...2400).map { Payload.complete($0) + "\n" }.joined()

    /// What a pipe of Linux holds unless it is told otherwise.
    private static let pipeCapacity = 65_536

    @Test
    func anInterruptLeavesNothingUnderTheFinalName() throws {
        try TestFiles.withFolder { folder in
            let pipe = OpenPipe(folder + "/feed")
            let outputs = ["-o", "result", "--outcomes", "outcomes", "--report", "report"]
            let session = try ToolSession(["convert", "--input", "ndjson", "feed"] + outputs, in: folder)
            try pipe.write(Self.many)
            try ToolSession.wait { (try? Folder.partials(folder).count) == 3 }
            session.send(SIGINT)
            #expect(try session.status() == 130)
            #expect(!session.wasKilled)
            #expect(session.errors.contains("interrupted; nothing was written to result"))
            for name in ["result", "outcomes", "report"] { #expect(!Folder.exists("\(folder)/\(name)")) }
            #expect(try Folder.partials(folder).isEmpty)
        }
    }

    @Test
    func anInterruptLeavesWholeLinesOnStandardOutput() throws {
        try TestFiles.withFolder { folder in
            let pipe = OpenPipe(folder + "/feed")
            let session = try ToolSession(
                ["convert", "--input", "ndjson", "feed", "--outcomes", "outcomes", "--report", "report"],
                in: folder
            )
            try pipe.write(Self.many + #"{"session":{"half"#)
            try ToolSession.wait { Folder.size(folder + "/stdout") > 0 }
            session.send(SIGINT)
            #expect(try session.status() == 130)
            #expect(session.errors.contains("interrupted; what had been read until then was written"))
            let output = try Folder.text(folder + "/stdout")
            #expect(output.hasSuffix("}}\n"))
            let lines = try JSONText.lines(output)
            #expect(lines.count > 0)
            // What was told about the records is what was written of them.
            let outcomes = try JSONText.lines(Folder.text(folder + "/outcomes"))
            #expect(outcomes.map { $0.text("outputs.0.requestId") } == lines.map { $0.text("request.requestId") })
            let report = try JSONText(Folder.text(folder + "/report"))
            #expect(report["interrupted"] as? Bool == true)
            #expect(report["balanced"] as? Bool == true)
            #expect(report.number("books.files.dropped.interrupted") == 1)
        }
    }

    @Test
    func anInterruptedArrayIsClosed() throws {
        try TestFiles.withFolder { folder in
            let pipe = OpenPipe(folder + "/feed")
            let session = try ToolSession(["convert", "--input", "ndjson", "feed", "--output", "json"], in: folder)
            try pipe.write(Self.many)
            try ToolSession.wait { Folder.size(folder + "/stdout") > 0 }
            session.send(SIGTERM)
            #expect(try session.status() == 130)
            let array = try JSONText(Folder.text(folder + "/stdout"))
            #expect(array.text("0.request.requestId") == "r-1")
        }
    }

    @Test
    func validateStopsToo() throws {
        try TestFiles.withFolder { folder in
            let pipe = OpenPipe(folder + "/feed")
            let session = try ToolSession(["validate", "--input", "ndjson", "feed"], in: folder)
            try pipe.write(Payload.interaction() + "\n" + Self.many)
            session.send(SIGINT)
            #expect(try session.status() == 130)
            #expect(session.errors.contains("interrupted"))
        }
    }

    @Test
    func aSecondInterruptEndsAtOnce() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(String(repeating: Self.many, count: 4), folder + "/in.ndjson")
            let output = Pipe()
            let session = try ToolSession(["convert", "in.ndjson"], in: folder, output: output)
            // Nobody reads: once the pipe is full, the tool waits in its write.
            try ToolSession.wait {
                var waiting: Int32 = 0
                _ = ioctl(output.fileHandleForReading.fileDescriptor, UInt(FIONREAD), &waiting)
                return waiting >= Self.pipeCapacity
            }
            session.send(SIGINT)
            usleep(300_000)
            #expect(session.isRunning, "the first interrupt must let what was read drain")
            session.send(SIGINT)
            #expect(try session.status() == 130)
        }
    }

    @Test
    func aKillLeavesTheEarlierResult() throws {
        try TestFiles.withFolder { folder in
            try Folder.write("the earlier result\n", folder + "/result")
            let pipe = OpenPipe(folder + "/feed")
            let session = try ToolSession(["convert", "--input", "ndjson", "feed", "-o", "result"], in: folder)
            try pipe.write(Self.many)
            try ToolSession.wait {
                ((try? Folder.partials(folder)) ?? []).contains { Folder.size("\(folder)/\($0)") > 0 }
            }
            session.send(SIGKILL)
            _ = try session.status()
            #expect(session.wasKilled)
            #expect(try Folder.text(folder + "/result") == "the earlier result\n")
        }
    }

    @Test
    func waitingForAPipeWithoutAWriterCanBeInterrupted() throws {
        try TestFiles.withFolder { folder in
            mkfifo(folder + "/feed", 0o600)
            let session = try ToolSession(["convert", "feed"], in: folder)
            usleep(500_000)
            #expect(session.isRunning)
            session.send(SIGINT)
            #expect(try session.status() == 130)
        }
    }

    @Test(arguments: ["convert -q in.ndjson", "validate in.ndjson", "convert -q --output json in.ndjson"])
    func aReaderThatGoesAwayIsNoFault(command: String) throws {
        try TestFiles.withFolder { folder in
            // Each line of it is a finding of `validate` and an Interaction of `convert`.
            try Folder.write(String(repeating: Self.many, count: 4), folder + "/in.ndjson")
            let run = try ShellScript.run("$TOOL \(command) | head -c 10 >&2; echo ${PIPESTATUS[0]}", in: folder)
            #expect(run.text == "0\n")
            #expect(run.errors.utf8.count == 10, "nothing but what head let through: \(run.errors)")
        }
    }
}
