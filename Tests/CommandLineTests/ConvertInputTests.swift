// How `convert` finds the records in whatever it is given.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct ConvertInputTests {
    /// One outcome as `record:kind:first finding`.
    private static func outcomes(_ bytes: [UInt8], _ arguments: [String] = []) throws -> [String] {
        let run = try CommandLineTool.run(["convert", "-o", "/dev/null", "--outcomes", "-"] + arguments, input: bytes)
        #expect(run.status == 0 || run.status == 1)
        return try JSONText.lines(run.text).map { line in
            "\(line.number("record") ?? 0):\(line.text("outcome") ?? ""):\(line.codes.first ?? "")"
        }
    }

    private static func outcomes(_ text: String, _ arguments: String...) throws -> [String] {
        try outcomes(Array(text.utf8), arguments)
    }

    private static let one = Payload.complete(1)
    private static let two = Payload.complete(2)
    private static let converted = ["1:converted:", "2:converted:"]

    @Test
    func aCompleteFirstLineMeansLines() throws {
        let text = "\n\(Self.one)\n\n[\(Self.two)]\nbroken {\n\"text\"\n17\r\n\(Self.two)"
        let expected = [
            "1:converted:", "2:rejected:not-an-object", "3:rejected:invalid-json", "4:rejected:not-an-object",
            "5:rejected:not-an-object", "6:converted:",
        ]
        #expect(try Self.outcomes(text) == expected)
        #expect(try Self.outcomes(text, "--input", "ndjson") == expected)
    }

    @Test
    func anArrayOnALineIsARecordAmongLines() throws {
        #expect(
            try Self.outcomes("[\(Self.one)]\n[\(Self.two)]\n")
                == ["1:rejected:not-an-object", "2:rejected:not-an-object"]
        )
        // Alone it is the whole document.
        #expect(try Self.outcomes("[\(Self.one)]\n") == ["1:converted:"])
        #expect(try Self.outcomes("[\(Self.one)]\n", "--input", "ndjson") == ["1:rejected:not-an-object"])
    }

    @Test
    func aWholeDocumentArrayIsUnwrapped() throws {
        #expect(try Self.outcomes("[\(Self.one),\(Self.two)]") == Self.converted)
        #expect(try Self.outcomes(" [\n\(Self.one)\n,\n\(Self.two)\n]\n") == Self.converted)
        #expect(try Self.outcomes("[]").isEmpty)
        #expect(try Self.outcomes("[\(Self.one),[\(Self.two)]]") == ["1:converted:", "2:rejected:not-an-object"])
    }

    @Test
    func anArrayThatIsNeverClosedIsAnError() throws {
        let run = try CommandLineTool.run(["convert"], input: Array("[\n\(Self.one),\n".utf8))
        #expect(run.status == 1)
        #expect(run.errors.contains("[truncated]"))
        #expect(try JSONText.lines(run.text).count == 1)
    }

    @Test
    func documentsMayFollowEachOther() throws {
        let pretty = Self.one.replacing(",\"", with: ",\n  \"")
        #expect(try Self.outcomes(pretty + pretty) == Self.converted)
        #expect(try Self.outcomes(pretty + "\n" + Self.two) == Self.converted)
        #expect(try Self.outcomes(Self.one + Self.two, "--input", "json") == Self.converted)
    }

    @Test
    func theVendorsDocumentationStyle() throws {
        let text = """
            // As pasted from a page.
            {
              session: { session_id: 's-1', /* none */ },
              request: {
                request_id: 'r-1',
                context: { organization_id: 'org_1', },
                connections: { thread_id: 't-1' },
                scope: { conversations: [{ participant_id: 'p-1', display_name: 'Ada', role: 'EndUser',
                  content: 'It\\'s "here"', timestamp: '2024-05-01T10:00:00Z' }], },
              },
            }
            """
        #expect(try Self.outcomes(text) == ["1:converted:json5-text"])
        #expect(try Self.outcomes("[\(text)\n,\(Self.two)]") == ["1:converted:json5-text", "2:converted:"])
        let run = try CommandLineTool.run(["convert"], input: Array(text.utf8))
        let content = try JSONText(run.text).text("request.scope.conversations.0.messages.0.content")
        #expect(content == "It's \"here\"")
    }

    @Test
    func aFaultInLinesCostsOneLine() throws {
        let text = "\(Self.one)\n{\"open\":[{\n\"never closed\n\(Self.two)\n"
        #expect(
            try Self.outcomes(text)
                == ["1:converted:", "2:rejected:truncated", "3:rejected:truncated", "4:converted:"]
        )
    }

    @Test(arguments: [
        (String.Encoding.utf16LittleEndian, [UInt8]([0xFF, 0xFE])), (.utf16BigEndian, [0xFE, 0xFF]),
        (.utf16LittleEndian, []), (.utf16BigEndian, []), (.utf8, [0xEF, 0xBB, 0xBF]),
    ])
    func encodings(encoding: String.Encoding, mark: [UInt8]) throws {
        let text = "\(Payload.complete(1, content: "Grüße 😀"))\n\(Self.two)\n"
        let bytes = mark + Array(try #require(text.data(using: encoding)))
        let plain = try CommandLineTool.run(["convert"], input: Array(text.utf8))
        let run = try CommandLineTool.run(["convert"], input: bytes)
        #expect(run.status == 0)
        #expect(run.output == plain.output)
        #expect(run.text.contains("Grüße 😀"))
    }

    @Test
    func compressedInput() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Self.one + "\n", folder + "/a.ndjson")
            try Folder.write(Self.two + "\n", folder + "/b.ndjson")
            let script = """
                set -e
                $TOOL convert -q a.ndjson b.ndjson > plain
                gzip -c a.ndjson > all.ndjson.gz; gzip -c b.ndjson >> all.ndjson.gz
                $TOOL convert -q all.ndjson.gz > packed
                $TOOL convert -q < all.ndjson.gz > piped
                cmp plain packed; cmp plain piped
                """
            let run = try ShellScript.run(script, in: folder)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try JSONText.lines(Folder.text(folder + "/packed")).count == 2)
        }
    }

    @Test(arguments: ["head -c 200 good.gz", "(head -c 100 good.gz; printf XXXX; tail -c +105 good.gz)"])
    func damagedCompressionIsAnUnreadableFile(damage: String) throws {
        try TestFiles.withFolder { folder in
            try Folder.write((1...50).map { Payload.complete($0 * 7919) + "\n" }.joined(), folder + "/good")
            try Folder.write(Self.two, folder + "/other.json")
            let script = "gzip -k good && \(damage) > bad.ndjson.gz && $TOOL convert bad.ndjson.gz other.json"
            let run = try ShellScript.run(script, in: folder)
            #expect(run.status == 2)
            #expect(run.errors.contains("[input-unreadable]"))
            #expect(run.errors.contains("gzip"))
            #expect(try JSONText.lines(run.text).last?.text("request.requestId") == "r-2")
        }
    }

    @Test
    func foldersAndPatterns() throws {
        try TestFiles.withFolder { folder in
            let names = ["b.json", "a.ndjson", "sub/c.jsonl", "sub/d.json5", "sub/notes.txt", ".hidden.json"]
            try FileManager.default.createDirectory(atPath: folder + "/sub", withIntermediateDirectories: true)
            for (index, name) in names.enumerated() { try Folder.write(Payload.complete(index), "\(folder)/\(name)") }
            let all = try CommandLineTool.run(["convert", "."], folder: folder)
            // What a file is called does not matter.
            let ids = try JSONText.lines(all.text).map { $0.text("request.requestId") }
            #expect(ids == ["r-1", "r-0", "r-2", "r-3", "r-4"])
            let some = try CommandLineTool.run(["convert", "sub/*.js*", "b.json"], folder: folder)
            #expect(try JSONText.lines(some.text).map { $0.text("request.requestId") } == ["r-2", "r-3", "r-0"])
            let named = try CommandLineTool.run(["convert", "sub/notes.txt"], folder: folder)
            #expect(try JSONText(named.text).text("request.requestId") == "r-4")
        }
    }
}
