// What one record says about one conversation, packed so that it can wait for the others in memory or on disk.

internal import InteractionModel

/// Where a fragment's record lies.
package struct FragmentOrigin {
    /// The input's index among the inputs of the run.
    package var file: UInt32
    package var record: UInt32
    package var line: UInt32
    package var column: UInt32
    package var start: Int64
    package var end: Int64
    /// The worker whose ledger counted the record's fields.
    package var worker: UInt32
    /// Makes the origin of a record; who extracts it says the rest.
    package init(file: Int, record: Int, line: Int, column: Int, bytes: Range<Int64>) {
        self.file = UInt32(truncatingIfNeeded: file)
        self.record = UInt32(truncatingIfNeeded: record)
        self.line = UInt32(truncatingIfNeeded: line)
        self.column = UInt32(truncatingIfNeeded: column)
        start = bytes.lowerBound
        end = bytes.upperBound
        worker = 0
    }

}

/// One thing that a fragment says.
///
/// What belongs to an entry or a participant follows it.
enum FragmentTag: UInt8 {
    /// The detail is the slot; a text, or an item of a list as JSON.
    case field
    /// A list's item as JSON.
    case item
    /// A name and a JSON value, for the conversation's metadata.
    case metadata
    /// The detail is the ``KindRule/Kind``.
    case entry
    case participant
    case finding
    /// The entry has the sender of the entry so many before it in the conversation; the detail is the number.
    case sameSender
    // Of an entry or participant
    case key
    case id
    case name
    case email
    case phone
    case role
    // Of an entry
    case messageId
    case text
    /// The time in RFC 3339.
    case time
    case replaces
    /// An item of `resources.links` as JSON.
    case link
    /// What stands for a message without text: the attachments' names.
    case placeholder
    /// The ordinal of the entry in its fragment, a path, and a JSON value that the schema has no place for.
    case kept
}

/// What is special about an entry.
struct EntryFlags: OptionSet {
    let rawValue: UInt8
    static let opening = EntryFlags(rawValue: 1)
    /// Its instant is its content: whole seconds and attoseconds.
    static let instant = EntryFlags(rawValue: 2)
    /// It is from a record whose conversation has its newest record first.
    static let newestFirst = EntryFlags(rawValue: 4)
}

extension OutputBuffer {
    static let fragmentHeader = 40
    private static let itemHeader = 8

    /// Appends one thing with its bytes.
    @inline(__always)
    mutating func append(
        _ tag: FragmentTag,
        detail: UInt8 = 0,
        flags: UInt8 = 0,
        form: TextSlice.Form = .plain,
        write: (inout OutputBuffer) -> Void
    ) {
        let start = count
        reserve(Self.itemHeader)
        count += Self.itemHeader
        write(&self)
        let header = UnsafeMutableRawPointer(base + start)
        header.storeBytes(of: tag.rawValue, as: UInt8.self)
        header.storeBytes(of: detail, toByteOffset: 1, as: UInt8.self)
        header.storeBytes(of: flags, toByteOffset: 2, as: UInt8.self)
        header.storeBytes(of: form == .plain ? 0 : 1, toByteOffset: 3, as: UInt8.self)
        header.storeBytes(
            of: UInt32(truncatingIfNeeded: count - start - Self.itemHeader),
            toByteOffset: 4,
            as: UInt32.self
        )
    }

    /// Appends one thing that is a text.
    @inline(__always)
    mutating func append(_ tag: FragmentTag, detail: UInt8 = 0, text: TextSlice) {
        guard text.form != .escaped else {
            append(tag, detail: detail, form: text.form) { $0.append(content: text) }
            return
        }
        reserve(text.count &+ Self.itemHeader)
        let header = UInt64(tag.rawValue) | UInt64(detail) << 8 | (text.form == .plain ? 0 : 1 << 24)
        let at = UnsafeMutableRawPointer(base + count)
        at.storeBytes(of: header | UInt64(UInt32(truncatingIfNeeded: text.count)) << 32, as: UInt64.self)
        Self.copy(text.start, to: base + count + Self.itemHeader, text.count)
        count &+= text.count &+ Self.itemHeader
    }

    /// Appends the beginning of an entry.
    @inline(__always)
    mutating func append(entry kind: UInt8, _ flags: EntryFlags, at instant: Instant?) {
        append(.entry, detail: kind, flags: flags.rawValue) { out in
            guard let instant else { return }
            out.reserve(16)
            let bytes = UnsafeMutableRawPointer(out.base + out.count)
            bytes.storeBytes(of: instant.seconds, as: Int64.self)
            bytes.storeBytes(of: instant.attoseconds, toByteOffset: 8, as: UInt64.self)
            out.count += 16
        }
    }

