// Memory for texts that are made up while a record is mapped.

internal import InteractionModel

/// Texts that stay where they are until the record is done, whatever is added after them.
struct TextArena: ~Copyable {
    private static let chunk = 4096
    private var chunks: [(start: UnsafeMutablePointer<UInt8>, capacity: Int)] = []
    private var used = 0

    // Safety: chunks are owned by this value and freed in deinit; slices into them live as long as the record.
    deinit {
        for chunk in chunks { chunk.start.deallocate() }
    }

    mutating func reset() {
        while chunks.count > 1 { chunks.removeLast().start.deallocate() }
        used = 0
    }

    /// Copies a text, escaped as JSON if it has to be.
    mutating func keep(_ text: String) -> TextSlice {
        var text = text
        return text.withUTF8 { keep(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// Copies unescaped UTF-8, escaped as JSON if it has to be.
    mutating func keep(utf8 text: UnsafeRawBufferPointer) -> TextSlice {
        guard text.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) else { return copy(text, form: .plain) }
        var canonical = OutputBuffer(capacity: text.count * 2)
        canonical.append(content: text)
        return copy(canonical.bytes, form: .canonical)
    }

    /// Copies a text that is escaped as the canonical writer does it.
    mutating func keep(canonical text: UnsafeRawBufferPointer) -> TextSlice {
        copy(text, form: text.contains(UInt8(ascii: "\\")) ? .canonical : .plain)
    }

    /// Copies a text that needs no escapes.
    mutating func keep(plain text: [UInt8]) -> TextSlice { text.withUnsafeBytes { copy($0, form: .plain) } }

    /// Copies a text that needs no escapes.
    mutating func keep(plain text: UnsafeRawBufferPointer) -> TextSlice { copy(text, form: .plain) }

    /// Keeps the text of a UUID.
    mutating func keep(_ id: UUIDValue) -> TextSlice {
        let start = take(UUIDValue.textLength)
        id.write(to: start)
        return TextSlice(start: start, count: UUIDValue.textLength, form: .plain)
    }

    private mutating func copy(_ bytes: UnsafeRawBufferPointer, form: TextSlice.Form) -> TextSlice {
        let start = take(bytes.count)
        UnsafeMutableRawBufferPointer(start: start, count: bytes.count).copyMemory(from: bytes)
        return TextSlice(start: start, count: bytes.count, form: form)
    }

    /// Room for so many bytes, with readable zeros behind it.
    private mutating func take(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        let room = count + JSONTape.padding
        if chunks.last.map({ used + room > $0.capacity }) ?? true {
            let capacity = max(Self.chunk, room)
            chunks.append((UnsafeMutablePointer<UInt8>.allocate(capacity: capacity), capacity))
            used = 0
        }
        let start = chunks[chunks.count - 1].start + used
        (start + count).initialize(repeating: 0, count: JSONTape.padding)
        used += room
        return start
    }
}
