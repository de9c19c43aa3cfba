// A text that must not be seen: it prints as `<secret>` wherever it ends up by accident.

/// A client secret or a token.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself, for the request that needs it.
    package let exposed: String

    /// Makes a secret.
    package init(_ text: String) { exposed = text }

    package var description: String { "<secret>" }
    package var debugDescription: String { "<secret>" }
    /// No members, so that `dump` and crash reports show none.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
