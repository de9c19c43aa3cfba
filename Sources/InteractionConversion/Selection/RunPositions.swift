// Where in a run something is, so that a later run of the same inputs can go on from there.

/// Legacy records and conversations that an earlier run has finished with, by their positions in the run as
/// ``RecordSelection`` counts them.
package struct FinishedItems: Sendable, Hashable {
    /// The position before which all are finished, but for the open ones.
    package var end: Int
    /// Positions before the end that are not finished, in ascending order.
    package var open: [Int]

    package init(end: Int = 0, open: [Int] = []) {
        self.end = end
        self.open = open
    }

    /// Whether the one at a position is finished.
    func contains(_ position: Int) -> Bool {
        guard position < end else { return false }
        var range = open.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if open[middle] == position { return false }
            range = open[middle] < position ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return true
    }
}

/// The positions of some outcomes.
struct RunPositions: Sendable {
    /// One for each outcome; nil, or none at all, for a record that was lost before it had one.
    var items: [Int?] = []
    /// The position after the last that has been decided about; 0 if nothing is known of it.
    var end = 0

    /// The position of an outcome.
    subscript(index: Int) -> Int? { items.indices.contains(index) ? items[index] : nil }
}
