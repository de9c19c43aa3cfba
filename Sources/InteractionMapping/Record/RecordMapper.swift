// One worker's state, and the way of one record through it.

internal import InteractionModel

/// Maps records to Interactions, one after the other.
///
/// Everything it needs is allocated once and reused. It is pure and synchronous: the same record and options give the
/// same bytes, whatever was mapped before.
///
/// What is called often is `mutating` even where it changes nothing, since Swift 6.3 copies all of a mapper for a call
/// that merely borrows it.
package struct RecordMapper: ~Copyable {
    /// The source system of legacy payloads, in the names that ids are derived from.
    package static let legacySystem = "customerinteraction"

    let options: MappingOptions
    var tape = JSONTape()
    package internal(set) var ledger = FieldLedger()
    /// The mapping tables' rules; the ledger's paths refer to them by index.
    var rules: [LegacyRule] = []
    var draft = PayloadDraft()
    /// Texts that were made up for the record at hand.
    var texts = TextArena()
    var resolver = ParticipantResolver()
    var entries: [TranscriptEntry] = []
    /// Memory for conversations that come in fragments, emptied before it is used again; nil while one is at hand.
    var gathered: GatheredConversation?
    /// Memory for those of whom such a conversation tells.
    var told: [ToldPerson] = []
    var output = OutputBuffer(capacity: 64)
    /// Where in the output the current payload begins.
    var payloadStart = 0
    /// Where in the output the current request's id begins.
    var requestIdStart = 0
    var redactor: TextRedactor
    /// What was masked in the record at hand.
    var redacted: [Redaction.Kind: Int] = [:]
    /// The name that a request's id is derived from.
    var derivedName = OutputBuffer(capacity: 256)
    /// A payload on its way into an envelope.
    var payload = OutputBuffer(capacity: 64)
    package var books = Books()
    /// What has been converted holds, beside the books.
    package var tally = Tally()
    /// Interactions written since the run of bytes began.
    var outputCount = 0

    // The record at hand.
    var source: RecordSource
    var outcome: RecordOutcome
    /// Findings of the record by kind, shown or not.
    var findingCounts: [FindingCode: Int] = [:]
    var envelope = EnvelopeFields()
    var found = SpecialNodes()
    var isSDKTraffic = false
    /// What the record says, outside its transcript, the operator is called.
    var operatorName: TextSlice?
    var conversationPath: FieldLedger.Path = 0
    /// The node of an envelope's headers once they have been read, or -1.
    var handledHeaders = -1
    /// The headers of an envelope that goes out as it came, or nil.
    var sourceHeaders: Int?
    var messageCount = 0
    var participantCount = 0
    var movedCount = 0
    var conversationTally = ConversationTally()
    /// The instant of the first message, in milliseconds; 0 where there is none.
    var firstInstant: Int64 = 0
    /// What the record is mapped for, and what folding asks about it.
    var snapshot = SnapshotFacts()
    /// The shapes of transcripts' entries.
    var shapes = EntryShapes()
    /// What ledger entries count for, by entry.
    var targets: [Int: String] = [:]

    let roots: [Generation: FieldLedger.Path]
    let unrecognized: FieldLedger.Path

    /// Makes a worker.
    ///
    /// - Parameter options: The choices of the run.
    package init(options: MappingOptions) {
        self.options = options
        redactor = TextRedactor(options.redaction)
        var roots: [Generation: FieldLedger.Path] = [:]
        for generation in Generation.allCases {
            roots[generation] = ledger.define(FieldLedger.root, generation.rawValue)
        }
        for (generation, mappings) in [
            (Generation.v1, LegacyRules.version1), (.v2, LegacyRules.version2), (.v3, LegacyRules.version2),
            (.v31, LegacyRules.version31),
        ] {
            for mapping in mappings {
                var path = roots[generation] ?? FieldLedger.root
                for key in mapping.path.split(separator: ".") {
                    path = ledger.define(path, String(key))
                }
                ledger.attach(rule: rules.count, to: path)
                rules.append(mapping.rule)
            }
        }
        self.roots = roots
        unrecognized = ledger.define(FieldLedger.root, "unrecognized")
        if options.tellsFields { ledger.trail = [] }
        source = .none
        outcome = RecordOutcome(file: "", record: 0, bytes: 0..<0, kind: .rejected)
    }
}
