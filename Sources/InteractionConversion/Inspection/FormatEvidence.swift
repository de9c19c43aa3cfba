// What speaks for a format, and what is missing to one that nearly fits.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// One thing by which a format is told.
public struct FormatSign: Sendable, Hashable, CustomStringConvertible {
    /// What it is about.
    public enum Kind: String, Sendable, Hashable {
        /// Something must be at the path.
        case path
        /// One of some values must be at the path.
        case value
        /// Nothing may be at the path.
        case absence
    }

    /// What it is about.
    public var kind: Kind
    /// Paths as profiles write them, of which one is enough.
    public var paths: [String]
    /// The values of which one is enough; `*` stands for any characters.
    public var values: [String] = []

    init(_ kind: Kind, _ paths: [String], _ values: [String] = []) {
        self.kind = kind
        self.paths = paths
        self.values = values
    }

    /// A few alternatives are enough to know what is meant.
    private static func list(_ words: [String]) -> String {
        words.prefix(4).map { "`\($0)`" }.joined(separator: " or ") + (words.count > 4 ? " or …" : "")
    }

    /// The sign in words, as something that is there.
    public var description: String {
        kind == .value ? "\(Self.list(paths)) is \(Self.list(values))" : Self.list(paths)
    }

    /// What is wrong where the sign is missing.
    var lack: String {
        switch kind {
        case .path: "\(Self.list(paths)) is missing"
        case .value: "\(Self.list(paths)) is not \(Self.list(values))"
        case .absence: "\(Self.list(paths)) is there"
        }
    }
}

/// A format that an input nearly is.
public struct NearMiss: Sendable, Hashable, CustomStringConvertible {
    /// The profile's name.
    public var format: String
    /// What speaks for it.
    public var found: [FormatSign]
    /// What does not.
    public var missing: [FormatSign]

    /// Such as: it looks like slack, but `ts` is missing.
    public var description: String { "it looks like \(format), but \(lacks)" }

    /// What is missing, in words.
    var lacks: String { missing.map(\.lack).joined(separator: " and ") }
}

extension Skeleton {
    /// What of a detection is in the content, and what is not.
    ///
    /// - Parameters:
    ///   - detection: What must be there, seen from a record.
    ///   - at: Where the records are.
    /// - Returns: Its signs, each once.
    func signs(_ detection: Detection, at: String) -> (found: [FormatSign], missing: [FormatSign]) {
        let places = RecordPlaces(at, kind)
        func facts(_ path: String) -> Facts? {
            path.split(separator: "|").lazy.compactMap { self.facts(String($0), places) }.first
        }
        func alternatives(_ paths: [String]) -> [String] {
            paths.flatMap { $0.split(separator: "|").map(String.init) }
        }
        var (found, missing): ([FormatSign], [FormatSign]) = ([], [])
        for path in detection.all {
            if facts(path) != nil {
                found.append(FormatSign(.path, alternatives([path]).filter { facts($0) != nil }))
            } else {
                missing.append(FormatSign(.path, alternatives([path])))
            }
        }
        let some = detection.any.filter { facts($0) != nil }
        found += some.map { FormatSign(.path, alternatives([$0]).filter { facts($0) != nil }) }
        if some.isEmpty, !detection.any.isEmpty { missing.append(FormatSign(.path, alternatives(detection.any))) }
        for path in detection.none where facts(path) != nil { missing.append(FormatSign(.absence, [path])) }
        for value in detection.values {
            let samples = facts(value.path)?.samples ?? []
            let met = value.met(by: samples)
            if !met.isEmpty {
                found.append(FormatSign(.value, [value.path], met))
            } else {
                missing.append(FormatSign(.value, [value.path], value.wanted))
            }
        }
        return (found, missing)
    }
}

extension FormatDetector {
    /// What spoke for a format.
    ///
    /// - Parameters:
    ///   - format: What ``look(at:)`` has found.
    ///   - skeleton: What the input looks like.
    /// - Returns: The signs of the rules and tables that fit, each once.
    func evidence(_ format: InputFormat, _ skeleton: Skeleton) -> [FormatSign] {
        switch format {
        case .content(let name, let rules, let tables):
            guard let profile = profiles(skeleton.kind).first(where: { $0.name == name }) else { return [] }
            let detections =
                rules.map { (profile.records[$0].detection, profile.records[$0].at) }
                + tables.map { (profile.tables[$0].detection, profile.tables[$0].at) }
            var signs: [FormatSign] = []
            for (detection, at) in detections {
                for sign in skeleton.signs(detection, at: at).found where !signs.contains(sign) { signs.append(sign) }
            }
            return signs
        case .legacy: return LegacyShape.transcripts(in: skeleton).map { FormatSign(.path, [$0]) }
        case .legacyMarkup(let path): return [FormatSign(.path, [path])]
        case .legacyTable:
            let columns = skeleton.order.filter { column in
                let path = column.replacing("[", with: ".")
                return PayloadShape.transcripts.contains { path == $0 || path.hasPrefix($0 + ".") }
            }
            return columns.map { FormatSign(.path, [$0]) }
        default: return []
        }
    }

    /// The formats that an input nearly is, the nearest first.
    ///
    /// - Parameter skeleton: What an input looks like that is of no format.
    /// - Returns: Few: those that lack one or two things, and have more than they lack.
    func nearMisses(_ skeleton: Skeleton) -> [NearMiss] {
        var misses: [(nearness: Int, miss: NearMiss)] = []
        for profile in profiles(skeleton.kind) {
            var best: (nearness: Int, miss: NearMiss)?
            for rule in profile.records {
                let (found, missing) = skeleton.signs(rule.detection, at: rule.at)
                let (gain, loss) = (Self.weight(found), Self.weight(missing))
                // The more is missing, the more must be there.
                guard (1...2).contains(missing.count), gain >= 4, gain > loss * missing.count,
                    gain - loss > best?.nearness ?? 0
                else { continue }
                best = (gain - loss, NearMiss(format: profile.name, found: found, missing: missing))
            }
            if let best { misses.append(best) }
        }
        // Equally near ones stay in the order of their names.
        let order = misses.indices.sorted { (-misses[$0].nearness, $0) < (-misses[$1].nearness, $1) }
        let nearest = order.first.map { misses[$0].nearness } ?? 0
        return order.prefix(3).filter { misses[$0].nearness * 2 > nearest }.map { misses[$0].miss }
    }

    /// What JSON looks like that is read as legacy payloads for want of something better.
    ///
    /// - Parameter skeleton: What the input looks like.
    /// - Returns: Nil if it has the transcript of a legacy payload, or looks like nothing.
    func nearMissOfLegacy(_ skeleton: Skeleton) -> NearMiss? {
        LegacyShape.transcripts(in: skeleton).isEmpty ? nearMisses(skeleton).first : nil
    }

    /// What the only profile to choose from lacks, in words.
    ///
    /// - Parameter skeleton: What the input looks like; nil if it is of no syntax.
    /// - Returns: Nil if the input is written in another syntax.
    func lacks(_ skeleton: Skeleton?) -> String? {
        guard let skeleton, let only, only.kind == Profile.Kind(skeleton.kind) else { return nil }
        let missing = only.records.map { skeleton.signs($0.detection, at: $0.at).missing }
        guard let fewest = missing.min(by: { $0.count < $1.count }), !fewest.isEmpty else { return nil }
        return fewest.prefix(3).map(\.lack).joined(separator: " and ")
    }

    private static func weight(_ signs: [FormatSign]) -> Int {
        signs.reduce(0) { $0 + ($1.kind == .path ? 2 : $1.kind == .value ? 3 : 1) }
    }
}
