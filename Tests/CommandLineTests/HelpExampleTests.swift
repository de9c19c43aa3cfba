// Every example of `--help` runs, with files of the names that it has and a sandbox for a tenant.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct HelpExampleTests {
    /// Examples that go on until they are stopped.
    private static func isService(_ example: String) -> Bool {
        example.hasPrefix("interaction-migrate sandbox") || example.hasSuffix(" --watch")
    }

    @Test func everyExampleRuns() throws {
        let examples = try HelpExamples.all()
        #expect(examples.count >= 60)
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            try HelpExamples.prepare(folder, sandbox)
            for example in examples {
                // The port of the examples may be somebody else's on this machine.
                let isOurs = example.hasPrefix("interaction-migrate ")
                var command = example.replacing("8080", with: isOurs ? "0" : "\(sandbox.addresses.port)")
                if Self.isService(example) {
                    command = """
                        \(command) >shown & service=$!
                        until [ -s shown ] || ! kill -0 $service; do sleep 0.05; done
                        kill -TERM $service; wait $service
                        """
                }
                // A pager that is no terminal's is cat.
                let script = """
                    cp -R '\(folder)/files' work && cd work || exit 99
                    PATH='\(folder)/bin':$PATH OPTAVE_CLIENT_ID=sandbox OPTAVE_CLIENT_SECRET=sandbox
                    export PATH OPTAVE_CLIENT_ID OPTAVE_CLIENT_SECRET
                    less() { cat; }
                    \(command)
                    status=$?; cd .. && rm -rf work; exit $status
                    """
                let run = try Shell.run(script, folder: folder, home: folder + "/work")
                // 1 is a finding: what differs, what is rejected, a folder that `doctor` misses.
                let allowed: Set<Int32> = Self.isService(example) ? [0, 130] : [0, 1]
                #expect(allowed.contains(run.status), "\(example)\nexit \(run.status)\n\(run.text.suffix(2000))")
            }
        }
    }
}
