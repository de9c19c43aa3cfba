// Which structures records have, and how many records have each.

internal import InteractionModel

/// Records of one structure.
public struct RecordShape: Sendable, Hashable {
    /// Such as `{id: number, messages: [{text: text}]}`.
    public var structure: String
    /// How many records have it.
    public var records: Int
    /// The first of them as JSON: keys as they are, letters as `x` and digits as `9` unless content is shown.
    public var example: String
}

/// Counts records by their structure: which paths there are, and what kind of value is at each.
struct ShapeCounter {
    /// As many structures as are told apart; records that use data as keys have one each.
    static let largestCount = 256

    /// Structures in order of appearance.
    private(set) var shapes: [RecordShape] = []
    /// Records of structures beyond ``largestCount``.
    private(set) var otherRecords = 0
    private let showsContent: Bool
    private let hash = KeyHash(seed: 0x5348_4150_4553)
    private var index: [UInt64: Int] = [:]
    /// What the record at hand has shown inside its arrays, where elements repeat each other.
    private var seen = NumberSet()

    init(showsContent: Bool) { self.showsContent = showsContent }

    /// Counts a record.
    ///
    /// - Parameters:
    ///   - view: The record.
    ///   - isRow: Whether it is a row of a table, in which an empty cell is nothing.
    mutating func add(_ view: JSONView, isRow: Bool) {
        seen.removeAll()
        let print = fingerprint(view, view.root, at: KeyHash.first, isRow: isRow, isRepeated: false)
        if let known = index[print] {
            shapes[known].records += 1
        } else if shapes.count < Self.largestCount {
            index[print] = shapes.count
            let structure = RecordStructure(view, isRow: isRow).text
            let example = RecordExample(view, isRow: isRow, isMasked: !showsContent).text
            shapes.append(RecordShape(structure: structure, records: 1, example: example))
        } else {
            otherRecords += 1
        }
    }

    /// A sum over everything that is there once, in whatever order.
    private mutating func fingerprint(
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
                    let path = Self.mix(path, hash(view.bytes(inner)))
                    sum &+= fingerprint(view, value, at: path, isRow: isRow, isRepeated: isRepeated)
                }
                inner = view.next(value)
            }
        } else if kind == .array {
            let path = Self.mix(path, KeyHash.second)
            while inner < end {
                sum &+= fingerprint(view, inner, at: path, isRow: isRow, isRepeated: true)
                inner = view.next(inner)
            }
        }
        return sum
    }

    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
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
