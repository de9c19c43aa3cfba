// Any bytes through the decoder of XML: the same whatever the cuts, in order, and all of it UTF-8.

@testable import FuzzSupport
@testable import InteractionSources

/// Where records may be.
private let paths = ["//message", "log/message", "chat/message|event", "*/*", "/", "//*", "smses/sms|mms", "//b/c"]
    .compactMap { try? MarkupPath($0) }

/// One run of the fuzzer; four bytes choose the path, the size of the largest record and two cuts, the rest is the input.
///
/// - Parameters:
///   - start: The first byte of the input.
///   - count: How many there are.
/// - Returns: 0, as libFuzzer asks; a fault stops the process.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMarkup(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard count >= 4 else { return 0 }
    let path = paths[Int(input[0] & 7)]
    let markup: Set<String> = input[0] & 8 != 0 ? ["message", "body", "b"] : []
    let encoding = input[0] & 16 != 0 ? "Shift_JIS" : nil
    let largest = input[1] < 64 ? 8 + Int(input[1]) : 1 << 20
    let growth = encoding != nil || isConverted(input[4...]) ? 4 : 1
    checkDecoder(input[4...], from: 4, cuts: input[2..<4], growth: growth, isMarkup: true) {
        MarkupDecoder(path: path, markup: markup, encoding: encoding, largestRecord: largest)
    }
    return 0
}

/// Whether a text may have to be converted to UTF-8 first; then it is the converted text whose bytes are counted.
private func isConverted(_ text: ArraySlice<UInt8>) -> Bool {
    text.prefix(4).contains { [0, 0xFE, 0xFF].contains($0) }
        || String(decoding: text.prefix(2048), as: UTF8.self).contains("encoding")
}
