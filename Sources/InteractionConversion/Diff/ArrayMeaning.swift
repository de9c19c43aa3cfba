// What the order of an array means, and by what its elements are known again.

/// Which arrays of an Interaction are in an order that says something; docs/CLI.md has the same list.
enum ArrayMeaning {
    /// People, who are known by their ids, in no order.
    case participants
    /// What was said or done, in order: known by who, when and what.
    case entries
    /// Conversations, in order.
    case conversations
    /// Things in no order that have an id or a name, or are values themselves.
    case unordered
    /// Values in an order that may mean something.
    case list

    /// Finds out about the array at a path.
    ///
    /// - Parameter pattern: The array's path without positions, from the payload.
    init(at pattern: String) {
        self = Self.known[pattern] ?? .list
    }

    /// Whether elements that stand elsewhere are a difference.
    var isOrdered: Bool {
        switch self {
        case .participants, .unordered: false
        case .entries, .conversations, .list: true
        }
    }

    /// Arrays below `request.scope` whose elements the schema gives no order.
    static let scopes = [
        "accounts", "appointments", "assets", "bookings", "cases", "documents", "events", "items", "locations",
        "offers", "operators", "orders", "organizations", "persons", "policies", "products", "properties", "services",
        "subscriptions", "tickets", "transactions", "users",
    ]

    private static let known: [String: ArrayMeaning] = {
        var known: [String: ArrayMeaning] = [
            "request.scope.conversations": .conversations,
            "request.scope.conversations[].participants": .participants,
            "request.scope.conversations[].messages": .entries,
            "request.scope.interactions": .entries,
            "request.reference.ids": .unordered,
            "request.reference.labels": .unordered,
            "request.reference.tags": .unordered,
            "request.resources.codes": .unordered,
            "request.resources.links": .unordered,
            "request.resources.offers": .unordered,
        ]
        for name in scopes { known["request.scope.\(name)"] = .unordered }
        return known
    }()
}
