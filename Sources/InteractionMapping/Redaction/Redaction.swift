// What is masked in texts.

/// Which personal numbers and addresses are masked in the texts of messages.
///
/// What looks like one and cannot be one stays: order numbers, dates, prices.
public struct Redaction: Sendable, Hashable {
    /// A kind of thing to mask.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// E-mail addresses.
        case emails
        /// Telephone numbers in a shape that telephone numbers have.
        case phones
        /// Payment card numbers: a known issuer, a length that it uses, and the right check digit.
        case cards
        /// International bank account numbers: the country's length and the right check digits.
        case ibans

        /// What stands in the place of one.
        var mask: StaticString {
            switch self {
            case .emails: "[email]"
            case .phones: "[phone]"
            case .cards: "[card]"
            case .ibans: "[iban]"
            }
        }
    }

    /// What is masked.
    public var kinds: Set<Kind>
    /// Whether each character becomes an asterisk, instead of all of them a word such as `[email]`.
    public var keepsLength: Bool

    /// Makes the wish to mask something.
    ///
    /// - Parameters:
    ///   - kinds: What is masked.
    ///   - keepsLength: Whether each character becomes an asterisk.
    public init(_ kinds: Set<Kind> = [], keepsLength: Bool = false) {
        self.kinds = kinds
        self.keepsLength = keepsLength
    }
}
