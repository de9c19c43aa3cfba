// Gzip: members, damage at every place, input and output in pieces.

import Testing

@testable import InteractionSources

@Suite
struct GzipInflaterTests {
    private let plain = Array(String(repeating: "{\"content\":\"naïve 😀\",\"n\":1}\n", count: 12).utf8)

    @Test(arguments: [(1, 16), (1, 4096), (3, 17), (7, 31), (4096, 16)])
    func piecesDoNotMatter(_ pieces: Int, _ room: Int) throws {
        let members = try gzip(plain) + gzip([]) + gzip(plain) + [UInt8](repeating: 0, count: 600)
        let decoded = decode(members, pieces: pieces, room: room)
        #expect(decoded.error == nil)
        #expect(decoded.text == plain + plain)
    }

    @Test
    func aMemberAfterPaddingIsRead() throws {
        let decoded = decode(try gzip(plain) + [0, 0, 0] + gzip(plain))
        #expect(decoded.error == nil)
        #expect(decoded.text == plain + plain)
    }

    @Test
    func aByteOrderMarkInsideIsRemoved() throws {
        let decoded = decode(try gzip([0xEF, 0xBB, 0xBF] + plain), pieces: 1, room: 16)
        #expect(decoded.text == plain)
        #expect(decoded.leadingBytesDropped == 3)
    }

    @Test(arguments: [(1, 16), (64, 40), (Int.max, 1 << 16)])
    func compressedUTF16IsTranscoded(_ pieces: Int, _ room: Int) throws {
        let units = Array(String(repeating: "long enough for more than one buffer 😀\n", count: 3_000).utf16)
        let bytes = units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        let decoded = decode(try gzip([0xFF, 0xFE] + bytes), pieces: pieces, room: room)
        #expect(decoded.error == nil)
        #expect(decoded.encoding == .utf16LittleEndian)
        #expect(decoded.text == Array(String(decoding: units, as: UTF16.self).utf8))
    }

    @Test
    func aFlippedBitNeverChangesTheTextUnnoticed() throws {
        let whole = try gzip(plain) + gzip(Array("second".utf8))
        var errors = 0
        for index in whole.indices {
            for bit in 0..<8 {
                var damaged = whole
                damaged[index] ^= 1 << bit
                let decoded = decode(damaged)
                if decoded.error != nil {
                    errors += 1
                } else {
                    // A file without the magic number is no gzip data, which the record reader finds out. Elsewhere
                    // only bits that are not content may change: time, system, level, the fill of the last byte.
                    let expected = index < 2 ? damaged : plain + Array("second".utf8)
                    #expect(decoded.text == expected, "byte \(index), bit \(bit)")
                }
            }
        }
        #expect(errors > whole.count * 8 / 2)
    }

    @Test(arguments: [1, 16, 1 << 16])
    func everyTruncationIsFound(_ pieces: Int) throws {
        let first = try gzip(plain)
        let whole = try first + gzip(plain)
        for length in 1..<whole.count where length != first.count {
            let decoded = decode(Array(whole[..<length]), pieces: pieces)
            #expect(decoded.error?.code == .gzipTruncated, "at \(length)")
            #expect((plain + plain).starts(with: decoded.text))
        }
        // Between two members nothing is missing that a reader could know of.
        #expect(decode(first, pieces: pieces).error == nil)
    }

    @Test
    func aTruncatedFileGivesWhatItHolds() throws {
        let decoded = decode(Array(try gzip(plain).dropLast(8)), room: 64)
        #expect(decoded.text == plain)
        #expect(decoded.error?.code == .gzipTruncated)
        #expect(decoded.error?.offset == Int64(try gzip(plain).count - 8))
    }

    @Test
    func anEmptyFileIsAnErrorOnlyByItsName() {
        #expect(decode([], path: "day.json.gz").error?.code == .gzipTruncated)
        #expect(decode([], path: "day.json") == DecodedInput(encoding: .utf8))
    }

    @Test(arguments: [1, 1 << 16])
    func garbageAfterTheEndIsAnError(_ pieces: Int) throws {
        for garbage: [UInt8] in [[0x20], [0, 0, 7], Array("<html>".utf8), [0x1F, 0x8C, 0, 0]] {
            let decoded = decode(try gzip(plain) + garbage, pieces: pieces)
            #expect(decoded.text == plain)
            #expect(decoded.error?.code == .gzipCorrupt)
        }
    }
}
