// Looks before it converts: a dry run with a plan, the report, and whether the plan still holds.

import InteractionConversion

/// `etl --preview PLAN FILE [ORGANIZATION-ID]` writes a plan if there is none, else says what differs from it.
struct Preview {
    let converter: Converter
    let path: String
    let plan: String
    /// A program that uses the library has a version of its own.
    private let version = "etl-1"

    /// Converts nothing and says what would happen.
    func make() async throws {
        let writer = try PlanWriter(
            path: plan,
            plan: ConversionPlan(of: converter, files: [path], version: version)
        )
        var bytes = 0
        let report = try await converter.dryRun(
            files: [path],
            plan: writer,
            observe: { batch, _ in batch.withBytes { bytes += $0.count } }
        )
        try writer.finish()
        let records = report.books.records
        print("dry run: \(records.mapped) of \(records.total) records, \(report.interactions) Interactions")
        print("findings: \(report.findings.map { "\($0.code.rawValue)=\($0.count)" }.joined(separator: " "))")
        print("report: balanced \(report.isBalanced), \(report.json(version: version).count > 0 ? "as JSON" : "empty")")
        print("bytes: \(bytes - report.interactions) of \(report.sizes.bytes)")
    }

    /// Says what is not as it was planned.
    func check() async throws {
        let check = try await converter.check(planAt: plan, files: [path], version: version)
        if check.differences.isEmpty { print("the plan holds for \(check.report.interactions) Interactions") }
        for difference in check.differences { print(difference) }
    }
}
