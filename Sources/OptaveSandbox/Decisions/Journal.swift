// The file of everything that was accepted, written before it is acknowledged.

internal import Glibc
internal import InteractionModel

/// Appends lines, and reads those of earlier runs.
struct Journal: ~Copyable {
    /// Why the journal cannot be used.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// One accepted message.
    struct Entry: Sendable, Equatable {
        /// The line's number, from 1.
        var order: Int
        var time: WallTime
        var message: SubmittedMessage
        var receipt: Receipts.Receipt
    }

    private let path: String
    private let descriptor: Int32
    private var line = OutputBuffer(capacity: 1024)

    /// Opens a journal, reads what is in it, and cuts off a last line that a killed process left unfinished.
    ///
    /// Nothing of that line was acknowledged.
    ///
    /// - Parameters:
    ///   - path: A file, made if need be, for this process alone.
    ///   - replay: Receives key, digest, time and receipt of each line, in order.
    /// - Throws: ``Failure`` if it cannot be opened, belongs to another process, or is no journal.
    init(path: String, replay: (Line) -> Void) throws(Failure) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
        do throws(Failure) {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw Failure(description: "\(path): another sandbox writes to this journal")
            }
            try read(replay)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit {
        // A process that is just being started may have the descriptor for a moment longer, and the lock with it.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Writes an entry; it survives the death of this process once this returns.
    ///
    /// - Throws: ``Failure`` if it was not written; then nothing of it stays.
    mutating func append(_ entry: Entry) throws(Failure) {
        line.removeAll()
        line.append(object: {
            $0.member("order", entry.order)
            $0.member("time", entry.time.rfc3339)
            $0.member("transport", entry.message.transport.rawValue)
            $0.member("idempotencyKey", entry.message.idempotencyKey)
            $0.member("correlationId", entry.message.correlationId)
            $0.member("threadId", entry.message.threadId)
            $0.member("requestId", entry.message.requestId)
            $0.member("bytes", entry.message.size)
            $0.member("digest", String(entry.message.digest, radix: 16))
            $0.member("number", entry.receipt.number)
            $0.member("repeated", entry.receipt.isRepeated)
        })
        line.append("\n")
        try write()
    }

    private func write() throws(Failure) {
        let end = lseek(descriptor, 0, SEEK_END)
        var sent = 0
        while sent < line.count {
            let count = Glibc.write(descriptor, line.bytes.baseAddress?.advanced(by: sent), line.count - sent)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = Failure(description: "\(path): \(String(cString: strerror(errno)))")
                _ = ftruncate(descriptor, end)
                throw failure
            }
            sent += count
        }
    }
}

extension Journal {
    /// What a restarted tenant has to know of a line.
    struct Line: Sendable, Equatable {
        var key: String?
        var digest: UInt64
        var time: WallTime
        var receipt: Receipts.Receipt
    }

    private func read(_ replay: (Line) -> Void) throws(Failure) {
        var complete: off_t = 0
        var rest: [UInt8] = []
        var number = 0
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { block.deallocate() }
        while true {
            let count = Glibc.read(descriptor, block.baseAddress, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
            if count == 0 { break }
            rest += block.prefix(count)
            var start = 0
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                number += 1
                guard let line = Self.line(rest[start..<end]) else {
                    throw Failure(description: "\(path): line \(number) is none of a journal")
                }
                replay(line)
                start = end + 1
            }
            complete += off_t(start)
            rest.removeFirst(start)
        }
        if !rest.isEmpty, ftruncate(descriptor, complete) != 0 {
            throw Failure(description: "\(path): \(String(cString: strerror(errno)))")
        }
    }

    private static func line(_ bytes: ArraySlice<UInt8>) -> Line? {
        let source = PaddedBytes(Array(bytes))
        var tape = JSONTape()
        guard (try? tape.scan(source.start, count: source.count)) != nil else { return nil }
        let view = tape.view(of: source.start)
        guard let digest = view.string(view.root, "digest").flatMap({ UInt64($0, radix: 16) }),
            let number = view.member(view.root, "number").flatMap({
                Int(String(decoding: view.bytes($0), as: UTF8.self))
            }),
            let repeated = view.member(view.root, "repeated"),
            let time = view.string(view.root, "time").flatMap(WallTime.init(rfc3339:))
        else { return nil }
        return Line(
            key: view.string(view.root, "idempotencyKey"),
            digest: digest,
            time: time,
            receipt: Receipts.Receipt(number: number, isRepeated: view.kind(repeated) == .true)
        )
    }
}
