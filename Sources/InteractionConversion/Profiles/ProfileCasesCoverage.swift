// How much of a profile its cases put to the test.

package import InteractionMapping

/// Which rules of a profile its cases reach.
package struct ProfileCoverage: Sendable {
    private let rules: [RuleOrigin]
    private var hits: [Int]

    /// Nothing reached so far.
    package init(_ profile: Profile) {
        rules = profile.rules
        hits = rules.map { _ in 0 }
    }

    /// Adds what a case reached.
    package mutating func add(_ more: [Int]) {
        for (rule, count) in more.enumerated() where rule < hits.count { hits[rule] += count }
    }

    package var ruleCount: Int { rules.count }
    package var reachedCount: Int { hits.count { $0 > 0 } }
    /// Rounded down: 100 only where every rule is reached.
    package var percent: Int { rules.isEmpty ? 100 : reachedCount * 100 / rules.count }
    /// The rules that no case reaches, in the order of the text.
    package var missed: [RuleOrigin] {
        zip(rules, hits).filter { $1 == 0 }.map(\.0).sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }
}
