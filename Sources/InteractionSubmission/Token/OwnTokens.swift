// Tokens that do not come from the tenant's endpoint: a file, a program, the environment.

internal import NIOCore
internal import NIOPosix

/// A token that something else keeps fresh in a file.
struct TokenFile: TokenFetcher {
    let path: String

    func fetch() async throws -> (token: Secret, lifetime: Int64?) {
        do throws(SubmissionError) {
            return (try SecretFile.read(path, option: "--token-file"), nil)
        } catch {
            throw TokenFailure(isPermanent: true, reason: error.description)
        }
    }
}

/// A token that was given once.
struct GivenToken: TokenFetcher {
    let token: Secret

    func fetch() async throws -> (token: Secret, lifetime: Int64?) { (token, nil) }
}

/// A program that prints a token.
struct TokenCommand: TokenFetcher {
    let arguments: [String]
    /// In microseconds.
    let timeout: Int64

    func fetch() async throws -> (token: Secret, lifetime: Int64?) {
        let arguments = self.arguments
        let timeout = self.timeout
        let outcome = try await NIOSingletons.posixBlockingThreadPool.runIfActive {
            ChildProgram.output(of: arguments, limit: 65_536, timeout: timeout)
        }
        switch outcome {
        case .failure(let failure):
            throw TokenFailure(isPermanent: failure.isPermanent, reason: "--token-command: \(failure.reason)")
        case .success(let bytes):
            guard let text = SecretFile.trimmed(bytes), !text.contains(" ") else {
                throw TokenFailure(isPermanent: true, reason: "--token-command must print one token and nothing else")
            }
            return (Secret(text), nil)
        }
    }
}
