// Reading files, pipes and what cannot be read.

import Glibc
import Synchronization
import Testing

@testable import InteractionSources

/// Answers false a number of times, then true.
private final class Countdown: Sendable {
    private let left: Atomic<Int>

    init(from count: Int) {
        left = Atomic(count)
    }

    func hasEnded() -> Bool {
        left.subtract(1, ordering: .relaxed).newValue < 0
    }
}

@Suite
struct InputReaderTests {
    private func readAll(
        _ path: String,
        room: Int,
        isCancelled: (@Sendable () -> Bool)? = nil
    ) throws(SourceError) -> (text: [UInt8], bytesRead: Int64, size: Int64?) {
        var reader = try InputReader(path: path, isCancelled: isCancelled)
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
        defer { output.deallocate() }
        var text: [UInt8] = []
        while true {
            let count = try reader.read(into: output)
            guard count > 0 else { break }
            text += output[..<count]
        }
        return (text, reader.totalBytesRead, reader.size)
    }

    private func code(_ path: String) -> SourceError.Code? {
        do {
            _ = try readAll(path, room: 64)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [16, 1_000, InputReader.directReadSize, 1 << 20])
    func everySizeOfBufferReadsTheSame(_ room: Int) throws {
        let folder = try ScratchFolder()
        var numbers = SeededNumbers(seed: 3)
        let text = [0x7B] + (0..<700_000).map { _ in UInt8.random(in: 0x20...0x7E, using: &numbers) }
        let files: [[UInt8]] = try [text, [0xEF, 0xBB, 0xBF] + text, gzip(text)]
        for (index, bytes) in files.enumerated() {
            let path = try folder.write(bytes, to: "\(index)")
            let result = try readAll(path, room: room)
            #expect(result.text == text)
            #expect(result.bytesRead == Int64(bytes.count))
            #expect(result.size == Int64(bytes.count))
        }
    }

    @Test
    func aShortFileNeedsNoSecondRead() throws {
        let folder = try ScratchFolder()
        for text in ["", "1", "{}\n", "[1,2]"] {
            #expect(try readAll(folder.write(Array(text.utf8), to: "x"), room: 1 << 20).text == Array(text.utf8))
        }
    }

    @Test
    func aPipeHasNoSize() throws {
        let folder = try ScratchFolder()
        let path = "\(folder.path)/pipe"
        try #require(mkfifo(path, 0o600) == 0)
        // Open for both, so that neither side waits for the other; the bytes fit into the pipe.
        let descriptor = open(path, O_RDWR)
        try #require(descriptor >= 0)
        try #require(write(descriptor, "{\"a\":1}\n", 8) == 8)
        var reader = try InputReader(path: path)
        #expect(reader.size == nil)
        var output = [UInt8](repeating: 0, count: 64)
        let count = try output.withUnsafeMutableBytes { try reader.read(into: $0) }
        #expect(Array(output[..<count]) == Array("{\"a\":1}\n".utf8))
        close(descriptor)
        #expect(try output.withUnsafeMutableBytes { try reader.read(into: $0) } == 0)
    }

    @Test
    func waitingForAPipeCanBeCancelled() throws {
        let folder = try ScratchFolder()
        let path = "\(folder.path)/pipe"
        try #require(mkfifo(path, 0o600) == 0)
        let descriptor = open(path, O_RDWR)
        defer { close(descriptor) }
        let countdown = Countdown(from: 4)
        let error = #expect(throws: SourceError.self) {
            try readAll(path, room: 64, isCancelled: { countdown.hasEnded() })
        }
        #expect(error?.code == .interrupted)
    }

    @Test
    func whatCannotBeReadSaysSo() throws {
        let folder = try ScratchFolder()
        #expect(code(folder.path) == .isDirectory)
        #expect(code("\(folder.path)/missing.json") == .cannotOpen)
        let damaged = try folder.write(Array(try gzip(Array("text".utf8)).dropLast(3)), to: "cut.gz")
        #expect(code(damaged) == .gzipTruncated)
    }

    @Test
    func descriptionsSayWhatToDo() {
        let missing = SourceError(.cannotOpen, path: "a\u{1B}[2J.json", detail: "No such file or directory")
        #expect(
            missing.description
                == "'a\u{FFFD}[2J.json' cannot be opened (No such file or directory); check the path and its permissions"
        )
        let cut = SourceError(.gzipTruncated, path: "-", offset: 12)
        #expect(cut.description.hasPrefix("standard input is gzip data that ends too early, after byte 12; "))
        #expect(cut.code.description == "gzip-truncated")
    }
}
