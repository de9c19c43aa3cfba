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
    /// Keys that one object's paths may have while counting.
    ///
    /// Larger than ``distinctKeys``, so that whether a report
    /// shows `*` depends on all records together and not on which worker saw which.
    static let workingKeys = 1024

    /// How often one thing became of the values at one path; entries of a path are linked.
    struct Entry {
        let path: Path
        var disposition: Disposition
        var note: StaticString
        /// A rule that has its name from a profile, or -1.
        var reason: Int32 = -1
        var count: Int
        var next: Int32
        /// Where ``FieldLedger/journal`` had it last, if it still is there.
        var place = -1
    }

    /// A node of the tree.
    ///
    /// Children are linked, names lie in one pool: nothing here is reference-counted.
    struct Step {
        var nameStart: Int32
        var nameCount: Int32
        var parent: Path
        var rule: Int16 = -1
        var childCount: Int16 = 0
        var firstChild: Path = -1
        var lastChild: Path = -1
        var nextSibling: Path = -1
        /// The child that the next look-up tries first.
        var guess: Path = -1
        var firstEntry: Int32 = -1
    }

    private(set) var steps: [Step]
    private var names: [UInt8] = []
    var entries: [Entry] = []
    /// Names of rules that only a profile knows.
    private var reasons: [String] = []
    /// What the record at hand has added, so that it can be taken back.
    var journal: [(entry: Int, count: Int)] = []
    /// The same with its paths, for who asks what became of one record; nil if nobody does.
    var trail: [(path: Path, entry: Int, count: Int)]?

    /// Makes an empty ledger.
    package init() {
        steps = [Step(nameStart: 0, nameCount: 0, parent: -1)]
    }

    /// The step above every generation's paths.
    package static var root: Path { 0 }

    /// The rule that a mapper attached to a path, or -1.
    package func rule(_ path: Path) -> Int { Int(steps[Int(path)].rule) }

    /// Finds or makes the step for a literal key.
    package mutating func define(_ parent: Path, _ key: String) -> Path {
        let name = [UInt8](key.utf8)
        var child = steps[Int(parent)].firstChild
        while child >= 0 {
            if self.name(child).elementsEqual(name) { return child }
            child = steps[Int(child)].nextSibling
        }
        return append(name, parent: parent)
    }

    /// Attaches a rule to a path.
    package mutating func attach(rule: Int, to path: Path) { steps[Int(path)].rule = Int16(rule) }

    /// Finds or makes the step for a key.
    package mutating func child(_ parent: Path, _ key: TextSlice) -> Path {
        guard key.form == .plain else {
            // Names are kept without escapes, so this one cannot be compared where it lies.
            let name = key.unescaped()
            return name.withUnsafeBytes { self.child(parent, TextSlice(plain: $0)) }
        }
        // Records of one kind have their keys in one order: the child after the last one is the best guess.
        let guess = steps[Int(parent)].guess
        if guess >= 0, isName(guess, key) {
            steps[Int(parent)].guess = steps[Int(guess)].nextSibling
            return guess
        }
        var child = steps[Int(parent)].firstChild
        while child >= 0 {
            if isName(child, key) {
                steps[Int(parent)].guess = steps[Int(child)].nextSibling
                return child
            }
            child = steps[Int(child)].nextSibling
        }
        if steps[Int(parent)].childCount >= Self.workingKeys { return define(parent, "*") }
        return append(key.unescaped(), parent: parent)
    }

    /// Finds or makes the step for an array's elements.
    package mutating func elements(_ parent: Path) -> Path {
        child(parent, TextSlice(literal: "[]"))
    }

    private func name(_ path: Path) -> ArraySlice<UInt8> {
        let step = steps[Int(path)]
        return names[Int(step.nameStart)..<Int(step.nameStart + step.nameCount)]
    }

    private func isName(_ path: Path, _ key: TextSlice) -> Bool {
        let step = steps[Int(path)]
        guard Int(step.nameCount) == key.count else { return false }
        return names.withUnsafeBufferPointer { pool in
            pool.baseAddress.map { ByteWord.isSame($0 + Int(step.nameStart), key.start, key.count) } ?? true
        }
    }

    private mutating func append(_ name: [UInt8], parent: Path) -> Path {
        let path = Path(steps.count)
        steps.append(Step(nameStart: Int32(names.count), nameCount: Int32(name.count), parent: parent))
        names.append(contentsOf: name)
        let last = steps[Int(parent)].lastChild
        if last >= 0 { steps[Int(last)].nextSibling = path } else { steps[Int(parent)].firstChild = path }
        steps[Int(parent)].lastChild = path
        steps[Int(parent)].childCount += 1
        return path
    }

    private func children(_ path: Path) -> [Path] {
        var result: [Path] = []
        var child = steps[Int(path)].firstChild
        while child >= 0 {
            result.append(child)
            child = steps[Int(child)].nextSibling
        }
        return result
    }

    /// Counts values at a path.
    package mutating func count(_ path: Path, _ disposition: Disposition, _ note: StaticString, _ count: Int = 1) {
        self.count(path, disposition, note, reason: -1, count)
    }

    /// Counts values that a rule of a profile leaves out.
    ///
    /// - Parameters:
    ///   - path: Where they are.
    ///   - reason: What ``define(reason:)`` gave for the rule's name.
    ///   - count: How many there are.
    mutating func count(_ path: Path, droppedFor reason: Int32, _ count: Int = 1) {
        self.count(path, .dropped, "profile", reason: reason, count)
    }

    /// Finds or makes the number of a rule's name.
    mutating func define(reason: String) -> Int32 {
        if let known = reasons.firstIndex(of: reason) { return Int32(known) }
        reasons.append(reason)
        return Int32(reasons.count - 1)
    }

    private mutating func count(
        _ path: Path,
        _ disposition: Disposition,
        _ note: StaticString,
        reason: Int32,
        _ count: Int
    ) {
        guard count != 0 else { return }
        var entry = steps[Int(path)].firstEntry
        while entry >= 0 {
            let known = entries[Int(entry)]
            if known.disposition == disposition, known.note.utf8Start == note.utf8Start, known.reason == reason {
                break
            }
            entry = known.next
        }
        if entry < 0 {
            entry = Int32(entries.count)
            entries.append(
                Entry(
                    path: path,
                    disposition: disposition,
                    note: note,
                    reason: reason,
                    count: 0,
                    next: steps[Int(path)].firstEntry
                )
            )
            steps[Int(path)].firstEntry = entry
        }
        enter(Int(entry), count)
        trail?.append((path, Int(entry), count))
    }

    /// Counts in the record at hand, of which each entry is in the journal once.
    private mutating func enter(_ entry: Int, _ count: Int) {
        entries[entry].count += count
        let place = entries[entry].place
        if place >= 0, place < journal.count, journal[place].entry == entry {
            journal[place].count += count
        } else {
            entries[entry].place = journal.count
            journal.append((entry, count))
        }
    }

    func note(_ entry: Entry) -> String {
        entry.reason < 0 ? entry.note.description : reasons[Int(entry.reason)]
    }

    /// Takes back what has been counted since the last ``commit()``.
    package mutating func rollBack() {
        for added in journal { entries[added.entry].count -= added.count }
        journal.removeAll(keepingCapacity: true)
        trail?.removeAll(keepingCapacity: true)
    }

    /// Ends a record.
    ///
    /// - Returns: What has been counted since the last call, by disposition; `total` is left at 0.
    package mutating func commit() -> Books.Level {
        var level = Books.Level()
        var dropped: [(entry: Entry, count: Int)] = []
        for added in journal {
            let entry = entries[added.entry]
            switch entry.disposition {
            case .mapped: level.mapped += added.count
            case .moved: level.moved += added.count
            case .kept: level.kept += added.count
            case .rejected: level.rejected += added.count
            case .dropped:
                let known = dropped.firstIndex {
                    $0.entry.note.utf8Start == entry.note.utf8Start && $0.entry.reason == entry.reason
                }
                if let known { dropped[known].count += added.count } else { dropped.append((entry, added.count)) }
            }
        }
        for rule in dropped { level.dropped[note(rule.entry), default: 0] += rule.count }
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
            while child < view.next(container), view.next(child) <= node {
                child = view.next(child) + (isObject ? 1 : 0)
            }
            guard child <= node else { return path }
            path = isObject ? self.child(path, view.text(child - 1)) : elements(path)
            container = child
        }
        return path
    }

    /// The path in words, from below the generation: `session.user_perspective[].role`.
    package func text(_ path: Path) -> String {
        var words: [String] = []
        var step = path
        while step > 0, steps[Int(step)].parent > 0 {
            words.append(String(decoding: name(step), as: UTF8.self))
            step = steps[Int(step)].parent
        }
        return words.reversed().reduce(into: "") { text, word in
            if !text.isEmpty, word != "[]" { text += "." }
            text += word
        }
    }

    /// The counts by generation and path.
    package func totals() -> [FieldTotal: Int] {
        var result: [FieldTotal: Int] = [:]
        for generation in children(Self.root) {
            collect(generation, String(decoding: name(generation), as: UTF8.self), [], into: &result)
        }
        return result
    }

    private func collect(_ path: Path, _ generation: String, _ keys: [String], into result: inout [FieldTotal: Int]) {
        var entry = steps[Int(path)].firstEntry
        while entry >= 0 {
            let known = entries[Int(entry)]
            if known.count > 0 {
                let total = FieldTotal(
                    generation: generation,
                    path: keys,
                    disposition: known.disposition,
                    note: note(known)
                )
                result[total, default: 0] += known.count
            }
            entry = known.next
        }
        for child in children(path) {
            collect(child, generation, keys + [String(decoding: name(child), as: UTF8.self)], into: &result)
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
