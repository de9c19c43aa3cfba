// Killed at any moment and resumed: nothing lost, nothing twice under another key, threads in order.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)), .enabled(if: Python.isThere, Python.whyNot))
struct KillTests {
    /// Twenty of the two hundred runs of `Tests/Proofs/kills`; five of them lose their sandbox too.
    @Test
    func killedRunsLoseNothing() throws {
        try TestFiles.withFolder { folder in
            let script = """
                TMPDIR=. '\(Python.path ?? "python3")' '\(TestFiles.package)/Tests/Support/kill_runs.py' --binary "$TOOL" \\
                    --runs 20 --messages 200 --seed 7
                """
            let run = try ShellScript.run(script, in: folder)
            #expect(run.status == 0, "\(run.text)\(run.errors)")
            let last = run.text.split(separator: "\n").last
            #expect(last?.hasPrefix("held: 20 runs of 200 messages") == true, "\(run.text)")
        }
    }
}
