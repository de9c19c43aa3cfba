// What can be said about a submission, and what is said back when it makes no sense.

import Foundation
import InteractionSubmission
import TestSupport
import Testing

@Suite struct SubmissionOptionsTests {
    static let client = ["OPTAVE_CLIENT_ID": "id", "OPTAVE_CLIENT_SECRET": "hush-hush"]

    private func problem(
        _ environment: [String: String] = client,
        _ change: (inout SubmissionOptions) -> Void
    ) -> String {
        var options = SubmissionOptions()
        options.tenant = "acme"
        change(&options)
        do throws(SubmissionError) {
            _ = try options.target(environment: environment)
            return "none"
        } catch {
            return error.description
        }
    }

    @Test func tenantNamesAllAddresses() throws {
        var options = SubmissionOptions()
        options.tenant = "acme"
        var target = try options.target(environment: Self.client)
        #expect(target.endpoint.url == "https://acme.oco.optave.tech/message/interaction")
        #expect(target.tokenEndpoint?.url == "https://acme.oco.optave.tech/auth/oauth2/token")
        options.transport = .webSocket
        options.topLevelDomain = "cloud"
        target = try options.target(environment: Self.client)
        #expect(target.endpoint.url == "wss://ws-acme.oco.optave.cloud/")
    }

    @Test(arguments: [
        ("https://a.example", "https://a.example/token"),
        ("https://a.example/", "https://a.example/token"),
        ("https://a.example/auth", "https://a.example/auth/token"),
        ("https://a.example/auth/token", "https://a.example/auth/token"),
        ("https://a.example/auth/token/", "https://a.example/auth/token"),
        ("http://127.0.0.1:8080/t", "http://127.0.0.1:8080/t/token"),
        ("https://[::1]:8080/t", "https://[::1]:8080/t/token"),
    ])
    func tokenIsAppendedOnce(_ given: String, _ full: String) throws {
        var options = SubmissionOptions()
        options.tenant = "acme"
        options.tokenURL = given
        #expect(try options.target(environment: Self.client).tokenEndpoint?.url == full)
    }

    @Test func mistakesAreExplained() {
        #expect(problem { $0.tenant = nil } == "say where to send: --tenant NAME, or --rest-url URL")
        #expect(problem { $0.tenant = "a.b" }.hasPrefix("--tenant is a name such as acme"))
        #expect(problem { $0.topLevelDomain = "" }.hasPrefix("--tld is a domain such as tech"))
        #expect(problem { $0.concurrency = 0 } == "--concurrency is a number from 1 to 4096")
        #expect(
            problem { $0.restURL = "http://acme.example" }
                == "--rest-url: http is not encrypted and only for this machine; use https"
        )
        #expect(problem { $0.restURL = "ftp://acme.example" } == "--rest-url: the scheme is https or http, not ftp")
        #expect(problem { $0.restURL = "https://u:p@acme.example" }.hasPrefix("--rest-url: no credentials in a URL"))
        #expect(problem { $0.restURL = "https://acme.example:99999" }.hasSuffix("a port is a number from 1 to 65535"))
        #expect(problem { $0.tokenURL = "https://a.example/t?client_secret=x" }.hasPrefix("--token-url: no query"))
        #expect(problem([:]) { _ in }.hasPrefix("OPTAVE_CLIENT_ID is not set"))
        #expect(problem(["OPTAVE_CLIENT_ID": "id"]) { _ in }.hasPrefix("OPTAVE_CLIENT_SECRET is not set"))
        #expect(problem(["HTTPS_PROXY": "socks5://x"].merging(Self.client) { $1 }) { _ in }.hasPrefix("HTTPS_PROXY: "))
    }

    @Test func plainHTTPIsForThisMachineOnly() {
        for host in ["localhost", "127.0.0.1", "127.8.9.1", "[::1]", "x.localhost"] {
            #expect(problem { $0.restURL = "http://\(host):8080/x" } == "none")
        }
        for host in ["127.0.0.1.example", "localhost.example", "10.0.0.1", "[::2]"] {
            #expect(problem { $0.restURL = "http://\(host)/x" } != "none")
        }
    }

    @Test func filesOfSecretsMustBePrivate() throws {
        try TestFiles.withFolder { folder in
            let path = folder + "/secret"
            try Data(" hush-hush \n".utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            var options = SubmissionOptions()
            options.tenant = "acme"
            options.clientSecretFile = path
            let target = try options.target(environment: ["OPTAVE_CLIENT_ID": "id"])
            #expect(target.credentials == .client(id: Secret("id"), secret: Secret("hush-hush")))
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let said = problem(["OPTAVE_CLIENT_ID": "id", "OPTAVE_CLIENT_SECRET_FILE": path]) { _ in }
            #expect(said.contains("others can read \(path) (mode 644); make it yours alone: chmod 600 \(path)"))
            #expect(problem { $0.tokenFile = folder }.hasSuffix("is not a file"))
        }
    }

    @Test func secretsPrintAsNothing() {
        var target = ""
        dump(Secret("hush-hush"), to: &target)
        target += "\(Secret("hush-hush")) \(String(reflecting: Secret("hush-hush")))"
        target += "\(Credentials.client(id: Secret("hush-hush"), secret: Secret("hush-hush")))"
        #expect(!target.contains("hush"))
    }

    @Test func textsOfOptions() {
        #expect(SendingRate("50/s")?.perSecond == 50)
        #expect(SendingRate("300/m")?.perSecond == 5)
        #expect(SendingRate("7200/h")?.perSecond == 2)
        #expect(SendingRate("2.5")?.description == "2.5/s")
        for text in ["", "0", "-1", "1/d", "1/s/s", "x", "inf", "nan"] { #expect(SendingRate(text) == nil) }
        #expect(FailureLimit("100") == .count(100))
        #expect(FailureLimit("5%") == .percent(5))
        for text in ["", "%", "-1", "101%", "x"] { #expect(FailureLimit(text) == nil) }
        #expect(Duration(option: "500ms") == .milliseconds(500))
        #expect(Duration(option: "2m") == .seconds(120))
        #expect(Duration(option: "30") == .seconds(30))
        #expect(Duration(option: "1.5h") == .seconds(5400))
        for text in ["", "s", "-1s", "1y"] { #expect(Duration(option: text) == nil) }
    }

    @Test func proxiesComeFromTheEnvironment() throws {
        let settings = try ProxySettings(environment: [
            "https_proxy": "http://user:pass@proxy.example:3128/", "HTTP_PROXY": "proxy.example",
            "NO_PROXY": "intern.example,.other.example",
        ])
        func proxy(_ url: String) throws -> ProxySettings.Proxy? {
            settings.proxy(for: try Endpoint(url, option: "x", schemes: ["https", "wss", "http"]))
        }
        #expect(try proxy("https://acme.example")?.port == 3128)
        #expect(try proxy("wss://acme.example")?.credentials == Secret("user:pass"))
        #expect(try proxy("https://intern.example") == nil)
        #expect(try proxy("https://a.other.example") == nil)
        #expect(try proxy("https://xintern.example") != nil)
        #expect(try proxy("http://127.0.0.1") == nil)
    }
}
