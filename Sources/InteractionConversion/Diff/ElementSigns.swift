// Hashes by which an element of an array is known again.

internal import InteractionModel

/// Members that tell an element from its neighbours.
struct ElementSigns {
    private let members: [StaticString]

    /// Members that all have to be there and to agree.
    init(_ members: StaticString...) { self.members = members }

    /// The whole element.
    static let whole = ElementSigns()

    /// The hash of an element's signs; nil if one of them is missing or blank.
    func hash(_ view: JSONView, _ node: Int) -> UInt64? {
        guard !members.isEmpty else { return Self.hash(all: view, node) }
        var result = KeyHash.first
        for member in members {
            guard let value = view.member(node, member), let sign = Self.sign(view, value) else { return nil }
            result = KeyHash.fold(result ^ sign, KeyHash.second)
        }
        return result
    }

    /// The hash of the place after which an element stands, and of some of its members, there or not.
    static func inGap(_ gap: Int, _ members: [StaticString], _ view: JSONView, _ node: Int) -> UInt64 {
        var result = KeyHash.fold(UInt64(bitPattern: Int64(gap)) ^ KeyHash.first, KeyHash.second)
        let kind = view.kind(node)
        result ^= kind == .object ? 1 : kind == .array ? 2 : 0
        for member in members {
            let sign = view.member(node, member).map { hash(all: view, $0) } ?? 0
            result = KeyHash.fold(result ^ sign, KeyHash.second) &+ 1
        }
        return result
    }

    /// A text or number that is there; times by the instant, however they are written.
    private static func sign(_ view: JSONView, _ value: Int) -> UInt64? {
        switch view.kind(value) {
        case .string:
            let text = view.text(value)
            guard !text.isBlank else { return nil }
            if let instant = Instant.rfc3339(text.bytes) {
                return KeyHash.fold(UInt64(bitPattern: instant.seconds) ^ KeyHash.first, instant.attoseconds | 1)
            }
            return hash(all: view, value)
        case .number, .true, .false: return hash(all: view, value)
        default: return nil
        }
    }

    /// The hash of a value, whatever the order and spelling of its members.
    static func hash(all view: JSONView, _ node: Int) -> UInt64 {
        let kind = UInt64(view.kind(node).rawValue)
        switch view.kind(node) {
        case .string: return KeyHash(seed: kind)(text: view.text(node))
        case .object:
            var sum: UInt64 = kind
            view.forEachMember(node) { key, value in
                let name = KeyHash(seed: KeyHash.first)(text: view.text(key))
                sum &+= KeyHash.fold(name ^ KeyHash.second, hash(all: view, value) | 1)
            }
            return sum
        case .array:
            var result = kind
            view.forEachElement(node) { element in
                result = KeyHash.fold(result ^ hash(all: view, element), KeyHash.second) &+ 1
            }
            return result
        default: return KeyHash(seed: kind)(view.bytes(node))
        }
    }
}

extension KeyHash {
    /// The hash of a text, however it is escaped.
    func callAsFunction(text: TextSlice) -> UInt64 {
        guard text.form != .plain else { return self(text.bytes) }
        return text.unescaped().withUnsafeBytes { self($0) }
    }
}
