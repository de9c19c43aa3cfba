// What is wrong with a profile, and where.

/// One thing wrong, or doubtful, in a profile's YAML.
package struct ProfileFinding: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Severity: String, Sendable, Hashable {
        /// The profile cannot be used.
        case error
        /// The profile does what it says, but hardly what was meant.
        case warning
    }

    package var severity: Severity
    /// The profile's name as it was given.
    package var file: String
    /// From 1.
    package var line: Int
    /// From 1, in characters.
    package var column: Int
    package var message: String
    /// What to do about it.
    package var suggestion: String?

    /// The finding on one line, as compilers write them.
    package var description: String {
        "\(file):\(line):\(column): \(severity.rawValue): \(message)" + (suggestion.map { "; " + $0 } ?? "")
    }
}

/// A place in a YAML text.
struct YAMLPlace: Sendable, Hashable {
    /// From 1.
    var line: Int
    /// From 1, in characters.
    var column: Int
}

/// Something wrong with a YAML text itself.
struct YAMLFault: Error, Sendable, Hashable {
    var place: YAMLPlace
    var message: String
    var suggestion: String?
}
