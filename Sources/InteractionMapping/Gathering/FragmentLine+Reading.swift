// From a line that another machine has written back to fragments.

package import InteractionModel

extension FragmentLine {
    /// What a line holds.
    package struct Content {
        /// What the records call their conversation, as the canonical writer spells it.
        package var key: [UInt8]
        package var rules: GatheringRules
        package var origin: Origin
        /// The first record's number.
        package var record = 0
        package var recordCount = 0
        /// Values that the records were booked with.
        package var fieldCount = 0
        /// The fragments, each after its length in four bytes.
        package var run: [UInt8] = []
    }

    /// How deep values may be nested: what a record may be, inside a line.
    package static let depthLimit = 512 + 8

    /// Reads a line.
    ///
    /// - Parameters:
    ///   - view: The line's JSON.
    ///   - number: Gives the file that is named its number in this run.
    /// - Returns: What it holds.
    /// - Throws: ``Fault``.
    package static func read(_ view: JSONView, fileNumber number: (String) -> Int) throws -> Content {
        guard let form = view.member(view.root, "fragments") else {
            throw Fault(message: "the line holds no fragments; `convert --grain messages` writes such lines")
        }
        guard view.integer(form) == version else {
            let found = String(decoding: view.bytes(form), as: UTF8.self)
            throw Fault(
                message: "the fragments are of form \(found.prefix(20)), and this version reads form \(version)"
            )
        }
        var key = OutputBuffer(capacity: 256)
        key.append(content: try view.text(view.root, "key"))
        let gap = view.member(view.root, "gap").flatMap { view.integer($0) }
        let content = Content(
            key: key.array,
            rules: GatheringRules(
                name: try view.text(view.root, "profile").string,
                system: try view.text(view.root, "system").string,
                gap: gap.flatMap { $0 > 0 ? Int64($0) : nil }
            ),
            origin: Origin(
                file: try view.text(view.root, "file").string,
                pass: try view.integer(view.root, "pass")
            )
        )
        return try read(records: view, into: content, file: number(content.origin.file))
    }

    private static func read(records view: JSONView, into content: Content, file: Int) throws -> Content {
        var content = content
        var run = OutputBuffer(capacity: 4096)
        guard let records = view.member(view.root, "records"), view.kind(records) == .array, !view.isEmpty(records)
        else { throw damaged("records") }
        var fields: Int?
        try view.forEachElement(records) { record in
            let own = view.member(record, "fields").flatMap { view.integer($0) }
            // What is as the fragment before has it can only follow one.
            guard let count = own ?? fields, (0...Int(Int32.max)).contains(count) else { throw damaged("fields") }
            let number = try view.integer(record, "record")
            if fields == nil { content.record = number }
            fields = count
            content.fieldCount += count
            content.recordCount += 1
            try append(record, number, view, file: file, journal: own, to: &run)
        }
        content.run = run.array
        return content
    }

    private static func append(
        _ record: Int,
        _ number: Int,
        _ view: JSONView,
        file: Int,
        journal: Int?,
        to out: inout OutputBuffer
    ) throws {
        guard let bytes = view.member(record, "bytes"), view.elementCount(bytes) == 2,
            let start = view.integer(bytes + 1), let end = view.integer(bytes + 2), (0...end).contains(start),
            let says = view.member(record, "says"), view.kind(says) == .array
        else { throw damaged("bytes") }
        let mark = out.count
        out.append(ordinal: 0)
        out.reserveHeader()
        var entries = 0
        try view.forEachElement(says) { try append(saying: $0, view, entries: &entries, to: &out) }
        if let journal {
            // One entry of no name has all of them: only how many there are is known here.
            out.append(ordinal: 0)
            out.append(ordinal: UInt32(journal))
        }
        let origin = FragmentOrigin(
            file: file,
            record: number,
            line: try view.integer(record, "line"),
            column: try view.integer(record, "column"),
            bytes: Int64(start)..<Int64(end)
        )
        out.writeHeader(origin, at: mark + 4, journal: journal == nil ? nil : 8)
        let length = UInt32(truncatingIfNeeded: out.count - mark - 4)
        UnsafeMutableRawPointer(out.base + mark).storeBytes(of: length, as: UInt32.self)
    }

