// The one place where libxml2's XML parser is set up.

internal import CLibXML2
internal import Glibc

/// Makes push parsers that tell a ``MarkupReader`` what they read, and that never read anything else.
enum MarkupParser {
    /// No network, the text is UTF-8 whatever its declaration says, and no entity is ever replaced.
    private static let options = Int32(XML_PARSE_NONET.rawValue | XML_PARSE_IGNORE_ENC.rawValue)

    /// Entities outside the document are refused for the whole process, once.
    private static let refusesExternalEntities: Bool = {
        xmlSetExternalEntityLoader { _, _, _ in nil }
        return true
    }()

    /// The version of the library that is loaded, such as `2.9.14`.
    static var libraryVersion: String {
        // Two digits each for all but the first, such as 20914 or 21309.
        let digits = cxml_version().map { String(cString: $0).prefix { $0.isNumber } }
        guard let number = digits.flatMap({ Int($0) }) else { return "" }
        return "\(number / 10_000).\(number / 100 % 100).\(number % 100)"
    }

    /// Makes a parser.
    ///
    /// - Parameter userData: The address of the ``MarkupReader``.
    /// - Returns: The parser, or nil if there is no memory for it.
    static func make(userData: UnsafeMutableRawPointer) -> xmlParserCtxtPtr? {
        guard refusesExternalEntities else { return nil }
        var handler = handler
        // With user data of its own a parser never falls back to libxml2's entity tables.
        guard let parser = xmlCreatePushParserCtxt(&handler, userData, nil, 0, nil) else { return nil }
        xmlCtxtUseOptions(parser, options)
        return parser
    }

    /// Makes a parser forget its document; names stay where they are.
    static func reset(_ parser: xmlParserCtxtPtr?) {
        xmlCtxtResetPush(parser, nil, 0, nil, nil)
        xmlCtxtUseOptions(parser, options)
    }

    private static var handler: xmlSAXHandler {
        var handler = xmlSAXHandler()
        handler.initialized = UInt32(XML_SAX2_MAGIC)
        handler.startElementNs = { context, name, prefix, namespace, declared, declarations, count, _, attributes in
            guard let name, let reader = MarkupParser.reader(context) else { return }
            let element = MarkupElement(
                name: name,
                prefix: prefix,
                namespace: namespace,
                declarationCount: Int(declared),
                declarations: declarations,
                attributeCount: Int(count),
                attributes: attributes,
                source: reader.pointee.parsedBuffer
            )
            reader.pointee.start(element)
        }
        handler.endElementNs = { context, _, _, _ in MarkupParser.reader(context)?.pointee.end() }
        // The same function for both, or libxml2 looks at every text to tell which one to call.
        handler.characters = { context, text, count in
            let text = UnsafeRawBufferPointer(start: text, count: Int(count))
            MarkupParser.reader(context)?.pointee.text(text, readsReferences: true)
        }
        handler.ignorableWhitespace = handler.characters
        handler.cdataBlock = { context, text, count in
            let text = UnsafeRawBufferPointer(start: text, count: Int(count))
            MarkupParser.reader(context)?.pointee.text(text, readsReferences: false)
        }
        handler.reference = { context, _ in MarkupParser.reader(context)?.pointee.halt(.reference) }
        handler.internalSubset = { context, _, _, _ in MarkupParser.reader(context)?.pointee.startDocumentType() }
        handler.entityDecl = { context, _, _, _, _, _ in MarkupParser.reader(context)?.pointee.halt(.declarations) }
        handler.serror = { context, error in
            guard let error = error?.pointee else { return }
            // Undeclared entities are mere warnings where an external DTD might have declared them.
            let code = UInt32(truncatingIfNeeded: error.code)
            let isEntity = [XML_ERR_UNDECLARED_ENTITY, XML_WAR_UNDECLARED_ENTITY].contains { $0.rawValue == code }
            guard error.level == XML_ERR_FATAL || isEntity else { return }
            MarkupParser.reader(context)?.pointee.fail(
                isEntity ? .reference : .fault(code),
                MarkupParser.message(of: error)
            )
        }
        return handler
    }

    // Safety: the user data is the address that `make` was given, of a value that outlives its parser; libxml2 calls
    // back only while the decoder that owns both is inside a call.
    @inline(__always)
    private static func reader(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<MarkupReader>? {
        context?.assumingMemoryBound(to: MarkupReader.self)
    }

    /// libxml2's message, without what it quotes of the document.
    private static func message(of error: xmlError) -> String {
        // The bytes that stand there follow this one.
        if error.code == XML_ERR_INVALID_ENCODING.rawValue { return "a character that XML does not have" }
        // Said in one of two ways, by how much of the comment was there.
        if error.code == XML_ERR_HYPHEN_IN_COMMENT.rawValue { return "two hyphens inside a comment" }
        guard let text = error.message else { return "unknown" }
        let quoted = [error.str1, error.str2, error.str3].compactMap { $0.map { String(cString: $0) } }
        let words = String(cString: text).split(whereSeparator: \.isWhitespace).map { word in
            let core = word.split(whereSeparator: "'\":;,()".contains).first ?? word
            return quoted.contains { $0 == core || $0 == word } ? "…" : word
        }
        return String(words.joined(separator: " ").prefix(160))
    }
}
