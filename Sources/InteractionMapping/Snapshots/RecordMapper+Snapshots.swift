// From the snapshots of one thread to one Interaction, or its parts.

package import InteractionModel

extension RecordMapper {
    /// Stands for the id of a request while it is computed from all the rest.
    static let noRequest = "00000000-0000-0000-0000-000000000000"

    /// Maps the records of one thread, unites them, and appends the Interaction to the output.
    ///
    /// A record that is alone in its thread becomes what it would have become without folding.
    ///
    /// - Parameters:
    ///   - run: The fragments in the order of the input, each after its length in four bytes.
    ///   - files: The names of the run's inputs.
    ///   - isReopened: Whether the thread was seen before, so that these are not all of its records.
    ///   - rewrite: Asked for strict JSON if a record that may be JSON5 is not.
    ///   - outcomes: Receives an outcome for each record, in the order of the input.
    package mutating func fold(
        _ run: UnsafeRawBufferPointer,
        files: [String],
        isReopened: Bool,
        rewrite: (UnsafeRawBufferPointer, JSONError) -> Rewriting?,
        into outcomes: inout [RecordOutcome]
    ) {
        var fragments: [SnapshotFragment] = []
        var at = 0
        while at < run.count {
            let end = at + 4 + Int(run.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            fragments.append(SnapshotFragment(UnsafeRawBufferPointer(rebasing: run[at + 4..<end])))
            at = end
        }
        guard fragments.count > 1 else {
            snapshot.isAlone = true
            defer { snapshot.isAlone = false }
            for fragment in fragments { outcomes.append(mapAgain(fragment, files, isReopened, rewrite)) }
            return
        }
        let mark = (bytes: output.count, count: outputCount)
        snapshot.purpose = .gathering
        var (snapshots, refused) = gather(fragments, files, isReopened, rewrite)
        snapshot.purpose = .conversion
        unite(&snapshots, mark.bytes)
        if !snapshots.contains(where: { $0.outcome.kind == .converted }) { outputCount = mark.count }
        let all = snapshots.map { ($0.number, $0.outcome) } + refused
        outcomes += all.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private mutating func mapAgain(
        _ fragment: SnapshotFragment,
        _ files: [String],
        _ isReopened: Bool,
        _ rewrite: (UnsafeRawBufferPointer, JSONError) -> Rewriting?
    ) -> RecordOutcome {
        let place = fragment.place(files)
        source = .none
        source.file = place.file
        var outcome: RecordOutcome
        if fragment.form == .decoded {
            outcome = map(fragment.text, from: place, range: fragment.range, number: fragment.number)
        } else {
            source = RecordSource(
                file: place.file,
                run: fragment.text.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? source.run,
                runOffset: place.offset ?? 0,
                line: place.line ?? 1,
                lineOffset: (place.offset ?? 0) - Int64((place.column ?? 1) - 1)
            )
            outcome = map(fragment.text, start: 0, range: fragment.range, number: fragment.number) { fault in
                fragment.form == .document ? rewrite(fragment.text, fault) : nil
            }
        }
        if isReopened {
            outcome.findings.append(
                Finding(
                    .conversationReopened,
                    .warning,
                    stage: .map,
                    place: place,
                    message: "the thread came before, with others in between",
                    remedy: "use --order any, which holds threads together"
                )
            )
        }
        return outcome
    }

    /// Maps all records; if one of them shows that ids number messages, that holds for all.
    private mutating func gather(
        _ fragments: [SnapshotFragment],
        _ files: [String],
        _ isReopened: Bool,
        _ rewrite: (UnsafeRawBufferPointer, JSONError) -> Rewriting?
    ) -> (snapshots: [Snapshot], refused: [(Int, RecordOutcome)]) {
        let booked = books
        let start = output.count
        var payloadTape = JSONTape()
        var snapshots: [Snapshot] = []
        var refused: [(Int, RecordOutcome)] = []
        snapshot.idsNumberMessages = false
        defer { snapshot.idsNumberMessages = false }
        while true {
            for (number, fragment) in fragments.enumerated() {
                let outcome = mapAgain(fragment, files, isReopened, rewrite)
                let payload = PaddedBytes(UnsafeRawBufferPointer(rebasing: output.bytes[payloadStart...]))
                guard outcome.kind == .converted, (try? payloadTape.scan(payload.start, count: payload.count)) != nil
                else {
                    refused.append((number, outcome))
                    continue
                }
                let view = payloadTape.view(of: payload.start)
                snapshots.append(Snapshot(self, outcome, number, fragment.place(files), view))
            }
            guard !snapshot.idsNumberMessages, snapshots.contains(where: \.facts.hasNumbers),
                !snapshots.allSatisfy(\.facts.hasNumbers)
            else { return (snapshots, refused) }
            snapshot.idsNumberMessages = true
            for snapshot in snapshots {
                ledger.resume(snapshot.facts.fields)
                ledger.rollBack()
            }
            books = booked
            output.truncate(to: start)
            snapshots = []
            refused = []
        }
    }

    // MARK: Uniting

    private mutating func unite(_ snapshots: inout [Snapshot], _ start: Int) {
        let order = Snapshot.order(snapshots)
        guard let last = order.last else {
            output.truncate(to: start)
            return
        }
        var merges: [Int: SnapshotMerge] = [:]
        var isConverted = false
        do {
            var thread = try union(snapshots, order, last, &merges)
            for (index, merge) in merges { note(merge, &snapshots[index]) }
            isConverted = finish(&snapshots, last, &thread, start)
        } catch {
            output.truncate(to: start)
            snapshots[last].outcome.kind = .rejected
            snapshots[last].outcome.findings.append(
                Finding(
                    .invalidJSON,
                    .error,
                    stage: .map,
                    place: snapshots[last].place,
                    message: "the snapshots cannot be united: \(error.fault.rawValue)",
                    remedy: "report this as a defect"
                )
            )
        }
        for index in snapshots.indices {
            snapshots[index].outcome.fields = account(snapshots[index], merges[index], isConverted: isConverted)
            if options.tellsFields { snapshots[index].outcome.repeated = merges[index]?.newMessages.map(!) ?? [] }
            guard index != last else { continue }
            snapshots[index].outcome.kind = isConverted ? .folded : .rejected
            snapshots[index].outcome.foldedInto = snapshots[last].outcome.outputs
            snapshots[index].outcome.participants = []
            if !isConverted { snapshots[index].outcome.threadId = nil }
        }
    }

    /// Unites all snapshots, from the last to the first.
    private func union(
        _ snapshots: [Snapshot],
        _ order: [Int],
        _ last: Int,
        _ merges: inout [Int: SnapshotMerge]
    ) throws(JSONError) -> FoldedThread {
        var thread = try FoldedThread(last: UnsafeRawBufferPointer(rebasing: output.bytes[snapshots[last].payload]))
        for index in order.reversed() {
            if index != last { merges[index] = try unite(snapshots[index], &thread) }
            if snapshots[index].facts.hasOwnRequest { thread.keep("request.requestId", snapshots[index].requestId) }
        }
        thread.finish()
        return thread
    }

    private func unite(
        _ snapshot: Snapshot,
        _ thread: inout FoldedThread
    ) throws(JSONError) -> SnapshotMerge {
        let payload = PaddedBytes(UnsafeRawBufferPointer(rebasing: output.bytes[snapshot.payload]))
        var tape = JSONTape()
        try tape.scan(payload.start, count: payload.count)
        let organization = PaddedBytes(snapshot.facts.organization)
        let owner = TextSlice(plain: UnsafeRawBufferPointer(start: organization.start, count: organization.count))
        let merge = try thread.unite(tape.view(of: payload.start)) { person in
            var name = DerivedName(organization: owner)
            name.add("id")
            name.add(person.id.unescapedSpelling { $0.unescaped() })
            name.add(person.role)
            return Array(name.uuid().description.utf8)
        }
        withExtendedLifetime(payload) {}
        return merge
    }

    /// Writes the union and sends it out.
    ///
    /// - Returns: False if it is too large and may not, or cannot, be cut.
    private mutating func finish(
        _ snapshots: inout [Snapshot],
        _ last: Int,
        _ thread: inout FoldedThread,
        _ start: Int
    ) -> Bool {
        let frame = snapshots[last]
        output.truncate(to: start)
        source = .none
        source.file = frame.outcome.file
        beginRecord(start: 0, range: frame.outcome.bytes, number: frame.outcome.record)
        source.fixed = frame.place
        outcome = frame.outcome
        outcome.outputs = []
        envelope.tenant = frame.tenant.map { texts.keep($0) }
        envelope.latency = frame.latency.map { texts.keep($0) }
        firstInstant = thread.conversations.lazy.compactMap(\.lines.first).first?.key.instant?.milliseconds ?? 0
        let threadId = texts.keep(frame.outcome.threadId ?? "")
        payloadStart = output.count
        thread.write(requestId: Self.noRequest, to: &output)
        var digest = ContentDigest()
        digest.update(UnsafeRawBufferPointer(rebasing: output.bytes[payloadStart...]))
        let id = PartIdentity.requestId(thread: threadId, content: digest, part: 1, &derivedName).description
        output.truncate(to: payloadStart)
        thread.write(requestId: id, to: &output)
        let isConverted = finishPayload(emptyView(), thread: threadId, requestId: texts.keep(id))
        if isConverted {
            outcome.participants = participants(of: thread, snapshots)
            tell(thread)
        } else {
            output.truncate(to: start)
            outcome.kind = .rejected
            outcome.outputs = []
            outcome.participants = []
            outcome.threadId = nil
        }
        snapshots[last].outcome = outcome
        return isConverted
    }

    /// The participants of the union; by which rule they came about the snapshots have told.
    private func participants(
        of thread: borrowing FoldedThread,
        _ snapshots: [Snapshot]
    ) -> [RecordOutcome.ResolvedParticipant] {
        var rules: [String: String] = [:]
        for snapshot in snapshots {
            for participant in snapshot.outcome.participants { rules[participant.participantId] = participant.rule }
        }
        return thread.conversations.flatMap(\.people).map { person in
            let id = person.id.unescapedSpelling { $0.string }
            return RecordOutcome.ResolvedParticipant(
                participantId: id,
                role: ParticipantRole(rawValue: String(decoding: person.role, as: UTF8.self)) ?? .user,
                rule: rules[id] ?? Speaker.Rule.idAndRole.rawValue
            )
        }
    }

    /// Counts for the report what the union holds.
    private mutating func tell(_ thread: borrowing FoldedThread) {
        for participant in outcome.participants {
            guard let rule = Speaker.Rule(rawValue: participant.rule) else { continue }
            conversationTally.addParticipant(participant.role, by: rule)
        }
        for conversation in thread.conversations {
            for line in conversation.lines { conversationTally.addMessage(at: line.key.instant) }
        }
        tally.add(conversationTally)
        books.add(redacted: redacted)
    }

    // MARK: Findings

    private func note(_ merge: SnapshotMerge, _ snapshot: inout Snapshot) {
        let place = snapshot.place
        func add(_ code: FindingCode, _ count: Int, _ message: String) {
            guard count > 0 else { return }
            snapshot.outcome.findings.append(
                Finding(
                    code,
                    .warning,
                    stage: .map,
                    place: place,
                    message: "\(count == 1 ? "a message" : "\(count) messages") of this snapshot \(message)",
                    remedy: "look at the thread's snapshots; --snapshots keep leaves them apart"
                )
            )
        }
        let (are, have) = (merge.missing == 1 ? "is" : "are", merge.changed == 1 ? "has" : "have")
        add(.snapshotMessageMissing, merge.missing, "\(are) in no later one; kept")
        add(.snapshotTextDiffers, merge.changed, "\(have) another text in a later one; both are kept")
        add(.snapshotOrderDiffers, merge.moved, "stood in another order; the later order counts")
        guard merge.twoRoles > 0 else { return }
        snapshot.outcome.findings.append(
            Finding(
                .idTwoRoles,
                .warning,
                stage: .map,
                place: place,
                message:
                    "one id speaks in two roles in two snapshots: the earlier role became a participant of its own",
                remedy: "decide with --participants if they are one person"
            )
        )
    }
}
