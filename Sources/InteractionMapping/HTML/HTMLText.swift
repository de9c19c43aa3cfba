// HTML as readable plain text.

internal import CLibXML2
internal import InteractionModel

/// Turns fragments of HTML into plain text: lines where there were blocks, list marks, link targets, names of images.
///
/// libxml2 reads whatever people call HTML. The result has no blank lines around it and no more than one in a row.
package struct HTMLText: ~Copyable {
    // Safety: owned by this value and freed in deinit; its address is what the parser calls back with.
    private let writer: UnsafeMutablePointer<HTMLTextWriter>

    package init() {
        writer = UnsafeMutablePointer<HTMLTextWriter>.allocate(capacity: 1)
        writer.initialize(to: HTMLTextWriter())
    }

    deinit {
        writer.deinitialize(count: 1)
        writer.deallocate()
    }

    /// Reads a fragment.
    ///
    /// - Parameter html: Valid UTF-8.
    /// - Returns: Its text.
    package mutating func plain(_ html: UnsafeRawBufferPointer) -> [UInt8] {
        writer.pointee.begin()
        let hasMarkup = html.contains { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "&") }
        if !hasMarkup {
            writer.pointee.text(html)
        } else if HTMLParser.isTame(html) {
            HTMLParser.parse(html, into: writer)
        } else {
            writer.pointee.strip(html)
        }
        return writer.pointee.finish()
    }
}

/// The one place where libxml2's HTML parser is set up.
private enum HTMLParser {
    /// Attributes in one tag beyond which the parser, which compares each with all others, is not asked.
    private static let largestAttributeCount = 500

    private static let options = Int32(
        HTML_PARSE_NONET.rawValue | HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue
            | HTML_PARSE_NOWARNING.rawValue | HTML_PARSE_IGNORE_ENC.rawValue
    )

    /// Whether no tag has so many parts that parsing it takes more than a moment.
    static func isTame(_ html: UnsafeRawBufferPointer) -> Bool {
        guard html.count <= Int32.max else { return false }
        var parts = 0
        for byte in html {
            switch byte {
            case UInt8(ascii: "<"), UInt8(ascii: ">"): parts = 0
            case 0x20, 0x0A, 0x09, 0x0D, UInt8(ascii: "/"), UInt8(ascii: "\""), UInt8(ascii: "'"): parts += 1
            default: break
            }
            if parts > largestAttributeCount * 4 { return false }
        }
        return true
    }

    static func parse(_ html: UnsafeRawBufferPointer, into writer: UnsafeMutablePointer<HTMLTextWriter>) {
        var handler = handler
        guard
            let parser = htmlCreatePushParserCtxt(&handler, writer, nil, 0, nil, XML_CHAR_ENCODING_UTF8)
        else { return writer.pointee.strip(html) }
        htmlCtxtUseOptions(parser, options)
        writer.pointee.parser = parser
        // Safety: libxml2 copies the bytes, of which there are no more than its count can say.
        let bytes = html.baseAddress?.assumingMemoryBound(to: CChar.self)
        // Inside a body text is no paragraph of its own.
        htmlParseChunk(parser, "<body>", 6, 0)
        htmlParseChunk(parser, bytes, Int32(html.count), 1)
        writer.pointee.parser = nil
        htmlFreeParserCtxt(parser)
    }

    private static var handler: htmlSAXHandler {
        var handler = htmlSAXHandler()
        handler.startElement = { context, name, attributes in
            guard let name else { return }
            HTMLParser.writer(context)?.pointee.start(HTMLTag(name), HTMLAttributes(pairs: attributes))
        }
        handler.endElement = { context, name in
            guard let name else { return }
            HTMLParser.writer(context)?.pointee.end(HTMLTag(name))
        }
        handler.characters = { HTMLParser.writer($0)?.pointee.text(UnsafeRawBufferPointer(start: $1, count: Int($2))) }
        handler.ignorableWhitespace = handler.characters
        handler.cdataBlock = handler.characters
        return handler
    }

    // Safety: the user data is the address that `parse` was given, of a value that outlives the call.
    private static func writer(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<HTMLTextWriter>? {
        context?.assumingMemoryBound(to: HTMLTextWriter.self)
    }
}
