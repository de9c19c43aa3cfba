// The paths of JSON or JSON5-like text, read tolerantly from its first bytes.

internal import InteractionModel

/// Reads the skeleton of JSON text that may be cut off anywhere.
package enum JSONSkeleton {
    /// Collects the paths of the first values.
    ///
    /// - Parameter head: The beginning of the input in UTF-8; no more than ``Skeleton/headSize`` bytes are looked at.
    /// - Returns: What was found before the text ends or stops being JSON; nil if it does not begin like JSON.
    /// - Complexity: One step a byte, one path a value.
    package static func read(_ head: UnsafeRawBufferPointer) -> Skeleton? {
        var reading = JSONSkeletonReading(UnsafeRawBufferPointer(rebasing: head.prefix(Skeleton.headSize)))
        return reading.read()
    }
}

/// One reading: a cursor over the text and the containers that are open.
private struct JSONSkeletonReading {
    /// What stops the reading.
    private enum Stop: Error {
        case endOfText
        case notJSON
        case enough
    }

    private struct Container {
        var closer: UInt8
        /// The path of the container itself.
        var path: String
    }

    // Safety: the caller's bytes; they outlive the reading, which never leaves `JSONSkeleton.read`.
    private let text: UnsafeRawBufferPointer
    private var at = 0
    private var skeleton = Skeleton(kind: .json)
    private var open: [Container] = []
    /// Whether something was seen that no other kind of text has: a key with its colon, or a whole array.
    private var isConvincing = false

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    }

    mutating func read() -> Skeleton? {
        while true {
            do throws(Stop) {
                try skipSpace()
                guard text[at] == UInt8(ascii: "{") || text[at] == UInt8(ascii: "[") else { throw .notJSON }
                try readValue(path: "")
            } catch {
                switch error {
                case .enough: return skeleton
                case .endOfText: return isConvincing || !open.isEmpty ? skeleton : nil
                case .notJSON:
                    guard isConvincing else { return nil }
                    // One broken line must not hide the next ones.
                    open.removeAll()
                    guard let feed = text[at...].firstIndex(of: 0x0A) else { return skeleton }
                    at = feed + 1
                }
            }
        }
    }

    // MARK: Values

    /// Reads one top-level value with everything in it.
    private mutating func readValue(path: String) throws(Stop) {
        try beginValue(path)
        while let container = open.last {
            try skipSpace()
            if text[at] == container.closer {
                at += 1
                open.removeLast()
                if container.closer == UInt8(ascii: "]") { isConvincing = true }
                try skipComma()
            } else if container.closer == UInt8(ascii: "]") {
                try beginValue(container.path + "[]")
            } else {
                let key = try readKey()
                try beginValue(Self.path(container.path, key))
            }
        }
    }

    private mutating func beginValue(_ path: String) throws(Stop) {
        try skipSpace()
        switch text[at] {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let isObject = text[at] == UInt8(ascii: "{")
            try add(path, isObject ? .object : .array)
            guard open.count < JSON5Normalizer.depthLimit else { throw .notJSON }
            open.append(Container(closer: isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"), path: path))
            at += 1
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            try add(path, .string, sample: try readString())
            try skipComma()
        default:
            let word = try readWord()
            switch word {
            case "null": try add(path, .null)
            case "true": try add(path, .true, sample: word)
            case "false": try add(path, .false, sample: word)
            default:
                guard Self.isNumber(word) else { throw .notJSON }
                try add(path, .number, sample: word)
            }
            try skipComma()
        }
    }

    private mutating func add(_ path: String, _ kind: JSONKind, sample: String? = nil) throws(Stop) {
        guard !path.isEmpty else { return }
        guard skeleton.add(path, kind, sample: sample) else { throw .enough }
    }

    private static func path(_ parent: String, _ key: String) -> String {
        let isOdd = key.isEmpty || key.utf8.contains { ".[]'\"".utf8.contains($0) }
        guard !isOdd else { return parent + "['" + key + "']" }
        return parent.isEmpty ? key : parent + "." + key
    }

    /// After a value: a comma, or what closes the container.
    private mutating func skipComma() throws(Stop) {
        guard let container = open.last else { return }
        try skipSpace()
        if text[at] == UInt8(ascii: ",") {
            at += 1
        } else if text[at] != container.closer {
            throw .notJSON
        }
    }

    // MARK: Tokens

    private mutating func readKey() throws(Stop) -> String {
        let isQuoted = text[at] == UInt8(ascii: "\"") || text[at] == UInt8(ascii: "'")
        let key = try isQuoted ? readString() : readWord()
        try skipSpace()
        guard text[at] == UInt8(ascii: ":") else { throw .notJSON }
        at += 1
        isConvincing = true
        return key
    }

    private mutating func readString() throws(Stop) -> String {
        let quote = text[at]
        let start = at + 1
        var end = start
        var isEscaped = false
        while true {
            guard end < text.count else { throw .endOfText }
            if text[end] == quote { break }
            if text[end] == UInt8(ascii: "\\") {
                isEscaped = true
                end += 1
            }
            end += 1
        }
        at = end + 1
        guard isEscaped else { return String(decoding: text[start..<end], as: UTF8.self) }
        // Nothing has checked the escapes yet: the last one may reach beyond the string, which the padding allows.
        let padded = PaddedBytes(UnsafeRawBufferPointer(rebasing: text[start..<end]))
        return TextSlice(start: padded.start, count: padded.count, form: .escaped).string
    }

    private mutating func readWord() throws(Stop) -> String {
        let start = at
        while at < text.count, Self.isWordByte(text[at]) { at += 1 }
        guard at < text.count else { throw .endOfText }
        guard at > start else { throw .notJSON }
        return String(decoding: text[start..<at], as: UTF8.self)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "."), 0x80...:
            true
        default: false
        }
    }

    private static func isNumber(_ word: String) -> Bool {
        guard let first = word.utf8.first, first &- UInt8(ascii: "0") < 10 || "+-.".utf8.contains(first) else {
            return false
        }
        return word.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 || "+-.eExXabcdfABCDF".utf8.contains($0) }
    }

    private mutating func skipSpace() throws(Stop) {
        while at < text.count {
            switch text[at] {
            case 0...0x20: at += 1
            case UInt8(ascii: "/"): try skipComment()
            default: return
            }
        }
        throw .endOfText
    }

    private mutating func skipComment() throws(Stop) {
        guard at + 1 < text.count else { throw .endOfText }
        switch text[at + 1] {
        case UInt8(ascii: "/"):
            while at < text.count, text[at] != 0x0A { at += 1 }
        case UInt8(ascii: "*"):
            at += 2
            while at + 1 < text.count, text[at] != UInt8(ascii: "*") || text[at + 1] != UInt8(ascii: "/") { at += 1 }
            at += 2
        default: throw .notJSON
        }
    }
}
