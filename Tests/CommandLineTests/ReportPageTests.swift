// The report as a page, in a real browser: it shows, can be read by everybody, does no harm, and opens quickly.

import Foundation
import TestSupport
import Testing

/// Screenshots are made in a temporary folder; INTERACTION_MIGRATE_SCREENSHOTS names one that stays.
@Suite(.serialized) struct ReportPageTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let chromium = (environment["PATH"] ?? "").split(separator: ":").map { $0 + "/chromium" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
    private static let python = environment["INTERACTION_MIGRATE_PYTHON"] ?? "/usr/bin/python3"
    private static let isThere = chromium != nil || environment["CI"] != nil

    /// What the browser says of a page.
    private struct Shown: Decodable {
        struct Tables: Decodable {
            var isSearched: Bool
            var isSorted: Bool
            var status: String
        }

        struct Focus: Decodable {
            var outline: String
            var width: Double
        }

        /// Time on the processor until the page is drawn.
        var seconds: Double
        /// Faults by the way of showing the page.
        var views: [String: [String]]
        /// Roles of what has no name for assistive technology.
        var unnamed: [String]
        var tables: Tables
        /// The outline of what gets the focus, one after the other.
        var focus: [Focus]
        /// Warnings and errors of the console, and dialogs.
        var said: [String]
        var requests: [String]
    }

