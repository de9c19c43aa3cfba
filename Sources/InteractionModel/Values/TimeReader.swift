// Reading the times of one source: one format, and one zone for local times.

/// Reads times as one field of a source has them.
package struct TimeReader: Sendable {
    private let format: TimeFormat
    private let zone: ZoneRules?

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - format: How the source writes its times.
    ///   - zone: Where its clocks hang, for times that say no zone; nil when nobody knows.
    package init(format: TimeFormat, zone: ZoneRules?) {
        self.format = format
        self.zone = zone
    }

    /// Reads a time.
    ///
    /// Where the outcome has a moment and is not `.asWritten`, RFC 3339 text of the source's precision is appended; in
    /// all other cases nothing is.
    ///
    /// - Parameters:
    ///   - utf8: The unescaped content of a JSON string or number, a CSV cell or the like; any bytes.
    ///   - out: Where RFC 3339 text is appended.
    /// - Returns: The moment, or why there is none.
    /// - Complexity: O(length), without allocation; RFC 2822 apart.
    package func read(_ utf8: UnsafeRawBufferPointer, into out: inout OutputBuffer) -> TimeOutcome {
        if case .automatic = format {
            // Nearly all times take one of these two ways.
            if let instant = Instant.rfc3339(utf8) { return .asWritten(instant) }
            if let time = CivilTime(iso8601: utf8) { return settle(time, into: &out) }
        }
        let text = Instant.trimmed(utf8)
        if text.isEmpty { return .empty }
        switch format {
        case .automatic: return readAutomatic(text, into: &out)
        case .seconds: return .written(.rewritten, readEpoch(text, digits: 0, into: &out))
        case .milliseconds: return .written(.rewritten, readEpoch(text, digits: 3, into: &out))
        case .microseconds: return .written(.rewritten, readEpoch(text, digits: 6, into: &out))
        case .nanoseconds: return .written(.rewritten, readEpoch(text, digits: 9, into: &out))
        case .pattern(let pattern):
            return pattern.read(text).map { settle($0, into: &out) } ?? .unreadable
        case .patterns(let patterns):
            return readFirst(of: patterns, text, into: &out)
        }
    }

    /// Reads a time that may have any of the usual forms.
    private func readAutomatic(_ text: UnsafeRawBufferPointer, into out: inout OutputBuffer) -> TimeOutcome {
        if let time = CivilTime(iso8601: text) { return settle(time, into: &out) }
        // Ten digits are seconds from 2001 to 2286, and each finer unit has three more.
        let digits = text.prefix { Instant.isDigit($0) }.count
        if [10, 13, 16, 19].contains(digits), let instant = readEpoch(text, digits: digits - 10, into: &out) {
            return .written(.rewritten, instant)
        }
        switch Instant.read(text) {
        case .rfc3339(let instant):
            out.append(text)
            return .written(.rewritten, instant)
        case .rewritten(let instant, let rewritten):
            out.append(rewritten)
            return .written(.rewritten, instant)
        case .noZone: return readFirst(of: Self.mailPatterns, text, into: &out)
        case .unreadable: return .unreadable
        case .empty: return .empty
        }
    }

    /// RFC 2822 without its zone, which is not RFC 2822.
    private static let mailPatterns = ["EEE, d MMM yyyy HH:mm", "d MMM yyyy HH:mm"].flatMap { pattern in
        [try? TimePattern(pattern + ":ss"), try? TimePattern(pattern)].compactMap(\.self)
    }

    /// Reads a time by the first pattern that makes something of it.
    private func readFirst(
        of patterns: [TimePattern],
        _ text: UnsafeRawBufferPointer,
        into out: inout OutputBuffer
    ) -> TimeOutcome {
        for pattern in patterns {
            guard let time = pattern.read(text) else { continue }
            let outcome = settle(time, into: &out)
            if outcome.kind != .unreadable { return outcome }
        }
        return .unreadable
    }

    /// Finds the moment of a date and time of day.
    @inline(__always)
    private func settle(_ time: CivilTime, into out: inout OutputBuffer) -> TimeOutcome {
        guard time.exists else { return .unreadable }
        guard time.hour != nil else { return .dateOnly }
        let local = time.localSeconds
        var kind = TimeOutcome.Kind.rewritten
        var offset = WrittenOffset.utc
        if let written = time.offset {
            offset = written
        } else {
            guard let zone else { return .noZone }
            switch zone.resolve(local: local) {
            case .one(let seconds):
                offset = WrittenOffset(seconds: Int64(seconds))
            case .twice(let earlier, _):
                kind = .ambiguous
                offset = WrittenOffset(seconds: Int64(earlier))
            case .never(let before, _):
                kind = .skipped
                offset = WrittenOffset(seconds: Int64(before))
            }
        }
        return .written(kind, time.write(local: local, offset, into: &out))
    }

    /// Reads a number since 1970, before or after it, with or without a fraction.
    ///
    /// - Parameters:
    ///   - text: The number.
    ///   - unitDigits: How many of its digits before the point are fractions of a second: 3 for milliseconds.
    ///   - out: Where RFC 3339 text is appended.
    /// - Returns: The moment, or nil for anything else or years other than 1 to 9999.
    private func readEpoch(
        _ text: UnsafeRawBufferPointer,
        digits unitDigits: Int,
        into out: inout OutputBuffer
    ) -> Instant? {
        var scanner = TimeScanner(text)
        let isNegative = scanner.skip(UInt8(ascii: "-"))
        let whole = scanner.digits()
        var decimals = UnsafeRawBufferPointer(start: nil, count: 0)
        if whole.isEmpty { return nil }
        if scanner.skip(UInt8(ascii: ".")) {
            decimals = scanner.digits()
            if decimals.isEmpty { return nil }
        }
        guard scanner.isAtEnd else { return nil }

        let secondDigits = max(0, whole.count - unitDigits)
        var seconds: Int64 = 0
        for digit in whole.prefix(secondDigits) {
            seconds = seconds &* 10 &+ Int64(digit &- UInt8(ascii: "0"))
            guard seconds <= CivilTime.utcRange.upperBound else { return nil }
        }
        if !isNegative, whole.count >= unitDigits, unitDigits == 0 || decimals.isEmpty {
            let fraction = unitDigits == 0 ? decimals : UnsafeRawBufferPointer(rebasing: whole[secondDigits...])
            return CivilTime(utc: seconds, fraction: fraction)?.write(local: seconds, .utc, into: &out)
        }
        // A short number of a fine unit is less than a second: zeros come before its digits.
        let zeros = max(0, unitDigits - whole.count)
        let count = unitDigits + decimals.count
        return withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { fraction in
            // Safety: zeros, the last digits of the whole number and the decimals are `count` bytes together.
            fraction.copyBytes(from: repeatElement(UInt8(ascii: "0"), count: zeros))
            UnsafeMutableRawBufferPointer(rebasing: fraction[zeros...]).copyBytes(from: whole.dropFirst(secondDigits))
            UnsafeMutableRawBufferPointer(rebasing: fraction[unitDigits...]).copyBytes(from: decimals)
            if isNegative {
                seconds = 0 &- seconds
                if Self.complement(fraction) { seconds &-= 1 }
            }
            return CivilTime(utc: seconds, fraction: UnsafeRawBufferPointer(fraction))?
                .write(local: seconds, .utc, into: &out)
        }
    }

    /// Turns the digits of a fraction into those of one less it.
    ///
    /// - Parameter digits: ASCII digits.
    /// - Returns: Whether the fraction was more than nothing; nothing stays nothing.
    private static func complement(_ digits: UnsafeMutableRawBufferPointer) -> Bool {
        let zero = UInt8(ascii: "0")
        guard let last = digits.lastIndex(where: { $0 != zero }) else { return false }
        for index in 0..<last { digits[index] = zero &+ 9 &- (digits[index] &- zero) }
        digits[last] = zero &+ 10 &- (digits[last] &- zero)
        return true
    }
}
