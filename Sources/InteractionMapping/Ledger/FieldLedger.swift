// The books of single values: every source path, and what became of the values found there.

package import InteractionModel

/// What became of a value.
public enum Disposition: String, Hashable, Sendable, CaseIterable, Comparable {
    /// It is at its target.
    case mapped
    /// It is in the output, in another role than in the source.
    case moved
    /// The target has no place for it; it is kept in the conversation's metadata.
    case kept
    /// It was left out by a rule that has a name.
    case dropped
    /// Its record was not converted.
    case rejected

    /// Orders dispositions as a report lists them.
    public static func < (left: Disposition, right: Disposition) -> Bool {
        allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
    }
}

/// Counts every leaf of every record under its path, while it is walked.
///
/// A tree of path steps, grown as records show them: looking a key up costs a comparison where records are alike.
/// Objects that use data as keys would grow it without end, so beyond a limit their keys are counted as `*`.
package struct FieldLedger {
    /// A path step: an index into the tree.
    package typealias Path = Int32

    /// Keys that one object's paths may have in a report; more than that are data, not field names.
    static let distinctKeys = 256
    /// Keys that one object's paths may have while counting. Larger than ``distinctKeys``, so that whether a report
    /// shows `*` depends on all records together and not on which worker saw which.
    static let workingKeys = 1024

    struct Entry {
        var disposition: Disposition
        var note: StaticString
        var count: Int
    }

    private struct Step {
        var name: [UInt8]
        var parent: Path
        var rule: Int16
        var children: [Path] = []
        var lastChild = 0
        var entries: [Entry] = []
    }

    private var steps: [Step]
    /// What the record at hand has added, so that it can be taken back.
    private var journal: [(step: Int, entry: Int, count: Int)] = []

    /// Makes an empty ledger.
    package init() {
        steps = [Step(name: [], parent: -1, rule: -1)]
    }

    /// The step above every generation's paths.
    package static var root: Path { 0 }

    /// The rule that a mapper attached to a path, or -1.
    package func rule(_ path: Path) -> Int { Int(steps[Int(path)].rule) }

    /// Finds or makes the step for a literal key.
    package mutating func define(_ parent: Path, _ key: String) -> Path {
        let name = [UInt8](key.utf8)
        let path =
            steps[Int(parent)].children.first { steps[Int($0)].name == name }
            ?? append(name, parent: parent)
        return path
    }

    /// Attaches a rule to a path.
    package mutating func attach(rule: Int, to path: Path) { steps[Int(path)].rule = Int16(rule) }

    /// Finds or makes the step for a key.
    package mutating func child(_ parent: Path, _ key: TextSlice) -> Path {
        let index = Int(parent)
        let count = steps[index].children.count
        // Records of one kind have their keys in one order: the next child is the best guess.
        var guess = steps[index].lastChild
        for _ in 0..<count {
            if guess >= count { guess = 0 }
            let candidate = steps[index].children[guess]
            if steps[Int(candidate)].name.equals(key) {
                steps[index].lastChild = guess + 1
                return candidate
            }
            guess += 1
        }
        if count >= Self.workingKeys { return define(parent, "*") }
        return append(key.unescaped(), parent: parent)
    }

    /// Finds or makes the step for an array's elements.
    package mutating func elements(_ parent: Path) -> Path {
        if let first = steps[Int(parent)].children.first, steps[Int(first)].name == Self.elementName { return first }
        return define(parent, "[]")
    }

    private static let elementName = [UInt8]("[]".utf8)

    private mutating func append(_ name: [UInt8], parent: Path) -> Path {
        let path = Path(steps.count)
        steps.append(Step(name: name, parent: parent, rule: -1))
        steps[Int(parent)].children.append(path)
        return path
    }

    /// Counts values at a path.
    package mutating func count(_ path: Path, _ disposition: Disposition, _ note: StaticString, _ count: Int = 1) {
        guard count != 0 else { return }
        let step = Int(path)
        let entry =
            steps[step].entries.firstIndex {
                $0.disposition == disposition && $0.note.utf8Start == note.utf8Start
            }
            ?? appendEntry(step, Entry(disposition: disposition, note: note, count: 0))
        steps[step].entries[entry].count += count
        journal.append((step, entry, count))
    }

    private mutating func appendEntry(_ step: Int, _ entry: Entry) -> Int {
        steps[step].entries.append(entry)
        return steps[step].entries.count - 1
    }

    /// Takes back what has been counted since the last ``commit()``.
    package mutating func rollBack() {
        for added in journal { steps[added.step].entries[added.entry].count -= added.count }
        journal.removeAll(keepingCapacity: true)
    }

    /// Ends a record.
    ///
    /// - Returns: What has been counted since the last call, by disposition; `total` is left at 0.
    package mutating func commit() -> Books.Level {
        var level = Books.Level()
        var dropped: [(note: StaticString, count: Int)] = []
        for added in journal {
            let entry = steps[added.step].entries[added.entry]
            switch entry.disposition {
            case .mapped: level.mapped += added.count
            case .moved: level.moved += added.count
            case .kept: level.kept += added.count
            case .rejected: level.rejected += added.count
            case .dropped:
                if let known = dropped.firstIndex(where: { $0.note.utf8Start == entry.note.utf8Start }) {
                    dropped[known].count += added.count
                } else {
                    dropped.append((entry.note, added.count))
                }
            }
        }
        for rule in dropped { level.dropped[rule.note.description, default: 0] += rule.count }
        journal.removeAll(keepingCapacity: true)
        return level
    }

    /// Counts every leaf of a value, each under its own path.
    ///
    /// - Parameters:
    ///   - path: The value's path.
    ///   - view: The record.
    ///   - index: The value's node.
    ///   - disposition: What became of it.
    ///   - note: The target, or the rule.
    ///   - except: Nodes inside it that are counted elsewhere.
    package mutating func count(
        all path: Path,
        _ view: JSONView,
        _ index: Int,
        _ disposition: Disposition,
        _ note: StaticString,
        except: Set<Int> = []
    ) {
        if !except.isEmpty, except.contains(index) { return }
        switch view.kind(index) {
        case .object where !view.isEmpty(index):
            view.forEachMember(index) { key, value in
                count(all: child(path, view.text(key)), view, value, disposition, note, except: except)
            }
        case .array where !view.isEmpty(index):
            let inner = elements(path)
            view.forEachElement(index) { count(all: inner, view, $0, disposition, note, except: except) }
        default:
            count(path, disposition, note)
        }
    }

    /// The path of a node of a record.
    package mutating func path(to node: Int, _ view: JSONView, from root: Path) -> Path {
        var path = root
        var container = view.root
        while container != node {
            let isObject = view.kind(container) == .object
            var child = container + (isObject ? 2 : 1)
            while child < view.next(container), view.next(child) <= node { child = view.next(child) + (isObject ? 1 : 0) }
            guard child <= node else { return path }
            path = isObject ? self.child(path, view.text(child - 1)) : elements(path)
            container = child
        }
        return path
    }

    /// The path in words, from below the generation: `session.user_perspective[].role`.
    package func text(_ path: Path) -> String {
        var names: [[UInt8]] = []
        var step = path
        while step > 0, steps[Int(step)].parent > 0 {
            names.append(steps[Int(step)].name)
            step = steps[Int(step)].parent
        }
        var text = ""
        for name in names.reversed() {
            let word = String(decoding: name, as: UTF8.self)
            if !text.isEmpty, word != "[]" { text += "." }
            text += word
        }
        return text
    }

    /// The counts by generation and path, in an order that depends on nothing but the data.
    package func totals() -> [FieldTotal: Int] {
        var result: [FieldTotal: Int] = [:]
        for generation in steps[0].children {
            let name = String(decoding: steps[Int(generation)].name, as: UTF8.self)
            collect(generation, name, [], into: &result)
        }
        return result
    }

    private func collect(_ path: Path, _ generation: String, _ keys: [String], into result: inout [FieldTotal: Int]) {
        for entry in steps[Int(path)].entries where entry.count > 0 {
            let total = FieldTotal(
                generation: generation,
                path: keys,
                disposition: entry.disposition,
                note: entry.note.description
            )
            result[total, default: 0] += entry.count
        }
        for child in steps[Int(path)].children {
            collect(child, generation, keys + [String(decoding: steps[Int(child)].name, as: UTF8.self)], into: &result)
        }
    }
}

/// One line of the field ledger.
package struct FieldTotal: Hashable, Sendable {
    package var generation: String
    package var path: [String]
    package var disposition: Disposition
    package var note: String
}

extension [UInt8] {
    /// Whether a key is spelled like this name.
    @inline(__always)
    func equals(_ key: TextSlice) -> Bool {
        guard key.form != .escaped else { return self == key.unescaped() }
        guard count == key.count else { return false }
        return withUnsafeBufferPointer { name in
            var index = 0
            while index < key.count {
                if name[index] != key.start[index] { return false }
                index += 1
            }
            return true
        }
    }
}
