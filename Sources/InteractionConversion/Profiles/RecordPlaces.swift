// Where the paths of a profile lie in an input, and whether something is there.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

extension Skeleton {
    /// How much of the content speaks for a detection; nil if something speaks against it.
    ///
    /// - Parameters:
    ///   - detection: What must be there, seen from a record.
    ///   - at: Where the records are.
    /// - Returns: The score.
    func score(_ detection: Detection, at: String) -> Int? {
        let places = RecordPlaces(at, kind)
        func facts(_ path: String) -> Facts? {
            path.split(separator: "|").lazy.compactMap { self.facts(String($0), places) }.first
        }
        var score = 0
        for path in detection.all {
            guard facts(path) != nil else { return nil }
            score += 2
        }
        if !detection.any.isEmpty {
            let found = detection.any.count { facts($0) != nil }
            guard found > 0 else { return nil }
            score += found
        }
        guard !detection.none.contains(where: { facts($0) != nil }) else { return nil }
        for value in detection.values {
            guard let found = facts(value.path) else { return nil }
            guard value.isAmong(found.samples) else { return nil }
            score += 3
        }
        return score
    }

    /// What is known about a path that begins at a record; nil if nothing is there.
    func facts(_ path: String, _ places: RecordPlaces) -> Facts? {
        for place in places.paths(to: path) {
            if let exact = paths[place] { return exact }
            if kind == .delimited {
                // Columns are named by people: letter case and spaces do not tell them apart.
                let wanted = DelimitedDialect.folded(place)
                if let column = order.first(where: { DelimitedDialect.folded($0) == wanted }) { return paths[column] }
            } else if place.contains("*"), let found = order.first(where: { Glob.matches(place, $0) }) {
                return paths[found]
            }
        }
        return nil
    }
}

/// How the paths of a profile, which begin at a record, are called when they begin at the top of the document.
struct RecordPlaces {
    private let kind: Skeleton.Kind
    /// The ways to a record, each as steps; `*` stands for any.
    private var records: [[String]] = [[]]

    init(_ at: String, _ kind: Skeleton.Kind) {
        self.kind = kind
        switch kind {
        case .delimited: break
        case .json:
            let steps = at.dropFirst().replacingBrackets
            // A whole-document array stands for its elements.
            records = steps.isEmpty ? [[], ["[]"]] : [steps, ["[]"] + steps]
        case .markup:
            for step in at.split(separator: "/", omittingEmptySubsequences: true) {
                records = records.flatMap { way in step.split(separator: "|").map { way + [String($0)] } }
            }
            if at.hasPrefix("//") { records = records.flatMap { [["*"] + $0, $0] } }
            if at == "/" { records = [["*"]] }
        }
    }

    /// The paths from the top of the document to a path from a record.
    func paths(to path: String) -> [String] {
        var path = path
        var up = 0
        while path.hasPrefix("^") {
            up += 1
            path = String(path.dropFirst(path.hasPrefix("^.") ? 2 : 1))
        }
        switch kind {
        case .delimited: return [path]
        case .json:
            let inner = path.split(separator: ".").flatMap { ("." + $0).replacingBrackets }
            return records.map { way in
                // Arrays on the way up are no level of their own.
                var outer = way
                for _ in 0..<up {
                    while outer.last == "[]" { outer.removeLast() }
                    if !outer.isEmpty { outer.removeLast() }
                }
                return Self.joined(outer + inner)
            }
        case .markup:
            let inner = path.split(separator: ".").map(String.init).filter { !$0.hasPrefix("#") }
            return records.map { ($0.dropLast(up) + inner).joined(separator: "/") }
        }
    }

    private static func joined(_ steps: [String]) -> String {
        steps.reduce(into: "") { text, step in
            if !text.isEmpty, step != "[]" { text += "." }
            text += step
        }
    }
}

extension StringProtocol {
    /// The steps of `.a.b[*].c`, each array's elements a step of their own.
    fileprivate var replacingBrackets: [String] {
        String(self).split(separator: ".").flatMap { step -> [String] in
            let pieces = step.split(separator: "[", omittingEmptySubsequences: true)
            guard let first = pieces.first else { return [] }
            let isElement = step.hasPrefix("[")
            let names = isElement ? [] : [String(first)]
            return names
                + pieces.dropFirst(isElement ? 0 : 1).map { piece in
                    piece.first == "'" ? piece.filter { !"']".contains($0) } : "[]"
                }
        }
    }
}
