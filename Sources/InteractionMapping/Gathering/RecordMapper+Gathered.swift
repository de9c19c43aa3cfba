// From the fragments of one conversation to its Interactions.

internal import InteractionModel

/// The fragments of one conversation, lent for the time of one call.
package struct ConversationFragments {
    /// What the conversation's records share, as the canonical writer spells it.
    package var key: UnsafeRawBufferPointer
    /// The fragments in the order of the input, each after its length in four bytes.
    package var run: UnsafeRawBufferPointer
    /// Whether the key was seen before, so that this is not the whole conversation.
    package var isReopened: Bool

    package init(key: UnsafeRawBufferPointer, run: UnsafeRawBufferPointer, isReopened: Bool) {
        self.key = key
        self.run = run
        self.isReopened = isReopened
    }
}

/// What a profile says about conversations as a whole.
package struct GatheringRules: Sendable, Hashable {
    let name: String
    let system: String
    /// The silence in seconds that ends a conversation, of the first rule that has one.
    let gap: Int64?

    /// Names the rules that another run has told.
    init(name: String, system: String, gap: Int64?) {
        self.name = name
        self.system = system
        self.gap = gap
    }

    package init(_ profile: Profile) {
        name = profile.name
        system = profile.system
        gap = profile.records.lazy.compactMap(\.conversation.gap).first
    }
}

extension RecordMapper {
    /// Maps one conversation and appends its Interactions to the output.
    ///
    /// - Parameters:
    ///   - conversation: Its fragments.
    ///   - profile: By which profile they were extracted.
    ///   - files: The names of the run's inputs.
    ///   - rebooked: Receives the field counts of a conversation that is rejected.
    ///   - outcomes: Receives one outcome, or one for each stretch between silences.
    package mutating func map(
        _ conversation: ConversationFragments,
        profile: GatheringRules,
        files: [String],
        rebooked: inout RebookedFields,
        into outcomes: inout [RecordOutcome]
    ) {
        var gathered = gather(conversation, files)
        if !gathered.origins.isEmpty {
            map(&gathered, conversation, profile: profile, files: files, rebooked: &rebooked, into: &outcomes)
        }
        self.gathered = consume gathered
    }

    /// What the fragments of a conversation say, in memory that is to be given back to ``gathered``.
    mutating func gather(_ conversation: ConversationFragments, _ files: [String]) -> GatheredConversation {
        var gathered = self.gathered.take() ?? GatheredConversation()
        gathered.reset()
        gathered.add(run: conversation.run, files: files)
        return gathered
    }

    private mutating func map(
        _ gathered: inout GatheredConversation,
        _ conversation: ConversationFragments,
        profile: GatheringRules,
        files: [String],
        rebooked: inout RebookedFields,
        into outcomes: inout [RecordOutcome]
    ) {
        let first = gathered.origins[0]
        settleEntries(&gathered, files)
        let gap = options.gap ?? profile.gap
        let stretches = gap.map { gathered.stretches(gap: $0) }
        for number in 0..<(stretches?.count ?? 1) {
            let stretch = gathered.written(stretches?[number] ?? gathered.allEntries())
            beginGathered(first.place(files), first)
            outcome.profile = profile.name
            outcome.recordCount = number == 0 ? gathered.recordCount : 0
            if number == 0 { outcome.findings = gathered.findings }
            if conversation.isReopened {
                note(
                    .conversationReopened,
                    .warning,
                    stage: .map,
                    message: "the conversation's key came before, with others in between",
                    remedy: "use --order any, which holds conversations together"
                )
            }
            let mark = (bytes: output.count, count: outputCount)
            let isMapped = mapGathered(&gathered, stretch, conversation.key, profile, isOneOfSeveral: gap != nil)
            if isMapped, !isRefusedByStrictness() {
                outcome.kind = .converted
            } else {
                output.truncate(to: mark.bytes)
                outputCount = mark.count
                outcome.outputs.removeAll()
                outcome.participants.removeAll()
            }
            account(gathered, stretch, isFirst: number == 0, &rebooked)
            reportSuppressed()
            outcomes.append(takeOutcome())
        }
    }

    /// The outcome of the record at hand, moved: a copy counts all its references.
    private mutating func takeOutcome() -> RecordOutcome {
        var taken = RecordOutcome(file: "", record: 0, bytes: 0..<0, kind: .rejected)
        swap(&taken, &outcome)
        return taken
    }

    private mutating func beginGathered(_ place: Finding.Place, _ origin: FragmentOrigin) {
        source = .none
        source.file = place.file
        beginRecord(start: 0, range: origin.start..<origin.end, number: Int(origin.record))
        source.fixed = place
    }

    private mutating func mapGathered(
        _ gathered: inout GatheredConversation,
        _ stretch: [Int],
        _ key: UnsafeRawBufferPointer,
        _ profile: GatheringRules,
        isOneOfSeveral: Bool
    ) -> Bool {
        conversationPath = FieldLedger.root
        resolver.begin(system: profile.system)
        guard addEntries(&gathered, stretch, profile) else { return false }
        guard entries.contains(where: { $0.role != .system }) else {
            return refuseEmpty(Self.whyNobodySpeaks(gathered, stretch))
        }
        let view = emptyView()
        guard let organization = placeFields(gathered) else { return false }
        let thread = gatheredThread(gathered, view, key, organization, isOneOfSeveral)
        draft.set(.threadId, text: thread)
        outcome.threadId = thread.string
        orderEntries()
        moveOpeningToFront(gathered)
        setFirstInstant()
        resolveGathered(&gathered, organization, thread)
        conversationTally.add(messages: entries)
        placeKept(gathered)
        writeFlatPayload(view, requestId: texts.keep(Self.noRequest))
        let own = identifyPayload(thread)
        return finishPayload(view, thread: thread, requestId: own)
    }

