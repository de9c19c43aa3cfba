// The examples of `--help`, and a folder in which all of them have what they name.

import Foundation
import Synchronization
import TestSupport
import Testing

/// What the program's help shows as examples.
enum HelpExamples {
    private static let cache = Mutex<[[String]: String]>([:])

    /// The help of a command, in lines that are not broken.
    static func help(_ command: [String]) throws -> String {
        if let known = cache.withLock({ $0[command] }) { return known }
        let run = try CommandLineTool.run(command + ["--help"], environment: ["COLUMNS": "400"])
        cache.withLock { $0[command] = run.text }
        return run.text
    }

    /// The names of the commands below one.
    static func subcommands(of command: [String] = []) throws -> [String] {
        guard let rest = try help(command).split(separator: "SUBCOMMANDS:\n").dropFirst().first else { return [] }
        return rest.matches(of: /(?m)^  ([a-z]+) {2,}/).map { String($0.1) }.filter { $0 != "help" }
    }

    /// The tool, its commands, and theirs.
    static func commands() throws -> [[String]] {
        var commands: [[String]] = [[]]
        for name in try subcommands() {
            commands.append([name])
            for inner in try subcommands(of: [name]) { commands.append([name, inner]) }
        }
        return commands
    }

    /// Every example once, in the order of the commands.
    static func all() throws -> [String] {
        var examples: [String] = []
        for command in try commands() {
            guard let section = try help(command).split(separator: "EXAMPLES\n").dropFirst().first else { continue }
            for line in section.split(separator: "\n", omittingEmptySubsequences: false).prefix(while: { !$0.isEmpty })
            {
                let example = line.trimmingCharacters(in: .whitespaces)
                if !examples.contains(example) { examples.append(example) }
            }
        }
        return examples
    }

    /// Makes the files that the examples name, and beside them a program by its name whose tenant is a sandbox.
    ///
    /// - Parameters:
    ///   - folder: Gets the folders `files` and `bin`.
    ///   - sandbox: Where `submit`, and `doctor` if it is to look at a tenant, go.
    /// - Throws: A failed expectation with what the script said.
    static func prepare(_ folder: String, _ sandbox: SandboxSession) throws {
        let legacy = (1...20).map { Payload.complete($0) + "\n" }.joined()
        for name in ["bin", "files"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        try Folder.write(legacy, folder + "/files/archive.ndjson")
        let addresses = sandbox.addresses
        try Folder.write(
            """
            #!/bin/bash
            case " $* " in " submit "* | " doctor "*" --tenant "*)
                set -- "$@" --rest-url '\(addresses.restUrl)' --token-url '\(addresses.tokenUrl)'
                if [[ $1 == doctor ]]; then set -- "$@" --websocket-url '\(addresses.webSocketUrl)'; fi ;;
            esac
            exec '\(CommandLineTool.path)' "$@"

            """,
            folder + "/bin/interaction-migrate"
        )
        let run = try ShellScript.run(
            """
            set -euo pipefail
            S='\(TestFiles.package)/samples'
            chmod +x bin/interaction-migrate
            export PATH="$PWD/bin:$PATH" OPTAVE_CLIENT_ID=sandbox OPTAVE_CLIENT_SECRET=sandbox
            cd files
            tool() { interaction-migrate "$@" -q; }
            tee huge.ndjson part.ndjson a.json <archive.ndjson | gzip -n | tee a.gz a.json.gz >a.ndjson.gz
            cp "$S/intercom/pass/conversation/input.json" export.json && gzip -kc export.json >chats.json.gz
            cp "$S/generic-csv/pass/common-names/input.csv" chats.csv
            cp "$S/v1/pass/history/input.json" old.json
            gzip -kc "$S/adium/pass/chat/input.xml" >log.xml.gz
            mkdir exports payloads out samples && cp chats.csv exports && head -n 3 archive.ndjson >payloads/one.ndjson
            cp -r "$S/telegram" samples/
            (cd "$S/slack/pass/workspace/input" && python3 -m zipfile -c "$OLDPWD/slack-export.zip" *)
            python3 -m zipfile -c export.zip chats.csv
            interaction-migrate profiles show generic-csv >ours.yaml
            interaction-migrate profiles show intercom >my-intercom.yaml
            cp "$S/profiles/csv-call-centre/profile.yaml" acme-desk.yaml
            cp -r "$S/profiles/csv-call-centre/"{pass,fail} .
            tool convert archive.ndjson -o interactions.ndjson --outcomes outcomes.ndjson
            tool convert archive.ndjson --dry-run --plan plan.ndjson
            tee converted.ndjson before.ndjson after.ndjson out/one.ndjson <interactions.ndjson >dead.ndjson
            sed -i 's/"content":"Hello/"content":"Hallo/' after.ndjson
            gzip -kc before.ndjson >before.ndjson.gz
            gzip -kc outcomes.ndjson | tee outcomes.gz >outcomes.ndjson.gz
            tool participants export chats.csv --organization-id org_1 -o people.csv
            tee p.csv old.csv <people.csv >new.csv
            printf 'inputs: [converted.ndjson]\\ntenant: acme\\nrate: 50/s\\nledger: run.sqlite\\n' >backfill.yaml
            tool submit converted.ndjson --replies replies.ndjson
            for name in run worker-1 worker-2 run-1-of-2 run-2-of-2 broken; do tool submit payloads --ledger $name.sqlite; done
            umask 077 && echo secret >.optave
            """,
            in: folder
        )
        try #require(run.status == 0, "\(run.text)\(run.errors)")
    }
}
