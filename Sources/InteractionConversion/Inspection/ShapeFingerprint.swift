// One number for the structure of a record: which paths there are, and what kind of value is at each.

internal import InteractionModel

/// Computes the fingerprints of structures.
struct ShapeFingerprint {
    private let hash = KeyHash(seed: 0x5348_4150_4553)
    /// What the record at hand has shown inside its arrays, where elements repeat each other.
    private var seen = NumberSet()
    /// Whether keys that differ in their digits only are the same.
    private let ignoresDigits: Bool

    init(ignoresDigits: Bool = false) { self.ignoresDigits = ignoresDigits }

    /// A sum over everything that is there once, in whatever order.
    ///
    /// - Parameters:
    ///   - view: The record.
    ///   - isRow: Whether it is a row of a table, in which an empty cell is nothing.
    /// - Returns: Equal numbers for equal structures, and hardly ever for others.
    mutating func of(_ view: JSONView, isRow: Bool) -> UInt64 {
        seen.removeAll()
        return of(view, view.root, at: KeyHash.first, isRow: isRow, isRepeated: false)
    }

    private mutating func of(
        _ view: JSONView,
        _ node: Int,
        at path: UInt64,
        isRow: Bool,
        isRepeated: Bool
    ) -> UInt64 {
        let kind = view.kind(node)
        if isRow, kind == .string, view.bytes(node).isEmpty { return 0 }
        var sum = Self.mix(path, RecordStructure.Kind(kind).rawValue)
        if isRepeated, !seen.insert(sum) { sum = 0 }
        let end = view.next(node)
        var inner = node + 1
        if kind == .object {
            while inner < end {
                let value = inner + 1
                if !view[inner].flags.contains(.superseded) {
                    let path = Self.mix(path, key(view.bytes(inner)))
                    sum &+= of(view, value, at: path, isRow: isRow, isRepeated: isRepeated)
                }
                inner = view.next(value)
            }
        } else if kind == .array {
            let path = Self.mix(path, KeyHash.second)
            while inner < end {
                sum &+= of(view, inner, at: path, isRow: isRow, isRepeated: true)
                inner = view.next(inner)
            }
        }
        return sum
    }

    private func key(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard ignoresDigits, bytes.contains(where: { (0x30...0x39).contains($0) }) else { return hash(bytes) }
        return bytes.filter { !(0x30...0x39).contains($0) }.withUnsafeBytes { hash($0) }
    }

    static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = (left ^ right &* KeyHash.second).multipliedFullWidth(by: KeyHash.first ^ right)
        return product.high ^ product.low
    }
}

/// Numbers that were met, emptied at no cost.
private struct NumberSet {
    private var numbers: [UInt64] = Array(repeating: 0, count: 64)
    /// In which round each place was filled.
    private var rounds: [UInt64] = Array(repeating: 0, count: 64)
    private var round: UInt64 = 1
    private var count = 0

    mutating func removeAll() {
        round += 1
        count = 0
    }

    /// Adds a number.
    ///
    /// - Returns: Whether it is new.
    mutating func insert(_ number: UInt64) -> Bool {
        if count * 2 > numbers.count { grow() }
        var place = Int(truncatingIfNeeded: number) & (numbers.count - 1)
        while rounds[place] == round {
            if numbers[place] == number { return false }
            place = (place + 1) & (numbers.count - 1)
        }
        numbers[place] = number
        rounds[place] = round
        count += 1
        return true
    }

    private mutating func grow() {
        let old = zip(numbers, rounds).filter { $0.1 == round }.map(\.0)
        numbers = Array(repeating: 0, count: numbers.count * 2)
        rounds = Array(repeating: 0, count: numbers.count)
        count = 0
        for number in old { _ = insert(number) }
    }
}