    private static func append(
        saying node: Int,
        _ view: JSONView,
        entries: inout Int,
        to out: inout OutputBuffer
    ) throws {
        let words = view.elements(node)
        guard let first = words.first, view.kind(first) == .string, let tag = tag(named: view.text(first)) else {
            throw damaged("says")
        }
        func text(_ index: Int) throws -> TextSlice {
            guard words.indices.contains(index), view.kind(words[index]) == .string else {
                throw damaged(name(of: tag).description)
            }
            return view.text(words[index])
        }
        func value(_ index: Int) throws -> Int {
            guard words.indices.contains(index) else { throw damaged(name(of: tag).description) }
            return words[index]
        }
        func slot(isList: Bool) throws -> UInt8 {
            let path = try text(1)
            guard let slot = Slot.allCases.first(where: { path.equals($0.path) }), slot.isList == isList else {
                throw damaged(name(of: tag).description)
            }
            return UInt8(slot.rawValue)
        }
        switch tag {
        case .field: out.append(tag, detail: try slot(isList: false), text: try text(2))
        case .item:
            let node = try value(2)
            out.append(tag, detail: try slot(isList: true)) { $0.append(value: view, node) }
        case .link:
            let node = try value(1)
            out.append(tag) { $0.append(value: view, node) }
        case .metadata:
            let (name, node) = (try text(1), try value(2))
            out.append(tag) { out in
                out.append(name: { $0.append(content: name) })
                out.append(value: view, node)
            }
        case .entry:
            try append(entry: words, view, to: &out)
            entries += 1
        case .participant: out.append(tag) { _ in }
        case .sameSender:
            guard let distance = view.integer(try value(1)), (1...Int(UInt8.max)).contains(distance), entries > 0 else {
                throw damaged(name(of: tag).description)
            }
            out.append(tag, detail: UInt8(distance)) { _ in }
        case .finding:
            guard let severity = Finding.Severity(rawValue: try text(1).string) else { throw damaged("finding") }
            let texts = try (2..<6).map { try text($0).string }
            out.append(tag, detail: severity.wireCode) { out in
                for text in texts { out.append(name: { $0.append(text: text) }) }
            }
        case .kept:
            let ordinal = view.integer(try value(1))
            guard ordinal.map({ (0..<entries).contains($0) }) ?? (view.kind(words[1]) == .null) else {
                throw damaged("kept")
            }
            let (path, node) = (try text(2), try value(3))
            out.append(tag) { out in
                out.append(ordinal: ordinal.map { UInt32($0) } ?? .max)
                out.append(name: { $0.append(content: path) })
                out.append(value: view, node)
            }
        case .key, .id, .name, .email, .phone, .role, .messageId, .text, .time, .replaces, .placeholder:
            out.append(tag, text: try text(1))
        }
    }

    private static func append(entry words: [Int], _ view: JSONView, to out: inout OutputBuffer) throws {
        guard words.count >= 4, view.kind(words[1]) == .string,
            let kind = KindRule.Kind(rawValue: view.text(words[1]).string)
        else { throw damaged("entry") }
        var flags: EntryFlags = []
        if view.kind(words[2]) == .true { flags.insert(.opening) }
        if view.kind(words[3]) == .true { flags.insert(.newestFirst) }
        if words.count == 6 {
            guard let seconds = view.integer(words[4]), Instant.secondsRange.contains(Int64(seconds)),
                let attoseconds = view.integer(words[5]), (0..<1_000_000_000_000_000_000).contains(attoseconds)
            else { throw damaged("entry") }
            flags.insert(.instant)
            out.append(.entry, detail: kind.code, flags: flags.rawValue) { out in
                withUnsafeBytes(of: Int64(seconds)) { out.append($0) }
                withUnsafeBytes(of: UInt64(attoseconds)) { out.append($0) }
            }
        } else if words.count == 5, view.kind(words[4]) == .string {
            let reason = view.text(words[4])
            out.append(.entry, detail: kind.code, flags: flags.rawValue, form: reason.form) {
                $0.append(content: reason)
            }
        } else {
            out.append(.entry, detail: kind.code, flags: flags.rawValue) { _ in }
        }
    }

    private static func damaged(_ what: String) -> Fault {
        Fault(message: "the fragments are damaged at `\(what)`")
    }
}

extension JSONView {
    fileprivate func integer(_ node: Int) -> Int? {
        kind(node) == .number ? Int(String(decoding: bytes(node), as: UTF8.self)) : nil
    }

    fileprivate func integer(_ node: Int, _ key: StaticString) throws -> Int {
        guard let number = member(node, key).flatMap({ integer($0) }), number >= 0 else {
            throw FragmentLine.Fault(message: "the fragments are damaged at `\(key)`")
        }
        return number
    }

    fileprivate func text(_ node: Int, _ key: StaticString) throws -> TextSlice {
        guard let value = member(node, key), kind(value) == .string else {
            throw FragmentLine.Fault(message: "the fragments are damaged at `\(key)`")
        }
        return text(value)
    }

    fileprivate func elements(_ node: Int) -> [Int] {
        guard kind(node) == .array else { return [] }
        var result: [Int] = []
        forEachElement(node) { result.append($0) }
        return result
    }
}
