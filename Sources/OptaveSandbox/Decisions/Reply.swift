// What the tenant answers, in both of its forms.

internal import InteractionModel

/// One reply to a message.
struct Reply: Sendable, Equatable {
    enum State: String, Sendable {
        case started
        case completed
        case error
    }

    var state: State
    var actionType: String
    /// The request it belongs to; nil leaves a client in the dark.
    var correlationId: String?
    var content: String?
    var errorCode: String?
    var isEnveloped: Bool

    /// The reply as JSON.
    var json: [UInt8] {
        var text = OutputBuffer(capacity: 512)
        text.append(object: {
            guard isEnveloped else { return bare(&$0, correlationId) }
            $0.member("action", "message")
            $0.member(
                "headers",
                object: {
                    if let correlationId { $0.member("correlationId", correlationId) }
                    $0.member("action", "interaction")
                    $0.member("schemaRef", state == .error ? "optave.error.v3" : "optave.response.v3")
                }
            )
            $0.member("payload", object: { bare(&$0, nil) })
        })
        return text.array
    }

    private func bare(_ text: inout OutputBuffer, _ correlationId: String?) {
        text.member("action", "superpower")
        text.member("actionType", actionType)
        text.member("state", state.rawValue)
        text.member(
            "message",
            object: {
                $0.member("results", list: content.map { [$0] } ?? []) { out, content in
                    out.append(object: {
                        $0.member("response", list: [content]) { out, content in
                            out.append(object: {
                                $0.member("content", content)
                                if let errorCode { $0.member("error_code", errorCode) }
                            })
                        }
                    })
                }
            }
        )
        if let correlationId { text.member("correlationId", correlationId) }
    }
}
