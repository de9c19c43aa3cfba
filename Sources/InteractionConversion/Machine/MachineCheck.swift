// Whether a machine has what a conversion needs, found out before it is needed.

internal import InteractionModel

/// One thing that was looked at.
public struct MachineCheck: Sendable, Hashable {
    /// How it is.
    public enum Verdict: String, Sendable, CaseIterable {
        /// As it should be.
        case ok
        /// Something works less well than it could.
        case warning
        /// Something will fail.
        case error
    }

    /// What was looked at, such as `libxml2` or `output`.
    public var name: String
    /// How it is.
    public var verdict: Verdict
    /// What was found, for people.
    public var found: String
    /// What to do about it; nil if nothing is to be done.
    public var remedy: String?

    package init(_ name: String, _ verdict: Verdict, _ found: String, remedy: String? = nil) {
        self.name = name
        self.verdict = verdict
        self.found = found
        self.remedy = remedy
    }

    init(_ name: String, _ found: String) { self.init(name, .ok, found) }

    /// Looks at everything that a conversion depends on.
    ///
    /// - Parameters:
    ///   - output: The folder for results.
    ///   - temporary: The folder for what exceeds the memory.
    /// - Returns: What was found, in an order that does not change.
    public static func machine(output: String, temporary: String) -> [MachineCheck] {
        libraries + [timeZones, locale, openFiles, memory, cores]
            + [folder(output, as: "output"), folder(temporary, as: "temporary"), clock(in: output)]
    }

    /// The check as one JSON object, without a line feed.
    public var json: String {
        OutputBuffer.text(object: {
            $0.member("check", name)
            $0.member("verdict", verdict.rawValue)
            $0.member("found", found)
            $0.member("remedy", remedy)
        })
    }
}
