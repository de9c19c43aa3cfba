// What became of the values of one record, path by path.

/// What became of some of the values at one path of a record.
package struct FieldFate: Hashable, Sendable {
    /// The path without positions, from below the generation.
    package var path: String
    package var disposition: Disposition
    /// The target, or the rule.
    package var note: String
    /// How many values.
    package var count: Int
}

extension FieldLedger {
    /// Gives what has been counted since the last call, in the order of the counting.
    ///
    /// - Returns: Nothing unless ``trail`` is kept.
    mutating func takeTrail() -> [FieldFate] {
        guard let steps = trail else { return [] }
        trail = []
        var fates: [FieldFate] = []
        var positions: [FieldFate: Int] = [:]
        for step in steps {
            let entry = entries[step.entry]
            var fate = FieldFate(path: text(step.path), disposition: entry.disposition, note: note(entry), count: 0)
            let position = positions[fate] ?? fates.count
            positions[fate] = position
            if position == fates.count { fates.append(fate) }
            fate = fates[position]
            fate.count += step.count
            fates[position] = fate
        }
        // What was decided first and taken back is no fate.
        return fates.filter { $0.count > 0 }
    }

    /// Gives what a record whose counts were turned has come to, before it is committed.
    ///
    /// - Returns: Nothing unless ``trail`` is kept.
    mutating func takeTurnedTrail() -> [FieldFate] {
        guard trail != nil else { return [] }
        trail = journal.map { (entries[$0.entry].path, $0.entry, $0.count) }
        return takeTrail()
    }
}
