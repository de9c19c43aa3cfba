// Legacy payloads that were written as something else than JSON, back in JSON.

internal import InteractionMapping
internal import InteractionModel

/// Turns decoded records into the JSON texts that they were made from.
///
/// Neither elements nor cells say what is a number, a boolean or a list of one: where a generation or the target knows,
/// that counts; everything else is text.
struct LegacyRecords: ~Copyable {
    /// How the payloads were written.
    enum Form: Sendable, Hashable {
        /// An element for each key, repeated for an array's items.
        case elements
        /// A column for each value, named by its path.
        case columns
    }

    /// The record at hand.
    var json = OutputBuffer(capacity: 16 << 10)
    /// The columns of the table at hand.
    var columns = LegacyColumns()
    private var tape = JSONTape()

    /// Writes a record as JSON.
    ///
    /// - Parameters:
    ///   - view: The record as it was decoded.
    ///   - form: How it was written.
    /// - Returns: The text, with the padding that the scanner needs; valid until the next call.
    mutating func read(_ view: JSONView, as form: Form) -> UnsafeRawBufferPointer {
        json.removeAll()
        switch form {
        case .elements: append(element: view, view.root, as: .record)
        case .columns: append(row: view)
        }
        json.reserve(JSONTape.padding)
        return json.bytes
    }

    /// Appends a text as the value that it spells where a kind is wanted, else as a string.
    ///
    /// - Parameters:
    ///   - text: What stood in the element or the cell.
    ///   - kind: What should be there.
    mutating func append(_ text: TextSlice, as kind: PayloadShape.Kind) {
        guard kind != .text, kind != .any, !append(spelled: text, as: kind) else {
            if kind == .text || kind == .any { json.append(string: text) }
            return
        }
        switch kind {
        case .list where text.isBlank: json.append("[]")
        case .object where text.isBlank: json.append("{}")
        case .list:
            json.append("[")
            json.append(string: text)
            json.append("]")
        default: json.append(string: text)
        }
    }

    private mutating func append(spelled text: TextSlice, as kind: PayloadShape.Kind) -> Bool {
        // Some write `True`.
        let spelling = kind == .boolean ? [UInt8](text.string.lowercased().utf8) : text.unescaped()
        let padded = PaddedBytes(spelling)
        do {
            try tape.scan(padded.start, count: padded.count)
        } catch {
            return false
        }
        let view = tape.view(of: padded.start)
        switch (kind, view.kind(view.root)) {
        case (.number, .number), (.boolean, .true), (.boolean, .false), (.object, .object), (.list, .array):
            json.append(value: view, view.root)
            return true
        default: return false
        }
    }
}
