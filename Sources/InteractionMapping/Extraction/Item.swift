// The thing that a rule looks at: a record, or something in it.

internal import InteractionModel

/// A record or an item of it, with the way up from it only where a rule asks for that.
struct Item {
    let view: JSONView
    let node: Int
    let context: JSONView?
    private var known: Scope?

    init(view: JSONView, node: Int, context: JSONView?) {
        self.view = view
        self.node = node
        self.context = context
    }

    init(_ scope: Scope) {
        let own = scope.chain[0]
        view = own.view
        node = own.node
        context = scope.context
        known = scope
    }

    /// Whether its nodes are the record's, not those of what surrounds it.
    var isOfRecord: Bool { known.map { $0.chain[0].space == .record } ?? true }

    /// What it looks at in full.
    mutating func scope() -> Scope {
        if let known { return known }
        let made = Scope(record: view, context: context)
        known = made
        return made
    }
}
