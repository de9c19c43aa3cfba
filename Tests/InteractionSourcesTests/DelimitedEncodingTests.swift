// Text whose encoding the user names, in pieces of any size.

import Testing

@testable import InteractionSources

@Suite
struct DelimitedEncodingTests {
    private func read(
        _ bytes: [UInt8],
        as name: String,
        pieces: Int = .max,
        room: Int = 64
    ) -> (text: [UInt8], error: SourceError?) {
        var decoder = InputDecoder(path: "table.csv", encodingName: name)
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
        defer { output.deallocate() }
        var text: [UInt8] = []
        var failure: SourceError?
        bytes.withUnsafeBytes { (all: UnsafeRawBufferPointer) in
            var (start, end) = (0, 0)
            do throws(SourceError) {
                while true {
                    end = min(all.count, max(end, start + min(pieces, all.count)))
                    let isFinal = end == all.count
                    let input = UnsafeRawBufferPointer(rebasing: all[start..<end])
                    let (used, made) = try decoder.decode(input, into: output, isFinal: isFinal)
                    start += used
                    text += output[..<made]
                    if isFinal, made == 0 { break }
                    if used == 0, made == 0 { end += 1 }
                }
            } catch {
                failure = error
            }
        }
        return (text, failure)
    }

    @Test(
        arguments: [
            ("windows-1252", [0x63, 0xE9, 0x80], "cé€"), ("latin1", [0xE9, 0x0A], "é\n"), ("IBM850", [0x82], "é"),
            ("SHIFT_JIS", [0x93, 0xFA, 0x96, 0x7B, 0x0A], "日本\n"), ("gb18030", [0x94, 0x39, 0xFC, 0x36, 0x61], "😀a"),
            ("ISO-2022-JP", [0x1B, 0x24, 0x42, 0x46, 0x7C, 0x1B, 0x28, 0x42, 0x61], "日a"),
            ("UTF-16", [0xFF, 0xFE, 0xE9, 0, 0x0A, 0], "é\n"), ("UTF-16BE", [0xFE, 0xFF, 0xD8, 0x3D, 0xDE, 0], "😀"),
            ("UTF-32LE", [0x61, 0, 0, 0, 0x62, 0, 0, 0], "ab"), ("utf-8", [0xEF, 0xBB, 0xBF, 0x61], "a"),
            ("BIG5-HKSCS", [0x88, 0x66], "\u{CA}"), ("windows-1252", [], ""), ("UTF-7", Array("+ZeVnLA-!".utf8), "日本!"),
        ] as [(String, [UInt8], String)]
    )
    func namedEncodingsAreRead(_ name: String, _ bytes: [UInt8], _ text: String) {
        // A byte order mark is one at the start only.
        let isMarked = [0xEF, 0xFE, 0xFF].contains(bytes.first)
        for repeats in isMarked ? [1] : [1, 50] {
            let input = Array(repeatElement(bytes, count: repeats).joined())
            for (pieces, room) in [(Int.max, 4096), (1, 16), (3, 16), (7, 31)] {
                let result = read(input, as: name, pieces: pieces, room: room)
                let expected = String(repeating: text, count: repeats)
                #expect(String(decoding: result.text, as: UTF8.self) == expected, "\(name), pieces of \(pieces)")
                #expect(result.error == nil)
            }
        }
    }

    @Test(arguments: [
        ("SHIFT_JIS", [0x61, 0x62, 0x63, 0x93, 0xFA, 0x64, 0xFF, 0x65] as [UInt8], "abc日d", "no character at byte 7"),
        ("SHIFT_JIS", [0x61, 0xFF], "a", "no character at byte 2"),
        ("SHIFT_JIS", [0x61, 0x62, 0x63, 0x64, 0x65, 0x93], "abcde", "ends inside a character at byte 6"),
        ("UTF-16LE", [0x61, 0, 0, 0xDC, 0x61, 0], "a", "no character at byte 3"),
    ])
    func whatTheEncodingDoesNotKnowStopsExactlyThere(
        _ name: String,
        _ bytes: [UInt8],
        _ text: String,
        _ detail: String
    ) throws {
        for pieces in [Int.max, 1, 3] {
            let result = read(bytes, as: name, pieces: pieces, room: 16)
            #expect(String(decoding: result.text, as: UTF8.self) == text)
            let error = try #require(result.error)
            #expect(error.code == .encodingCorrupt)
            #expect(error.detail.contains(detail) && error.detail.contains(name), "\(error.detail)")
        }
    }

    @Test(arguments: ["klingon", "", "utf-8//IGNORE", "latin1//TRANSLIT"])
    func unknownNamesAreRefusedWithARemedy(_ name: String) throws {
        let error = try #require(read([0x61], as: name).error)
        #expect(error.code == .encodingUnknown)
        #expect(error.description.contains("iconv -l"))
    }

    @Test
    func compressedTextIsTranscodedToo() throws {
        let plain = (0..<200_000).map { UInt8($0 % 2 == 0 ? 0xE9 : 0x61) }
        let result = read(try gzip(plain), as: "latin1", pieces: 1000, room: 5000)
        #expect(result.error == nil)
        #expect(result.text == Array(String(repeating: "éa", count: 100_000).utf8))
    }
}
