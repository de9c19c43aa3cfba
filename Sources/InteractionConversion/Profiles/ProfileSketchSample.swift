// What the first records of a sample hold, field by field.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// The decoded beginning of a sample.
struct SketchSample {
    /// How much of an input is looked at.
    static let size = 4 << 20
    private static let largestFieldCount = 512
    private static let largestDepth = 8

    let kind: Profile.Kind
    let structure: SketchStructure
    private(set) var recordCount = 0
    private(set) var messageCount = 0
    /// The fields of a message, and those of what surrounds it.
    private(set) var inner: [SketchField] = []
    private(set) var outer: [SketchField] = []

    private var innerIndex: [[String]: Int] = [:]
    private var outerIndex: [[String]: Int] = [:]

    /// Decodes the beginning of an input.
    ///
    /// - Parameters:
    ///   - head: The first bytes.
    ///   - isWhole: Whether they are all.
    ///   - encoding: What the bytes have been converted to; nil if they are as stored.
    init?(_ head: [UInt8], isWhole: Bool, encoding: String?) {
        guard let skeleton = head.withUnsafeBytes({ FormatDetector.skeleton(of: $0) }) else { return nil }
        kind = Profile.Kind(skeleton.kind)
        structure = SketchStructure(skeleton, kind, isWhole: isWhole && head.count <= Skeleton.headSize)
        guard var decoder = Self.decoder(kind, at: structure.at(kind), encoding) else { return nil }
        var builder = DecodedBatchBuilder()
        head.withUnsafeBytes { decoder.decode($0, isFinal: isWhole, into: &builder) }
        let batch = builder.seal()
        var context: Int?
        for record in batch.records {
            recordCount += 1
            let view = batch.view(of: record)
            if structure.each == nil { messageCount += 1 }
            walk(view, view.root, [])
            if record.context != context, let around = batch.context(of: record) { walk(around, around.root, up: 1) }
            context = record.context
        }
    }

    private static func decoder(_ kind: Profile.Kind, at: String, _ encoding: String?) -> AnyRecordDecoder? {
        switch kind {
        case .json: (try? JSONRecordPath(at)).map { .json(JSONRecordDecoder(path: $0, largestRecord: size)) }
        case .csv: .delimited(DelimitedDecoder(dialect: DelimitedDialect(), largestRecord: size))
        case .xml:
            (try? MarkupPath(at)).map {
                .markup(MarkupDecoder(path: $0, markup: [], encoding: encoding, largestRecord: size))
            }
        }
    }

    /// Takes the fields of a value of the record.
    private mutating func walk(_ view: JSONView, _ node: Int, _ names: [String]) {
        guard names.count <= Self.largestDepth else { return }
        switch view.kind(node) {
        case .object:
            if names == structure.each { messageCount += 1 }
            view.forEachMember(node) { key, value in walk(view, value, names + [view.text(key).string]) }
        case .array: view.forEachElement(node) { walk(view, $0, names + [SketchField.element]) }
        case .string: add(view.text(node).string, at: names)
        case .null: break
        case .number, .true, .false: add(String(decoding: view.bytes(node), as: UTF8.self), at: names)
        }
    }

    /// Takes the fields of what surrounds the record.
    private mutating func walk(_ view: JSONView, _ node: Int, up: Int) {
        guard up <= 3 else { return }
        view.forEachMember(node) { key, value in
            let name = view.text(key).string
            switch view.kind(value) {
            case .object where name == "^": walk(view, value, up: up + 1)
            case .string: addOuter(view.text(value).string, [name], up: up)
            case .number: addOuter(String(decoding: view.bytes(value), as: UTF8.self), [name], up: up)
            default: break
            }
        }
    }

    private mutating func add(_ value: String, at names: [String]) {
        guard let each = structure.each else { return addInner(value, names) }
        if names.starts(with: each) {
            addInner(value, Array(names.dropFirst(each.count)))
        } else {
            addOuter(value, names, up: 0)
        }
    }

    private mutating func addInner(_ value: String, _ names: [String]) {
        // A message that is a bare text stands for itself.
        let names = names.isEmpty ? ["#text"] : Self.settled(names)
        let next = inner.count < Self.largestFieldCount ? inner.count : nil
        guard let index = innerIndex[names] ?? next else { return }
        if index == inner.count {
            inner.append(SketchField(names))
            innerIndex[names] = index
        }
        inner[index].add(value)
    }

    private mutating func addOuter(_ value: String, _ names: [String], up: Int) {
        let names = Self.settled(names)
        let key = Array(repeating: "^", count: up) + names
        let next = outer.count < Self.largestFieldCount ? outer.count : nil
        guard let index = outerIndex[key] ?? next else { return }
        if index == outer.count {
            outer.append(SketchField(names))
            outer[index].up = up
            outerIndex[key] = index
        }
        outer[index].add(value)
    }

    /// An element's own text is called like the element, whether it has attributes or not.
    private static func settled(_ names: [String]) -> [String] {
        names.count > 1 && names.last == "#text" ? Array(names.dropLast()) : names
    }
}
