// The patterns of the schema, each by a matcher of its own instead of an engine for regular expressions.

/// A pattern that the schema uses.
enum SchemaPattern: Sendable, CaseIterable {
    /// A UUID of version 7, in either letter case.
    case uuidV7
    /// Date, time and zone by shape alone: no calendar, no fraction or three digits of it, capital `T` and `Z`.
    case wireDateTime

    /// The pattern as the schema spells it.
    ///
    /// Its last five characters keep engines whose `$` also matches before a final line feed from doing so.
    var text: String {
        switch self {
        case .uuidV7:
            #"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$(?!\n)"#
        case .wireDateTime:
            #"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?(Z|[+-][0-9]{2}:[0-9]{2})$(?!\n)"#
        }
    }

    /// What the pattern is for, for people.
    var expectation: String {
        switch self {
        case .uuidV7: "a UUID of version 7"
        case .wireDateTime: "a time such as 2024-05-06T17:40:19.123Z"
        }
    }

    /// Finds the matcher of a pattern.
    ///
    /// - Parameter text: The pattern as a schema spells it.
    init?(text: String) {
        guard let known = Self.allCases.first(where: { $0.text == text }) else { return nil }
        self = known
    }

    /// Whether a whole text is of this form.
    ///
    /// - Parameter text: The text, escaped or not.
    /// - Returns: The verdict of the pattern.
    func matches(_ text: TextSlice) -> Bool {
        if text.form == .plain { return matches(text.bytes) }
        return text.unescaped().withUnsafeBytes { matches($0) }
    }

    private func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .uuidV7: UUIDValue.isV7(text)
        case .wireDateTime: Self.isWireDateTime(text)
        }
    }

    private static func isWireDateTime(_ text: UnsafeRawBufferPointer) -> Bool {
        guard follows("0000-00-00T00:00:00", text, at: 0) else { return false }
        let zone = follows(".000", text, at: 19) ? 23 : 19
        switch text.count - zone {
        case 1: return follows("Z", text, at: zone)
        case 6: return follows("+00:00", text, at: zone) || follows("-00:00", text, at: zone)
        default: return false
        }
    }

    /// Whether a text goes on like a shape, in which `0` stands for any digit.
    private static func follows(_ shape: StaticString, _ text: UnsafeRawBufferPointer, at start: Int) -> Bool {
        let count = shape.utf8CodeUnitCount
        guard text.count >= start + count else { return false }
        for index in 0..<count {
            // Safety: `index` is inside the literal.
            let wanted = shape.utf8Start[index]
            let found = text[start + index]
            if wanted == UInt8(ascii: "0") {
                guard found &- UInt8(ascii: "0") <= 9 else { return false }
            } else {
                guard found == wanted else { return false }
            }
        }
        return true
    }
}
