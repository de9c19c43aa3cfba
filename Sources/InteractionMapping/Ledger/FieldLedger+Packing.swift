// What a record has counted, packed so that it can travel with the record's fragment and be taken back later.

internal import InteractionModel

extension FieldLedger {
    /// Ends a record as ``commit()`` does, and packs what it counted so that it can be taken back later.
    ///
    /// - Parameter out: Receives pairs of entry number and count, eight bytes a pair.
    /// - Returns: What has been counted since the last call, by disposition.
    mutating func pack(into out: inout OutputBuffer) -> Books.Level {
        for added in journal {
            out.reserve(8)
            let pair = UnsafeMutableRawPointer(out.base + out.count)
            pair.storeBytes(of: UInt32(truncatingIfNeeded: added.entry), as: UInt32.self)
            pair.storeBytes(of: Int32(truncatingIfNeeded: added.count), toByteOffset: 4, as: Int32.self)
            out.count += 8
        }
        return commit()
    }

    /// Counts again what ``pack(into:)`` packed.
    mutating func repeatPacked(_ packed: [UInt8], times: Int) {
        packed.withUnsafeBytes { bytes in
            for at in stride(from: 0, to: bytes.count, by: 8) {
                let entry = Int(bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
                entries[entry].count += Int(bytes.loadUnaligned(fromByteOffset: at + 4, as: Int32.self)) * times
            }
        }
    }

    /// Adds what ``pack(into:)`` packed to counts by entry number.
    static func add(_ packed: UnsafeRawBufferPointer, to counts: inout [Int: Int]) {
        for at in stride(from: 0, to: packed.count, by: 8) {
            let entry = Int(packed.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            counts[entry, default: 0] += Int(packed.loadUnaligned(fromByteOffset: at + 4, as: Int32.self))
        }
    }

    /// How many values ``pack(into:)`` packed.
    static func total(_ packed: UnsafeRawBufferPointer) -> Int {
        stride(from: 0, to: packed.count, by: 8).reduce(0) {
            $0 + Int(packed.loadUnaligned(fromByteOffset: $1 + 4, as: Int32.self))
        }
    }

    /// Books otherwise what records had counted that turned out to be of no use.
    ///
    /// - Parameters:
    ///   - counts: How much of each entry, by its number.
    ///   - reason: As what.
    /// - Returns: What changes in the books; the total does not.
    mutating func rebookPacked(_ counts: [Int: Int], as reason: Rebooking) -> Books.Level {
        for (entry, count) in counts { journal.append((entry, -count)) }
        var change = commit()
        for (entry, count) in counts {
            entries[entry].count -= count
            if reason == .rejected { change.rejected += count }
            if reason != .rejected { change.dropped[reason.rule.description, default: 0] += count }
        }
        for (entry, count) in counts.sorted(by: { $0.key < $1.key }) {
            self.count(entries[entry].path, reason.disposition, reason.rule, count)
        }
        journal.removeAll(keepingCapacity: true)
        return change
    }
}
