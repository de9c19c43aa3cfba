// Random changes to Interactions, and what `diff` has to say of them.

import Foundation
import InteractionModel
import TestSupport

/// One step of a path into a JSON value.
enum JSONStep: Hashable {
    case member(String)
    case element(Int)
}

extension JSONValue {
    /// The value at a path.
    subscript(path: ArraySlice<JSONStep>) -> JSONValue {
        get {
            guard let first = path.first else { return self }
            let inner: JSONValue? =
                switch first {
                case .member(let name): self[name]
                case .element(let index): elements[index]
                }
            return (inner ?? .null)[path.dropFirst()]
        }
        set {
            guard let first = path.first else {
                self = newValue
                return
            }
            switch first {
            case .member(let name):
                var inner = self[name] ?? .null
                inner[path.dropFirst()] = newValue
                self[name] = inner
            case .element(let index):
                var all = elements
                all[index][path.dropFirst()] = newValue
                self = .array(all)
            }
        }
    }

    /// The paths of all values in it, itself first.
    var paths: [[JSONStep]] {
        switch self {
        case .object(let members):
            return [[]] + members.flatMap { member in member.value.paths.map { [.member(member.name)] + $0 } }
        case .array(let all):
            return [[]] + all.enumerated().flatMap { index, value in value.paths.map { [.element(index)] + $0 } }
        default: return [[]]
        }
    }

    var isContainer: Bool {
        switch self {
        case .object, .array: true
        default: false
        }
    }

    var members: [Member] {
        if case .object(let members) = self { members } else { [] }
    }
}

/// A change to an Interaction, and the places that a comparison must name: these and no others.
struct DiffMutation {
    /// What must be said.
    enum Expectation {
        case nothing
        /// One change of a kind, at one of some places that look alike.
        case one(String, [String])
        /// Something inside an array of no order, whose elements are not the same when they change.
        case inside(String)
    }

    private static let unordered: Set<String> = {
        let scopes = [
            "accounts", "appointments", "assets", "bookings", "cases", "documents", "events", "items", "locations",
            "offers", "operators", "orders", "organizations", "persons", "policies", "products", "properties",
            "services", "subscriptions", "tickets", "transactions", "users",
        ]
        return Set(
            scopes.map { "request.scope.\($0)" } + [
                "request.reference.ids", "request.reference.labels", "request.reference.tags",
                "request.resources.codes", "request.resources.links", "request.resources.offers",
                "request.scope.conversations[].participants",
            ]
        )
    }()

    /// Where the request is, bare or in an envelope.
    static func request(_ value: JSONValue) -> ArraySlice<JSONStep> {
        value["payload"] == nil ? [.member("request")] : [.member("payload"), .member("request")]
    }

    /// What makes an Interaction another one, or no Interaction: its thread and what that lies in.
    private static func isIdentity(_ path: [JSONStep], _ value: JSONValue) -> Bool {
        let thread = request(value) + [.member("connections"), .member("threadId")]
        return thread.starts(with: path) || path == [.member("headers")]
    }