    private static func whyNobodySpeaks(_ gathered: borrowing GatheredConversation, _ stretch: [Int]) -> String {
        var reasons: [String] = []
        for index in stretch {
            guard let reason = gathered.entries[index].reason?.string, !reasons.contains(reason) else { continue }
            reasons.append(reason)
        }
        if !reasons.isEmpty { return "what there is was left out (\(reasons.joined(separator: ", ")))" }
        return stretch.isEmpty ? "the conversation has no entries" : "nobody says anything"
    }

    /// A record without anything in it, for what is written from texts alone.
    mutating func emptyView() -> JSONView {
        let text: StaticString = "{}                                                                      "
        try? tape.scan(text.utf8Start, count: 2)
        return tape.view(of: text.utf8Start)
    }

    /// Puts the request's id, which depends on all the rest, into the payload that was written without one.
    private mutating func identifyPayload(_ thread: TextSlice) -> TextSlice {
        var digest = ContentDigest()
        digest.update(UnsafeRawBufferPointer(rebasing: output.bytes[payloadStart...]))
        let id = PartIdentity.requestId(thread: thread, content: digest, part: 1, &derivedName)
        output.overwrite(at: requestIdStart, with: id)
        return texts.keep(id)
    }

    // MARK: Fields

    /// Carries the conversation's values to their slots.
    ///
    /// - Returns: The organization; nil if there is none, which a finding says.
    private mutating func placeFields(_ gathered: borrowing GatheredConversation) -> TextSlice? {
        var organization: TextSlice?
        for field in gathered.fields {
            switch field.slot {
            case .organizationId: organization = field.text
            case .channelMedium where !Self.isMedium(field.text):
                let piece = draft.made { $0.append(string: field.text) }
                draft.kept.append((String(describing: field.slot.path), piece))
                continue
            case .threadId: continue
            default: break
            }
            draft.add(field.slot, .text(field.text))
        }
        for item in gathered.items {
            draft.add(item.slot, draft.made { $0.append(item.json.bytes) })
        }
        for link in gathered.links { draft.add(.resourcesLinks, draft.made { $0.append(link.bytes) }) }
        draft.keptName = "source"
        for member in gathered.metadata {
            draft.metadata.append((member.name, draft.made { $0.append(member.json.bytes) }))
        }
        guard organization == nil, let fallback = fallbackOrganization() else { return organization }
        draft.set(.organizationId, text: fallback)
        return fallback
    }

    private static func isMedium(_ text: TextSlice) -> Bool {
        text.equals("chat") || text.equals("voice") || text.equals("email")
    }

    /// The source's own thread, else its key, else one that is computed from what was said.
    private mutating func gatheredThread(
        _ gathered: borrowing GatheredConversation,
        _ view: JSONView,
        _ key: UnsafeRawBufferPointer,
        _ organization: TextSlice,
        _ isOneOfSeveral: Bool
    ) -> TextSlice {
        if let own = gathered.fields.first(where: { $0.slot == .threadId }) { return own.text }
        let isMadeUp = key.starts(with: Extractor.madeUpKey.utf8)
        if isMadeUp || isOneOfSeveral {
            if !isOneOfSeveral {
                note(
                    .threadDerived,
                    .warning,
                    stage: .resolve,
                    message: "the conversation has no key; one was computed from what was said",
                    remedy: "name what identifies a conversation as its `key` in a profile"
                )
            }
            return texts.keep(deriveThread(view, organization, view.root, entries))
        }
        return texts.keep(canonical: key)
    }

    // MARK: Books

    private mutating func account(
        _ gathered: borrowing GatheredConversation,
        _ stretch: [Int],
        isFirst: Bool,
        _ rebooked: inout RebookedFields
    ) {
        let isConverted = outcome.kind == .converted
        books.conversations.total += 1
        books.messages.total += stretch.count
        books.participants.total += participantCount
        if isFirst, isConverted { books.records.mapped += gathered.recordCount }
        if isFirst, !isConverted {
            books.records.rejected += gathered.recordCount
            gathered.rebook(as: .rejected, &rebooked)
        }
        guard isConverted else {
            books.conversations.rejected += 1
            books.messages.rejected += stretch.count
            books.participants.rejected += participantCount
            return
        }
        books.conversations.mapped += 1
        books.add(redacted: redacted)
        books.participants.mapped += participantCount
        tally.add(conversationTally)
        var moved = 0
        var mapped = 0
        for index in stretch {
            let kind = gathered.entries[index].kind
            if let reason = gathered.entries[index].reason {
                books.messages.dropped[reason.string, default: 0] += 1
            } else if let rule = gathered.entries[index].dropped {
                books.messages.dropped[rule.description, default: 0] += 1
            } else if kind == .event || kind == .note {
                moved += 1
            } else {
                mapped += 1
            }
        }
        books.messages.moved += moved
        books.messages.mapped += mapped
    }
}
