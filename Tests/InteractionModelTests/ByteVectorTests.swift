// Sixteen bytes at a time, against one byte at a time.

import TestSupport
import Testing

@testable import InteractionModel

@Suite struct ByteVectorTests {
    /// Bytes before the zeros that the check wants behind them.
    private static func soundCount(_ text: [UInt8]) -> Int {
        let padded = text + [UInt8](repeating: 0, count: UTF8Check.padding)
        return padded.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            return UTF8Check.soundEnd(base, base + text.count) - base
        }
    }

    /// How many bytes at the start are well-formed, by the standard library.
    private static func soundCountBySteps(_ text: [UInt8]) -> Int {
        var decoder = UTF8()
        var bytes = text.makeIterator()
        var count = 0
        while case .scalarValue(let scalar) = decoder.decode(&bytes) { count += UTF8.width(scalar) }
        return count
    }

    private static func text(of count: Int, _ random: inout SeededRandom) -> [UInt8] {
        let pieces = [
            "plain text, and more of it, so that whole blocks are ASCII; ", "é", "ß\u{7FF}\u{80}", "好的",
            "\u{FFFF}\u{800}",
            "\u{D7FF}\u{E000}", "😀", "\u{10FFFF}\u{10000}", "x",
        ]
        var text: [UInt8] = []
        while text.count < count { text += (pieces.randomElement(using: &random) ?? "").utf8 }
        return text
    }

    @Test func wellFormedTextIsSoundToItsEnd() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<400 {
            let text = Self.text(of: Int.random(in: 0...3000, using: &random), &random)
            // The last character may be taken for one that is cut.
            #expect(text.count - Self.soundCount(text) < 5)
        }
    }

    @Test func everyFaultIsSeenWhereverItStands() {
        var random = SeededRandom(seed: 2)
        let faults: [[UInt8]] = [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xE0, 0x9F, 0xBF], [0xE0, 0xA0], [0xED, 0xA0, 0x80],
            [0xED, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x90, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xE1, 0x80, 0x41],
            [0xF1, 0x80, 0x80, 0xC3],
        ]
        for fault in faults {
            for place in 0..<140 {
                var text = Self.text(of: 40, &random)
                text = Array(text.prefix(Self.soundCountBySteps(Array(text.prefix(place)))))
                let first = text.count
                text += fault + Self.text(of: 200, &random)
                let sound = Self.soundCount(text)
                #expect(sound <= first, "\(fault) at \(first)")
                #expect(Self.soundCountBySteps(Array(text[..<sound])) == sound)
            }
        }
    }

    @Test func changedBytesAreSeen() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<2000 {
            var text = Self.text(of: Int.random(in: 1...2500, using: &random), &random)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                text[Int.random(in: text.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            let expected = Self.soundCountBySteps(text)
            let sound = Self.soundCount(text)
            #expect(sound <= expected)
            #expect(expected - sound <= 1024 + 4)
            #expect(Self.soundCountBySteps(Array(text[..<sound])) == sound)
        }
    }

    @Test func answersAreExact() {
        for first in UInt8.min ... .max {
            var bytes = SIMD16<UInt8>(repeating: 0x61)
            for place in 0..<16 {
                bytes[place] = first
                let vector = ByteVector(bytes)
                let isStop = first < 0x20 || first == 0x22 || first == 0x5C
                #expect(vector.stringStops.highBits == (isStop ? 1 << place : 0))
                #expect(vector.stringStops.first == (isStop ? place : 16))
                #expect(vector.stringStops.isNone == !isStop)
                #expect(vector.isEqual(to: first).highBits & 1 << place != 0)
                #expect(vector.isEqual(to: first &+ 1).highBits & 1 << place == 0)
                bytes[place] = 0x61
            }
        }
    }

    /// What other machines compute is what the instructions of this one say.
    @Test func arithmeticAnswersTheSame() {
        var random = SeededRandom(seed: 4)
        for _ in 0..<5000 {
            var bytes = SIMD16<UInt8>(repeating: UInt8.random(in: .min ... .max, using: &random))
            for _ in 0..<Int.random(in: 0..<16, using: &random) {
                bytes[Int.random(in: 0..<16, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            let vector = ByteVector(bytes)
            let byte = bytes[Int.random(in: 0..<16, using: &random)]
            #expect(vector.highBits == vector.highBitsByArithmetic)
            #expect(vector.isEqual(to: byte).highBits == vector.isEqualByArithmetic(to: byte).highBitsByArithmetic)
        }
    }
}
