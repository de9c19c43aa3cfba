// The thing that a rule looks at: a record, or something in it.

internal import InteractionModel

/// A record or an item of it, with the way up from it only where a rule asks for that.
struct Item {
    let view: JSONView
    let node: Int
    let context: JSONView?
    /// Whether its nodes are the record's, not those of what surrounds it.
    let isOfRecord: Bool
    /// The node of its name, or -1.
    private let key: Int
    private var known: Scope?

    /// Makes a record's own item, or that of a member of it.
    ///
    /// - Parameters:
    ///   - view: The record.
    ///   - node: The item's node.
    ///   - context: What surrounds the record.
    ///   - key: The node of its name, if it is a member.
    init(view: JSONView, node: Int, context: JSONView?, key: Int = -1) {
        self.view = view
        self.node = node
        self.context = context
        isOfRecord = true
        self.key = key
    }

    /// Makes the item of something found from a scope.
    init(_ found: Found, in scope: Scope) {
        view = found.view
        node = found.node
        context = scope.context
        isOfRecord = found.space == .record
        key = found.key
        if !isOfRecord { known = scope.inner(found) }
    }

    /// What it looks at in full.
    mutating func scope() -> Scope {
        if let known { return known }
        var made = Scope(record: view, context: context)
        if node != view.root { made = made.inner(Found(view: view, node: node, space: .record, key: key)) }
        known = made
        return made
    }
}
