// Two JSON values side by side, member by member and element by element.

internal import InteractionModel

/// Goes through two values once, and notes what differs and how the one becomes the other.
struct TreeComparison: ~Copyable {
    private typealias Change = InteractionDifference.Change

    private let old: JSONView
    private let new: JSONView
    private var writer: DiscreetWriter
    /// Whether what is the same is noted too.
    private let keepsSame: Bool
    /// The operations of a JSON Patch, with a comma after each; nothing unless asked for.
    private(set) var operations = OutputBuffer(capacity: 256)
    private let writesPatch: Bool
    /// What differs, in the order of the new value.
    private(set) var changes: [InteractionDifference.Change] = []
    /// Whether anything differs.
    private(set) var isDifferent = false

    /// Prepares to compare.
    ///
    /// Safety: both views must be valid as long as this value is used.
    init(_ old: JSONView, _ new: JSONView, _ manner: DiffOptions) {
        self.old = old
        self.new = new
        writer = DiscreetWriter(showsContent: manner.showsContent)
        keepsSame = manner.keepsSame
        writesPatch = manner.writesPatch
    }

    /// Compares two values.
    ///
    /// - Parameters:
    ///   - before: The old value's node.
    ///   - after: The new value's node.
    ///   - place: Where they are.
    mutating func compare(_ before: Int, _ after: Int, at place: PathText = PathText()) {
        switch (old.kind(before), new.kind(after)) {
        case _ where isSpelledTheSame(before, after): noteSame(after, at: place)
        case (.object, .object): compareMembers(before, after, at: place)
        case (.array, .array): compareElements(before, after, at: place)
        case (.string, .string) where old.text(before).equals(new.text(after)): noteSame(after, at: place)
        case (.number, .number) where Decimal.isSame(old.bytes(before), new.bytes(after)):
            noteSame(after, at: place)
            // No difference, but a patch gives the new Interaction as it is written.
            patch("replace", at: place.pointer, value: after)
        default:
            let cause = ChangeCause.words(old, before, new, after, at: place.pattern)
            note(.changed, before, after, at: place, cause: cause)
            patch("replace", at: place.pointer, value: after)
        }
    }

    private func isSpelledTheSame(_ before: Int, _ after: Int) -> Bool {
        guard old.kind(before) == new.kind(after) else { return false }
        return old.bytes(before).holdsSame(as: new.bytes(after))
    }

    // MARK: Objects

    private mutating func compareMembers(_ before: Int, _ after: Int, at place: PathText) {
        // An envelope's own paths end where its payload begins.
        let isEnvelope = place.pointer.isEmpty && new.member(after, "headers") != nil
        var known = MemberIndex(new, after)
        var key = before + 1
        while key < old.next(before) {
            let value = key + 1
            if !old[key].flags.contains(.superseded) {
                let name = old.text(key)
                let inner = place.member(name, isPayload: isEnvelope && name.equals("payload"))
                if let counterpart = known.take(name) {
                    compare(value, counterpart, at: inner)
                } else {
                    note(.removed, value, nil, at: inner)
                    patch("remove", at: inner.pointer)
                }
            }
            key = old.next(value)
        }
        for key in known.rest {
            let name = new.text(key)
            let inner = place.member(name, isPayload: isEnvelope && name.equals("payload"))
            note(.added, nil, key + 1, at: inner)
            patch("add", at: inner.pointer, value: key + 1)
        }
    }

    // MARK: Arrays

    private mutating func compareElements(_ before: Int, _ after: Int, at place: PathText) {
        let meaning = ArrayMeaning(at: place.pattern)
        let alignment = ArrayAlignment(meaning, old, before, new, after)
        let staying = alignment.staying()
        if writesPatch { patchOrder(alignment, staying, at: place) }
        var removed = alignment.removed[...]
        for (position, element) in alignment.new.enumerated() {
            let inner = place.element(position)
            guard let origin = alignment.origins[position] else {
                note(.added, nil, element, at: inner)
                continue
            }
            let isStaying = staying.contains(position)
            // What is gone is shown where it was.
            while isStaying, let gone = removed.first, gone < origin {
                note(.removed, alignment.old[gone], nil, at: place.element(gone))
                removed.removeFirst()
            }
            if !isStaying, meaning.isOrdered {
                note(.moved, alignment.old[origin], element, at: inner, from: place.element(origin).path)
            }
            compare(alignment.old[origin], element, at: inner)
        }
        for gone in removed { note(.removed, alignment.old[gone], nil, at: place.element(gone)) }
    }

