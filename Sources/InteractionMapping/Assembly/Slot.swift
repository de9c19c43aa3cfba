// Every place of the Interaction payload that a value can be carried to, in the order in which it is written.

internal import InteractionModel

/// A field of the target payload; the message schema's own names and types.
enum Slot: Int, CaseIterable {
    case sessionId
    case channelBrowser, channelDeviceInfo, channelDeviceType, channelLanguage, channelLocation, channelMedium,
        channelMetadata, channelSection
    case interfaceAppVersion, interfaceCategory, interfaceLanguage, interfaceName, interfaceType
    case attributesContent, attributesInstruction, attributesVariant
    case journeyId, parentId, threadId
    case caseId, departmentId, operatorId, organizationId, userId
    case referenceIds, referenceLabels, referenceTags
    case resourcesCodes, resourcesLinks, resourcesOffers
    case accounts, appointments, assets, bookings, cases, conversations, documents, events, interactions, items,
        locations, operators, orders, organizations, persons, policies, products, properties, services,
        subscriptions, tickets, transactions, users
    case disableBrowsing, disableSearch, disableSources, disableStream, disableTools, maxResponseLength,
        overrideChannelMedium, overrideInterfaceLanguage, overrideOutputLanguage
    case a2a
    case cursorSince, cursorUntil
}

/// What the schema allows at a slot.
enum SlotShape {
    case text
    case medium
    case boolean
    case number
    /// Items of any kind.
    case list
    /// Objects whose listed members, where present, are strings or booleans.
    case objects(texts: [StaticString], flags: [StaticString] = [])
}

extension Slot {
    /// The field's name in its object.
    var key: StaticString { Self.table[rawValue].key }
    /// The field's whole path, for the ledger and the documentation.
    var path: StaticString { Self.table[rawValue].path }
    var shape: SlotShape { Self.table[rawValue].shape }
    /// Whether several values may be there.
    var isList: Bool {
        switch shape {
        case .list, .objects: true
        case .text, .medium, .boolean, .number: false
        }
    }

    private static let table: [(key: StaticString, path: StaticString, shape: SlotShape)] = [
        ("sessionId", "session.sessionId", .text),
        ("browser", "session.channel.browser", .text),
        ("deviceInfo", "session.channel.deviceInfo", .text),
        ("deviceType", "session.channel.deviceType", .text),
        ("language", "session.channel.language", .text),
        ("location", "session.channel.location", .text),
        ("medium", "session.channel.medium", .medium),
        ("metadata", "session.channel.metadata", .list),
        ("section", "session.channel.section", .text),
        ("appVersion", "session.interface.appVersion", .text),
        ("category", "session.interface.category", .text),
        ("language", "session.interface.language", .text),
        ("name", "session.interface.name", .text),
        ("type", "session.interface.type", .text),
        ("content", "request.attributes.content", .text),
        ("instruction", "request.attributes.instruction", .text),
        ("variant", "request.attributes.variant", .text),
        ("journeyId", "request.connections.journeyId", .text),
        ("parentId", "request.connections.parentId", .text),
        ("threadId", "request.connections.threadId", .text),
        ("caseId", "request.context.caseId", .text),
        ("departmentId", "request.context.departmentId", .text),
        ("operatorId", "request.context.operatorId", .text),
        ("organizationId", "request.context.organizationId", .text),
        ("userId", "request.context.userId", .text),
        ("ids", "request.reference.ids", .objects(texts: ["name", "value"])),
        ("labels", "request.reference.labels", .list),
        ("tags", "request.reference.tags", .list),
        ("codes", "request.resources.codes", .objects(texts: ["id", "label", "type", "value"])),
        (
            "links", "request.resources.links",
            .objects(texts: ["expires_at", "id", "label", "type", "url"], flags: ["html"])
        ),
        ("offers", "request.resources.offers", .list),
        ("accounts", "request.scope.accounts", .list),
        ("appointments", "request.scope.appointments", .list),
        ("assets", "request.scope.assets", .list),
        ("bookings", "request.scope.bookings", .list),
        ("cases", "request.scope.cases", .list),
        ("conversations", "request.scope.conversations", .list),
        ("documents", "request.scope.documents", .list),
        ("events", "request.scope.events", .list),
        ("interactions", "request.scope.interactions", .list),
        ("items", "request.scope.items", .list),
        ("locations", "request.scope.locations", .list),
        ("operators", "request.scope.operators", .list),
        ("orders", "request.scope.orders", .list),
        ("organizations", "request.scope.organizations", .list),
        ("persons", "request.scope.persons", .list),
        ("policies", "request.scope.policies", .list),
        ("products", "request.scope.products", .objects(texts: ["id"])),
        ("properties", "request.scope.properties", .list),
        ("services", "request.scope.services", .list),
        ("subscriptions", "request.scope.subscriptions", .list),
        ("tickets", "request.scope.tickets", .list),
        ("transactions", "request.scope.transactions", .list),
        ("users", "request.scope.users", .list),
        ("disableBrowsing", "request.settings.disableBrowsing", .boolean),
        ("disableSearch", "request.settings.disableSearch", .boolean),
        ("disableSources", "request.settings.disableSources", .boolean),
        ("disableStream", "request.settings.disableStream", .boolean),
        ("disableTools", "request.settings.disableTools", .boolean),
        ("maxResponseLength", "request.settings.maxResponseLength", .number),
        ("overrideChannelMedium", "request.settings.overrideChannelMedium", .text),
        ("overrideInterfaceLanguage", "request.settings.overrideInterfaceLanguage", .text),
        ("overrideOutputLanguage", "request.settings.overrideOutputLanguage", .text),
        ("a2a", "request.a2a", .objects(texts: ["id", "name", "type"])),
        ("since", "request.cursor.since", .text),
        ("until", "request.cursor.until", .text),
    ]
}
