// What the tests of the input layer share: seeded numbers, gzip data, scratch folders, decoding in pieces.

import CZlib
import Foundation
import Glibc
import Testing

@testable import InteractionSources

/// A small generator whose seed reproduces a failure.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// Compresses to one gzip member.
func gzip(_ plain: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    let size = CInt(MemoryLayout<z_stream>.size)
    let status = deflateInit2_(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
    try #require(status == Z_OK)
    defer { deflateEnd(&stream) }
    var source = plain
    var target = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(plain.count))))
    let capacity = target.count
    let result = source.withUnsafeMutableBufferPointer { input in
        target.withUnsafeMutableBufferPointer { output in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(output.count)
            return deflate(&stream, Z_FINISH)
        }
    }
    try #require(result == Z_STREAM_END)
    return Array(target[..<(capacity - Int(stream.avail_out))])
}

/// What a decoder made of some bytes.
struct DecodedInput: Equatable {
    var text: [UInt8] = []
    var leadingBytesDropped = 0
    var encoding: TextEncoding?
    var error: SourceError?
}

/// Decodes bytes that arrive in pieces of one size into buffers of another.
func decode(
    _ bytes: [UInt8],
    pieces: Int = .max,
    room: Int = 1 << 16,
    path: String = "input"
) -> DecodedInput {
    var decoder = InputDecoder(path: path)
    var decoded = DecodedInput()
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
    defer { output.deallocate() }
    bytes.withUnsafeBytes { (all: UnsafeRawBufferPointer) in
        var start = 0
        var end = 0
        do throws(SourceError) {
            while true {
                end = min(all.count, max(end, start &+ min(pieces, all.count)))
                let isFinal = end == all.count
                let input = UnsafeRawBufferPointer(rebasing: all[start..<end])
                let (consumed, produced) = try decoder.decode(input, into: output, isFinal: isFinal)
                start += consumed
                decoded.text += output[..<produced]
                if isFinal, produced == 0 { break }
                if consumed == 0, produced == 0 { end += 1 }
            }
            if start != all.count { Issue.record("\(all.count - start) bytes were left over") }
        } catch {
            decoded.error = error
        }
    }
    decoded.leadingBytesDropped = decoder.leadingBytesDropped
    decoded.encoding = decoder.encoding
    return decoded
}

/// A new folder that is removed with everything in it when the value goes away.
final class ScratchFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/interaction-sources-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        return file
    }

    func makeFolder(_ name: String) throws {
        try #require(mkdir("\(path)/\(name)", 0o700) == 0)
    }

    func link(_ name: String, to target: String) throws {
        try #require(symlink(target, "\(path)/\(name)") == 0)
    }
}