    /// Writes the header of the fragment that begins at a position; the space for it must be there.
    ///
    /// - Parameters:
    ///   - origin: Where the record lies.
    ///   - start: The position.
    ///   - journal: The bytes at the fragment's end that are its journal; nil if it is that of the fragment before.
    mutating func writeHeader(_ origin: FragmentOrigin, at start: Int, journal: Int?) {
        let header = UnsafeMutableRawPointer(base + start)
        header.storeBytes(of: origin.file, as: UInt32.self)
        header.storeBytes(of: origin.record, toByteOffset: 4, as: UInt32.self)
        header.storeBytes(of: origin.line, toByteOffset: 8, as: UInt32.self)
        header.storeBytes(of: origin.column, toByteOffset: 12, as: UInt32.self)
        header.storeBytes(of: origin.start, toByteOffset: 16, as: Int64.self)
        header.storeBytes(of: origin.end, toByteOffset: 24, as: Int64.self)
        header.storeBytes(of: origin.worker, toByteOffset: 32, as: UInt32.self)
        let count = journal.map { UInt32(truncatingIfNeeded: $0) } ?? FragmentReader.sameJournal
        header.storeBytes(of: count, toByteOffset: 36, as: UInt32.self)
    }

    /// Makes room for a fragment's header.
    mutating func reserveHeader() {
        reserve(Self.fragmentHeader)
        count += Self.fragmentHeader
    }
}

/// Reads a fragment's things in order.
///
/// Safety: points into memory that the caller keeps while it reads, and while slices of it are used.
struct FragmentReader {
    let origin: FragmentOrigin
    /// The record's ledger entries with their counts, in the worker's numbers; nil if they are those of the fragment
    /// before it in its conversation.
    let journal: UnsafeRawBufferPointer?
    fileprivate static let sameJournal = UInt32.max
    private var at: UnsafeRawPointer
    private let end: UnsafeRawPointer

    struct Item {
        var tag: FragmentTag
        var detail: UInt8
        var flags: UInt8
        var text: TextSlice
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= OutputBuffer.fragmentHeader, let start = bytes.baseAddress else { return nil }
        let first = start.loadUnaligned(fromByteOffset: 16, as: Int64.self)
        var origin = FragmentOrigin(
            file: Int(start.loadUnaligned(as: UInt32.self)),
            record: Int(start.loadUnaligned(fromByteOffset: 4, as: UInt32.self)),
            line: Int(start.loadUnaligned(fromByteOffset: 8, as: UInt32.self)),
            column: Int(start.loadUnaligned(fromByteOffset: 12, as: UInt32.self)),
            bytes: first..<max(first, start.loadUnaligned(fromByteOffset: 24, as: Int64.self))
        )
        origin.worker = start.loadUnaligned(fromByteOffset: 32, as: UInt32.self)
        self.origin = origin
        let count = start.loadUnaligned(fromByteOffset: 36, as: UInt32.self)
        let journalCount = count == Self.sameJournal ? 0 : Int(count)
        let end = start + bytes.count - journalCount
        journal = count == Self.sameJournal ? nil : UnsafeRawBufferPointer(start: end, count: journalCount)
        at = start + OutputBuffer.fragmentHeader
        self.end = end
    }

    /// Lends each fragment of a run, in which it comes after its length in four bytes.
    @inline(__always)
    static func forEach(in run: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var at = 0
        while at < run.count {
            let start = at + OutputBuffer.fragmentLength
            at = start + Int(run.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            body(UnsafeRawBufferPointer(rebasing: run[start..<at]))
        }
    }

    /// Where a field that is no list stands among things that a fragment says of its conversation.
    static func field(_ slot: UInt8, in said: UnsafeRawBufferPointer) -> Range<Int>? {
        var at = 0
        while at < said.count {
            let next = at + 8 + Int(said.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self))
            if said[at] == FragmentTag.field.rawValue, said[at + 1] == slot { return at..<next }
            at = next
        }
        return nil
    }

    mutating func next() -> Item? {
        guard at < end, let tag = FragmentTag(rawValue: at.load(as: UInt8.self)) else { return nil }
        let count = Int(at.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        let start = (at + 8).assumingMemoryBound(to: UInt8.self)
        let item = Item(
            tag: tag,
            detail: at.load(fromByteOffset: 1, as: UInt8.self),
            flags: at.load(fromByteOffset: 2, as: UInt8.self),
            text: TextSlice(
                start: start,
                count: count,
                form: at.load(fromByteOffset: 3, as: UInt8.self) == 0 ? .plain : .canonical
            )
        )
        at += 8 + count
        return item
    }
}

extension TextSlice {
    /// The two parts of a slice that begins with a length: a name, and the JSON value after it.
    var named: (name: TextSlice, value: TextSlice) {
        let length = Int(UnsafeRawPointer(start).loadUnaligned(as: UInt32.self))
        return (
            TextSlice(start: start + 4, count: length, form: .canonical),
            TextSlice(start: start + 4 + length, count: count - 4 - length, form: .canonical)
        )
    }
}

extension OutputBuffer {
    /// Appends a name before a value, as ``TextSlice/named`` reads it.
    mutating func append(name: (inout OutputBuffer) -> Void) {
        let start = count
        reserve(4)
        count += 4
        name(&self)
        UnsafeMutableRawPointer(base + start).storeBytes(
            of: UInt32(truncatingIfNeeded: count - start - 4),
            as: UInt32.self
        )
    }
}
