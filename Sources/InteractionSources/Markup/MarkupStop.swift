// Why a parser stopped, and where reading may go on.

internal import CLibXML2

/// A stop of the parser, with what is needed to go on after it.
struct MarkupStop {
    enum Reason: Hashable {
        /// A document type with declarations of its own.
        case declarations
        /// Elements too deep inside each other.
        case tooDeep
        /// A reference to an entity that XML does not define.
        case reference
        /// What the parser says is wrong, by its code.
        case fault(UInt32)

        init(_ code: xmlParserErrors) { self = .fault(code.rawValue) }

        static let mismatchedTag = Reason(XML_ERR_TAG_NAME_MISMATCH)
        static let extraContent = Reason(XML_ERR_DOCUMENT_END)
        static let secondDeclaration = Reason(XML_ERR_RESERVED_XML_NAME)
        /// A tag, comment or section of more bytes than the parser looks at.
        static let tooLong = Reason(XML_ERR_INTERNAL_ERROR)
        static let illegalCharacter = Reason(XML_ERR_INVALID_CHAR)
        static let misplacedSectionEnd = Reason(XML_ERR_MISPLACED_CDATA_END)
        static let hyphensInComment = Reason(XML_ERR_HYPHEN_IN_COMMENT)

        /// What a ``MarkupFilter`` may be able to take the cause of away.
        private static let repairable: Set<Reason> = [
            .reference,
            .illegalCharacter,
            Reason(XML_ERR_NAME_REQUIRED),
            Reason(XML_ERR_ENTITYREF_SEMICOL_MISSING),
            Reason(XML_ERR_INVALID_CHARREF),
            Reason(XML_ERR_INVALID_DEC_CHARREF),
            Reason(XML_ERR_INVALID_HEX_CHARREF),
            Reason(XML_ERR_LT_IN_ATTRIBUTE),
        ]

        /// Whether a ``MarkupFilter`` may be able to take the cause away.
        var isRepairable: Bool { Self.repairable.contains(self) }
    }

    let reason: Reason
    /// What the parser says.
    let message: String
    let place: MarkupPlace
    /// Whether a filter is to repair the text from ``resume`` on.
    let isRepairable: Bool
    /// Where reading goes on.
    let resume: MarkupPlace
    /// The bytes from there on that came in before the parser's last piece.
    let held: [UInt8]
    /// The name in the start tag that was being read, prefix included.
    let tagName: [UInt8]?
    let isInsideCDATA: Bool
}
