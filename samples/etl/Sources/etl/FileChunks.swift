// A stream of bytes, as a download or a message queue would give them.

import Foundation

/// The bytes of a file in small pieces, each read only when it is asked for.
///
/// An `AsyncStream` with a buffer would do as well; pulling keeps the memory constant whatever the file's size.
struct FileChunks: AsyncSequence, Sendable {
    let path: String
    let size: Int

    func makeAsyncIterator() -> Iterator { Iterator(file: FileHandle(forReadingAtPath: path), size: size) }

    struct Iterator: AsyncIteratorProtocol {
        let file: FileHandle?
        let size: Int

        mutating func next() async throws -> [UInt8]? {
            guard let file else { throw CocoaError(.fileReadNoSuchFile) }
            guard let piece = try file.read(upToCount: size), !piece.isEmpty else { return nil }
            return Array(piece)
        }
    }
}
