// The mapping tables of the flat generations: every documented source path, and where its value goes.

internal import InteractionModel

/// What to do with the value at a source path.
enum LegacyRule {
    /// An object whose members have rules of their own.
    case section
    /// Carried to a slot, if the value has the slot's shape.
    case slot(Slot)
    /// An item of `reference.ids`, under this name.
    case identifier(StaticString)
    /// No home in the target: kept in the metadata under its path.
    case keep
    /// Needs more than a table can say.
    case special(Special)

    /// Values that several rules depend on, or that go to more than one place.
    enum Special: Int, CaseIterable {
        case transcript
        case interactions
        case notes
        case requestId
        case threadId
        case organizationId
        case tenantId
        case latency
        /// The message's own name and kind, which the target says in its headers or URL.
        case messageName
        case medium
        case variant
        case variation
        case productId
        case product
        case crm
        case channelName
        case organizationName
        case agent
        case user
    }
}

/// One line of a mapping table.
struct LegacyMapping {
    var path: String
    var rule: LegacyRule

    init(_ path: String, _ rule: LegacyRule) {
        self.path = path
        self.rule = rule
    }
}

/// The tables; docs/MAPPING.md has the same lines with their reasons, and a test compares the two.
enum LegacyRules {
    /// `legacy-generations.md` §4.2.
    static let version1: [LegacyMapping] =
        [
            LegacyMapping("action", .special(.messageName)),
            LegacyMapping("actionType", .special(.messageName)),
            LegacyMapping("inputs", .section),
        ]
        + ["", "inputs."].flatMap { prefix in
            [
                LegacyMapping(prefix + "history", .special(.transcript)),
                LegacyMapping(prefix + "content", .slot(.attributesContent)),
            ]
        }

    /// `legacy-generations.md` §4.3; version 2.0 and 3.0 differ in `product` alone.
    static let version2: [LegacyMapping] =
        [
            LegacyMapping("action", .special(.messageName)),
            LegacyMapping("actionType", .special(.messageName)),
        ]
        + [
            ("session", .section),
            ("session.user_perspective", .special(.transcript)),
            ("session.interactions", .special(.interactions)),
            ("session.notes", .special(.notes)),
            ("session.feedbacks", .keep),
            ("session.escalations", .keep),
            ("session.tags", .slot(.referenceTags)),
            ("session.open_orders", .slot(.orders)),
            ("session.sdk_version", .identifier("legacy_sdk_version")),
            ("session.trace_session_ID", .identifier("trace_session_ID")),
            ("session.trace_parent_ID", .slot(.parentId)),
            ("request", .section),
            ("request.request_ID", .special(.requestId)),
            ("request.request_type", .special(.messageName)),
            ("request.action", .special(.messageName)),
            ("request.status", .identifier("status")),
            ("request.instruction", .slot(.attributesInstruction)),
            ("request.content", .slot(.attributesContent)),
            ("request.medium", .special(.medium)),
            ("request.variation", .special(.variation)),
            ("request.variant", .special(.variant)),
            ("request.product_ID", .special(.productId)),
            ("request.product", .special(.product)),
            ("request.crm", .special(.crm)),
            ("request.output_language", .slot(.overrideOutputLanguage)),
            ("request.interface_language", .slot(.interfaceLanguage)),
            ("request.channel", .section),
            ("request.channel.c_name", .special(.channelName)),
            ("request.channel.c_language", .slot(.channelLanguage)),
            ("request.channel.c_section", .slot(.channelSection)),
            ("request.settings", .section),
            ("request.settings.disable_search", .slot(.disableSearch)),
            ("request.settings.disable_stream", .slot(.disableStream)),
            ("request.offering_details", .slot(.resourcesOffers)),
            ("client", .section),
            ("client.organization_ID", .special(.organizationId)),
            ("client.organization_name", .special(.organizationName)),
            ("client.department_ID", .slot(.departmentId)),
            ("client.department_name", .identifier("department_name")),
            ("client.client_ID", .identifier("client_ID")),
            ("agent", .special(.agent)),
            ("user", .special(.user)),
        ].wrapped(in: ["inputs", "payload"])

