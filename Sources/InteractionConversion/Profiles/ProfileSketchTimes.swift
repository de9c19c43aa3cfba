// How the times of a sample are written.

internal import InteractionModel

/// How the times at a path are written.
struct SketchTimes {
    /// As a profile names it.
    let format: String
    let readable: Int
    /// Readable ones that name no zone.
    let zoneless: Int
    /// Whether another order of day and month reads as many.
    let isAmbiguous: Bool
    /// Whether all are bare numbers, which may be anything.
    let isNumeric: Bool

    /// Tried in order; of those that read equally many, the first counts.
    private static let formats: [String] =
        ["automatic", "seconds", "dd.MM.yyyy HH:mm:ss", "dd.MM.yyyy HH:mm", "d.M.yyyy HH:mm", "dd.MM.yy HH:mm"]
        + ["MM/dd/yyyy HH:mm:ss", "MM/dd/yyyy HH:mm", "dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy HH:mm"]
        + ["M/d/yyyy h:mm:ss a", "M/d/yyyy h:mm a", "d/M/yyyy h:mm:ss a", "d/M/yyyy h:mm a", "M/d/yyyy H:mm"]
        + ["d/M/yyyy H:mm", "M/d/yy h:mm a", "yyyy/MM/dd HH:mm:ss", "yyyy/MM/dd HH:mm", "dd-MM-yyyy HH:mm:ss"]
        + ["dd-MM-yyyy HH:mm", "yyyy-MM-dd h:mm:ss a", "yyyy-MM-dd h:mm a", "d MMM yyyy HH:mm:ss"]
        + ["d MMM yyyy HH:mm", "d-MMM-yyyy HH:mm:ss", "d-MMM-yy HH:mm", "MMM d, yyyy h:mm:ss a"]
        + ["MMM d, yyyy h:mm a", "MMM d, yyyy HH:mm:ss", "MMM d, yyyy 'at' h:mm a", "EEE MMM d HH:mm:ss yyyy"]
        + ["EEE MMM d HH:mm:ss Z yyyy", "EEE, MM/dd/yy hh:mm:ss a", "MM/dd/yyyy hh:mma", "dd/MM/yyyy hh:mma"]
        + ["MM/dd/yyyy hh:mm:ssa", "dd/MM/yyyy hh:mm:ssa", "yyyy-MM-dd hh:mma", "yyyy-MM-dd hh:mm:ssa"]
    private static let readers: [(format: String, reader: TimeReader)] = formats.compactMap { name in
        let format: TimeFormat? =
            switch name {
            case "automatic": .automatic
            case "seconds": .seconds
            default: (try? TimePattern(name)).map { .pattern($0) }
            }
        return format.map { (name, TimeReader(format: $0, zone: nil)) }
    }

    /// Finds the format that reads the most of the values; nil if none reads four of five.
    ///
    /// - Parameter values: What stands at the path.
    init?(_ values: [String]) {
        guard !values.isEmpty, values.allSatisfy({ $0.utf8.count <= 80 }) else { return nil }
        var best: (format: String, readable: Int, zoneless: Int) = ("", 0, 0)
        var equals: [String] = []
        for (format, reader) in Self.readers {
            let kinds = values.map { Self.kind($0, format, reader) }
            let readable = kinds.count { $0 != nil }
            if readable == best.readable { equals.append(format) }
            guard readable > best.readable else { continue }
            best = (format, readable, kinds.count { $0 == .noZone })
            equals = [format]
            if readable == values.count, format == "automatic" { break }
        }
        guard best.readable * 5 >= values.count * 4 else { return nil }
        format = best.format
        readable = best.readable
        zoneless = best.zoneless
        let swapped = best.format.hasPrefix("MM/dd") ? "dd/MM" : best.format.hasPrefix("M/d/") ? "d/M/" : nil
        isAmbiguous = swapped.map { start in equals.contains { $0.hasPrefix(start) } } ?? false
        isNumeric = values.allSatisfy { $0.utf8.allSatisfy { $0 &- 0x30 < 10 || $0 == 0x2E } }
    }

    private static func kind(_ value: String, _ format: String, _ reader: TimeReader) -> TimeOutcome.Kind? {
        // A small number is seconds too, but hardly a time.
        if format == "seconds", !value.contains("."), value.utf8.count < 9 { return nil }
        var out = OutputBuffer(capacity: 64)
        let outcome = Array(value.utf8).withUnsafeBytes { reader.read($0, into: &out) }
        switch outcome.kind {
        case .asWritten, .rewritten: return isLikely(outcome.instant) ? outcome.kind : nil
        case .noZone: return outcome.kind
        default: return nil
        }
    }

    /// Whether a moment lies between 1990 and 2100, as those of chats do.
    private static func isLikely(_ instant: Instant?) -> Bool {
        instant.map { (631_152_000..<4_102_444_800).contains($0.seconds) } ?? false
    }
}

/// A date and a time of day that stand apart.
struct SplitTime {
    let fields: [SketchField]
    let times: SketchTimes

    /// Finds two fields that are times together.
    init?(_ fields: [SketchField]) {
        let likely = fields.filter { field in
            field.names.count == 1 && field.values.allSatisfy { $0.utf8.count <= 24 && $0.contains(where: \.isNumber) }
        }
        for date in likely where date.share({ !$0.contains(":") }) == 1 {
            for clock in likely where clock.values.count == date.values.count && clock.share({ $0.contains(":") }) == 1
            {
                let joined = zip(date.values, clock.values).map { $0 + " " + $1 }
                guard let times = SketchTimes(joined) else { continue }
                self.fields = [date, clock]
                self.times = times
                return
            }
        }
        return nil
    }
}
