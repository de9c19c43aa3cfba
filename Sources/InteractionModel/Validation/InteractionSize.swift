// The size limit, and what an envelope adds to a payload.

/// How large a message is on the wire, planned on the envelope whichever form it is in.
package enum InteractionSize {
    /// The most UTF-8 bytes that a message may have on the wire: 128 KiB.
    ///
    /// The vendor's SDK counts UTF-16 units, of which a text never has more than UTF-8 bytes.
    package static let limit = 131_072

    /// An envelope with everything in it whose length is not known here left out.
    private static let layout: StaticString = """
        {"action":"message","headers":{"correlationId":"","action":"interaction","schemaRef":"optave.message.v3",\
        "sdkVersion":"none","identifier":"message","traceId":"","idempotencyKey":"","timestamp":"","issuedAt":"",\
        "networkLatencyMs":},"payload":}
        """
    private static let tenant: StaticString = #","tenantId":"""#
    private static let issuedAt: StaticString = #","issuedAt":"2024-05-06T17:40:19.123Z""#
    private static let longestTime: StaticString = "2024-05-06T17:40:19.123+00:00"
    private static let longestLatency = 24

    /// The bytes to reserve for the envelope around a payload.
    ///
    /// That is every header the vendor's SDK knows: three UUIDs, `sdkVersion` `none`, `timestamp` in its longest
    /// form, `issuedAt` in UTC with milliseconds, a latency of up to 24 characters, and the tenant if there is one.
    ///
    /// - Parameter tenantIDLength: Bytes of the tenant's id as a JSON string without its quotes; 0 for no tenant.
    /// - Returns: The size of the envelope without its payload.
    package static func envelopeAllowance(tenantIDLength: Int = 0) -> Int {
        layout.utf8CodeUnitCount + 3 * 36 + longestTime.utf8CodeUnitCount + issuedAtTime + longestLatency
            + tenantAllowance(tenantIDLength)
    }

    private static var issuedAtTime: Int { issuedAt.utf8CodeUnitCount - #","issuedAt":"""#.utf8.count }

    private static func tenantAllowance(_ length: Int) -> Int {
        length > 0 ? tenant.utf8CodeUnitCount + length : 0
    }

    /// The planned size of a message, if it is over the limit.
    ///
    /// What counts is the canonical text, which is what is sent and never longer than the source. An envelope keeps
    /// its headers and gets those that sending adds.
    ///
    /// - Parameters:
    ///   - view: The parsed text.
    ///   - root: The message's node.
    ///   - form: What the message is.
    ///   - tenantIDLength: As for ``envelopeAllowance(tenantIDLength:)``.
    /// - Returns: Bytes, or nil for a message that fits.
    /// - Complexity: Constant, unless the source text is over the limit.
    static func excess(
        _ view: JSONView,
        root: Int,
        form: InteractionValidator.Form,
        tenantIDLength: Int
    ) -> Int? {
        var allowance = 0
        switch form {
        case .payload: allowance = envelopeAllowance(tenantIDLength: tenantIDLength)
        case .envelope:
            guard let headers = view.member(root, "headers") else { break }
            if view.member(headers, "issuedAt") == nil { allowance += issuedAt.utf8CodeUnitCount }
            if view.member(headers, "tenantId") == nil { allowance += tenantAllowance(tenantIDLength) }
        }
        guard view.bytes(root).count + allowance > limit else { return nil }
        var canonical = OutputBuffer(capacity: view.bytes(root).count)
        canonical.append(value: view, root)
        let size = canonical.count + allowance
        return size > limit ? size : nil
    }
}
