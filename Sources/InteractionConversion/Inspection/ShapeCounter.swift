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
    private var fingerprint = ShapeFingerprint()
    private var index: [UInt64: Int] = [:]

    init(showsContent: Bool) { self.showsContent = showsContent }

    /// Counts a record.
    ///
    /// - Parameters:
    ///   - view: The record.
    ///   - isRow: Whether it is a row of a table, in which an empty cell is nothing.
    mutating func add(_ view: JSONView, isRow: Bool) {
        let print = fingerprint.of(view, isRow: isRow)
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
}
