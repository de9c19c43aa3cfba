// What a profile computes from a record: a handful of pure functions over paths.

/// A value: the first alternative that gives one which is not blank.
struct Expression: Sendable {
    var alternatives: [Alternative]
}

/// One way to a value.
struct Alternative: Sendable {
    enum Source: Sendable {
        case path(ValuePath)
        case constant(String)
        /// Texts put together; those that are absent leave no separator behind.
        case join([Expression], separator: String, isSorted: Bool)
        /// A string, or an array of strings and of objects with a `text`, put together.
        case runs(ValuePath)
        /// The text of each item at a path; those without one leave no separator behind.
        case each([ValuePath], text: Expression, separator: String, isSorted: Bool)
        /// A value out of a side table's row; the row's members are where `get` begins.
        case lookup(table: String, by: Expression, get: Expression)
        /// An object whose members are computed; absent ones are left out.
        case object([(key: String, value: Expression)])
    }

    var source: Source
    var steps: [TextStep] = []
    var condition: Condition?
    /// The rule's number, for coverage.
    var rule: Int
}

/// What happens to a text on its way.
enum TextStep: Sendable {
    /// HTML becomes text that can be read.
    case html
    /// `%41` becomes `A`.
    case percent
    /// A MIME message becomes the text of its best part.
    case mime
    case base64
    case base64url
    /// Slack's markup becomes text; mentions are looked up in the table of users.
    case slack(users: String?, name: Expression?)
    /// UTF-8 that was written as Latin-1 escapes becomes what it was.
    case mojibake
    /// The first group of a regular expression, or all that it matches; absent where it does not match.
    case match(String)
    /// The piece at a position between separators; negative positions count from the end. Without a position all
    /// pieces count where several values do, else the first.
    case split(separator: String, index: Int?)
    case lower
    case trim
    /// The lines without white space where they begin, the text without any at its ends.
    case dedent
    /// Another text for a known one, in any letter case; `otherwise` nil leaves unknown ones absent.
    case map([String: String], otherwise: MapDefault)
    /// Known words for nothing become absent.
    case absent([String])

    /// Bytes of the longest text that a regular expression looks at: some need the square of a text's length.
    static let longestMatched = 64 << 10

    enum MapDefault: Sendable {
        case absent
        case same
        case value(String)
    }
}

/// What must hold for a rule to count.
indirect enum Condition: Sendable {
    /// Every test holds.
    case all([Condition])
    /// One of them holds.
    case any([Condition])
    case not(Condition)
    /// The value at a path is one of some texts; a text may have `*` for any characters.
    case equals(ValuePath, [String])
    /// Something other than null or blank is there.
    case exists(ValuePath)
    /// The value equals another one.
    case same(ValuePath, ValuePath)
}