    /// Converts, opens the page, and expects what must be so of each page.
    private static func expectGood(_ name: String, _ inputs: [String], in folder: String) throws -> (Shown, String) {
        let run = try CommandLineTool.run(
            ["convert"] + inputs + ["-o", "out", "--report", "r.html", "--report", "r.json", "--quiet"]
                + ["--max-findings", "0", "--organization-id", "org_1"],
            folder: folder
        )
        try #require(run.status == 0 || run.status == 1, "\(run.errors.suffix(500))")
        let chromium = try #require(chromium)
        let pictures = environment["INTERACTION_MIGRATE_SCREENSHOTS"].map { $0 + "/" + name } ?? folder + "/pictures"
        try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
        let support = TestFiles.package + "/Tests/Support"
        let check = try ShellScript.run(
            "'\(python)' '\(support)/page_check.py' '\(chromium)' '\(support)/page_checks.js' r.html "
                + "'\(pictures)'",
            in: folder
        )
        try #require(check.status == 0, "\(check.errors.suffix(2000)) \(check.text.suffix(500))")
        let shown = try JSONDecoder().decode(Shown.self, from: Data(check.text.utf8))
        #expect(shown.said.isEmpty)
        #expect(shown.requests.count == 1, "\(shown.requests)")
        #expect(shown.unnamed.isEmpty)
        #expect(shown.views.keys.sorted() == ["dark", "light", "phone", "print"])
        for (view, faults) in shown.views { #expect(faults.isEmpty, "\(view): \(faults)") }
        #expect(shown.tables.isSearched && shown.tables.isSorted)
        for picture in ["light.png", "dark.png", "phone.png", "print.png", "print.pdf"] {
            #expect(Folder.size(pictures + "/" + picture) > 20_000, "\(picture) is nearly empty")
        }
        // Whoever uses the keyboard sees where they are.
        #expect(shown.focus.count == 12)
        #expect(shown.focus.allSatisfy { $0.outline == "solid" && $0.width >= 2 }, "\(shown.focus)")
        return (shown, try Folder.text(folder + "/r.html"))
    }

    @Test(.enabled(if: isThere, "there is no chromium; Tests/run installs it"))
    func samplesAreShownToEverybody() throws {
        try TestFiles.withFolder { folder in
            let samples = try FileManager.default.contentsOfDirectory(atPath: TestFiles.package + "/samples").sorted()
                .map { TestFiles.package + "/samples/\($0)/pass" }.filter(Folder.exists)
            #expect(samples.count > 40)
            // One run of all: a folder stands for every file in it of a known format.
            let (_, page) = try Self.expectGood("samples", samples, in: folder)
            let headings = page.matches(of: /<h2 id="[a-z]+">([^<]+)</).map { String($0.1) }
            let expected = [
                "Balanced books", "Over time", "Participants", "Sizes against the limit", "Findings", "Field ledger",
                "Shapes of records", "Throughput",
            ]
            #expect(headings == expected)
            // Everything is there before the script runs.
            let report = try JSONText(try Folder.text(folder + "/r.json"))
            let fields = try #require(report.count("fields"))
            let rows = page.split(separator: "<table class=\"sortable searchable\">")[1].matches(of: /<tr><td>/)
            #expect(rows.count == min(fields, 2500))
        }
    }

    @Test(.enabled(if: isThere, "there is no chromium; Tests/run installs it"))
    func hostileInputDoesNoHarm() throws {
        try TestFiles.withFolder { folder in
            let harm = "globalThis.wasHarmed=1"
            let words = [
                "<script>\(harm)</script>", "</script><script>\(harm)</script>", "<img src=x onerror='\(harm)'>",
                #"" onmouseover="\#(harm)"#, "' autofocus onfocus='\(harm)", "=HYPERLINK(\"http://h\")", "&lt;b&gt;",
                "</style><svg onload=\(harm)>", "<!--", "]]>", "\u{0}\u{1B}\r\n", "\u{202E}gnp", "javascript:\(harm)",
                "</title><base href='http://h/'>", "{{7*7}}", String(repeating: "<", count: 3000),
            ]
            func quoted(_ text: String) throws -> String {
                String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
            }
            let lines = try words.map { word in
                let text = try quoted(word)
                return #"{"session":{\#(text):\#(text)},"request":{"connections":{"thread_id":\#(text)},"#
                    + #""scope":{"conversations":[{"role":"EndUser","content":\#(text),"timestamp":\#(text)},"#
                    + #"{"role":\#(text),"content":"b","display_name":\#(text),"participant_id":\#(text)}]}}}"#
            }
            let good = try words.map { word in
                #"{"session":{\#(try quoted(word)):1},"request":{"connections":{"thread_id":\#(try quoted(word))},"#
                    + #""scope":{"conversations":[{"role":"user","content":\#(try quoted(word))}]}}}"#
            }
            let name = #"<img src=x onerror="globalThis.wasHarmed=1"> & 'it'.ndjson"#
            try Folder.write((lines + good).joined(separator: "\n"), folder + "/" + name)
            let (_, page) = try Self.expectGood("hostile", [name], in: folder)
            #expect(page.ranges(of: "<script").count == 1)
            #expect(page.ranges(of: "</script").count == 1)
            #expect(!page.contains("<img") && !page.contains("<base"))
            #expect(page.contains("&lt;script&gt;"))
        }
    }

    @Test(.enabled(if: isThere, "there is no chromium; Tests/run installs it"))
    func aHundredThousandFindingsOpenQuickly() throws {
        try TestFiles.withFolder { folder in
            let broken = ["[]", "{", #"{"a":1}"#, "nul", #"{"session":{},"session":{}}"#]
            var lines = (0..<100_000).map { broken[$0 % broken.count] }
            for record in 0..<60 {
                let members = (0..<40).map { #""a_rather_long_name_of_a_field_\#($0)":{"b":1,"c":[2]}"# }
                lines.append(
                    #"{"session":{"member_\#(record)":{\#(members.joined(separator: ","))}},"#
                        + #""request":{"connections":{"thread_id":"t"},"#
                        + #""scope":{"conversations":[{"role":"user","content":"a","timestamp":1700000000}]}}}"#
                )
            }
            try Folder.write(lines.joined(separator: "\n"), folder + "/in.ndjson")
            let (shown, page) = try Self.expectGood("many", ["in.ndjson"], in: folder)
            #expect(page.utf8.count < 3_000_000)
            // On the processor, not on the clock: other tests run at the same time.
            #expect(shown.seconds < 2)
            let report = try JSONText(try Folder.text(folder + "/r.json"))
            let findings = (0..<(report.count("findings") ?? 0)).map { report.number("findings.\($0).count") ?? 0 }
            #expect(findings.reduce(0, +) >= 100_000)
            #expect(page.contains("more lines with"), "the field ledger was not too long")
        }
    }

    @Test func thePageIsTheSameInEveryRunButForItsSpeed() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Payload.complete() + "\n[]\n", folder + "/in.ndjson")
            let pages = try ["1", "2"].map { jobs in
                _ = try CommandLineTool.run(
                    ["convert", "in.ndjson", "-o", "out", "--report", "r.html", "--jobs", jobs, "-q"],
                    folder: folder
                )
                let page = try Folder.text(folder + "/r.html")
                return page.replacing(/<section aria-labelledby="speed">[\s\S]*?<\/section>/, with: "")
            }
            #expect(pages[0] == pages[1])
            #expect(pages[0].contains("<h1>") && !pages[0].contains("Batches at a time"))
        }
    }
}
