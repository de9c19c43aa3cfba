// What must be as it was for a run to go on from where an earlier one has stopped.

internal import InteractionModel

/// Everything that shapes what a conversion delivers, and in which order, as a text that can be kept and compared.
package struct ConversionBasis: Sendable, Hashable {
    /// An object of JSON: versions, options and digests by their names.
    package let text: String

    /// Takes down what a conversion is shaped by.
    ///
    /// - Returns: Nil if an input cannot be read.
    init?(_ plan: ConversionPlan) {
        var facts = ["tool version": plan.tool]
        facts["time zone data"] = plan.timeZoneData
        facts["participants (--participants)"] = plan.crosswalk
        for (name, value) in plan.options { facts["option \(name)"] = value }
        for (name, digest) in plan.profiles { facts["profile \(name)"] = digest }
        for (number, input) in plan.inputs.enumerated() {
            guard let digest = input.digest else { return nil }
            facts["input \(input.path)"] = "\(number) \(input.bytes) \(digest)"
        }
        text = OutputBuffer.text(object: {
            for (name, value) in facts.sorted(by: { $0.key < $1.key }) { $0.member(name, value) }
        })
    }

    /// The name of the first thing that is not as it was; nil if all is.
    ///
    /// - Parameter earlier: The text that was kept.
    /// - Returns: As plans call it.
    package func change(since earlier: String) -> String? {
        guard earlier != text else { return nil }
        let (then, now) = (Self.facts(earlier), Self.facts(text))
        return Set(then.keys).union(now.keys).sorted().first { then[$0] != now[$0] }
    }

    private static func facts(_ text: String) -> [String: String] {
        (try? JSONValue(parsing: Array(text.utf8)))?.texts ?? [:]
    }
}

/// What an earlier run of the same inputs had done.
package enum EarlierRun: Sendable {
    /// It has not finished with all of them.
    case unfinished(FinishedItems)
    /// Nothing is left of so many records.
    case complete(records: Int)
}
