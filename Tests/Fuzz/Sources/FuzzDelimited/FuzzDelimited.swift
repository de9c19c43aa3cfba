// Any bytes through the decoder of tables: the same whatever the cuts, in order, and all of it UTF-8.

@testable import FuzzSupport
@testable import InteractionSources

/// A blank row of more bytes than a delimiter is looked for in, so that what follows is decoded as it arrives.
private let filler = Array(repeating: UInt8(ascii: "\t"), count: DelimitedDialect.sniffBytes) + [0x0A]

/// One run of the fuzzer; four bytes choose the dialect, the size of the largest row and two cuts, the rest is the input.
///
/// - Parameters:
///   - start: The first byte of the input.
///   - count: How many there are.
/// - Returns: 0, as libFuzzer asks; a fault stops the process.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDelimited(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard count >= 4 else { return 0 }
    let lead = input[0] & 32 != 0 ? filler : []
    // To look for a delimiter in the filler would take too long.
    let sniffed = lead.isEmpty ? nil : UInt8(ascii: ";")
    let delimiters = [sniffed, UInt8(ascii: ","), UInt8(ascii: "|"), UInt8(ascii: " ")]
    let headers: [DelimitedDialect.Header] = [.first, .absent, .names(["id"]), .names(["id", "text", "Id"])]
    let dialect = DelimitedDialect(
        delimiter: delimiters[Int(input[0] & 3)],
        header: headers[Int(input[0] >> 2 & 3)],
        foldsNames: input[0] & 16 != 0
    )
    let largest = input[1] < 64 ? 8 + Int(input[1]) : 1 << 20
    let text = lead + input[4...]
    checkDecoder(text[...], from: lead.count, cuts: input[2..<4]) {
        DelimitedDecoder(dialect: dialect, largestRecord: largest)
    }
    return 0
}
