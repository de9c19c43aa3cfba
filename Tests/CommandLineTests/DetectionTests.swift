// Detection by content: what is of a format goes to its own profile, and what is of none goes to none.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct DetectionTests {
    /// Inspects the beginnings of files.
    private static func inspect(_ paths: [String]) throws -> [JSONText] {
        let run = try CommandLineTool.run(["inspect", "--sample", "--format", "json", "--quiet", "--"] + paths)
        #expect([0, 1].contains(run.status), "\(run.errors.prefix(1000))")
        let inspections = try JSONText.lines(run.text)
        #expect(inspections.map { $0.text("input") } == paths)
        return inspections
    }

    private static func formats(_ inspection: JSONText) -> [String] { inspection["formats"] as? [String] ?? [] }

    @Test func everySampleGoesToItsOwnProfile() throws {
        // Samples of a syntax, which are of some generation.
        let syntaxes: Set = ["array", "concatenated", "json5", "ndjson"]
        let cases = SamplesTests.cases("pass")
        #expect(cases.count > 100)
        for (sample, inspection) in zip(cases, try Self.inspect(cases.map { "\($0.folder)/\($0.input)" })) {
            let name = String(sample.testDescription.prefix { $0 != "/" })
            #expect(inspection["known"] as? Bool == true, "\(sample.testDescription)")
            let formats = Self.formats(inspection)
            if syntaxes.contains(name) {
                #expect(formats.allSatisfy { $0.hasPrefix("v") } && !formats.isEmpty, "\(sample.testDescription)")
            } else {
                #expect(formats == [name], "\(sample.testDescription)")
            }
        }
    }

    @Test(.enabled(if: TestFiles.shared != nil, "there are no real exports beside the package"))
    func everyRealExportGoesToItsOwnProfile() throws {
        let folder = try #require(TestFiles.shared) + "/corpus"
        let rows = try String(contentsOfFile: folder + "/MANIFEST.tsv", encoding: .utf8).split(separator: "\n")
            .dropFirst().map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        #expect(rows.count > 50)
        for (row, inspection) in zip(rows, try Self.inspect(rows.map { "\(folder)/\($0[2])" })) {
            let formats = Self.formats(inspection)
            // Tables that hold no messages are of use only beside others, and schemas are no exports.
            if formats.isEmpty, ["0", "-"].contains(row[7]) { continue }
            #expect(formats.count == 1 && formats.allSatisfy { Self.isOf(row[0], $0) }, "\(row[2]): \(formats)")
        }
    }

    /// Whether a profile is one of a system's.
    private static func isOf(_ system: String, _ format: String) -> Bool {
        system == format || format == system + "-csv" || system.hasPrefix(format + "-")
            || system == "agentune-callcenter" && format == "generic-csv"
    }

    @Test func otherFilesGoToNone() throws {
        let roots = ["/usr/share", "/usr/lib/python3", "/usr/include", "/usr/bin", TestFiles.package + "/Sources"]
        let files = Self.files(below: roots)
        guard files.count >= 200 else {
            Issue.record("there are only \(files.count) files to look at")
            return
        }
        for inspection in try Self.inspect(files) { Self.expectNone(inspection) }
    }

    private static func expectNone(_ inspection: JSONText) {
        let name = inspection.text("input") ?? ""
        #expect(formats(inspection).isEmpty, "\(name): \(formats(inspection))")
        #expect((inspection.count("files.0.candidates") ?? 0) == 0, "\(name)")
        if inspection.text("files.0.syntax") != "empty" { #expect(inspection["known"] as? Bool == false, "\(name)") }
    }

    /// Some files of each ending, always the same ones: many of what could be taken for an export, few of the rest.
    private static func files(below roots: [String]) -> [String] {
        let likely: Set = ["csv", "tsv", "json", "xml", "txt", "html", "svg"]
        var found: [String: [String]] = [:]
        for root in roots {
            let options: FileManager.DirectoryEnumerationOptions = [.skipsPackageDescendants]
            let keys: Set<URLResourceKey> = [.isRegularFileKey, .fileSizeKey]
            let all = FileManager.default.enumerator(
                at: URL(fileURLWithPath: root),
                includingPropertiesForKeys: Array(keys),
                options: options
            )
            for case let url as URL in all ?? FileManager.DirectoryEnumerator() {
                guard let values = try? url.resourceValues(forKeys: keys), values.isRegularFile == true,
                    (1...(1 << 20)).contains(values.fileSize ?? 0)
                else { continue }
                found[url.pathExtension, default: []].append(url.path)
            }
        }
        return found.sorted { $0.key < $1.key }.flatMap { ending, paths in
            paths.sorted().prefix(likely.contains(ending) ? 25 : 2)
        }
    }

    /// Tables and documents of other people.
    @Test(arguments: [
        "order_id,customer,date,total\n1,Ann,2024-01-02,9.90\n",
        "id,first_name,last_name,email,phone\n1,Ann,Lee,ann@example.com,+491\n",
        "station;date;temperature;humidity\nX1;2024-01-02;3,5;80\n",
        "commit,author,date,message\nabc123,Ann,2024-01-02,Fix the build\n",
        "date,description,amount,balance\n2024-01-02,Rent,-900,100\n",
        "key,en,de\nhello,Hello,Hallo\n",
        "timestamp,level,logger,message\n2024-01-02T03:04:05Z,INFO,main,started\n",
        "product_id,author,rating,date,text\n7,Ann,5,2024-01-02,Works well\n",
        "post_id,title,slug,author,date,content\n7,News,news,Ann,2024-01-02,It rains\n",
        "sku|name|stock|price\nA1|Cup|3|4.50\n",
        "question\tanswer\nWhere?\tHere.\n",
        #"{"name":"package","version":"1.0.0","dependencies":{"left-pad":"1"}}"#,
        #"[{"id":1,"name":"Ann","email":"ann@example.com"},{"id":2,"name":"Bob","email":"bob@example.com"}]"#,
        #"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}}]}"#,
        #"{"openapi":"3.0.0","info":{"title":"A"},"paths":{"/a":{"get":{"responses":{}}}}}"#,
        #"{"level":30,"time":1700000000000,"pid":1,"hostname":"a","msg":"started"}"#,
        "<rss version=\"2.0\"><channel><title>A</title><item><title>B</title><description>C</description></item></channel></rss>",
        "<html><body><p>Hello</p></body></html>",
        "<project><modelVersion>4.0.0</modelVersion><dependencies><dependency><groupId>a</groupId></dependency></dependencies></project>",
    ])
    func otherPeoplesDataGoesToNone(text: String) throws {
        try TestFiles.withFolder { folder in
            try Folder.write(text, folder + "/input")
            for inspection in try Self.inspect([folder + "/input"]) { Self.expectNone(inspection) }
        }
    }

    @Test func noiseGoesToNone() throws {
        var random = SeededRandom(seed: 7)
        try TestFiles.withFolder { folder in
            let alphabets = ["abc xyz,;\n", "{}[]\":,1a\n ", "<>/=\"ab \n", "a,b\n1;\t|\"", "\u{1}\u{2}\u{0}ab"]
            let paths = try (0..<50).map { number in
                let letters = Array(alphabets[number % alphabets.count])
                let text = String((0..<2000).map { _ in letters.randomElement(using: &random) ?? " " })
                let path = "\(folder)/noise\(number)"
                try Folder.write(text, path)
                return path
            }
            for inspection in try Self.inspect(paths) { Self.expectNone(inspection) }
        }
    }
}
