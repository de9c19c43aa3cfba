// Zones by name, from the time zone data that the system keeps.

internal import Glibc

/// Why there is no zone of a name.
package enum ZoneError: Error, Sendable, Hashable {
    /// No zone is called so; the names that are most like it, best first.
    case unknown(String, suggestions: [String])
    /// The system has no time zone data in this folder.
    case noData(directory: String)
    /// The zone's file is not what it should be.
    case damaged(String)
    /// The zone counts leap seconds, as those under `right/` do.
    case leapSeconds(String)
}

extension ZoneError: CustomStringConvertible {
    /// What is wrong, and what to do.
    package var description: String {
        switch self {
        case .unknown(let name, let suggestions):
            let names = suggestions.map { "'\($0)'" }.joined(separator: " or ")
            return "no time zone is called '\(name)'; "
                + (names.isEmpty ? "give a name such as 'Europe/Paris', or an offset such as '+02:00'" : "try \(names)")
        case .noData(let directory):
            return "there is no time zone data in \(directory); install the package 'tzdata', or set TZDIR"
        case .damaged(let name):
            return "the system's data of the time zone '\(name)' is damaged; reinstall the package 'tzdata'"
        case .leapSeconds(let name):
            return "the time zone '\(name)' counts leap seconds, which times of messages do not; "
                + "use its name without 'right/'"
        }
    }
}

extension ZoneRules {
    /// Where the system keeps its time zone data; `TZDIR` says another place.
    package static var directory: String {
        // Safety: the text is copied at once; nothing in this program changes the environment.
        getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo"
    }

    /// The version of the system's time zone data, such as `2025b`; `unknown` where it does not say.
    package static var dataVersion: String {
        if let version = contents(of: directory + "/+VERSION") {
            return String(decoding: version.prefix { !Instant.isWhiteSpace($0) }, as: UTF8.self)
        }
        let line = contents(of: directory + "/tzdata.zi")?.prefix { $0 != UInt8(ascii: "\n") } ?? []
        let words = line.split(separator: UInt8(ascii: " "))
        guard words.count == 3, words[1].elementsEqual("version".utf8) else { return "unknown" }
        return String(decoding: words[2], as: UTF8.self)
    }

    /// Whether the rules of a zone come from the system's data, and so depend on their version.
    package static func needsData(_ name: String) -> Bool {
        !["UTC", "GMT", "Z"].contains(name) && fixedOffset(Array(name.utf8)) == nil
    }

    /// Loads a zone.
    ///
    /// - Parameters:
    ///   - name: A name such as `Europe/Paris`, as it is written there, or an offset such as `+02:00` or `-0530`.
    ///   - directory: Where the time zone data is.
    /// - Throws: Why there is no such zone.
    package init(named name: String, in directory: String = ZoneRules.directory) throws(ZoneError) {
        if ["UTC", "GMT", "Z"].contains(name) {
            self.init(name: name, offset: 0)
            return
        }
        if let offset = Self.fixedOffset(Array(name.utf8)) {
            self.init(name: name, offset: offset)
            return
        }
        guard Self.isName(name), let file = Self.contents(of: directory + "/" + name),
            file.starts(with: "TZif".utf8)
        else {
            guard Self.contents(of: directory + "/UTC") != nil else { throw .noData(directory: directory) }
            throw .unknown(name, suggestions: Self.names(like: name, in: directory))
        }
        do {
            try self.init(name: name, tzif: file)
        } catch {
            switch error {
            case .leapSeconds: throw .leapSeconds(name)
            case .damaged: throw .damaged(name)
            }
        }
    }

    /// Reads `+hh:mm`, `+hhmm` or `+hh`.
    private static func fixedOffset(_ text: [UInt8]) -> Int? {
        text.withUnsafeBytes { bytes in
            var scanner = TimeScanner(bytes)
            guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
            return Int(offset.seconds)
        }
    }

    /// Whether a name can only be that of a zone's file: no file beside the zones, none outside of the folder, and none
    /// that means another zone on every machine.
    private static func isName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "+"):
                true
            default: false
            }
        }
        return isPlain && !name.isEmpty && !name.hasPrefix("/") && name != "localtime" && name != "posixrules"
    }

    /// The contents of a file; nil when it cannot be read whole, or is larger than any zone data.
    private static func contents(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let limit = 1 << 20
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            // Safety: `read` writes at most as many bytes as there is room for behind those already there.
            while count < limit {
                let length = read(descriptor, buffer.baseAddress?.advanced(by: count), limit - count)
                if length < 0, errno == EINTR { continue }
                isWhole = length == 0
                guard length > 0 else { return }
                count += length
            }
        }
        return isWhole ? bytes : nil
    }
}

extension ZoneRules {
    /// The names of zones that somebody may have meant.
    ///
    /// - Parameters:
    ///   - name: A name that does not exist.
    ///   - directory: Where the time zone data is; without its `tzdata.zi` there is no list of names.
    /// - Returns: At most three names.
    private static func names(like name: String, in directory: String) -> [String] {
        let wanted = Array(name.lowercased().utf8)
        let slash = UInt8(ascii: "/")
        let tolerance = min(3, wanted.count / 4)
        var near: [(distance: Int, name: String)] = []
        for line in (contents(of: directory + "/tzdata.zi") ?? []).split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            // `Z NAME …` is a zone, `L TARGET NAME` another name of one.
            guard words.count > 2, let kind = words[0].first, words[0].count == 1 else { continue }
            guard kind == UInt8(ascii: "Z") || kind == UInt8(ascii: "L") else { continue }
            let candidate = String(decoding: kind == UInt8(ascii: "Z") ? words[1] : words[2], as: UTF8.self)
            let full = Array(candidate.lowercased().utf8)
            // People leave out the continent.
            let city = Array(full.split(separator: slash).last ?? [])
            let distance = min(editDistance(wanted, full), wanted.contains(slash) ? .max : editDistance(wanted, city))
            if distance <= tolerance { near.append((distance, candidate)) }
        }
        let least = near.map(\.distance).min()
        return near.filter { $0.distance == least }.map(\.name).sorted().prefix(3).map(\.self)
    }

    /// How many characters must be added, removed or replaced to make one text of another.
    private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in 0..<right.count {
                let replaced = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
