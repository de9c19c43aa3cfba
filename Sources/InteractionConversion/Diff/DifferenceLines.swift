// A difference as lines of single values, for people.

internal import InteractionModel

/// One value, before and afterwards.
package struct DifferenceLine: Hashable, Sendable {
    /// What happened to it.
    package var kind: InteractionDifference.Change.Kind
    /// Where it is, or was.
    package var path: String
    /// Where it was, if that is elsewhere.
    package var oldPath: String?
    /// The value before as JSON.
    package var old: String?
    /// The value afterwards as JSON.
    package var new: String?
}

extension InteractionDifference {
    /// The changes, with a line for each value in what came, went or stayed as a whole.
    package var lines: [DifferenceLine] {
        changes.flatMap { change -> [DifferenceLine] in
            switch change.kind {
            case .changed:
                let isOne = !Self.isContainer(change.old) && !Self.isContainer(change.new)
                guard !isOne else {
                    return [DifferenceLine(kind: .changed, path: change.path, old: change.old, new: change.new)]
                }
                return Self.leaves(change.old, change.path).map {
                    DifferenceLine(kind: .removed, path: $0.path, old: $0.json)
                }
                    + Self.leaves(change.new, change.path).map {
                        DifferenceLine(kind: .added, path: $0.path, new: $0.json)
                    }
            case .added:
                return Self.leaves(change.new, change.path).map {
                    DifferenceLine(kind: .added, path: $0.path, new: $0.json)
                }
            case .removed:
                return Self.leaves(change.old, change.path).map {
                    DifferenceLine(kind: .removed, path: $0.path, old: $0.json)
                }
            case .moved: return [DifferenceLine(kind: .moved, path: change.path, oldPath: change.oldPath)]
            case .same:
                return Self.leaves(change.new, change.path).map {
                    DifferenceLine(kind: .same, path: $0.path, old: $0.json, new: $0.json)
                }
            }
        }
    }

    private static func isContainer(_ json: String?) -> Bool { json?.first == "{" || json?.first == "[" }

    private static func leaves(_ json: String?, _ path: String) -> [(path: String, json: String)] {
        guard let json, isContainer(json) else { return json.map { [(path, $0)] } ?? [] }
        let padded = PaddedBytes(Array(json.utf8))
        var tape = JSONTape()
        guard (try? tape.scan(padded.start, count: padded.count)) != nil else { return [(path, json)] }
        var result: [(path: String, json: String)] = []
        collect(tape.view(of: padded.start), 0, path, &result)
        return result
    }

    private static func collect(
        _ view: JSONView,
        _ node: Int,
        _ path: String,
        _ result: inout [(path: String, json: String)]
    ) {
        switch view.kind(node) {
        case .object where !view.isEmpty(node):
            view.forEachMember(node) { key, value in
                collect(view, value, PathText.pattern(path, view.text(key)), &result)
            }
        case .array where !view.isEmpty(node):
            var position = 0
            view.forEachElement(node) { element in
                collect(view, element, "\(path)[\(position)]", &result)
                position += 1
            }
        default:
            var out = OutputBuffer(capacity: 64)
            out.append(value: view, node)
            result.append((path, String(decoding: out.bytes, as: UTF8.self)))
        }
    }
}
