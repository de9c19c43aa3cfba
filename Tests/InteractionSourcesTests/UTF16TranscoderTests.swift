// Text encodings: recognition by first bytes, UTF-16 in pieces, lone surrogates.

import Testing

@testable import InteractionSources

@Suite
struct UTF16TranscoderTests {
    private func bytes(_ units: [UInt16], bigEndian: Bool) -> [UInt8] {
        units.flatMap { unit -> [UInt8] in
            let pair = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
            return bigEndian ? pair : pair.reversed()
        }
    }

    /// What UTF-8 would be if it had surrogates, by the shortest code that says so.
    private func generalisedUTF8(_ units: [UInt16]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < units.count {
            let unit = UInt32(units[index])
            let next = index + 1 < units.count ? UInt32(units[index + 1]) : 0
            if unit & 0xFC00 == 0xD800, next & 0xFC00 == 0xDC00 {
                let scalar = Unicode.Scalar(0x10000 + (unit & 0x3FF) << 10 + next & 0x3FF)
                result += scalar.map { Array(String(Character($0)).utf8) } ?? []
                index += 2
            } else {
                let scalar = Unicode.Scalar(unit).map { Array(String(Character($0)).utf8) }
                result += scalar ?? [0xED, UInt8(0x80 | unit >> 6 & 0x3F), UInt8(0x80 | unit & 0x3F)]
                index += 1
            }
        }
        return result
    }

    @Test(arguments: [true, false], [(1, 16), (2, 17), (3, 4096), (5, 16), (Int.max, 1 << 16)])
    func randomUnitsInPieces(_ bigEndian: Bool, _ sizes: (Int, Int)) {
        var numbers = SeededNumbers(seed: 16)
        let ranges: [ClosedRange<UInt16>] = [
            0x20...0x7E, 0x80...0x7FF, 0x800...0xFFFD, 0xD800...0xDBFF, 0xDC00...0xDFFF,
        ]
        for round in 0..<200 {
            let count = Int.random(in: 0...40, using: &numbers)
            let units = (0..<count).map { _ in
                UInt16.random(in: ranges[Int.random(in: 0..<ranges.count, using: &numbers)], using: &numbers)
            }
            let decoded = decode(bytes([0xFEFF] + units, bigEndian: bigEndian), pieces: sizes.0, room: sizes.1)
            #expect(decoded.error == nil)
            #expect(decoded.text == generalisedUTF8(units), "round \(round)")
            #expect(decoded.leadingBytesDropped == 2)
        }
    }

    @Test(arguments: [true, false])
    func theNULPatternIsRecognised(_ bigEndian: Bool) {
        let text = #"{"a":"é漢😀"}"#
        let decoded = decode(bytes(Array(text.utf16), bigEndian: bigEndian), pieces: 1, room: 16)
        #expect(decoded.encoding == (bigEndian ? .utf16BigEndian : .utf16LittleEndian))
        #expect(decoded.text == Array(text.utf8))
        #expect(decoded.leadingBytesDropped == 0)
    }

    @Test
    func aMarkInTheMiddleIsText() {
        let decoded = decode(bytes([0xFEFF, 0x41, 0xFEFF, 0x42], bigEndian: true))
        #expect(decoded.text == Array("A\u{FEFF}B".utf8))
    }

    @Test(arguments: [1, Int.max])
    func anOddByteIsAnErrorAfterTheText(_ pieces: Int) {
        let decoded = decode(bytes([0xFEFF, 0x41, 0x42, 0x43, 0xD83D], bigEndian: false) + [0x22], pieces: pieces)
        #expect(decoded.text == Array("ABC".utf8) + [0xED, 0xA0, 0xBD])
        #expect(decoded.error?.code == .encodingCorrupt)
    }

    @Test(arguments: [1, Int.max])
    func utf8IsUntouched(_ pieces: Int) {
        let hostile: [[UInt8]] = [
            [], [0x7B], [0xEF], [0xEF, 0xBB], [0, 0], [0, 0, 0, 0, 0], [0xFF, 0x41, 0x42], Array("{\"é\":1}".utf8),
            [0x41, 0, 0x42, 0x43], [0xC3, 0x28, 0x0A, 0xED, 0xA0, 0x80],
        ]
        for text in hostile {
            #expect(decode(text, pieces: pieces, room: 16) == DecodedInput(text: text, encoding: .utf8))
            let marked = decode([0xEF, 0xBB, 0xBF] + text, pieces: pieces, room: 16)
            #expect(marked == DecodedInput(text: text, leadingBytesDropped: 3, encoding: .utf8))
        }
    }

    @Test
    func utf32IsRefused() {
        let texts: [[UInt8]] = [
            [0xFF, 0xFE, 0, 0, 0x7B, 0, 0, 0], [0, 0, 0xFE, 0xFF, 0, 0, 0, 0x7B], [0x7B, 0, 0, 0], [0, 0, 0, 0x7B],
        ]
        for text in texts {
            #expect(decode(text, pieces: 1).error?.code == .encodingUnsupported)
        }
    }
}
