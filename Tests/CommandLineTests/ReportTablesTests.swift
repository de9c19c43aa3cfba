// The tables of a report as CSV say what its JSON says, and are no formulas.

import Foundation
import TestSupport
import Testing

@Suite struct ReportTablesTests {
    /// Rows of a file by the csv module of Python, which is not the project's own.
    private static func rows(_ path: String) throws -> [[String]] {
        let script = "import csv,json,sys;print(json.dumps(list(csv.reader(open(sys.argv[1],newline='')))))"
        let run = try ShellScript.run(
            "/usr/bin/python3 -c \"\(script)\" '\(path)'",
            in: URL(fileURLWithPath: path).deletingLastPathComponent().path
        )
        try #require(run.status == 0, "\(run.errors)")
        return try JSONDecoder().decode([[String]].self, from: Data(run.text.utf8))
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"), "there is no Python"))
    func tablesAreThoseOfTheReport() throws {
        try TestFiles.withFolder { folder in
            let field = #"=HYPERLINK(\"http://h\",\"x\")"#
            let records = [
                #"{"=cmd|' /C calc'!A0":1,"session":{"\#(field)":1,"+a, \"b\"":2,"@c":3,"-d":4,"\te":5,"'=f":6},"request":{"connections":"#
                    + #"{"thread_id":"t"},"scope":{"conversations":[{"role":"user","content":"=1+1"}]}}}"#,
                "[]", "{",
            ]
            try Folder.write(records.joined(separator: "\n"), folder + "/=in.ndjson")
            let run = try CommandLineTool.run(
                ["convert", "=in.ndjson", "-o", "out", "--report", "r.json", "--report-tables", "tables"]
                    + ["--organization-id", "o", "-q", "--max-findings", "0"],
                folder: folder
            )
            #expect(run.status == 1)
            let report = try JSONText(try Folder.text(folder + "/r.json"))
            let tables = folder + "/tables"
            #expect(try Folder.partials(tables).isEmpty)
            let fields = try Self.rows(tables + "/fields.csv")
            #expect(fields.count - 1 == report.count("fields"))
            func meant(_ cell: String) -> String { cell.hasPrefix("'") ? String(cell.dropFirst()) : cell }
            for (place, row) in fields.dropFirst().enumerated() {
                #expect(meant(row[1]) == report.text("fields.\(place).path"))
                #expect(Int(row[4]) == report.number("fields.\(place).count"))
            }
            let levels = ["files", "records", "conversations", "messages", "participants", "sourceFields"]
            for (row, level) in zip(try Self.rows(tables + "/books.csv").dropFirst(), levels) {
                #expect(row[0] == level && Int(row[1]) == report.number("books.\(level).in"))
                #expect(Int(row[6]) == report.number("books.\(level).rejected"))
            }
            #expect(try Self.rows(tables + "/findings.csv").count == 1 + (report.count("findings") ?? 0))
            let names = ["books", "dropped", "participants", "timeline", "sizes", "findings", "fields", "shapes"]
            var harmless = 0
            for name in names {
                for cell in try Self.rows("\(tables)/\(name).csv").joined() {
                    let isNumber = cell.allSatisfy { $0.isNumber || $0 == "-" }
                    #expect(isNumber || !cell.contains(/^[=+\-@\t\r]/), "\(name): \(cell)")
                    if cell.hasPrefix("'") { harmless += 1 }
                }
            }
            #expect(harmless >= 3)
        }
    }
}