    /// Writes what puts the elements in the new order; what is inside them follows.
    ///
    /// Also where the order says nothing, so that the patch gives the new Interaction exactly.
    private mutating func patchOrder(_ alignment: ArrayAlignment, _ staying: Set<Int>, at place: PathText) {
        // What the array holds after each operation, as positions in the old array; new elements count down from -1.
        var current = Array(alignment.old.indices)
        for gone in alignment.removed.reversed() {
            patch("remove", at: place.element(gone).pointer)
            current.remove(at: gone)
        }
        var previous: Int?
        for (position, element) in alignment.new.enumerated() {
            let mark = alignment.origins[position] ?? -1 - position
            defer { previous = mark }
            if staying.contains(position) { continue }
            var target = previous.flatMap { current.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
            if mark < 0 {
                patch("add", at: place.element(target).pointer, value: element)
            } else if let from = current.firstIndex(of: mark) {
                current.remove(at: from)
                if from < target { target -= 1 }
                if from != target {
                    patch("move", at: place.element(target).pointer, from: place.element(from).pointer)
                }
            }
            current.insert(mark, at: target)
        }
    }

    // MARK: Notes

    private mutating func noteSame(_ node: Int, at place: PathText) {
        guard keepsSame else { return }
        let value = writer.json(new, node, at: place.pattern)
        changes.append(Change(kind: .same, path: place.path, pattern: place.pattern, old: value, new: value))
    }

    private mutating func note(
        _ kind: InteractionDifference.Change.Kind,
        _ before: Int?,
        _ after: Int?,
        at place: PathText,
        from oldPath: String? = nil,
        cause: String? = nil
    ) {
        isDifferent = true
        let before = before.map { writer.json(old, $0, at: place.pattern) }
        let after = after.map { writer.json(new, $0, at: place.pattern) }
        changes.append(
            Change(
                kind: kind,
                path: place.path,
                oldPath: oldPath,
                pattern: place.pattern,
                old: before,
                new: after,
                cause: cause
            )
        )
    }

    private mutating func patch(_ name: StaticString, at path: [UInt8], from: [UInt8]? = nil, value: Int? = nil) {
        guard writesPatch else { return }
        operations.append("{\"op\":\"")
        operations.append(name)
        if let from {
            operations.append("\",\"from\":\"")
            operations.append(from)
        }
        operations.append("\",\"path\":\"")
        operations.append(path)
        operations.append("\"")
        if let value {
            operations.append(",\"value\":")
            operations.append(value: new, value)
        }
        operations.append("},")
    }
}

/// The members of an object that have not been asked for yet.
private struct MemberIndex {
    private let view: JSONView
    private var keys: [Int] = []
    /// Keys by name, for objects that are too large to be searched.
    private var byName: [[UInt8]: Int] = [:]
    private var taken: Set<Int> = []
    private var guess = 0

    init(_ view: JSONView, _ object: Int) {
        self.view = view
        var found: [Int] = []
        view.forEachMember(object) { key, _ in found.append(key) }
        keys = found
        if keys.count > 32 {
            for key in keys { byName[view.text(key).unescaped()] = key }
        }
    }

    /// The value of a member; it counts as asked for.
    mutating func take(_ name: TextSlice) -> Int? {
        guard let key = byName.isEmpty ? search(name) : byName[name.unescaped()] else { return nil }
        taken.insert(key)
        return key + 1
    }

    private mutating func search(_ name: TextSlice) -> Int? {
        // Objects of one kind mostly have their members in one order.
        for step in keys.indices {
            let index = (guess + step) % keys.count
            guard view.text(keys[index]).equals(name) else { continue }
            guess = index + 1
            return keys[index]
        }
        return nil
    }

    /// The keys of the members that nobody asked for, in order.
    var rest: [Int] { keys.filter { !taken.contains($0) } }
}
