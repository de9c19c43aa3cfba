// The check of one Interaction: schema, references, times, size.

/// Says whether an Interaction can be sent, and everything that speaks against it.
package struct InteractionValidator: Sendable {
    /// What a message is.
    package enum Form: Sendable {
        /// `{session, request}`, the body of a REST call.
        case payload
        /// `{action, headers, payload}`, a frame of a WebSocket.
        case envelope

        /// Tells the form of a value by structure alone.
        ///
        /// - Parameters:
        ///   - view: The parsed text.
        ///   - root: The value's node; any value.
        package init(detecting view: JSONView, root: Int) {
            let isEnvelope = view.member(root, "headers") != nil && view.member(root, "payload") != nil
            self = isEnvelope ? .envelope : .payload
        }

        fileprivate var definition: InteractionSchema.Definition {
            switch self {
            case .payload: .interactionPayload
            case .envelope: .interactionEnvelope
            }
        }

        fileprivate func payload(_ view: JSONView, root: Int) -> Int? {
            switch self {
            case .payload: root
            case .envelope: view.member(root, "payload")
            }
        }
    }

    private let tenantIDLength: Int

    /// Makes a validator.
    ///
    /// - Parameter tenantIDLength: Bytes of the tenant's id that sending will add, which count towards the size;
    ///   0 for none.
    package init(tenantIDLength: Int = 0) {
        self.tenantIDLength = tenantIDLength
    }

    /// Gives the verdict of ``validate(_:root:form:place:emit:)`` and nothing else.
    ///
    /// - Parameters:
    ///   - view: The parsed text.
    ///   - root: The message's node.
    ///   - form: What the message is.
    ///   - tenantIDLength: As for the initializer.
    /// - Returns: Whether it can be sent.
    /// - Complexity: One step a node, without allocation for ordinary messages; ends at the first error.
    package static func isValid(_ view: JSONView, root: Int, form: Form, tenantIDLength: Int = 0) -> Bool {
        guard InteractionSchema.accepts(form.definition, view: view, at: root),
            let payload = form.payload(view, root: root)
        else { return false }
        var rules = InteractionRules(view, InteractionVerdict())
        return rules.check(payload: payload)
            && InteractionSize.excess(view, root: root, form: form, tenantIDLength: tenantIDLength) == nil
    }

    /// Finds everything that speaks against a message.
    ///
    /// - Parameters:
    ///   - view: The parsed text.
    ///   - root: The message's node; paths are relative to it.
    ///   - form: What the message is.
    ///   - place: The place in the source of a byte of the text.
    ///   - emit: Receives each finding: schema first, then ids, references and times, then size.
    /// - Returns: Whether the message can be sent: none of the findings is an error.
    /// - Complexity: One step a node.
    /// - Stage: check
    package func validate(
        _ view: JSONView,
        root: Int,
        form: Form,
        place: (_ offset: Int) -> Finding.Place,
        emit: (Finding) -> Void
    ) -> Bool {
        var isValid = true
        InteractionSchema.violations(of: form.definition, view: view, at: root) { violation in
            isValid = false
            emit(
                Finding(
                    .schema,
                    .error,
                    stage: .check,
                    place: place(violation.offset),
                    path: violation.path.isEmpty ? nil : violation.path,
                    message: "expected \(violation.expected)"
                )
            )
        }
        if let payload = form.payload(view, root: root) {
            var rules = InteractionRules(view, InteractionProblemList())
            if !rules.check(payload: payload) { isValid = false }
            var path = TapePath(view, root: root)
            for (problem, node) in rules.sink.problems {
                emit(problem.finding(path: path.path(of: node), place: place(view.offset(node))))
            }
        }
        if let size = InteractionSize.excess(view, root: root, form: form, tenantIDLength: tenantIDLength) {
            isValid = false
            emit(
                Finding(
                    .oversize,
                    .error,
                    stage: .check,
                    place: place(view.offset(root)),
                    message: "\(size) bytes on the wire, and \(InteractionSize.limit) is the most",
                    remedy: "split the conversation"
                )
            )
        }
        return isValid
    }
}

extension InteractionProblem {
    /// The problem as a finding, with nothing of the message but its path.
    fileprivate func finding(path: String, place: Finding.Place) -> Finding {
        let (code, message, remedy): (FindingCode, String, String?) =
            switch self {
            case .requestIDBlank: (.requestIdBlank, "the requestId is blank", "give each request an id of its own")
            case .threadIDBlank:
                (.schema, "the threadId is only white space", "give the id of the thread or ticket")
            case .organizationIDBlank:
                (.schema, "the organizationId is only white space", "give the organization's id")
            case .participantRepeated:
                (.participantRepeated, "an earlier participant of the conversation has the same id", "merge the two")
            case .participantUnknown:
                (.unknownParticipant, "no participant of the conversation has this id", "add the participant")
            case .participantUnreferenced:
                (.participantUnreferenced, "no message of the conversation is by this participant", nil)
            case .timestampInvalid:
                (.timestampInvalid, "not an RFC 3339 time", "use the form 2024-05-06T17:40:19.123Z")
            case .messagesOutOfOrder:
                (.messagesOutOfOrder, "earlier than the message before it", "order messages by time")
            }
        return Finding(
            code,
            isNote ? .note : .error,
            stage: .check,
            place: place,
            path: path,
            message: message,
            remedy: remedy
        )
    }
}
