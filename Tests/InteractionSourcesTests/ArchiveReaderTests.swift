// Archives: what is listed, what is read, and what is refused; made by other programs when the test runs.

import Foundation
import Testing

@testable import InteractionSources

@Suite
struct ArchiveReaderTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// What reading every member gave: its text, or the code of what went wrong.
    private func read(_ names: String...) throws -> [String: String] {
        var result: [String: String] = [:]
        for member in try InputContainer.members(of: names.map { "\(folder.path)/\($0)" }) {
            var reader = MemberReader()
            result[shown(member)] = text(of: member, &reader)
        }
        return result
    }

    private func shown(_ member: InputMember) -> String {
        String(member.displayName.dropFirst(folder.path.count + 1))
    }

    private func text(of member: InputMember, _ reader: inout MemberReader) -> String {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 300 << 10, alignment: 16)
        defer { room.deallocate() }
        var bytes: [UInt8] = []
        do throws(SourceError) {
            try reader.open(member)
            while true {
                let count = try reader.read(into: room)
                if count == 0 { return String(decoding: bytes, as: UTF8.self) }
                if bytes.count < 1 << 20 { bytes += room[..<count] }
            }
        } catch {
            return "\(error.code)"
        }
    }

    /// Runs Python in the folder; `text(n)` is a text of 5,000 bytes that compresses little.
    private func python(_ script: String) throws {
        let prelude = """
            import gzip, io, os, random, tarfile, zipfile
            os.chdir('\(folder.path)')
            def text(n):
                random.seed(n)
                return ('%d' % n + ''.join(random.choice('abcdefghijklmnop') for _ in range(5000))).encode()
            def zipped(name, entries, method=zipfile.ZIP_DEFLATED):
                with zipfile.ZipFile(name, 'w', method) as z:
                    for k, v in entries: z.writestr(k, v)
            def tarred(name, mode, entries):
                with tarfile.open(name, mode) as t:
                    for k, v in entries:
                        i = tarfile.TarInfo(k); i.size = len(v); t.addfile(i, io.BytesIO(v))
            def damaged(source, target, at):
                b = bytearray(open(source, 'rb').read()); b[at] ^= 4; open(target, 'wb').write(b)
            def cut(source, target, count): open(target, 'wb').write(open(source, 'rb').read()[:count])

            """
        try run(["python3", "-c", prelude + script])
    }

    private func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let complaints = Pipe()
        process.standardError = complaints
        try process.run()
        let said = String(decoding: complaints.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(said)")
    }

    @Test
    func archivesOfAllKindsAreRead() throws {
        try python(
            """
            entries = [('größe/b.json', b'{"b":1}'), ('größe/a.json', b'\\xff\\xfe{\\0}\\0'), ('日本.csv', b''), ('users.json', text(1))]
            zipped('x.zip', entries); tarred('x.tar', 'w', entries); tarred('x.tgz', 'w:gz', entries)
            """
        )
        try run(["zstd", "-qf", "--check", "x.tar", "-o", "x.zst"])
        for name in ["x.zip", "x.tar", "x.tgz", "x.zst"] {
            let members = try InputContainer.members(of: ["\(folder.path)/\(name)"])
            #expect(members.map(\.name) == ["größe/b.json", "größe/a.json", "日本.csv", "users.json"], "\(name)")
            var reader = MemberReader()
            // Forwards in one pass, and backwards.
            #expect(members.map { text(of: $0, &reader).utf8.count } == [7, 2, 0, 5001], "\(name)")
            #expect(members.reversed().map { text(of: $0, &reader).utf8.count } == [5001, 0, 2, 7], "\(name)")
            #expect(try read(name)["\(name)!größe/a.json"] == "{}")
        }
    }

    @Test
    func foldersHoldFilesAndArchives() throws {
        try folder.makeFolder("d")
        try folder.makeFolder("d/__MACOSX")
        try python(
            """
            zipped('d/m.zip', [('in/x.csv', b'1'), ('__MACOSX/x', b'2'), ('in/.DS_Store', b'3'), ('.h/x', b'4')])
            for n, v in [('b.xml', b'<a/>'), ('a', b'5'), ('.hidden', b'6'), ('__MACOSX/y', b'7')]: open('d/' + n, 'wb').write(v)
            open('d/z.json.gz', 'wb').write(gzip.compress(b'8'))
            """
        )
        try run(["zstd", "-q", "--rm", "d/a"])
        let members = try InputContainer.members(of: ["\(folder.path)/d", "-"])
        #expect(members.dropLast().map(shown) == ["d/a.zst", "d/b.xml", "d/m.zip!in/x.csv", "d/z.json.gz"])
        #expect(members.map(\.name) == ["a.zst", "b.xml", "in/x.csv", "z.json.gz", ""])
        #expect(members.last == InputMember(container: "-"))
        #expect(try read("d") == ["d/a.zst": "5", "d/b.xml": "<a/>", "d/m.zip!in/x.csv": "1", "d/z.json.gz": "8"])
        #expect(try read("d/b.xml", "d/a.zst") == ["d/b.xml": "<a/>", "d/a.zst": "5"])
    }

    @Test
    func packedMembersAreUnpackedOnce() throws {
        try python(
            """
            open('y.json', 'wb').write(b'9'); zipped('in.zip', [('a', b'1')]); tarred('in.tgz', 'w:gz', [('a', b'1')])
            """
        )
        try run(["zstd", "-q", "y.json"])
        try python(
            """
            zipped('x.zip', [(n, open(n, 'rb').read()) for n in ['y.json.zst', 'in.zip', 'in.tgz']]
                + [('x.gz', gzip.compress(b'2')), ('e.gz', gzip.compress(b'')), ('twice', gzip.compress(gzip.compress(b'3')))])
            """
        )
        #expect(
            try read("x.zip") == [
                "x.zip!y.json.zst": "9", "x.zip!in.zip": "archive-refused", "x.zip!in.tgz": "archive-refused",
                "x.zip!x.gz": "2",
                "x.zip!e.gz": "", "x.zip!twice": "archive-refused",
            ]
        )
    }

    @Test
    func flippedBitsAreErrors() throws {
        try python(
            """
            entries = [('a', text(1)), ('b', text(2))]
            zipped('x.zip', entries); damaged('x.zip', 'flip.zip', 1500)
            zipped('s.zip', entries, zipfile.ZIP_STORED); damaged('s.zip', 'stored.zip', 1500)
            tarred('x.tgz', 'w:gz', entries); damaged('x.tgz', 'flip.tgz', -6)
            tarred('x.tar', 'w', entries)
            """
        )
        try run(["zstd", "-qf", "--check", "x.tar", "-o", "x.zst"])
        try python("damaged('x.zst', 'flip.zst', -2)")
        let good = try read("x.zip")
        for name in ["flip.zip", "stored.zip"] {
            let found = try read(name)
            #expect(found["\(name)!a"] == "archive-corrupt")
            #expect(found["\(name)!b"] == good["x.zip!b"])
        }
        #expect(try read("flip.tgz")["flip.tgz"] == "gzip-corrupt")
        #expect(try read("flip.zst").values.contains("archive-corrupt"))
    }

    @Test
    func whatIsCutOffGivesWhatIsComplete() throws {
        try python(
            """
            entries = [('a', text(1)), ('b', text(2)), ('c', text(3))]
            zipped('x.zip', entries); cut('x.zip', 'cut.zip', 6500)
            tarred('x.tar', 'w', entries); cut('x.tar', 'cut.tar', 8000)
            tarred('x.tgz', 'w:gz', entries); cut('x.tgz', 'cut.tgz', 6500)
            """
        )
        let good = try read("x.zip")
        for name in ["cut.zip", "cut.tar", "cut.tgz"] {
            let found = try read(name)
            #expect(found["\(name)!a"] == good["x.zip!a"])
            #expect(["archive-corrupt", "gzip-truncated"].contains(found[name]), "\(name): \(found.keys)")
        }
    }

    @Test
    func whatCouldDoHarmIsRefusedByName() throws {
        try python(
            """
            zipped('x.zip', [('../up', b'1'), ('/etc/abs', b'2'), ('a/../../b', b'3'), ('c:\\\\\\\\d', b'4'), ('ok', b'5')])
            with tarfile.open('x.tar', 'w') as t:
                for n, k in [('soft', tarfile.SYMTYPE), ('hard', tarfile.LNKTYPE), ('pipe', tarfile.FIFOTYPE), ('dev', tarfile.CHRTYPE), ('d', tarfile.DIRTYPE)]:
                    i = tarfile.TarInfo(n); i.type = k; i.linkname = 'ok'; t.addfile(i)
                i = tarfile.TarInfo('ok'); i.size = 1; t.addfile(i, io.BytesIO(b'6'))
            """
        )
        let zip = try read("x.zip")
        #expect(zip["x.zip!ok"] == "5")
        #expect(zip.count == 5 && zip.values.filter { $0 == "archive-refused" }.count == 4, "\(zip)")
        let tar = try read("x.tar")
        #expect(tar.filter { $0.value != "archive-refused" } == ["x.tar!ok": "6"])
        #expect(Set(tar.keys) == ["x.tar!soft", "x.tar!hard", "x.tar!pipe", "x.tar!dev", "x.tar!ok"])
    }

    @Test
    func encryptedEntriesAreRefused() throws {
        // Only the flag matters: what follows is never looked at.
        try python(
            """
            zipped('x.zip', [('a', text(1))])
            b = bytearray(open('x.zip', 'rb').read())
            b[6] |= 1; b[b.rindex(b'PK\\x01\\x02') + 8] |= 1
            open('x.zip', 'wb').write(b)
            """
        )
        #expect(try read("x.zip") == ["x.zip!a": "archive-refused"])
    }

    @Test
    func bombsAreRefused() throws {
        try python(
            """
            zeros = b'0' * (65 << 20)
            zipped('x.zip', [('a', zeros)])
            zipped('y.zip', [('a.gz', gzip.compress(zeros))])
            open('z', 'wb').write(zeros)
            with zipfile.ZipFile('many.zip', 'w') as z:
                for i in range(100001): z.writestr(str(i), b'')
            """
        )
        try run(["zstd", "-q", "--rm", "z"])
        #expect(try read("x.zip").values.contains("archive-refused"))
        #expect(try read("y.zip") == ["y.zip!a.gz": "archive-refused"])
        #expect(try read("z.zst") == ["z.zst": "archive-refused"])
        let many = try InputContainer.members(of: ["\(folder.path)/many.zip"])
        var reader = MemberReader()
        let last = try #require(many.last)
        #expect(many.count == 100_001 && text(of: last, &reader) == "archive-refused")
    }

    @Test
    func otherArchivesAreNamedAndNothingIsAnError() throws {
        try folder.write(Array("7z".utf8) + [0xBC, 0xAF, 0x27, 0x1C, 0, 4], to: "x")
        try python("zipped('empty.zip', [])")
        #expect(try read("x") == ["x": "archive-unsupported"])
        let nothing = #expect(throws: SourceError.self) { try read("empty.zip") }
        #expect(nothing?.code == .noMatch)
        #expect(try read("missing") == ["missing": "cannot-open"])
    }
}
