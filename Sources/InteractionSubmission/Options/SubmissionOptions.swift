// What a user can say about a submission.

/// Where to send, as whom, how fast and how patiently.
package struct SubmissionOptions: Sendable {
    /// How messages travel.
    package enum Transport: String, Sendable, CaseIterable {
        case rest
        case webSocket = "websocket"
    }

    /// When a message counts as delivered over a WebSocket; over REST the answer's status decides.
    package enum Acknowledgement: String, Sendable, CaseIterable {
        /// It has been written to the connection.
        case sent
        /// The tenant has said that it works on it, or anything later.
        case started
        /// The tenant has said that it has worked on it.
        case completed
    }

    /// Where the credentials stand in a token request.
    package enum TokenRequest: String, Sendable, CaseIterable {
        /// In the query string, as the vendor's client does it.
        case query
        /// In a form body.
        case body
        /// In an `Authorization: Basic` header.
        case basic
    }

    /// The tenant's name, from which all three addresses follow.
    package var tenant: String?
    /// The top-level domain of the vendor's hosts.
    package var topLevelDomain = "tech"
    /// The address of REST, in place of the tenant's.
    package var restURL: String?
    /// The address of the WebSocket, in place of the tenant's.
    package var webSocketURL: String?
    /// The address of the token endpoint, in place of the tenant's; `/token` is appended unless it ends so.
    package var tokenURL: String?

    package var transport = Transport.rest
    /// Lets a server choose HTTP/2, which costs half as much CPU again.
    package var allowsHTTP2 = false
    /// Messages in flight at most.
    package var concurrency = 64
    /// Messages a second at most.
    package var rate: SendingRate?
    package var acknowledgement = Acknowledgement.started

    package var tokenRequest = TokenRequest.query
    /// A file that holds a token, read again whenever a new one is needed.
    package var tokenFile: String?
    /// A program and its arguments; what it prints is the token.
    package var tokenCommand: [String]?
    /// A file that holds the client id, in place of `OPTAVE_CLIENT_ID`.
    package var clientIdFile: String?
    /// A file that holds the client secret, in place of `OPTAVE_CLIENT_SECRET`.
    package var clientSecretFile: String?

    /// Certificates to trust, in PEM, in place of the system's.
    package var caFile: String?

    /// How long making a connection may take.
    package var connectTimeout = Duration.seconds(10)
    /// How long an answer may take.
    package var requestTimeout = Duration.seconds(30)
    /// How long a graceful stop waits for what is in flight.
    package var drain = Duration.seconds(30)
    /// How many failures stop the run; without it, a run whose first 20 messages all fail is stopped.
    package var failureLimit: FailureLimit?
    /// Attempts at one message at most, while the tenant answers others and ``deadline`` says nothing else.
    package var attempts = 8
    /// How long one message is tried while the tenant answers others; nil for ``attempts``, and ``patience`` at most.
    package var deadline: Duration?
    /// The longest wait between two attempts.
    package var retryCap = Duration.seconds(30)
    /// How long a tenant that gives no good answer at all is waited for.
    package var patience = Duration.seconds(2 * 3600)

    /// Makes options with the defaults.
    package init() {}
}
