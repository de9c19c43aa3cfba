// JSON as a tree that tests take apart and write in any of its spellings.

/// A JSON value; members may repeat.
indirect enum JSONTree {
    /// A number or a word as its text, or anything else that is written as it is.
    case raw(String)
    case string(String)
    case array([JSONTree])
    case object([(String, JSONTree)])

    /// The members of an object without those that are nil.
    static func members(_ members: (String, JSONTree?)...) -> JSONTree {
        .object(members.compactMap { name, value in value.map { (name, $0) } })
    }

    /// The number of values in the tree, itself included.
    var size: Int {
        switch self {
        case .raw, .string: 1
        case .array(let elements): elements.reduce(1) { $0 + $1.size }
        case .object(let members): members.reduce(1) { $0 + $1.1.size }
        }
    }

    /// Replaces a value deep inside.
    ///
    /// - Parameters:
    ///   - position: 0 for the value itself, then all others in the order of the text.
    ///   - change: Gets the value's name, if it is a member, and returns what takes its place.
    mutating func replace(at position: Int, _ change: (String?, JSONTree) -> [(String, JSONTree)]) {
        if position == 0 {
            if let replacement = change(nil, self).first { self = replacement.1 }
            return
        }
        var rest = position - 1
        switch self {
        case .raw, .string: return
        case .array(var elements):
            for index in elements.indices {
                if rest == 0 {
                    elements.replaceSubrange(index...index, with: change(nil, elements[index]).map(\.1))
                } else if rest < elements[index].size {
                    elements[index].replace(at: rest, change)
                } else {
                    rest -= elements[index].size
                    continue
                }
                self = .array(elements)
                return
            }
        case .object(var members):
            for index in members.indices {
                let (name, value) = members[index]
                if rest == 0 {
                    members.replaceSubrange(index...index, with: change(name, value))
                } else if rest < value.size {
                    members[index].1.replace(at: rest, change)
                } else {
                    rest -= value.size
                    continue
                }
                self = .object(members)
                return
            }
        }
    }
}

extension JSONTree {
    /// Writes the value on one line.
    ///
    /// - Parameters:
    ///   - output: Text to continue.
    ///   - random: Chooses white space and escapes that mean the same; nil for the plainest spelling.
    func write(to output: inout String, random: inout SplitMix64?) {
        switch self {
        case .raw(let text): output += text
        case .string(let text): Self.write(text, to: &output, random: &random)
        case .array(let elements):
            output += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { output += "," }
                Self.space(to: &output, random: &random)
                element.write(to: &output, random: &random)
            }
            output += "]"
        case .object(let members):
            output += "{"
            for (index, (name, value)) in members.enumerated() {
                if index > 0 { output += "," }
                Self.write(name, to: &output, random: &random)
                Self.space(to: &output, random: &random)
                output += ":"
                value.write(to: &output, random: &random)
                Self.space(to: &output, random: &random)
            }
            output += "}"
        }
    }

    private static func space(to output: inout String, random: inout SplitMix64?) {
        if random?.chance(5) == true { output += random?.pick([" ", "\t", " \r "]) ?? "" }
    }

    private static func write(_ text: String, to output: inout String, random: inout SplitMix64?) {
        let escapes = random?.chance(5) == true
        output += "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                output += "\\\(scalar)"
            } else if scalar.value < 0x20 || escapes && random?.chance(40) == true {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: unit % 2 == 0)
                    output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        output += "\""
    }
}
