// A sample in which every shape has its place, drawn while the records go by.

/// What a sample is drawn by.
public struct Sampling: Sendable, Hashable {
    /// Legacy records and conversations in the sample.
    public var count: Int
    /// Equal seeds draw equal samples of equal inputs.
    public var seed: UInt64

    /// Makes the wish for a sample.
    ///
    /// - Parameters:
    ///   - count: Legacy records and conversations in the sample, at most.
    ///   - seed: Another one draws another sample.
    public init(count: Int, seed: UInt64 = 0) {
        self.count = count
        self.seed = seed
    }
}

/// Draws a sample: as many of each shape as there are of the rare ones, the rest from the others.
///
/// Each shape has its candidates, the ones with the lowest numbers of a generator that depends on the seed and the
/// position only. All shapes may have equally many of the sample; what a rare one cannot use is for the others. With
/// every shape that turns up there is less for each, so that not many more candidates than the sample need be held.
struct ShapeSample {
    private struct Candidate {
        var rank: UInt64
        var position: Int
    }

    /// Shapes that are told apart; those that come after them share one place.
    static let largestShapeCount = 4096

    private let sampling: Sampling
    private var candidates: [UInt64: [Candidate]] = [:]
    private var held = 0
    /// As many as one shape may have, and one more for the rest that is not enough for all.
    private var most: Int
    private var position = 0

    init(_ sampling: Sampling) {
        self.sampling = sampling
        most = sampling.count
    }

    /// Notes the next record or conversation.
    mutating func add(shape: UInt64) {
        defer { position += 1 }
        guard sampling.count > 0 else { return }
        let isKnown = candidates[shape] != nil
        let shape = isKnown || candidates.count < Self.largestShapeCount ? shape : 0
        let candidate = Candidate(rank: rank(UInt64(position)), position: position)
        var list = candidates[shape] ?? []
        if list.count >= most {
            guard let last = list.last, candidate.rank < last.rank else { return }
            list.removeLast()
            held -= 1
        }
        candidates[shape] = nil
        list.insert(candidate, at: list.firstIndex { $0.rank > candidate.rank } ?? list.count)
        candidates[shape] = list
        held += 1
        if held > 2 * (sampling.count + candidates.count) { lower() }
    }

    /// The positions of the sample.
    var positions: Set<Int> {
        let level = level
        var result: Set<Int> = []
        for list in candidates.values { result.formUnion(list.prefix(level).map(\.position)) }
        let next = candidates.values.compactMap { $0.count > level ? $0[level] : nil }.sorted { $0.rank < $1.rank }
        result.formUnion(next.prefix(sampling.count - result.count).map(\.position))
        return result
    }

    /// How many each shape may have for sure.
    private var level: Int {
        var (low, high) = (0, sampling.count)
        while low < high {
            let middle = (low + high + 1) / 2
            let sum = candidates.values.reduce(0) { $0 + min($1.count, middle) }
            if sum <= sampling.count { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// Lets go of candidates that cannot be of the sample any more.
    private mutating func lower() {
        most = level + 1
        for shape in Array(candidates.keys) {
            guard let list = candidates[shape], list.count > most else { continue }
            candidates[shape] = Array(list.prefix(most))
            held -= list.count - most
        }
    }

    private func rank(_ position: UInt64) -> UInt64 {
        let state = KeyHash.fold(position ^ KeyHash.first, sampling.seed ^ KeyHash.second)
        return KeyHash.fold(state ^ sampling.seed, KeyHash.first ^ position)
    }
}
