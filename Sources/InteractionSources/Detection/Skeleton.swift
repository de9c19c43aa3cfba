// The shape of an input's first bytes: which paths there are, how often, and what stands there.

package import InteractionModel

/// What the beginning of an input looks like, without any knowledge of formats.
///
/// Paths are spelled as `audits[].events[].type` for JSON (`[]` is any element; the document itself has no name, so that
/// a top-level array's elements are `[]`), as the column's name for tables, and as `chat/message/@sender` for markup.
package struct Skeleton: Sendable {
    /// How the input is written.
    package enum Kind: String, Sendable, Hashable {
        case json
        case delimited
        case markup
    }

    /// What is known about one path.
    package struct Facts: Sendable, Hashable {
        /// How often the path was met.
        package var count = 0
        /// What stood there; of markup and tables only strings and objects.
        package var kinds: Set<JSONKind> = []
        /// Distinct scalar values in order of appearance.
        package var samples: [String] = []

        /// Whether a value of so many bytes would be looked at.
        func wantsSample(ofBytes count: Int) -> Bool {
            count > 0 && count <= Skeleton.largestSample && samples.count < Skeleton.largestSampleCount
        }

        fileprivate mutating func add(_ kind: JSONKind, _ sample: String?) {
            add(kind)
            if let sample, wantsSample(ofBytes: sample.utf8.count), !samples.contains(sample) {
                samples.append(sample)
            }
        }

        /// Books a value of which no sample is wanted.
        mutating func add(_ kind: JSONKind) {
            count += 1
            kinds.insert(kind)
        }

        /// Books a text.
        mutating func add(_ text: TextSlice) {
            // Most texts are too many, or too long, to become a string.
            if wantsSample(ofBytes: text.count) { add(.string, text.string) } else { add(.string) }
        }
    }

    /// As many paths as are kept; an input with more is a map with keys of its own, and the first ones tell enough.
    package static let largestPathCount = 4096
    /// How many bytes of an input are looked at.
    package static let headSize = 1 << 20
    /// How many values are kept of a path.
    package static let largestSampleCount = 8
    /// The size in bytes up to which a value is kept.
    package static let largestSample = 80

    /// How the input is written.
    package let kind: Kind
    /// What parts the cells of a table.
    package internal(set) var delimiter: UInt8?
    /// Everything that was met, by path.
    package private(set) var paths: [String: Facts] = [:]
    /// The paths in order of appearance.
    package private(set) var order: [String] = []

    /// Makes a skeleton of nothing.
    package init(kind: Kind) { self.kind = kind }

    /// Whether a path was met.
    package func contains(_ path: String) -> Bool { paths[path] != nil }

    /// The paths with what is known of them, in order of appearance.
    package var listing: [(path: String, facts: Facts)] {
        order.compactMap { path in paths[path].map { (path, $0) } }
    }

    /// Books one more occurrence of a path.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - kind: What stands there.
    ///   - sample: The scalar value, if it is one.
    /// - Returns: Whether there is room for more paths; where there is none, the path was not booked.
    package mutating func add(_ path: String, _ kind: JSONKind, sample: String? = nil) -> Bool {
        withFacts(of: path) { $0.add(kind, sample) }
    }

    /// Books values of one path, which is looked up once for all of them.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - body: Books each value in what is known of it.
    /// - Returns: Whether there is room for more paths; where there is none, nothing was booked.
    @discardableResult
    mutating func withFacts(of path: String, _ body: (inout Facts) -> Void) -> Bool {
        guard var facts = paths.removeValue(forKey: path) ?? newFacts(path) else { return false }
        body(&facts)
        paths[path] = facts
        return true
    }

    /// Makes a path known that has no values so far, such as a column of a table without rows.
    package mutating func mention(_ path: String) {
        guard !contains(path), let facts = newFacts(path) else { return }
        paths[path] = facts
    }

    private mutating func newFacts(_ path: String) -> Facts? {
        guard order.count < Self.largestPathCount else { return nil }
        order.append(path)
        return Facts()
    }
}
