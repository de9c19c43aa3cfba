// What `submit` is measured against in Swift: a bare loop over its HTTP client, and its own sending without a ledger.
//
//     submit-peer loop TOKEN_URL REST_URL FILE
//     submit-peer rest|websocket TOKEN_URL URL FILE
//
// `loop` posts every line, 64 at a time, and looks at nothing but the status. The other two read, check and send as
// `submit` does, and remember nothing. No product of the package; the benchmark builds it.

import Glibc

setvbuf(stdout, nil, _IOLBF, 0)
let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 4, let mode = arguments.first, ["loop", "rest", "websocket"].contains(mode) else {
    fputs("usage: submit-peer loop|rest|websocket TOKEN_URL URL FILE\n", stderr)
    exit(64)
}
let (tokenURL, url, file) = (arguments[2], arguments[3], arguments[4])
do {
    if mode == "loop" {
        try await BareLoop(tokenURL: tokenURL, url: url).run(file)
    } else {
        try await ForgetfulRun(tokenURL: tokenURL, url: url, isSocket: mode == "websocket").run(file)
    }
} catch {
    fputs("submit-peer: \(error)\n", stderr)
    exit(2)
}
