// What a client says to get a token, wherever it says it.

internal import FoundationEssentials

/// A request to the token endpoint, taken apart.
struct TokenRequest: Sendable {
    /// Why there is no token; raw values are OAuth's.
    enum Refusal: String, Error, Sendable {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case unsupportedGrantType = "unsupported_grant_type"
    }

    private var fields: [String: String] = [:]
    private var basic: (id: String, secret: String)?

    /// Takes a request apart.
    ///
    /// - Parameters:
    ///   - query: What follows the question mark.
    ///   - body: A form, or nothing.
    ///   - authorization: The field of that name.
    /// - Throws: `invalidRequest` if a value is given twice in different ways, `invalidClient` for an unreadable field.
    init(query: Substring?, body: String, authorization: String?) throws(Refusal) {
        for form in [query.map(String.init) ?? "", body] {
            for (name, value) in FormFields.read(form) {
                if let earlier = fields.updateValue(value, forKey: name), earlier != value { throw .invalidRequest }
            }
        }
        guard let authorization, authorization.lowercased().hasPrefix("basic ") else { return }
        let encoded = authorization.dropFirst(6).drop { $0 == " " }
        guard let bytes = Data(base64Encoded: String(encoded)),
            case let parts = String(decoding: bytes, as: UTF8.self).split(
                separator: ":",
                maxSplits: 1,
                omittingEmptySubsequences: false
            ), parts.count == 2
        else { throw .invalidClient }
        basic = (String(parts[0]), String(parts[1]))
    }

    /// Whether the client is who it should be.
    ///
    /// RFC 6749 has the two halves of a basic field encoded as in a form, which many clients forget.
    func check(clientId: String, clientSecret: String) throws(Refusal) {
        if let type = fields["grant_type"], type != "client_credentials" { throw .unsupportedGrantType }
        if let basic {
            let isPlain = basic == (clientId, clientSecret)
            let isEncoded = (FormFields.decode(basic.id), FormFields.decode(basic.secret)) == (clientId, clientSecret)
            guard isPlain || isEncoded else { throw .invalidClient }
            return
        }
        guard fields["client_id"] == clientId, fields["client_secret"] == clientSecret else { throw .invalidClient }
    }
}

/// `application/x-www-form-urlencoded`.
enum FormFields {
    /// The names and values of a form, in order.
    static func read(_ form: String) -> [(name: String, value: String)] {
        form.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decode(parts[0]), parts.count > 1 ? decode(parts[1]) : "")
        }
    }

    /// Resolves `+` and `%41`; a percent sign that is no escape stays.
    static func decode(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
