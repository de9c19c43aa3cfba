// What libxml2 says of an element's start, in the form that the recorders read.

internal import Glibc

/// An element's name, namespace and attributes; valid during the callback that told it.
///
/// Names and namespaces are interned in the parser's dictionary: equal ones have the same address for as long as the
/// parser lives.
struct MarkupElement {
    /// The local name.
    let name: UnsafePointer<UInt8>
    let prefix: UnsafePointer<UInt8>?
    let namespace: UnsafePointer<UInt8>?
    let declarationCount: Int
    let declarations: UnsafeMutablePointer<UnsafePointer<UInt8>?>?
    let attributeCount: Int
    let attributes: UnsafeMutablePointer<UnsafePointer<UInt8>?>?
    /// The parser's buffer as far as it has been read: a value that lies in it is as the document wrote it.
    let source: UnsafeRawBufferPointer

    /// The local name as a run of bytes.
    var nameBytes: UnsafeBufferPointer<UInt8> { Self.bytes(name) }

    /// A terminated string as a run of bytes.
    @inline(__always)
    static func bytes(_ string: UnsafePointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        // Safety: libxml2 terminates its strings; a byte may be looked at as a character of either sign.
        UnsafeBufferPointer(start: string, count: strlen(UnsafeRawPointer(string).assumingMemoryBound(to: CChar.self)))
    }

    /// One attribute.
    struct Attribute {
        let name: UnsafePointer<UInt8>
        let prefix: UnsafePointer<UInt8>?
        /// The value, but for each `&`, which is still written as a reference.
        let value: UnsafeRawBufferPointer
        /// Whether the value holds no such reference.
        let isPlain: Bool

        /// The value itself, where it is not plain.
        ///
        /// libxml2 passes `&` on as `&#38;` as long as it is not told to replace entities, which it never is.
        var unescaped: [UInt8] {
            var text: [UInt8] = []
            var at = 0
            while at < value.count {
                text.append(value[at])
                at += value[at...].starts(with: "&#38;".utf8) ? 5 : 1
            }
            return text
        }
    }

    /// An attribute by its position.
    @inline(__always)
    func attribute(_ index: Int) -> Attribute? {
        // Safety: libxml2 gives five pointers an attribute: name, prefix, namespace, value and value's end.
        guard let fields = attributes?.advanced(by: index &* 5), let name = fields[0], let value = fields[3],
            let end = fields[4]
        else { return nil }
        let bytes = UnsafeRawBufferPointer(start: value, count: end - value)
        let isPlain = source.isAround(value) || memchr(value, Int32(UInt8(ascii: "&")), bytes.count) == nil
        return Attribute(name: name, prefix: fields[1], value: bytes, isPlain: isPlain)
    }

    /// The element's namespace declarations as they would be written in its start tag.
    var declarationText: [UInt8] {
        guard declarationCount > 0, let declarations else { return [] }
        var text: [UInt8] = []
        for index in 0..<declarationCount {
            text += " xmlns".utf8
            if let prefix = declarations[index * 2] {
                text.append(UInt8(ascii: ":"))
                text += Self.bytes(prefix)
            }
            text += "=\"".utf8
            for byte in declarations[index * 2 + 1].map(Self.bytes) ?? .init(start: nil, count: 0) {
                switch byte {
                case UInt8(ascii: "&"): text += "&amp;".utf8
                case UInt8(ascii: "<"): text += "&lt;".utf8
                case UInt8(ascii: "\""): text += "&quot;".utf8
                default: text.append(byte)
                }
            }
            text.append(UInt8(ascii: "\""))
        }
        return text
    }
}

extension UnsafeRawBufferPointer {
    /// Whether an address lies among the bytes.
    @inline(__always)
    fileprivate func isAround(_ address: UnsafeRawPointer) -> Bool {
        guard let baseAddress else { return false }
        return address >= baseAddress && address < baseAddress + count
    }
}
