// Where a case's result leaves what was expected.

/// The first line in which two texts differ, cut to where they do.
struct LineDifference {
    /// Characters that are shown of a line.
    private static let width = 160
    /// Characters before the difference.
    private static let lead = 40

    let line: Int
    let expected: String?
    let actual: String?

    /// Compares two texts.
    ///
    /// - Returns: Nil if they are the same.
    init?(_ expected: String, _ actual: String) {
        guard expected != actual else { return nil }
        let left = Self.lines(expected)
        let right = Self.lines(actual)
        let at = Self.firstDifference(left, right)
        line = at + 1
        let sides = [left, right].map { at < $0.count ? Array($0[at]) : nil }
        let start = max(0, Self.firstDifference(sides[0] ?? [], sides[1] ?? []) - Self.lead)
        self.expected = sides[0].map { Self.cut($0, from: start) }
        self.actual = sides[1].map { Self.cut($0, from: start) }
    }

    private static func firstDifference<Item: Equatable>(_ left: [Item], _ right: [Item]) -> Int {
        zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(left.count, right.count)
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    private static func cut(_ line: [Character], from start: Int) -> String {
        let end = min(line.count, start + width)
        let middle = start < end ? String(line[start..<end]) : ""
        return (start > 0 ? "…" : "") + middle + (end < line.count ? "…" : "")
    }
}
