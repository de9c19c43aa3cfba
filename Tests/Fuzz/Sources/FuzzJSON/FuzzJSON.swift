// Any bytes through the JSON reader and writer: what is read and written must read and write the same again.

@testable import InteractionModel

/// One run of the fuzzer.
///
/// - Parameters:
///   - start: The first byte of the input.
///   - count: How many there are.
/// - Returns: 0, as libFuzzer asks; a fault stops the process.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = PaddedBytes(UnsafeRawBufferPointer(start: start, count: count))
    var tape = JSONTape()
    do {
        try tape.scan(input.start, count: input.count)
    } catch {
        precondition(error.offset >= 0 && error.offset <= count, "the fault is outside the text")
        return 0
    }
    let view = tape.view(of: input.start)
    precondition(view.next(view.root) == tape.count, "the root does not span the tape")
    precondition(view.leafCount(view.root) == tape.leafCount, "leaves are miscounted")
    var written = OutputBuffer()
    written.append(value: view, view.root)
    var sorted = OutputBuffer()
    sorted.append(sorted: view, view.root)
    check(written.array, isWrittenAs: written.array, sortsAs: sorted.array)
    check(sorted.array, isWrittenAs: sorted.array, sortsAs: sorted.array)
    return 0
}

/// Stops unless a text reads well, and is canonical already.
private func check(_ text: [UInt8], isWrittenAs plain: [UInt8], sortsAs ordered: [UInt8]) {
    let padded = PaddedBytes(text)
    var tape = JSONTape()
    do {
        try tape.scan(padded.start, count: padded.count)
    } catch {
        preconditionFailure("the writer's text cannot be read: \(error)")
    }
    let view = tape.view(of: padded.start)
    precondition(tape.supersededKeys.isEmpty, "the writer repeats a key")
    var written = OutputBuffer()
    written.append(value: view, view.root)
    precondition(written.array == plain, "the writer's text is not canonical")
    var sorted = OutputBuffer()
    sorted.append(sorted: view, view.root)
    precondition(sorted.array == ordered, "the sorted text depends on the order of members")
}
