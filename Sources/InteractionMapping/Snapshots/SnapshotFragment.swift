// A legacy record that waits for the other snapshots of its thread, as it was read.

internal import InteractionModel

/// A record's own bytes and where they lie, packed so that they can wait in memory or on disk.
package struct SnapshotFragment {
    /// How a record was read.
    package enum Form: UInt32, Sendable {
        /// Strict JSON.
        case line
        /// JSON that may be JSON5.
        case document
        /// Another format, from which the JSON was made.
        case decoded
    }

    private struct Header: BitwiseCopyable {
        var start: Int64
        var end: Int64
        var offset: Int64
        var file: UInt32
        var record: UInt32
        var line: UInt32
        var column: UInt32
        var form: UInt32
        var reserved: UInt32 = 0
    }

    private let header: Header
    /// The record's JSON; padding must be readable after it.
    package let text: UnsafeRawBufferPointer

    /// Reads a fragment.
    ///
    /// - Parameter bytes: What ``append(_:place:range:file:form:to:)`` wrote.
    package init(_ bytes: UnsafeRawBufferPointer) {
        header = bytes.loadUnaligned(as: Header.self)
        text = UnsafeRawBufferPointer(rebasing: bytes[MemoryLayout<Header>.stride...])
    }

    /// How it was read.
    package var form: Form { Form(rawValue: header.form) ?? .line }
    /// The record's bytes in the input.
    package var range: Range<Int64> { header.start..<header.end }
    var file: Int { Int(header.file) }
    var number: Int { Int(header.record) }

    /// Where the record begins.
    func place(_ files: [String]) -> Finding.Place {
        Finding.Place(
            file: files[file],
            record: number,
            line: Int(header.line),
            column: Int(header.column),
            offset: header.offset
        )
    }

    /// Writes a fragment.
    static func append(
        _ text: UnsafeRawBufferPointer,
        place: Finding.Place,
        range: Range<Int64>,
        file: Int,
        form: Form,
        to out: inout OutputBuffer
    ) {
        let header = Header(
            start: range.lowerBound,
            end: range.upperBound,
            offset: place.offset ?? range.lowerBound,
            file: UInt32(truncatingIfNeeded: file),
            record: UInt32(truncatingIfNeeded: place.record ?? 0),
            line: UInt32(truncatingIfNeeded: place.line ?? 0),
            column: UInt32(truncatingIfNeeded: place.column ?? 0),
            form: form.rawValue
        )
        withUnsafeBytes(of: header) { out.append($0) }
        out.append(text)
    }
}