    /// Changes an Interaction at random.
    ///
    /// - Parameters:
    ///   - value: The Interaction.
    ///   - random: Decides what, and where.
    ///   - number: Makes texts that occur nowhere else.
    /// - Returns: What must be said of it; nil if there was nothing to change in the way that was drawn.
    static func apply(to value: inout JSONValue, _ random: inout SeededRandom, number: Int) -> Expectation? {
        let paths = value.paths.filter { [value] in !$0.contains(.member("part")) && !isIdentity($0, value) }
        let isWanted: ([JSONStep]) -> Bool
        let kind = Int.random(in: 0..<8, using: &random)
        let whole = value
        switch kind {
        case 0: isWanted = { !whole[$0[...]].isContainer }
        case 1: isWanted = { if case .member = $0.last { true } else { false } }
        case 2, 6: isWanted = { !whole[$0[...]].members.isEmpty }
        case 3: isWanted = { if case .array = whole[$0[...]] { true } else { false } }
        default: isWanted = { !whole[$0[...]].elements.isEmpty }
        }
        guard let path = paths.filter(isWanted).randomElement(using: &random) else { return nil }
        let place = text(path)
        let old = value[path[...]]
        switch kind {
        case 0:
            value[path[...]] = changed(old, number)
            return within(path) ?? .one("changed", [place])
        case 1:
            guard case .member(let name)? = path.last else { return nil }
            value[path.dropLast()][name] = nil
            return within(path) ?? .one("removed", [place])
        case 2:
            value[path[...]]["added\(number)"] = .string("value \(number)")
            return within(path) ?? .one("added", [(place.isEmpty ? "" : place + ".") + "added\(number)"])
        case 3:
            var all = old.elements
            let index = Int.random(in: 0...all.count, using: &random)
            all.insert(sample(like: all.first, number), at: index)
            value[path[...]] = .array(all)
            return within(path) ?? .one("added", ["\(place)[\(index)]"])
        case 4:
            var all = old.elements
            let gone = all.remove(at: Int.random(in: 0..<all.count, using: &random))
            value[path[...]] = .array(all)
            let places = old.elements.indices.filter { old.elements[$0] == gone }.map { "\(place)[\($0)]" }
            return within(path) ?? .one("removed", places)
        case 5:
            var all = old.elements
            guard all.count > 1, Set(all).count == all.count else { return nil }
            let from = Int.random(in: 0..<all.count, using: &random)
            let to = Int.random(in: 0..<all.count, using: &random)
            all.insert(all.remove(at: from), at: to)
            value[path[...]] = .array(all)
            guard within(path) == nil else { return within(path) }
            if from == to || isUnordered(path) { return .nothing }
            return .one("moved", (min(from, to)...max(from, to)).map { "\(place)[\($0)]" })
        case 6:
            value[path[...]] = .object(old.members.shuffled(using: &random))
            return .nothing
        default:
            guard isUnordered(path), within(path) == nil else { return nil }
            value[path[...]] = .array(old.elements.shuffled(using: &random))
            return .nothing
        }
    }

    /// The array of no order that a path leads into, unless what changes there leaves a sign to know it again by.
    private static func within(_ path: [JSONStep]) -> Expectation? {
        for length in path.indices where isUnordered(Array(path[..<length])) {
            guard case .element = path[length] else { continue }
            let isPerson = pattern(Array(path[..<length])).hasSuffix(".participants")
            if isPerson, path.last != .member("participantId") { continue }
            return .inside(text(Array(path[..<length])))
        }
        return nil
    }

    private static func isUnordered(_ path: [JSONStep]) -> Bool { unordered.contains(pattern(path)) }

    private static func changed(_ value: JSONValue, _ number: Int) -> JSONValue {
        switch value {
        case .bool(let bool): .bool(!bool)
        case .number(let text): .number(text.contains("1") ? "\(number)2" : "\(number)1")
        case .string(let text): .string(text + "\(number)~")
        default: .string("\(number)~")
        }
    }

    /// An element that fits beside others, and is like none of them.
    private static func sample(like neighbour: JSONValue?, _ number: Int) -> JSONValue {
        guard let neighbour, case .object(let members) = neighbour else { return .string("new \(number)") }
        return .object(members.map { .init($0.name, .string("new \(number) \($0.name)")) })
    }

    private static func pattern(_ path: [JSONStep]) -> String {
        text(path).replacing(/\[\d+\]/, with: "[]")
    }

    /// A path as `diff` writes it.
    private static func text(_ path: [JSONStep]) -> String {
        let inPayload = path.first == .member("payload") ? path.dropFirst() : path[...]
        return inPayload.reduce(into: "") { text, step in
            switch step {
            case .element(let index): text += "[\(index)]"
            case .member(let name) where name.wholeMatch(of: /[A-Za-z0-9_-]+/) == nil:
                text += "[" + String(decoding: JSONValue.string(name).json, as: UTF8.self) + "]"
            case .member(let name): text += (text.isEmpty ? "" : ".") + name
            }
        }
    }
}
