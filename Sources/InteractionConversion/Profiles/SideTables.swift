// Reads side tables before the records that refer to them.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// The side tables of a run, which stay in memory as long as it lasts.
struct SideTables {
    /// The tables of each profile, by name.
    let byProfile: [[String: SideTable]]
    let books: Books
    let findings: [Finding]
    /// How often the rules of profiles gave something; empty for those that no row was of.
    let hits: [[Int]]

    /// Reads all rows.
    ///
    /// - Parameters:
    ///   - inputs: The inputs that are side tables.
    ///   - profiles: The plan's.
    ///   - options: The choices of the run.
    ///   - isCancelled: Asked before each read.
    init(
        _ inputs: [PlannedInput],
        profiles: [Profile],
        _ options: ConversionOptions,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        let reader = DecodedInputs(
            inputs,
            profiles: profiles,
            firstFile: 0,
            options: options,
            isCancelled: isCancelled
        )
        var loaders: [[SideTableLoader?]] = profiles.map { $0.tables.map { _ in nil } }
        var books = Books()
        var findings: [Finding] = []
        while let batch = reader.next() {
            let profile = profiles[batch.profile]
            // Rows of one table may be at several places.
            guard let name = batch.table.map({ profile.tables[$0].name }),
                let table = profile.tables.firstIndex(where: { $0.name == name })
            else { continue }
            let loader = loaders[batch.profile][table] ?? SideTableLoader(profile: profile, table: table)
            loaders[batch.profile][table] = loader
            let file = FileFacts(inputs[batch.file], index: batch.file)
            for record in batch.decoded.records { loader.add(batch.decoded.view(of: record), file: file) }
            guard batch.isBooked else { continue }
            books.records.total += batch.decoded.records.count
            books.records.dropped["side-table", default: 0] += batch.decoded.records.count
            findings += batch.decoded.faults.map { $0.finding(file: inputs[batch.file].name) }
        }
        byProfile = zip(profiles, loaders).map { profile, loaders in
            var tables: [String: SideTable] = [:]
            for (table, loader) in zip(profile.tables, loaders) {
                if let loader { tables[table.name] = loader.seal() }
            }
            return tables
        }
        hits = loaders.map { loaders in
            loaders.reduce(into: []) { sum, loader in
                guard let hits = loader?.hits else { return }
                sum = sum.isEmpty ? hits : zip(sum, hits).map(+)
            }
        }
        books.files = reader.books
        self.books = books
        self.findings = findings + reader.findings
    }
}

extension FileFacts {
    /// What is known of an input.
    init(_ input: PlannedInput, index: Int) {
        self.init(index: index, path: input.name, inner: input.member.name)
    }
}
