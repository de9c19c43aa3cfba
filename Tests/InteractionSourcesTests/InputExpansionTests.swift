// Folders and patterns: which files, in which order, and what is said when there are none.

import Glibc
import Testing

@testable import InteractionSources

@Suite
struct InputExpansionTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func expand(_ names: String...) throws -> [String] {
        let prefix = folder.path + "/"
        return try InputExpansion.expand(names.map { $0 == "-" ? $0 : prefix + $0 }).map {
            $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0
        }
    }

    private func make(_ names: String...) throws {
        for name in names {
            if name.hasSuffix("/") { try folder.makeFolder(name) } else { try folder.write([], to: name) }
        }
    }

    @Test
    func aFolderGivesItsFilesInOrder() throws {
        try make("d/", "d/b/", "d/b/z.jsonl.gz", "d/a.txt", "d/b.json", "d/a.NDJSON", "d/é.json5", "d/b-.json")
        try make("d/B.json")
        try make("d/.hidden.json", "d/.git/", "d/.git/x.json", "d/c.gz", "d/empty/")
        let expected = ["B.json", "a.NDJSON", "b-.json", "b.json", "b/z.jsonl.gz", "é.json5"].map { "d/" + $0 }
        #expect(try expand("d") == expected)
        #expect(try expand("d/") == expected)
    }

    @Test
    func filesAndStandardInputStay() throws {
        try make("x.txt", "[1].json")
        let names = try expand("x.txt", "-", "missing.json", "x.txt", "[1].json")
        #expect(names == ["x.txt", "-", "missing.json", "x.txt", "[1].json"])
    }

    @Test
    func aPatternGivesItsMatchesInOrder() throws {
        try make("b.txt", "a.txt", "B.txt", ".c.txt", "sub.txt/", "sub.txt/in.json", "sub.txt/in.csv")
        #expect(try expand("*.txt") == ["B.txt", "a.txt", "b.txt", "sub.txt/in.json"])
        #expect(try expand("[ab].tx?") == ["a.txt", "b.txt"])
    }

    @Test
    func aFileIsTwiceOnlyWhereItIsNamedTwice() throws {
        try make("d/", "d/a.json", "d/b.json", "d/s/", "d/s/c.json")
        try folder.link("d/0.json", to: "b.json")
        #expect(try expand("d", "d/a.json", "d/a.json") == ["d/b.json", "d/s/c.json", "d/a.json", "d/a.json"])
        #expect(try expand("d/s", "d", "d/*.json") == ["d/s/c.json", "d/a.json", "d/b.json"])
    }

    @Test
    func linksAreFollowedOnce() throws {
        try make("d/", "d/real/", "d/real/a.json", "out/", "out/o.json")
        try folder.link("d/real/up", to: "..")
        try folder.link("d/again", to: "real")
        try folder.link("d/self", to: "self")
        try folder.link("d/side", to: "../out")
        try folder.link("d/gone.json", to: "nowhere")
        #expect(try expand("d") == ["d/gone.json", "d/real/a.json", "d/side/o.json"])
    }

    @Test
    func nothingFoundIsAnError() throws {
        try make("d/", "d/a.csv")
        let nothing = #expect(throws: SourceError.self) { try expand("d") }
        #expect(nothing?.code == .noMatch)
        #expect(nothing?.path == "\(folder.path)/d")
        #expect(nothing?.description.contains(".json, .ndjson, .jsonl, .json5, or these + .gz") == true)
        let unmatched = #expect(throws: SourceError.self) { try expand("d/*.json") }
        #expect(unmatched?.code == .noMatch)
        #expect(unmatched?.description.contains("d/*.json") == true)
    }

    @Test
    func onlyRegularFilesAreTakenFromAFolder() throws {
        try make("d/", "d/a.json")
        try #require(mkfifo("\(folder.path)/d/pipe.json", 0o600) == 0)
        #expect(try expand("d") == ["d/a.json"])
        #expect(try expand("d/pipe.json") == ["d/pipe.json"])
    }
}
