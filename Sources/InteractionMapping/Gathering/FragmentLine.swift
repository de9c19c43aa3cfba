// What consecutive records say of one conversation, as a line of JSON that another machine reads.

package import InteractionModel

/// The form of a line; docs/SCALE-OUT.md describes it, and changes the number with it.
package enum FragmentLine {
    /// The version of the form, which a reader of another one refuses.
    package static let version = 1

    /// A line cannot be used.
    package struct Fault: Error {
        package let message: String
    }

    /// Where the records of a line lie.
    package struct Origin {
        package var file: String
        /// How many times the file was read before, for records at other places of it.
        package var pass: Int

        package init(file: String, pass: Int) {
            self.file = file
            self.pass = pass
        }
    }

    /// The names of tags in a line, by their number.
    private static let tagNames: [StaticString] = [
        "field", "item", "metadata", "entry", "participant", "finding", "same-sender", "key", "id", "name", "email",
        "phone", "role", "message-id", "text", "time", "replaces", "link", "placeholder", "kept",
    ]

    static func name(of tag: FragmentTag) -> StaticString { tagNames[Int(tag.rawValue)] }

    static func tag(named name: TextSlice) -> FragmentTag? {
        tagNames.firstIndex { name.equals($0) }.flatMap { FragmentTag(rawValue: UInt8($0)) }
    }

    // MARK: Writing

    /// Appends the fragments of a batch: those that follow each other and are of one conversation share a line.
    ///
    /// A fragment leaves out what the one before it of its conversation said already; it is the first of a line only
    /// where it says everything.
    ///
    /// - Parameters:
    ///   - batch: Fragments, as an extractor writes them.
    ///   - origin: Where their records lie.
    ///   - rules: What their profile says of conversations.
    ///   - out: Receives the lines.
    /// - Returns: How many fragments there were.
    package static func append(
        all batch: UnsafeRawBufferPointer,
        _ origin: Origin,
        _ rules: GatheringRules,
        to out: inout OutputBuffer
    ) -> Int {
        var written = 0
        for (key, run) in FragmentGroups(batch) {
            var isFirst = true
            FragmentReader.forEach(in: run) { fragment in
                guard let reader = FragmentReader(fragment) else { return }
                if isFirst { appendHead(key, origin, reader.origin, rules, to: &out) } else { out.append(",") }
                isFirst = false
                append(reader, to: &out)
                written += 1
            }
            if !isFirst { out.append("]}\n") }
        }
        return written
    }

    private static func appendHead(
        _ key: UnsafeRawBufferPointer,
        _ origin: Origin,
        _ first: FragmentOrigin,
        _ rules: GatheringRules,
        to out: inout OutputBuffer
    ) {
        // The first byte is the profile's number in the run, which means nothing elsewhere.
        let own = key.dropFirst()
        out.append("{\"key\":\"")
        if own.count > Extractor.madeUpKey.utf8.count, own.starts(with: Extractor.madeUpKey.utf8) {
            // Made up of the file's number, which another run counts in another way.
            var name = OutputBuffer(capacity: 256)
            name.append(quoted: origin.file)
            out.append(text: Extractor.madeUpKey)
            out.append(UnsafeRawBufferPointer(rebasing: name.bytes[1..<name.count - 1]))
            out.append("#")
            out.append(number: origin.pass)
            out.append("#")
            out.append(number: Int(first.record))
        } else {
            out.append(UnsafeRawBufferPointer(rebasing: own))
        }
        out.append("\",\"fragments\":")
        out.append(number: version)
        out.append(",\"profile\":")
        out.append(quoted: rules.name)
        out.append(",\"system\":")
        out.append(quoted: rules.system)
        out.append(",\"gap\":")
        out.append(text: rules.gap.map { String($0) } ?? "null")
        out.append(",\"file\":")
        out.append(quoted: origin.file)
        out.append(",\"pass\":")
        out.append(number: origin.pass)
        out.append(",\"records\":[")
    }

    private static func append(_ fragment: FragmentReader, to out: inout OutputBuffer) {
        var fragment = fragment
        let origin = fragment.origin
        out.append("{\"record\":")
        out.append(number: Int(origin.record))
        out.append(",\"line\":")
        out.append(number: Int(origin.line))
        out.append(",\"column\":")
        out.append(number: Int(origin.column))
        out.append(",\"bytes\":[")
        out.append(number: Int(origin.start))
        out.append(",")
        out.append(number: Int(origin.end))
        out.append("],\"fields\":")
        out.append(text: fragment.journal.map { String(FieldLedger.total($0)) } ?? "null")
        out.append(",\"says\":[")
        while let item = fragment.next() {
            append(item, to: &out)
            out.append(",")
        }
        out.removeTrailing(UInt8(ascii: ","))
        out.append("]}")
    }

    private static func append(_ item: FragmentReader.Item, to out: inout OutputBuffer) {
        out.append("[\"")
        out.append(name(of: item.tag))
        out.append("\"")
        switch item.tag {
        case .field:
            out.append(slot: item.detail)
            out.append(member: item.text)
        case .item:
            out.append(slot: item.detail)
            out.append(",")
            out.append(item.text.bytes)
        case .link:
            out.append(",")
            out.append(item.text.bytes)
        case .metadata:
            let (name, json) = item.text.named
            out.append(member: name)
            out.append(",")
            out.append(json.bytes)
        case .entry: append(entry: item, to: &out)
        case .participant: break
        case .sameSender:
            out.append(",")
            out.append(number: Int(item.detail))
        case .finding:
            out.append(",")
            out.append(quoted: Finding.Severity(wireCode: item.detail).rawValue)
            var rest = item.text
            while rest.count > 0 {
                let (word, after) = rest.named
                out.append(",")
                out.append(quoted: String(decoding: word.bytes, as: UTF8.self))
                rest = after
            }
        case .kept:
            let ordinal = UnsafeRawPointer(item.text.start).loadUnaligned(as: UInt32.self)
            let (path, json) = TextSlice(start: item.text.start + 4, count: item.text.count - 4, form: .canonical).named
            out.append(",")
            out.append(text: ordinal == .max ? "null" : String(ordinal))
            out.append(member: path)
            out.append(",")
            out.append(json.bytes)
        case .key, .id, .name, .email, .phone, .role, .messageId, .text, .time, .replaces, .placeholder:
            out.append(member: item.text)
        }
        out.append("]")
    }

    /// What follows an entry's kind: its flags, then the instant as seconds and attoseconds, or the reason to skip it.
    private static func append(entry item: FragmentReader.Item, to out: inout OutputBuffer) {
        let flags = EntryFlags(rawValue: item.flags)
        out.append(",")
        out.append(quoted: KindRule.Kind(code: item.detail).rawValue)
        out.append(flags.contains(.opening) ? ",true" : ",false")
        out.append(flags.contains(.newestFirst) ? ",true" : ",false")
        if flags.contains(.instant) {
            let bytes = UnsafeRawPointer(item.text.start)
            out.append(",")
            out.append(text: String(bytes.loadUnaligned(as: Int64.self)))
            out.append(",")
            out.append(text: String(bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        } else if KindRule.Kind(code: item.detail) == .skip {
            out.append(",")
            out.append(quoted: item.text.string)
        }
    }
}

extension OutputBuffer {
    fileprivate mutating func append(slot detail: UInt8) {
        append(",\"")
        if let slot = Slot(rawValue: Int(detail)) { append(slot.path) }
        append("\"")
    }

    fileprivate mutating func append(member text: TextSlice) {
        append(",")
        append(string: text)
    }
}
