// The last steps of every record: size, parts, form.

internal import InteractionModel

extension RecordMapper {
    /// Sends the finished payload out, whole or in parts.
    ///
    /// - Returns: False if it is too large and may not, or cannot, be cut.
    mutating func finishPayload(_ view: JSONView, thread: TextSlice, requestId: TextSlice) -> Bool {
        // The payload stays where it is until those of its thread are known.
        guard snapshot.purpose == .conversion else { return true }
        if !options.redaction.kinds.isEmpty { redactPayload() }
        let tenant = envelope.tenant ?? options.tenantId.map { texts.keep($0) }
        let allowance = InteractionSize.envelopeAllowance(tenantIDLength: tenant?.count ?? 0)
        let written = UnsafeRawBufferPointer(rebasing: output.bytes[payloadStart...])
        guard written.count + allowance > InteractionSize.limit else {
            if options.form == .rest {
                book(requestId: requestId.string, from: payloadStart)
            } else {
                payload.removeAll()
                payload.append(written)
                output.truncate(to: payloadStart)
                emit(view, payload.bytes, requestId: requestId.string, keepsIds: true)
            }
            return true
        }
        guard options.oversize == .split else {
            return refuseOversize("the message is larger than 128 KiB", remedy: "allow parts with --oversize split")
        }
        let whole = PaddedBytes(written)
        output.truncate(to: payloadStart)
        var payloadTape = JSONTape()
        do {
            try payloadTape.scan(whole.start, count: whole.count)
        } catch {
            return refuseOversize("the message cannot be cut", remedy: "report this as a defect")
        }
        let limit = InteractionSize.limit - allowance
        var splitter = PayloadSplitter(payloadTape.view(of: whole.start), limit: limit)
        guard let parts = splitter?.parts(thread: thread, requestId: requestId.string) else {
            return refuseOversize(
                "the message is larger than 128 KiB and what is beside its messages cannot be cut",
                remedy: "shorten the largest value that is no message"
            )
        }
        note(
            .recordSplit,
            .note,
            stage: .map,
            message: "larger than 128 KiB: cut into \(parts.count) parts that share the thread"
        )
        for part in parts {
            setFirstInstant(ofPart: part.payload)
            part.payload.withUnsafeBytes { emit(view, $0, requestId: part.requestId, keepsIds: false) }
        }
        return true
    }

    /// A part's ids are made of its own first time, so that the bare payload gives the same.
    private mutating func setFirstInstant(ofPart payload: [UInt8]) {
        let bytes = PaddedBytes(payload)
        var tape = JSONTape()
        guard options.form == .websocket, (try? tape.scan(bytes.start, count: bytes.count)) != nil else { return }
        let view = tape.view(of: bytes.start)
        guard let conversations = view.value(view.root, at: "request", "scope", "conversations") else { return }
        firstInstant = view.firstMilliseconds(ofConversations: conversations)
    }

    private mutating func refuseOversize(_ message: String, remedy: String) -> Bool {
        note(.oversize, .error, stage: .map, message: message, remedy: remedy)
        return false
    }

    private mutating func emit(
        _ view: JSONView,
        _ bytes: UnsafeRawBufferPointer,
        requestId: String,
        keepsIds: Bool
    ) {
        let start = output.count
        switch options.form {
        case .rest:
            output.append(bytes)
        case .websocket:
            if let sourceHeaders, keepsIds {
                appendUnchangedEnvelope(view, sourceHeaders, bytes)
                break
            }
            output.append(
                envelopeOf: bytes,
                envelope,
                tenant: options.tenantId,
                ids: PayloadIDs(of: bytes, milliseconds: firstInstant),
                keepsIds: keepsIds
            )
        }
        book(requestId: requestId, from: start)
    }

    /// Ends an Interaction that stands at the end of the output.
    private mutating func book(requestId: String, from start: Int) {
        outcome.outputs.append(
            RecordOutcome.Output(index: outputCount, requestId: requestId, range: start..<output.count)
        )
        outputCount += 1
        output.append(UInt8(ascii: "\n"))
    }

    /// An envelope that already is an Interaction's keeps its headers; only a tenant may join them.
    private mutating func appendUnchangedEnvelope(_ view: JSONView, _ headers: Int, _ bytes: UnsafeRawBufferPointer) {
        output.append("{\"action\":\"message\",\"headers\":")
        output.append(value: view, headers)
        if let tenant = options.tenantId, view.member(headers, "tenantId") == nil {
            output.removeTrailing(UInt8(ascii: "}"))
            output.append(",\"tenantId\":")
            output.append(quoted: tenant)
            output.append("}")
        }
        output.append(",\"payload\":")
        output.append(bytes)
        output.append("}")
    }
}
