// What `submit` is measured against in Swift: a bare loop over its HTTP client, and its own sending without a ledger.
//
//     submit-peer loop TOKEN_URL REST_URL FILE
//     submit-peer rest|websocket TOKEN_URL URL FILE
//
// `loop` posts every line, 64 at a time, and looks at nothing but the status. The other two read, check and send as
// `submit` does, and remember nothing. No product of the package; the benchmark builds it.

import Glibc

func end(_ text: String, _ code: Int32) -> Never {
    let line = Array("\(text)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(code)
}

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 4, let mode = arguments.first, ["loop", "rest", "websocket"].contains(mode) else {
    end("usage: submit-peer loop|rest|websocket TOKEN_URL URL FILE", 64)
}
let (tokenURL, url, file) = (arguments[2], arguments[3], arguments[4])
do {
    if mode == "loop" {
        try await BareLoop(tokenURL: tokenURL, url: url).run(file)
    } else {
        try await ForgetfulRun(tokenURL: tokenURL, url: url, isSocket: mode == "websocket").run(file)
    }
} catch {
    end("submit-peer: \(error)", 2)
}
