#!/usr/bin/env python3
"""Compare `submit` with what one would write in Python, against the same sandbox on this machine.

    submit.py [--binary FILE] [--messages N] [--rounds N] [--latency 0ms]

Needs aiohttp and websockets (the tests' virtual environment has both). Each round runs REST by `submit`, REST by aiohttp,
WebSocket by `submit`, WebSocket by websockets; the figures are CPU time of the client for each message, and the median
of the ratios within a round. `submit` also reads, checks and registers every message in a ledger; the peers do not.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from measure import run_once

HERE = pathlib.Path(__file__).resolve().parent


def messages(count, path):
    """Writes Interactions of about 4 KB, each in a thread of its own."""
    text = "My order has not arrived yet, and nobody answers the telephone. " * 10
    for number in range(count):
        ids = f"{number:012x}"
        people = [
            {"participantId": f"01900000-0000-5000-8000-{kind}{ids[1:]}", "displayName": name, "role": role}
            for kind, name, role in (("a", "John Doe", "user"), ("b", "Sarah Smith", "operator"))
        ]
        entries = [
            {
                "content": f"{number}.{entry}: {text}",
                "participantId": people[entry % 2]["participantId"],
                "timestamp": f"2024-01-01T00:00:{entry:02d}.000Z",
            }
            for entry in range(5)
        ]
        conversation = {"conversationId": f"c-{number}", "participants": people, "messages": entries}
        request = {
            "requestId": f"01900000-0000-7000-8000-{ids}",
            "connections": {"threadId": f"thread-{number}"},
            "context": {"organizationId": "org_bench"},
            "scope": {"conversations": [conversation]},
        }
        path.write(json.dumps({"session": {}, "request": request}, separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(HERE.parent.parent / ".build/release/interaction-migrate"))
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--latency", default="0ms")
    options = parser.parse_args()
    os.environ["OPTAVE_CLIENT_ID"] = os.environ["OPTAVE_CLIENT_SECRET"] = "sandbox"
    cpus = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/messages.ndjson"
        with open(file, "w", encoding="utf-8") as out:
            messages(options.messages, out)
        sandbox = subprocess.Popen(
            [options.binary, "sandbox", "--latency", options.latency], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            tenant = json.loads(sandbox.stdout.readline())
            ours = (
                f"{options.binary} submit {file} --quiet --rest-url {tenant['restUrl']} "
                f"--token-url {tenant['tokenUrl']} --websocket-url {tenant['webSocketUrl']} --ledger {folder}"
            )
            peer = f"{sys.executable} {HERE}/peers"
            commands = {
                "submit, REST": f"{ours}/rest-ROUND.sqlite",
                "aiohttp": f"{peer}/submit_aiohttp.py {tenant['tokenUrl']} {tenant['restUrl']} {file}",
                "submit, WebSocket": f"{ours}/socket-ROUND.sqlite --transport websocket",
                "websockets": f"{peer}/submit_websockets.py {tenant['tokenUrl']} {tenant['webSocketUrl']} {file}",
            }
            runs = {name: [] for name in commands}
            for round_ in range(options.rounds):
                for name, command in commands.items():
                    runs[name].append(run_once(name, command.replace("ROUND", str(round_)), cpus))
        finally:
            sandbox.terminate()
            sandbox.wait()
    print(f"{options.messages} messages of 4 KB, latency {options.latency}, {options.rounds} rounds\n")
    print("| Client | CPU µs a message | messages a second | peak MiB | CPU ratio to the peer |")
    print("|---|---|---|---|---|")
    for name, peer in zip(commands, ["aiohttp", None, "websockets", None]):
        mine = runs[name]
        ratio = "1"
        if peer:
            ratio = f"{statistics.median(a.cpu / b.cpu for a, b in zip(mine, runs[peer])):.2f}"
        cpu = statistics.median(run.cpu for run in mine) / options.messages * 1e6
        rate = options.messages / statistics.median(run.wall for run in mine)
        print(f"| {name} | {cpu:.0f} | {rate:,.0f} | {max(run.memory for run in mine):.0f} | {ratio} |")


if __name__ == "__main__":
    main()
