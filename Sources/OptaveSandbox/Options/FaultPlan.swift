// Troubles on demand: which there are, how often they come, and when.

/// Something that goes wrong.
package enum Fault: String, CaseIterable, Sendable {
    case requestTimeout = "408"
    case tooManyRequests = "429"
    case serverError = "500"
    case unavailable = "503"
    /// One of the two above.
    case anyServerError = "5xx"
    /// The answer takes a second.
    case slow
    /// Accepted and never answered.
    case lost
    /// The connection is reset, before or after the message was accepted.
    case reset
    case duplicateReply = "duplicate-reply"
    /// Replies come late and backwards, after those of later messages.
    case outOfOrder = "out-of-order"
    /// Replies that name no request.
    case noCorrelation = "no-correlation"
    /// The line ends without a close frame, before or after the message was accepted.
    case close1006 = "close-1006"
    case close1008 = "close-1008"
    case close1009 = "close-1009"
    case close1011 = "close-1011"
    /// A WebSocket upgrade that is never answered.
    case hangingUpgrade = "hanging-upgrade"
    case upgradeUnavailable = "upgrade-503"
    case tokenUnavailable = "token-503"
    /// All tokens given out so far become invalid.
    case expire

    /// When something can go wrong.
    package enum Occasion: CaseIterable, Sendable {
        case token
        case upgrade
        /// A message over REST.
        case rest
        /// A message over a WebSocket.
        case socket
    }

    /// Whether the fault can come about then.
    func concerns(_ occasion: Occasion) -> Bool {
        switch self {
        case .tokenUnavailable: occasion == .token
        case .hangingUpgrade, .upgradeUnavailable: occasion == .upgrade
        case .requestTimeout, .tooManyRequests, .serverError, .unavailable, .anyServerError, .slow, .lost, .reset,
            .expire:
            occasion == .rest || occasion == .socket
        case .duplicateReply, .outOfOrder, .noCorrelation, .close1006, .close1008, .close1009, .close1011:
            occasion == .socket
        }
    }
}

/// How often each fault comes, and the dice.
package struct FaultPlan: Sendable {
    /// Why a fault cannot be planned.
    package struct Unusable: Error, CustomStringConvertible, Sendable {
        package var description: String
    }

    /// In the order of their names, so that one seed means one sequence.
    private var rates: [(fault: Fault, rate: Double)] = []
    private var random: SplitMix64

    /// Plans faults.
    ///
    /// - Parameters:
    ///   - texts: Each `KIND:RATE`, such as `429:5%` or `lost:0.01`; the kind `all` shares its rate among all.
    ///   - seed: Equal seeds throw equal dice.
    /// - Throws: ``Unusable`` for an unknown kind, a bad rate, or rates that make more than 100% of an occasion.
    package init(_ texts: [String] = [], seed: UInt64 = 0) throws(Unusable) {
        random = SplitMix64(seed: seed)
        var planned: [Fault: Double] = [:]
        for text in texts {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, let rate = Self.rate(parts[1]) else {
                throw Unusable(description: "'\(text)' is no fault; write KIND:RATE, such as 429:5%")
            }
            if parts[0] == "all" {
                for fault in Fault.allCases { planned[fault, default: 0] += rate / Double(Fault.allCases.count) }
            } else if let fault = Fault(rawValue: String(parts[0])) {
                planned[fault, default: 0] += rate
            } else {
                let known = Fault.allCases.map(\.rawValue).joined(separator: ", ")
                throw Unusable(description: "there is no fault '\(parts[0])'; there are \(known), all")
            }
        }
        rates = Fault.allCases.compactMap { fault in planned[fault].map { (fault, $0) } }
        for occasion in Fault.Occasion.allCases {
            let sum = rates.lazy.filter { $0.fault.concerns(occasion) }.reduce(0) { $0 + $1.rate }
            if sum > 1.000_001 { throw Unusable(description: "the faults make more than 100%") }
        }
    }

    /// Plans no faults.
    package init() { random = SplitMix64(seed: 0) }

    /// Whether something goes wrong this time, and what.
    mutating func draw(_ occasion: Fault.Occasion) -> Fault? {
        guard rates.contains(where: { $0.fault.concerns(occasion) }) else { return nil }
        var position = Double(random.next() >> 11) * 0x1p-53
        for (fault, rate) in rates where fault.concerns(occasion) {
            if position < rate { return fault == .anyServerError ? (coin() ? .serverError : .unavailable) : fault }
            position -= rate
        }
        return nil
    }

    /// One of two.
    mutating func coin() -> Bool { random.next() >> 63 == 1 }

    private static func rate(_ text: Substring) -> Double? {
        let isPercentage = text.hasSuffix("%")
        guard let number = Double(isPercentage ? text.dropLast() : text), number.isFinite else { return nil }
        let rate = isPercentage ? number / 100 : number
        return (0...1).contains(rate) ? rate : nil
    }
}

/// Random numbers that are the same in every run with the same seed.
private struct SplitMix64: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed &>> 31)
    }
}
