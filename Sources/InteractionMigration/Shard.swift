// A part of a submission: some of the threads, and a share of what the tenant allows.

internal import InteractionConversion
internal import InteractionLedger
internal import InteractionModel
internal import InteractionSubmission

/// One of several processes that send the same inputs together.
///
/// All messages of a thread are of one shard, so that their order holds. Which one depends on the thread's id and the
/// number of shards only: the first eight bytes of the SHA-256 digest of its UTF-8 text, as a big-endian number, modulo
/// the number of shards.
public struct Shard: Sendable, Hashable, CustomStringConvertible {
    /// Which one, from 1.
    public let number: Int
    /// How many there are.
    public let count: Int

    /// Names a shard; nil if there is no such one.
    ///
    /// - Parameters:
    ///   - number: Which one, from 1.
    ///   - count: How many there are, at most 1024.
    public init?(_ number: Int, of count: Int) {
        guard (1...1024).contains(count), (1...count).contains(number) else { return nil }
        self.number = number
        self.count = count
    }

    /// Reads a shard such as `2/4`.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let number = parts[0], let count = parts[1] else { return nil }
        self.init(number, of: count)
    }

    /// As it is read: `2/4`.
    public var description: String { "\(number)/\(count)" }

    /// Whether the messages of a thread are of this shard.
    public func has(thread: String) -> Bool {
        var digest = ContentDigest()
        Array(thread.utf8).withUnsafeBytes { digest.update($0) }
        let hash = digest.finish().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(hash % UInt64(count)) == number - 1
    }

    /// The name of this shard's own file: `run.sqlite` becomes `run-2-of-4.sqlite`.
    ///
    /// - Parameter path: The name for all shards.
    /// - Returns: The name with the shard before its extension.
    public func path(_ path: String) -> String {
        let start = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        let name = path[start...]
        let dot = name.lastIndex(of: ".").flatMap { $0 > name.startIndex ? $0 : nil } ?? path.endIndex
        return "\(path[..<dot])-\(number)-of-\(count)\(path[dot...])"
    }

    /// The share of this shard in what all of them may do together.
    func share(of options: SubmissionOptions) -> SubmissionOptions {
        var options = options
        options.rate = options.rate?.share(of: count)
        // What does not divide goes to the first ones; none can do with nothing.
        options.concurrency = max(1, (options.concurrency + count - number) / count)
        return options
    }
}

/// Picks a shard's messages out of all.
struct ShardFilter: Sendable {
    private let shard: Shard?
    /// Keys that the messages of other shards have brought with them.
    private var foreignKeys: Set<String> = []
    /// Messages of other shards.
    var others = 0

    init(_ shard: Shard?) { self.shard = shard }

    /// Whether records that are no messages, and so of no thread, are this shard's business.
    var hasInvalid: Bool { shard?.number ?? 1 == 1 }

    /// A batch without what is of other shards.
    mutating func own(_ batch: ReadyBatch) -> ReadyBatch {
        guard let shard else { return batch }
        var own = batch
        own.messages = []
        for var ready in batch.messages {
            let isOwn = shard.has(thread: ready.message.threadId)
            if let key = LedgerEntry(ready).givenKey {
                // Of two messages with the same key the first keeps it, as if one process had read them.
                if !isOwn { foreignKeys.insert(key) } else if foreignKeys.contains(key) { ready.isKeyTaken = true }
                // The next run has to know of the key as well.
                if !isOwn, let position = ready.position { own.openPositions.append(position) }
            }
            if isOwn {
                own.messages.append(ready)
            } else {
                others += 1
                if let position = ready.position { own.foreignPositions.append(position) }
            }
        }
        if !hasInvalid { own.refused = [] }
        return own
    }
}
