// Records of an XML document of any size, decoded as the bytes arrive.

internal import InteractionModel

/// Finds the elements at a path in XML text and hands each out as a tape.
///
/// An element becomes an object: `@name` for each attribute, a member for each child element under its local name,
/// `#text` for direct text, `#ns` for a namespace that is not its parent's. One without attributes and children is a
/// string, unless it is the record. Memory is bounded by the largest record.
package struct MarkupDecoder: ~Copyable, RecordDecoder {
    private var text: MarkupText
    // Safety: owned by this value and freed in deinit; its address is what the parser calls back with.
    private let reader: UnsafeMutablePointer<MarkupReader>

    /// Makes a decoder for one input.
    ///
    /// - Parameters:
    ///   - path: Where the records are.
    ///   - markup: Local names of elements whose content is kept as markup, in `#markup`.
    ///   - encoding: The input's encoding if it is not what the document says.
    ///   - largestRecord: Bytes of the largest record that is kept in memory.
    package init(path: MarkupPath, markup: Set<String>, encoding: String?, largestRecord: Int) {
        text = MarkupText(encoding: encoding)
        reader = UnsafeMutablePointer<MarkupReader>.allocate(capacity: 1)
        reader.initialize(to: MarkupReader(path: path, markup: markup, largestRecord: largestRecord))
        reader.pointee.open(userData: reader)
    }

    /// Makes a decoder that only looks at the shape of a document.
    init(outlineIn encoding: String?) {
        text = MarkupText(encoding: encoding)
        reader = UnsafeMutablePointer<MarkupReader>.allocate(capacity: 1)
        reader.initialize(to: MarkupReader(outline: MarkupOutline()))
        reader.pointee.open(userData: reader)
    }

    deinit {
        reader.deinitialize(count: 1)
        reader.deallocate()
    }

    package mutating func decode(
        _ bytes: UnsafeRawBufferPointer,
        isFinal: Bool,
        into batch: inout DecodedBatchBuilder
    ) {
        withUnsafeMutablePointer(to: &batch) { batch in
            reader.pointee.begin(batch)
            text.pass(bytes, isFinal: isFinal, to: reader)
            if isFinal { finish() }
            reader.pointee.batch = nil
        }
    }

    /// The encoding that a document says it is in.
    ///
    /// - Parameter head: The document's first bytes.
    /// - Returns: The document's name for it; nil if it says none that can be true.
    package static func declaredEncoding(in head: [UInt8]) -> String? { MarkupText.declaration(head) }

    /// The shape of a document of which there may be more than these bytes.
    mutating func outline(of head: UnsafeRawBufferPointer) -> Skeleton? {
        text.pass(head, isFinal: false, to: reader)
        reader.pointee.outline?.finish()
        return reader.pointee.outline?.result
    }

    private func finish() {
        if let name = text.unsupported {
            reader.pointee.report(
                .invalidMarkup,
                .error,
                at: nil,
                "the encoding \(name.prefix(40)) is not known here",
                remedy: "name the encoding with --encoding"
            )
            return
        }
        reader.pointee.finish()
        guard text.strayCount > 0 else { return }
        var fault = reader.pointee.fault(
            .textReencoded,
            .warning,
            at: nil,
            "\(text.strayCount) bytes are not in the document's encoding; they are read as Windows-1252",
            remedy: "name the encoding with --encoding"
        )
        fault.offset = text.firstStray
        reader.pointee.report(fault)
    }
}
