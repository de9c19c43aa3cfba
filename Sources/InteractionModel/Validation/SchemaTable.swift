// The compiled form of the embedded schema: flat arrays of trivial values, shared by every thread.

/// The rules of a schema, merged so that each value of a message is looked at once.
///
/// All that a JSON Schema says about one value, through `$ref` and `allOf`, is one rule here. The same payload is
/// described three times over in the contract, and would be checked three times otherwise.
struct SchemaTable: Sendable {
    var rules: [SchemaRule] = []
    var properties: [SchemaProperty] = []
    var textRules: [SchemaTextRule] = []
    var branches: [SchemaBranch] = []
    /// The rules that branches refer to.
    var branchRules: [Int] = []
    /// The texts that enumerations refer to.
    var literals: [SchemaName] = []
    /// The UTF-8 of all names and literals, each filled up with zeros to a multiple of eight.
    var names: [UInt8] = []
    /// The rule of each definition that can be asked for.
    var entries: [InteractionSchema.Definition: Int] = [:]
}

/// What a schema asks of one value; every part that does not fit the value's kind is without effect.
struct SchemaRule: Sendable {
    /// The kinds allowed, one bit each.
    var kinds = SchemaKinds.all
    /// The bits of the properties that must be there.
    var required: UInt64 = 0
    /// Into `SchemaTable.properties`.
    var properties = 0..<0
    /// The rule of an array's elements.
    var items: Int?
    /// Elements that an array has at least.
    var minItems = 0
    /// Code points that a text has at least.
    var minLength = 0
    /// Into `SchemaTable.textRules`.
    var textRules = 0..<0
    /// Into `SchemaTable.branches`.
    var branches = 0..<0
}

/// A set of JSON kinds.
struct SchemaKinds: OptionSet, Sendable {
    let rawValue: UInt8

    static let all = SchemaKinds(rawValue: 0x7F)
    static let boolean = SchemaKinds([SchemaKinds(.true), SchemaKinds(.false)])

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init(_ kind: JSONKind) {
        rawValue = 1 &<< kind.rawValue
    }

    /// The kinds that a `type` keyword names, or nil for a name that the contract does not use.
    init?(typeName: String) {
        switch typeName {
        case "object": self.init(.object)
        case "array": self.init(.array)
        case "string": self.init(.string)
        case "number": self.init(.number)
        case "boolean": self = .boolean
        case "null": self.init(.null)
        default: return nil
        }
    }
}

/// A named member of an object.
struct SchemaProperty: Sendable {
    var name: SchemaName
    /// The rule of its value; nil when it only has to be there.
    var rule: Int?
    /// Its bit in `SchemaRule.required`; 0 when it may be absent.
    var requiredBit: UInt64 = 0
}

/// What is asked of a text.
enum SchemaTextRule: Sendable {
    /// One of some literals, as a range of `SchemaTable.literals`.
    case literals(Range<Int>)
    case pattern(SchemaPattern)
}

/// Alternatives, as a range of `SchemaTable.branchRules`.
struct SchemaBranch: Sendable {
    enum Mode: Sendable {
        case any
        case exactlyOne
        /// Two rules: where the first accepts, the second must.
        case conditional
    }

    var mode: Mode
    var rules: Range<Int>
}

/// A text of the schema, as a place in `SchemaTable.names`.
struct SchemaName: Sendable {
    var offset: Int
    var count: Int
}

extension SchemaTable {
    /// Stores a text.
    ///
    /// - Parameter text: The UTF-8 of a name or a literal.
    /// - Returns: Where it is.
    mutating func intern(_ text: [UInt8]) -> SchemaName {
        let name = SchemaName(offset: names.count, count: text.count)
        names += text
        names += repeatElement(0, count: (8 - text.count % 8) % 8)
        return name
    }

    /// A stored text, for people.
    func string(_ name: SchemaName) -> String {
        String(decoding: names[name.offset..<(name.offset + name.count)], as: UTF8.self)
    }

    /// Whether a text of the message is a stored one, by value.
    ///
    /// - Parameters:
    ///   - name: The stored text; none holds a character that JSON would have to escape.
    ///   - text: A text from a tape, whose source is padded.
    /// - Returns: Whether both are the same text.
    @inline(__always)
    func matches(_ name: SchemaName, _ text: TextSlice) -> Bool {
        if text.form == .escaped { return matchesEscaped(name, text) }
        guard text.count == name.count else { return false }
        return names.withUnsafeBytes { stored in
            var index = 0
            while index < name.count {
                // Safety: stored names are filled up to whole words, and the scanner's padding follows the text.
                let difference =
                    UnsafeRawPointer(text.start + index).loadUnaligned(as: UInt64.self)
                    ^ stored.loadUnaligned(fromByteOffset: name.offset &+ index, as: UInt64.self)
                let left = name.count &- index
                if UInt64(littleEndian: difference) &<< (left < 8 ? 64 &- left &* 8 : 0) != 0 { return false }
                index &+= 8
            }
            return true
        }
    }

    /// Compares with a text in another spelling, without a copy of it.
    private func matchesEscaped(_ name: SchemaName, _ text: TextSlice) -> Bool {
        var at = 0
        var index = name.offset
        let end = name.offset + name.count
        while at < text.count {
            guard index < end else { return false }
            if text.start[at] == UInt8(ascii: "\\") {
                let (scalar, length) = text.escape(at)
                guard scalar == UInt32(names[index]) else { return false }
                at += length
            } else {
                guard text.start[at] == names[index] else { return false }
                at += 1
            }
            index += 1
        }
        return index == end
    }
}
