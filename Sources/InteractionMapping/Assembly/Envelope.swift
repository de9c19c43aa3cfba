// The WebSocket envelope around a payload.

internal import InteractionModel

/// What an envelope says beside its payload, as far as the source says it.
struct EnvelopeFields {
    var tenant: TextSlice?
    /// A number's source text.
    var latency: TextSlice?
    /// Ids of the source that are valid in a header; only an unsplit record keeps them.
    var correlationId: TextSlice?
    var traceId: TextSlice?
    var idempotencyKey: TextSlice?
    var timestamp: TextSlice?
    var issuedAt: TextSlice?
}

extension OutputBuffer {
    /// Writes a payload in its envelope; members in the order of the vendor's SDK.
    ///
    /// - Parameters:
    ///   - payload: The canonical payload.
    ///   - fields: What the source says of the headers.
    ///   - tenant: The tenant for records that name none.
    ///   - ids: Those of the payload, for what the source has no id for.
    ///   - keepsIds: Whether valid ids of the source stay; not so for the parts of a split record.
    mutating func append(
        envelopeOf payload: UnsafeRawBufferPointer,
        _ fields: EnvelopeFields,
        tenant: String?,
        ids: PayloadIDs,
        keepsIds: Bool
    ) {
        append("{\"action\":\"message\",\"headers\":{")
        append(id: "correlationId", keepsIds ? fields.correlationId : nil) { ids.id(for: "correlationId") }
        // The vendor asks clients that are not its SDK to say `none`.
        append(",\"action\":\"interaction\",\"schemaRef\":\"optave.message.v3\",\"sdkVersion\":\"none\"")
        append(",\"identifier\":\"message\",")
        append(id: "traceId", keepsIds ? fields.traceId : nil) { ids.id(for: "traceId") }
        append(",")
        append(id: "idempotencyKey", keepsIds ? fields.idempotencyKey : nil) { ids.idempotencyKey }
        if let timestamp = fields.timestamp {
            append(",\"timestamp\":")
            append(string: timestamp)
        }
        if let issuedAt = fields.issuedAt {
            append(",\"issuedAt\":")
            append(string: issuedAt)
        }
        if let given = fields.tenant {
            append(",\"tenantId\":")
            append(string: given)
        } else if let tenant {
            append(",\"tenantId\":")
            append(quoted: tenant)
        }
        if let latency = fields.latency {
            append(",\"networkLatencyMs\":")
            append(latency.bytes)
        }
        append("},\"payload\":")
        append(payload)
        append("}")
    }

    private mutating func append(id name: StaticString, _ given: TextSlice?, _ made: () -> UUIDValue) {
        append("\"")
        append(name)
        append("\":")
        if let given {
            append(string: given)
            return
        }
        append("\"")
        made().withText { append($0) }
        append("\"")
    }
}
