// Options that have a form of their own: `50/s`, `5%`, `30s`.

/// Messages in a time, as in `50/s`, `3000/m`, `100000/h` or plain `50`.
package struct SendingRate: Sendable, Hashable, CustomStringConvertible {
    /// Messages a second.
    package let perSecond: Double

    /// Reads a rate.
    ///
    /// - Parameter text: A number above 0, then `/s`, `/m`, `/h` or nothing.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let count = Double(parts[0]), count > 0, count.isFinite, parts.count <= 2 else { return nil }
        switch parts.count == 1 ? "s" : parts[1] {
        case "s": perSecond = count
        case "m", "min": perSecond = count / 60
        case "h": perSecond = count / 3600
        default: return nil
        }
        guard perSecond >= 0.000_1, perSecond <= 1_000_000 else { return nil }
    }

    private init(perSecond: Double) { self.perSecond = perSecond }

    /// The part of the rate that each of some senders has.
    package func share(of count: Int) -> SendingRate { SendingRate(perSecond: perSecond / Double(count)) }

    package var description: String {
        perSecond == perSecond.rounded() ? "\(Int64(perSecond))/s" : "\(perSecond)/s"
    }
}

/// How many failures stop a run, as in `100` or `5%`.
package enum FailureLimit: Sendable, Hashable, CustomStringConvertible {
    /// More than so many.
    case count(Int)
    /// More than this part of those that have an outcome, in percent, as soon as 20 have one.
    case percent(Double)

    /// Reads a limit.
    ///
    /// - Parameter text: A whole number, or a number up to 100 with `%`.
    package init?(_ text: String) {
        if text.hasSuffix("%") {
            guard let value = Double(text.dropLast()), value >= 0, value <= 100 else { return nil }
            self = .percent(value)
        } else {
            guard let value = Int(text), value >= 0 else { return nil }
            self = .count(value)
        }
    }

    package var description: String {
        switch self {
        case .count(let count): "\(count)"
        case .percent(let percent): percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%"
        }
    }
}

extension Duration {
    /// Reads a time as in `500ms`, `30s`, `5m`, `2h` or plain `30`, which is seconds.
    ///
    /// - Parameter text: A number that is not negative, and a unit.
    package init?(option text: String) {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("", 1)]
        for (unit, seconds) in units where text.hasSuffix(unit) {
            guard let count = Double(text.dropLast(unit.count)), count >= 0, count * seconds <= 1e9 else { return nil }
            self = .milliseconds(Int64((count * seconds * 1000).rounded()))
            return
        }
        return nil
    }

    /// The time in microseconds, which is what the machines count in.
    var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
