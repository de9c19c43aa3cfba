// What stops a run. A message that is refused is no error: it is an outcome.

/// Why a run could not start, or could not go on.
///
/// The text never has a secret, a token, a URL with a query, or content of a message in it.
package struct SubmissionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of error it is.
    package enum Code: String, Sendable, Hashable {
        /// An option is missing, or does not fit another.
        case options = "submission-options"
        /// Credentials are missing, or their file can be read by others.
        case credentials
        /// The token endpoint refuses, or its answer has no token.
        case token
        /// The tenant refuses tokens that it has just issued.
        case unauthorized
        /// The tenant's certificate is not trusted, or is for another host.
        case certificate
        /// The tenant's answer is against the protocol.
        case wire = "protocol"
        /// The tenant has closed the connection and asks not to be called again.
        case policy
        /// Too many messages have failed.
        case tooManyFailures = "too-many-failures"
        /// The tenant has given no good answer for too long.
        case outage
    }

    /// What kind of error it is.
    package var code: Code
    /// What is wrong, and what to do about it.
    package var description: String

    /// Makes an error.
    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
