// Memory in whole pages, which goes back to the system at once and so counts exactly.

internal import Glibc

/// Pages from the system; their owner gives them back.
enum Pages {
    /// Takes memory that is all zero, in whole pages that cost nothing until they are written to.
    static func take(_ count: Int) -> UnsafeMutableRawBufferPointer {
        let page = Int(getpagesize())
        let rounded = (max(count, 1) + page - 1) / page * page
        let start = mmap(nil, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != MAP_FAILED else { fatalError("out of memory: \(rounded) bytes") }
        return UnsafeMutableRawBufferPointer(start: start, count: rounded)
    }

    /// Gives memory back.
    ///
    /// Safety: nothing may point into it any more.
    static func giveBack(_ memory: UnsafeMutableRawBufferPointer) {
        guard let start = memory.baseAddress else { return }
        munmap(start, memory.count)
    }
}

/// Memory for what is used once and then replaced by the next, however large.
final class ScratchPages {
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    deinit { Pages.giveBack(memory) }

    /// Lends so many bytes of memory until the next call.
    func lend(_ count: Int) -> UnsafeMutableRawBufferPointer {
        if memory.count < count {
            let larger = max(count, memory.count * 2)
            Pages.giveBack(memory)
            memory = Pages.take(larger)
        }
        return UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
    }
}

/// Memory handed out piece by piece and taken back all at once.
struct BlockArena: ~Copyable {
    private let blockBytes: Int
    // Safety: pages owned by this value, given back in `deinit`; what is handed out is used by the owner alone.
    private var blocks: [UnsafeMutableRawBufferPointer] = []
    private var blocksInUse = 0
    /// Pieces too large for a block.
    private var pieces: [UnsafeMutableRawBufferPointer] = []
    private var free = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// All that has been taken from the system.
    private(set) var bytes = 0

    /// Makes an empty arena.
    ///
    /// - Parameter blockBytes: How much is taken from the system at once, in whole pages.
    init(blockBytes: Int) { self.blockBytes = blockBytes }

    deinit {
        for memory in blocks { Pages.giveBack(memory) }
        for memory in pieces { Pages.giveBack(memory) }
    }

    /// Hands out memory, aligned to eight bytes.
    ///
    /// - Parameters:
    ///   - count: Bytes.
    ///   - limit: What the arena may take from the system now.
    /// - Returns: Nil if that is too little.
    @inline(__always)
    mutating func allocate(_ count: Int, within limit: Int) -> UnsafeMutableRawPointer? {
        let rounded = (count &+ 7) & ~7
        if free.count < rounded { return refill(rounded, limit) }
        return takeFree(rounded)
    }

    @inline(__always)
    private mutating func takeFree(_ count: Int) -> UnsafeMutableRawPointer? {
        defer { free = UnsafeMutableRawBufferPointer(rebasing: free[count...]) }
        return free.baseAddress
    }

    private mutating func refill(_ count: Int, _ limit: Int) -> UnsafeMutableRawPointer? {
        // What is handed out may lengthen the largest run by as much, for which there must be room as well.
        if count > blockBytes / 4 {
            guard 2 * (count + 4096) <= limit else { return nil }
            let piece = Pages.take(count)
            bytes += piece.count
            pieces.append(piece)
            return piece.baseAddress
        }
        let isKept = blocksInUse < blocks.count
        guard (isKept ? 1 : 2) * blockBytes <= limit else { return nil }
        if !isKept {
            blocks.append(Pages.take(blockBytes))
            bytes += blockBytes
        }
        free = blocks[blocksInUse]
        blocksInUse += 1
        return takeFree(count)
    }

    /// Takes back everything that was handed out, and keeps the blocks for what comes next.
    mutating func removeAll() {
        for piece in pieces {
            bytes -= piece.count
            Pages.giveBack(piece)
        }
        pieces.removeAll()
        blocksInUse = 0
        free = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }
}
