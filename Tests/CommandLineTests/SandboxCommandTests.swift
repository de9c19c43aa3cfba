// The sandbox as a stranger's client meets it: curl for token and REST, Python's websockets for WebSocket.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct SandboxCommandTests {
    @Test
    func curlGetsATokenAndSubmits() throws {
        try TestFiles.withFolder { folder in
            try Converted.write(3, to: folder)
            let sandbox = try SandboxSession(["--journal", folder + "/journal.ndjson"], in: folder)
            let run = try sandbox.script(
                """
                curl -sS -o /dev/null -w '%{http_code} ' -u sandbox:sandbox -X POST "$TOKEN_URL"
                curl -sS -o /dev/null -w '%{http_code} ' -d client_id=sandbox -d client_secret=sandbox "$TOKEN_URL"
                curl -sS -o /dev/null -w '%{http_code} ' -d client_id=sandbox -d client_secret=wrong "$TOKEN_URL"
                curl -sS -o /dev/null -w '%{http_code}\\n' "$TOKEN_URL"
                T=$(token)
                n=0
                while read -r line; do
                    n=$((n + 1))
                    for again in 1 2; do
                        curl -sS -w ' %{http_code}\\n' -H "Authorization: Bearer $T" -H "Idempotency-Key: key-$n" \\
                            -H 'Content-Type: application/json' --data-binary "$line" "$REST_URL"
                    done
                done <bare.ndjson
                """
            )
            #expect(run.status == 0, "\(run.errors)")
            let lines = run.text.split(separator: "\n")
            #expect(lines.first == "200 200 401 405")
            #expect(lines.count == 7 && lines.dropFirst().allSatisfy { $0.hasSuffix(" 200") })
            for pair in stride(from: 1, to: 7, by: 2) { #expect(lines[pair] == lines[pair + 1], "answered as before") }
            let summary = try sandbox.summary()
            #expect(summary.accepted == 3 && summary.distinctKeys == 3 && summary.repetitions == 3)
            let journal = try JSONText.lines(Folder.text(folder + "/journal.ndjson"))
            #expect(
                journal.map { $0.text("idempotencyKey") } == ["key-1", "key-1", "key-2", "key-2", "key-3", "key-3"]
            )
            let sent = try JSONText.lines(Folder.text(folder + "/bare.ndjson"))
            #expect(journal[0].text("threadId") == sent[0].text("request.connections.threadId"))
            #expect(try sandbox.stop() == 0)
            #expect(sandbox.errors == "3 accepted, 3 repeated, 0 refused\n")
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalIsItsOrdinaryEnd(_ signal: Int32) throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(["--fault", "lost:100%"], in: folder)
            try Converted.write(1, to: folder)
            // A request that waits for an answer does not keep it.
            let run = try sandbox.script(
                """
                T=$(token)
                curl -sS -m 1 -H "Authorization: Bearer $T" -H 'Content-Type: application/json' \
                    --data-binary @bare.ndjson "$REST_URL" || echo $?
                """
            )
            #expect(run.text == "28\n", "no answer")
            #expect(try sandbox.stop(signal) == 0)
            #expect(sandbox.errors == "1 accepted, 0 repeated, 0 refused\n")
        }
    }

    @Test
    func errorsOfRESTHaveTheirStatus() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let run = try sandbox.script(
                """
                T=$(token)
                post() { curl -sS -o /dev/null -w '%{http_code} ' -H "Authorization: Bearer ${TOKEN-$T}" \\
                    -H "Content-Type: ${TYPE-application/json}" --data-binary @- "$@"; }
                echo '{}' | TOKEN=x post "$REST_URL"
                echo '{}' | TYPE=text/plain post "$REST_URL"
                echo '{}' | post "$REST_URL"
                echo 'no' | post "$REST_URL"
                head -c 131073 /dev/zero | post "$REST_URL"
                head -c 3000000 /dev/zero | post -H 'Transfer-Encoding: chunked' "$REST_URL"
                head -c 20000 /dev/zero | post "$TOKEN_URL"
                echo '{}' | post "${REST_URL%interaction}elevate"
                curl -sS -o /dev/null -w '%{http_code} ' "http://127.0.0.1:$PORT/"
                """
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.text == "401 415 422 400 413 413 413 404 426 ")
        }
    }

    /// Requests that never end, or are none, cost their connection and nobody else's.
    @Test(.enabled(if: Python.isThere, Python.whyNot))
    func halfRequestsHarmNobody() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let script = """
                import socket, sys
                def line(): return socket.create_connection(("127.0.0.1", int(sys.argv[1])))
                half = []
                for start in [b"", b"P", b"POST /token HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 10\\r\\n\\r\\nclient", b"GET /"]:
                    half.append(line())
                    half[-1].sendall(start)
                for bad in [b"\\x16\\x03\\x01\\x02\\x00\\x01\\r\\n\\r\\n", b"GET / HTTP/1.1\\r\\n: x\\r\\n\\r\\n",
                            b"GET / HTTP/1.1\\r\\nX: " + b"y" * 200000 + b"\\r\\n\\r\\n"]:
                    with line() as other:
                        try:
                            other.sendall(bad)
                            print(other.recv(100)[9:12].decode())
                        except ConnectionError:
                            print("cut")
                with line() as gone: gone.sendall(b"POST /message/interaction HTTP/1.1\\r\\nContent-Le")
                """
            try Folder.write(script, folder + "/half.py")
            let run = try sandbox.script("\"$PYTHON\" half.py $PORT && curl -sS --fail \"$SUMMARY_URL\"")
            #expect(run.status == 0, "\(run.errors)")
            let lines = run.text.split(separator: "\n")
            #expect(
                lines.count == 4 && lines.prefix(3).allSatisfy { ["400", "431", "cut"].contains($0) },
                "\(run.text)"
            )
        }
    }

    @Test
    func aKilledSandboxRemembersWhatItAcknowledged() throws {
        try TestFiles.withFolder { folder in
            try Converted.write(2, to: folder)
            let post = """
                T=$(token)
                n=0
                while read -r line; do
                    n=$((n + 1))
                    curl -sS -w '\\n' -H "Authorization: Bearer $T" -H "Idempotency-Key: key-$n" \\
                        -H 'Content-Type: application/json' --data-binary "$line" "$REST_URL"
                done <bare.ndjson
                """
            let first = try SandboxSession(["--journal", folder + "/journal.ndjson"], in: folder)
            let before = try first.script(post)
            #expect(try first.stop(SIGKILL) == SIGKILL)
            let second = try SandboxSession(
                ["--journal", folder + "/journal.ndjson", "--port", "\(first.addresses.port)"],
                in: folder
            )
            #expect(second.addresses.port == first.addresses.port)
            #expect(try second.script(post).text == before.text, "answered as before")
            let summary = try second.summary()
            #expect(summary.accepted == 2 && summary.repetitions == 2 && summary.conflicts == 0)
        }
    }

    @Test
    func tlsIsServedWithACertificateOfItsOwn() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(["--tls", "--ca-out", folder + "/ca.pem"], in: folder)
            #expect(sandbox.addresses.webSocketUrl.hasPrefix("wss://"))
            let run = try sandbox.script(
                "CA=ca.pem token; curl -sS --cacert ca.pem https://localhost:$PORT/journal/summary"
            )
            #expect(run.status == 0 && run.text.contains("\"tokens\":1"), "\(run.errors)")
            let stranger = try sandbox.script("curl -sS $SUMMARY_URL")
            #expect(stranger.status == 60, "nobody trusts it unasked")
            let check = try sandbox.script(
                "openssl s_client -connect 127.0.0.1:$PORT -CAfile ca.pem -verify_return_error -verify_ip 127.0.0.1 "
                    + "-x509_strict </dev/null"
            )
            #expect(check.status == 0, "\(check.text)\(check.errors)")
        }
    }

    @Test
    func whatCannotBeIsSaid() throws {
        try TestFiles.withFolder { folder in
            for wrong in [
                ["--fault", "418:5%"], ["--fault", "429:60%", "--fault", "503:60%"], ["--port", "70000"],
                ["--ca-out", "x"], ["--latency", "soon"], ["--reply", "loud"], ["--token-lifetime", "0"],
            ] {
                let run = try CommandLineTool.run(["sandbox"] + wrong, folder: folder)
                #expect(run.status == 64 && run.output.isEmpty, "\(wrong)")
            }
            try Folder.write("hush", folder + "/secret")
            chmod(folder + "/secret", 0o644)
            let open = try CommandLineTool.run(["sandbox", "--client-secret-file", "secret"], folder: folder)
            #expect(open.status == 2 && open.errors.contains("chmod 600") && !open.errors.contains("hush"))
            let sandbox = try SandboxSession(in: folder)
            let taken = try CommandLineTool.run(["sandbox", "--port", "\(sandbox.addresses.port)"], folder: folder)
            #expect(taken.status == 2 && taken.errors.contains("\(sandbox.addresses.port)"))
            let unwritable = try CommandLineTool.run(["sandbox", "--journal", folder + "/no/journal"], folder: folder)
            #expect(unwritable.status == 2 && unwritable.errors.contains("/no/journal"))
        }
    }

    @Test
    func credentialsComeFromFilesAndEnvironment() throws {
        try TestFiles.withFolder { folder in
            try Folder.write("hush hush\n", folder + "/secret")
            chmod(folder + "/secret", 0o600)
            let arguments = ["--client-id", "ann", "--client-secret-file", folder + "/secret"]
            let sandbox = try SandboxSession(arguments, in: folder)
            let run = try sandbox.script(
                """
                for secret in hush+hush sandbox; do
                    curl -sS -o /dev/null -w '%{http_code} ' -X POST "$TOKEN_URL?client_id=ann&client_secret=$secret"
                done
                """
            )
            #expect(run.text == "200 401 ")
        }
    }
}