    /// `legacy-generations.md` §4.4.
    static let version31: [LegacyMapping] =
        [("action", .special(.messageName))].wrapped(in: [])
        + ([
            ("session", .section),
            ("session.session_id", .slot(.sessionId)),
            ("session.trace_id", .identifier("trace_id")),
            ("session.channel", .section),
            ("session.channel.browser", .slot(.channelBrowser)),
            ("session.channel.device_info", .slot(.channelDeviceInfo)),
            ("session.channel.device_type", .slot(.channelDeviceType)),
            ("session.channel.language", .slot(.channelLanguage)),
            ("session.channel.location", .slot(.channelLocation)),
            ("session.channel.medium", .special(.medium)),
            ("session.channel.metadata", .slot(.channelMetadata)),
            ("session.channel.section", .slot(.channelSection)),
            ("session.interface", .section),
            ("session.interface.app_version", .slot(.interfaceAppVersion)),
            ("session.interface.category", .slot(.interfaceCategory)),
            ("session.interface.language", .slot(.interfaceLanguage)),
            ("session.interface.name", .slot(.interfaceName)),
            ("session.interface.sdk_version", .identifier("legacy_sdk_version")),
            ("session.interface.type", .slot(.interfaceType)),
            ("session.network", .section),
            ("session.network.latency_ms", .special(.latency)),
            ("request", .section),
            ("request.request_id", .special(.requestId)),
            ("request.context", .section),
            ("request.context.tenant_id", .special(.tenantId)),
            ("request.context.organization_id", .special(.organizationId)),
            ("request.context.department_id", .slot(.departmentId)),
            ("request.context.operator_id", .slot(.operatorId)),
            ("request.context.user_id", .slot(.userId)),
            ("request.context.case_id", .slot(.caseId)),
            ("request.connections", .section),
            ("request.connections.parent_id", .slot(.parentId)),
            ("request.connections.thread_id", .special(.threadId)),
            ("request.connections.journey_id", .slot(.journeyId)),
            ("request.attributes", .section),
            ("request.attributes.type", .special(.messageName)),
            ("request.attributes.action", .special(.messageName)),
            ("request.attributes.instruction", .slot(.attributesInstruction)),
            ("request.attributes.content", .slot(.attributesContent)),
            ("request.attributes.variant", .special(.variant)),
            ("request.variation", .special(.variation)),
            ("request.reference", .section),
            ("request.reference.tags", .slot(.referenceTags)),
            ("request.reference.labels", .slot(.referenceLabels)),
            ("request.reference.ids", .slot(.referenceIds)),
            ("request.resources", .section),
            ("request.resources.offers", .slot(.resourcesOffers)),
            ("request.resources.links", .slot(.resourcesLinks)),
            ("request.resources.codes", .slot(.resourcesCodes)),
            ("request.scope", .section),
            ("request.scope.conversations", .special(.transcript)),
            ("request.scope.interactions", .special(.interactions)),
            ("request.scope.offers", .slot(.resourcesOffers)),
        ] + scopes
        + [
            ("request.settings", .section),
            ("request.settings.disable_search", .slot(.disableSearch)),
            ("request.settings.disable_stream", .slot(.disableStream)),
            ("request.settings.disable_sources", .slot(.disableSources)),
            ("request.settings.disable_tools", .slot(.disableTools)),
            ("request.settings.disable_browsing", .slot(.disableBrowsing)),
            ("request.settings.max_response_length", .slot(.maxResponseLength)),
            ("request.settings.output_language", .slot(.overrideOutputLanguage)),
            ("request.settings.override_output_language", .slot(.overrideOutputLanguage)),
            ("request.settings.override_interface_language", .slot(.overrideInterfaceLanguage)),
            ("request.settings.override_channel_medium", .slot(.overrideChannelMedium)),
            ("request.cursor", .section),
            ("request.cursor.since", .slot(.cursorSince)),
            ("request.cursor.until", .slot(.cursorUntil)),
            ("request.a2a", .slot(.a2a)),
        ]).wrapped(in: ["payload"])

    private static let scopes: [(String, LegacyRule)] = [
        ("accounts", .accounts), ("appointments", .appointments), ("assets", .assets), ("bookings", .bookings),
        ("cases", .cases), ("documents", .documents), ("events", .events), ("items", .items),
        ("locations", .locations), ("operators", .operators), ("orders", .orders),
        ("organizations", .organizations), ("persons", .persons), ("policies", .policies), ("products", .products),
        ("properties", .properties), ("services", .services), ("subscriptions", .subscriptions),
        ("tickets", .tickets), ("transactions", .transactions), ("users", .users),
    ].map { (name: String, slot: Slot) in ("request.scope." + name, .slot(slot)) }
}

extension [(String, LegacyRule)] {
    /// The lines as they are, and again for payloads inside a wrapper of another version.
    fileprivate func wrapped(in wrappers: [String]) -> [LegacyMapping] {
        map { LegacyMapping($0.0, $0.1) }
            + wrappers.flatMap { wrapper in
                [LegacyMapping(wrapper, .section)] + map { LegacyMapping(wrapper + "." + $0.0, $0.1) }
            }
    }
}
