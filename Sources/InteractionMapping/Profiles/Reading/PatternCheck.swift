// Regular expressions that may take forever.

/// Finds repetitions within repetitions, such as `(a+)*`: on a text that does not fit, the ways to part it between the
/// two double with each character.
enum PatternCheck {
    /// Whether a regular expression repeats without limit what itself may be of any length.
    static func repeatsRepetitions(_ pattern: String) -> Bool {
        // For each open group, whether something in it repeats without limit.
        var open: [Bool] = [false]
        var closed: Bool?
        var isInSet = false
        var rest = Substring(pattern)
        while let character = rest.popFirst() {
            let group = closed
            closed = nil
            switch character {
            case "\\": _ = rest.popFirst()
            case "]": isInSet = false
            case _ where isInSet: break
            case "[": isInSet = true
            case "(": open.append(false)
            case ")":
                let inner = open.count > 1 ? open.removeLast() : false
                if inner { open[open.count - 1] = true }
                closed = inner
            case "*", "+", "{":
                guard character != "{" || isEndless(rest) else { continue }
                // What gives nothing back cannot be parted in another way.
                let isPossessive = rest.first == "+"
                if isPossessive {
                    _ = rest.popFirst()
                    continue
                }
                if group == true { return true }
                open[open.count - 1] = true
            default: break
            }
        }
        return false
    }

    /// Whether a count, from behind its brace, has no upper limit.
    private static func isEndless(_ rest: Substring) -> Bool {
        guard let end = rest.firstIndex(of: "}") else { return false }
        return rest[..<end].hasSuffix(",")
    }
}
