// Rows of other files, by key: users, tickets, tags.

package import InteractionModel

/// Collects a side table's rows.
package struct SideTableBuilder: ~Copyable {
    private var tape = RecordTape(textCapacity: 64 << 10)
    private var index: [[UInt8]: SideTable.Row] = [:]

    package init() {}

    /// Adds a row; of rows with one key the first counts.
    ///
    /// - Parameters:
    ///   - key: What it is looked up by.
    ///   - view: Its values.
    mutating func add(_ key: TextSlice, _ view: JSONView) {
        let name = key.unescaped()
        guard index[name] == nil else { return }
        tape.beginRecord()
        index[name] = SideTable.Row(firstNode: tape.recordStart, textStart: tape.textStart)
        tape.append(copyOf: view, view.root)
    }

    /// The finished table.
    package consuming func seal() -> SideTable { SideTable(tape: tape, index: index) }
}

/// A side table in memory, shared by all workers.
package final class SideTable: Sendable {
    struct Row: Sendable {
        var firstNode: Int
        var textStart: Int
    }

    private let tape: RecordTape
    private let index: [[UInt8]: Row]

    init(tape: consuming RecordTape, index: [[UInt8]: Row]) {
        self.tape = tape
        self.index = index
    }

    /// The row of a key; valid as long as the table is.
    func row(_ key: TextSlice) -> JSONView? {
        index[key.unescaped()].map { tape.view(firstNode: $0.firstNode, textStart: $0.textStart) }
    }
}

/// Fills a profile's side table from records.
package final class SideTableLoader {
    private var extractor: Extractor
    private var builder: SideTableBuilder? = SideTableBuilder()
    private let table: Profile.Table
    private let isMojibake: Bool

    /// Makes a loader.
    ///
    /// - Parameters:
    ///   - profile: The profile.
    ///   - table: The number of its table.
    package init(profile: Profile, table: Int) {
        extractor = Extractor(profile: profile, options: MappingOptions(), worker: 0, tables: [:])
        self.table = profile.tables[table]
        isMojibake = profile.decoding.isMojibake
    }

    /// How often each rule of the profile gave something, by its number.
    package var hits: [Int] { extractor.hits }

    /// Adds a record that is a row of the table and has a key.
    ///
    /// - Parameters:
    ///   - record: The record.
    ///   - file: The input it is from.
    package func add(_ record: JSONView, file: FileFacts) {
        extractor.file = file
        var record = record
        if isMojibake { record = extractor.unpacker.mend(record, nil).record }
        if !table.unpacks.isEmpty { record = extractor.unpacker.unpack(record, table.unpacks) }
        let scope = Scope(row: record)
        guard table.condition.map({ $0.holds(scope, extractor.file) }) ?? true else { return }
        guard let key = extractor.text(table.key, scope, .unused) else { return }
        builder?.add(key, record)
    }

    /// The finished table; the loader is of no more use.
    package func seal() -> SideTable { (builder.take() ?? SideTableBuilder()).seal() }
}
