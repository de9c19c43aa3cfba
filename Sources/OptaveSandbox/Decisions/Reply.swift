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
        guard isEnveloped else {
            append(bare: &text, correlationId)
            return text.array
        }
        text.append("{\"action\":\"message\",\"headers\":{")
        if let correlationId {
            text.append("\"correlationId\":")
            text.append(quoted: correlationId)
            text.append(",")
        }
        text.append("\"action\":\"interaction\",\"schemaRef\":")
        text.append(quoted: state == .error ? "optave.error.v3" : "optave.response.v3")
        text.append("},\"payload\":")
        append(bare: &text, nil)
        text.append("}")
        return text.array
    }

    private func append(bare text: inout OutputBuffer, _ correlationId: String?) {
        text.append("{\"action\":\"superpower\",\"actionType\":")
        text.append(quoted: actionType)
        text.append(",\"state\":")
        text.append(quoted: state.rawValue)
        text.append(",\"message\":{\"results\":[")
        if let content {
            text.append("{\"response\":[{\"content\":")
            text.append(quoted: content)
            if let errorCode {
                text.append(",\"error_code\":")
                text.append(quoted: errorCode)
            }
            text.append("}]}")
        }
        text.append("]}")
        if let correlationId {
            text.append(",\"correlationId\":")
            text.append(quoted: correlationId)
        }
        text.append("}")
    }
}
