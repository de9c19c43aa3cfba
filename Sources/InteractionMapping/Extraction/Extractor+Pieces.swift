// Texts that hold several values.

internal import InteractionModel

extension Extractor {
    /// The values that the texts of an alternative come to, each through all of its steps.
    ///
    /// - Returns: JSON strings in order.
    mutating func pieces(_ alternative: Alternative, _ scope: Scope, _ target: FieldTarget) -> [[UInt8]] {
        let start = trail.count
        var pieces = wholes(alternative, scope, target)
        var isLossy = false
        for step in alternative.steps {
            if case .split(let separator, nil) = step {
                pieces = pieces.flatMap { $0.string.pieces(between: separator) }.map { texts.keep($0) }
                pieces.removeAll { $0.isBlank }
                continue
            }
            let count = pieces.count
            pieces = pieces.compactMap { apply(step, $0, scope) }
            if case .absent = step { continue }
            isLossy = isLossy || pieces.count < count
        }
        pieces.removeAll { $0.isBlank }
        // A piece that came to nothing is in the whole, which is kept then.
        if isLossy || pieces.isEmpty { takeBack(to: start) }
        return pieces.map { piece in json { $0.append(string: piece) } }
    }

    /// The texts that an alternative begins with: all that are at its path.
    private mutating func wholes(_ alternative: Alternative, _ scope: Scope, _ target: FieldTarget) -> [TextSlice] {
        guard case .path(let path) = alternative.source, path.file == nil else {
            return source(alternative, scope, target).map { [$0] } ?? []
        }
        var found: [Found] = []
        scope.visit(path) { each in
            if each.text?.isBlank == false { found.append(each) }
            return true
        }
        for each in found { mark(each, target) }
        return found.compactMap(\.text)
    }
}

extension TextStep {
    /// Whether several values may come of one.
    var givesPieces: Bool {
        if case .split(_, nil) = self { true } else { false }
    }
}
