#!/usr/bin/env python3
"""Compare `submit` with what one would write instead, against one small tenant on this machine.

    run submit [--short N] [--long N] [--rounds N] [--pairs N] [--memory N] [--write-docs] [KIND…]

Kinds: rest, websocket, latency, ledger, memory; all if none is named. Needs gcc, node and wrk, and aiohttp and websockets
(the tests' virtual environment has both). The tenant (peers/tenant.c) checks nothing, so that the time is the client's.

Each client sends a short and a long file; the difference of the two, divided by the difference of their lengths, is the
CPU time of one message, without what it takes to start. Clients take turns within a round, and ratios are taken within a
round; the tables show medians. `submit` also reads, checks and registers every message in a ledger; its peers do not.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from typing import NamedTuple

from measure import load, run_once

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DOCS = ROOT / "docs/PERFORMANCE.md"
BEGIN, END = "<!-- submission:begin -->", "<!-- submission:end -->"
KINDS = ["rest", "websocket", "latency", "ledger", "memory"]
WINDOW = 64
# What a run may take at most, in MiB, with 64 messages in flight.
MEMORY_LIMIT = 64 + WINDOW / 8


class Cost(NamedTuple):
    """One message: seconds of CPU time and of wall time; and the peak memory of the longer run in MiB."""

    cpu: float
    wall: float
    memory: float


def message(number, repetitions, entries):
    """An Interaction in a thread of its own."""
    text = "My order has not arrived yet, and nobody answers the telephone. " * repetitions
    ids = f"{number:012x}"
    people = [
        {"participantId": f"01900000-0000-5000-8000-{kind}{ids[1:]}", "displayName": name, "role": role}
        for kind, name, role in (("a", "John Doe", "user"), ("b", "Sarah Smith", "operator"))
    ]
    messages = [
        {
            "content": f"{number}.{entry}: {text}",
            "participantId": people[entry % 2]["participantId"],
            "timestamp": f"2024-01-01T00:00:{entry:02d}.000Z",
        }
        for entry in range(entries)
    ]
    conversation = {"conversationId": f"c-{number}", "participants": people, "messages": messages}
    request = {
        "requestId": f"01900000-0000-7000-8000-{ids}",
        "connections": {"threadId": f"thread-{number}"},
        "context": {"organizationId": "org_bench"},
        "scope": {"conversations": [conversation]},
    }
    return json.dumps({"session": {}, "request": request}, separators=(",", ":")) + "\n"


def write_messages(path, count, repetitions=10, entries=5):
    """Interactions of about 4 KB, or smaller ones."""
    with open(path, "w", encoding="utf-8") as file:
        for number in range(count):
            file.write(message(number, repetitions, entries))
    return str(path)


@contextlib.contextmanager
def tenant(program, latency=0):
    """A running tenant, as its addresses."""
    process = subprocess.Popen([program, "--latency", str(latency)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


class Bench:
    """What all measurements share."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = pathlib.Path(folder)
        self.ledgers = 0
        self.cpus = os.sched_getaffinity(0)
        self.program = str(self.folder / "tenant")
        subprocess.run(["gcc", "-O2", str(HERE / "peers/tenant.c"), "-o", self.program], check=True)
        self.files = [
            (count, write_messages(self.folder / f"{count}.ndjson", count)) for count in (options.short, options.long)
        ]

    def ours(self, addresses, file, transport="rest"):
        self.ledgers += 1
        return (
            f"{self.options.binary} submit {file} --quiet --transport {transport} --rest-url {addresses['restUrl']} "
            f"--token-url {addresses['tokenUrl']} --websocket-url {addresses['webSocketUrl']} "
            f"--ledger {self.folder}/{self.ledgers}.sqlite"
        )

    def peer(self, name, addresses, file):
        token, rest, socket = addresses["tokenUrl"], addresses["restUrl"], addresses["webSocketUrl"]
        python, peers = f"{sys.executable} {HERE}/peers", f"{HERE}/peers"
        return {
            "AsyncHTTPClient": f"{self.options.peer} loop {token} {rest} {file}",
            "aiohttp": f"{python}/submit_aiohttp.py {token} {rest} {file}",
            "Node http": f"node {peers}/submit_node_http.mjs {token} {rest} {file}",
            "websockets": f"{python}/submit_websockets.py {token} {socket} {file}",
            "Node WebSocket": "node --no-warnings --experimental-websocket "
            f"{peers}/submit_node_websocket.mjs {token} {socket} {file}",
            "submit, REST, no ledger": f"{self.options.peer} rest {token} {rest} {file}",
            "submit, WebSocket, no ledger": f"{self.options.peer} websocket {token} {socket} {file}",
        }[name]

    def command(self, name, addresses, file):
        transports = {"submit, REST": "rest", "submit, WebSocket": "websocket"}
        if name in transports:
            return self.ours(addresses, file, transports[name])
        return self.peer(name, addresses, file)

    def cost(self, name, addresses):
        (short, first), (long, second) = self.files
        runs = [run_once(name, self.command(name, addresses, file), self.cpus) for file in (first, second)]
        for ledger in self.folder.glob("*.sqlite*"):
            ledger.unlink()
        more = long - short
        return Cost((runs[1].cpu - runs[0].cpu) / more, (runs[1].wall - runs[0].wall) / more, runs[1].memory)

    def rounds(self, names, count, latency=0):
        """The costs of each client, by name."""
        costs = {name: [] for name in names}
        with tenant(self.program, latency) as addresses:
            for number in range(1, count + 1):
                # The other way round every second time: what else the machine does favours nobody.
                for name in names if number % 2 else reversed(names):
                    print(f"submit: round {number} of {count}: {name}", file=sys.stderr)
                    costs[name].append(self.cost(name, addresses))
        return costs

    def wrk(self):
        """Requests a second that wrk gets out of a tenant that takes 5 ms for each."""
        with tenant(self.program, 5) as addresses:
            output = subprocess.run(
                ["wrk", "-t1", f"-c{WINDOW}", "-d5", "-s", str(HERE / "peers/wrk.lua"), addresses["restUrl"], "--",
                 self.files[0][1]],
                check=True, capture_output=True, text=True,
            ).stdout
        return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])


def ratio(ours, others):
    return statistics.median(a.cpu / b.cpu for a, b in zip(ours, others))


def median(costs, what="cpu"):
    return statistics.median(getattr(cost, what) for cost in costs)


def table(title, costs, before):
    ours = next(iter(costs.values()))
    lines = [
        f"**{title}**: rounds: {len(ours)}, load average {before} before and {load()} after.", "",
        "| Client | CPU µs a message | messages a second | peak RSS MiB | CPU of submit / this one |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, runs in costs.items():
        lines.append(
            f"| {name} | {median(runs) * 1e6:.1f} | {1 / median(runs, 'wall'):,.0f} "
            f"| {max(run.memory for run in runs):.0f} | {ratio(ours, runs):.2f} |"
        )
    return "\n".join(lines) + "\n"


def bar(what, wanted, value, at_least=False):
    met = value >= wanted if at_least else value <= wanted
    word = "at least" if at_least else "at most"
    return f"| {what} | {word} {wanted:g} | {value:.2f} | {'yes' if met else '**no**'} |"


def measure(bench, kinds):
    """Tables, and then rows of bars."""
    options, tables, bars = bench.options, [], []
    if "rest" in kinds:
        before = load()
        costs = bench.rounds(["submit, REST", "AsyncHTTPClient", "aiohttp", "Node http"], options.rounds)
        tables.append(table("REST, 4 KB, 64 in flight", costs, before))
        ours = costs["submit, REST"]
        bars.append(bar("REST: CPU of submit / bare AsyncHTTPClient", 1.25, ratio(ours, costs["AsyncHTTPClient"])))
        bars.append(bar("REST: CPU of submit / aiohttp", 0.65, ratio(ours, costs["aiohttp"])))
    if "websocket" in kinds:
        before = load()
        costs = bench.rounds(["submit, WebSocket", "websockets", "Node WebSocket"], options.rounds)
        tables.append(table("WebSocket, 4 KB, 64 in flight, three replies each", costs, before))
        ours = costs["submit, WebSocket"]
        bars.append(bar("WebSocket: CPU of submit / websockets", 0.6, ratio(ours, costs["websockets"])))
        bars.append(bar("WebSocket: CPU of submit / Node", 0.5, ratio(ours, costs["Node WebSocket"])))
    if "latency" in kinds:
        before = load()
        costs = bench.rounds(["submit, REST", "AsyncHTTPClient", "aiohttp"], options.rounds, latency=5)
        rates = [bench.wrk() for _ in range(3)]
        tables.append(
            table("REST, 4 KB, 64 in flight, 5 ms", costs, before)
            + f"\nwrk: {statistics.median(rates):,.0f} requests a second.\n"
        )
        rate = 1 / median(costs["submit, REST"], "wall")
        bars.append(bar("REST at 5 ms: rate of submit / wrk", 0.4, rate / statistics.median(rates), at_least=True))
    if "ledger" in kinds:
        for transport in ("REST", "WebSocket"):
            before = load()
            costs = bench.rounds([f"submit, {transport}", f"submit, {transport}, no ledger"], options.pairs)
            tables.append(table(f"The ledger, {transport}", costs, before))
            with_ledger, without = costs.values()
            bars.append(bar(f"{transport}: CPU with a ledger / without", 1.1, ratio(with_ledger, without)))
    if "memory" in kinds:
        bars += memory(bench)
    return tables, bars


def memory(bench):
    """The peak must not grow with the number of messages."""
    peaks = []
    for count in (bench.options.memory // 20, bench.options.memory):
        file = write_messages(bench.folder / "many.ndjson", count, repetitions=1, entries=2)
        with tenant(bench.program) as addresses:
            for transport in ("rest", "websocket"):
                print(f"submit: memory: {count} messages, {transport}", file=sys.stderr)
                run = run_once("submit", bench.ours(addresses, file, transport), bench.cpus)
                peaks.append((transport, count, run.memory))
                for ledger in bench.folder.glob("*.sqlite*"):
                    ledger.unlink()
    rows = [bar(f"{name}: peak RSS of {count:,} messages, MiB", MEMORY_LIMIT, peak) for name, count, peak in peaks]
    for index, transport in enumerate(("rest", "websocket")):
        growth = peaks[index + 2][2] / peaks[index][2]
        rows.append(bar(f"{transport}: peak RSS of 20 times as many messages / of the fewer", 1.2, growth))
    return rows


def versions():
    modules = "import aiohttp, websockets; print('aiohttp', aiohttp.__version__ + ', websockets', websockets.__version__)"
    commit = ["git", "--no-optional-locks", "-C", str(ROOT), "describe", "--always", "--dirty"]
    words = [
        ["date", "-u", "+%Y-%m-%d"], commit, ["uname", "-sr"], [sys.executable, "-c", modules], ["node", "--version"],
    ]
    date, commit, system, modules, node = (
        subprocess.run(word, capture_output=True, text=True, check=False).stdout.strip() for word in words
    )
    return f"Measured {date}, commit {commit}, {os.cpu_count()} cores, {system}; {modules}, Node {node}, wrk.\n"


def write_docs(text):
    old = DOCS.read_text(encoding="utf-8")
    before, begin, rest = old.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"submit: {DOCS} does not hold the two marker comments")
    DOCS.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / ".build/release/interaction-migrate"))
    parser.add_argument("--peer", default=str(ROOT / ".build/release/submit-peer"))
    parser.add_argument("--short", type=int, default=10_000)
    parser.add_argument("--long", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=15, help="rounds with and without a ledger")
    parser.add_argument("--memory", type=int, default=1_000_000, help="messages of the run that memory is measured on")
    parser.add_argument("--write-docs", action="store_true", help="put the results into docs/PERFORMANCE.md")
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    options = parser.parse_args()
    if unknown := set(options.kinds) - set(KINDS):
        parser.error(f"no such kind: {', '.join(sorted(unknown))}")
    if options.write_docs and options.kinds:
        parser.error("--write-docs needs every kind")
    for program in (options.binary, options.peer):
        if not os.access(program, os.X_OK):
            sys.exit(f"submit: there is no program at {program}; build it with: swift build -c release --static-swift-stdlib")
    for tool in ("gcc", "node", "wrk"):
        if not shutil.which(tool):
            sys.exit(f"submit: {tool} is not installed")
    os.environ["OPTAVE_CLIENT_ID"] = os.environ["OPTAVE_CLIENT_SECRET"] = "sandbox"
    with tempfile.TemporaryDirectory() as folder:
        tables, bars = measure(Bench(options, folder), options.kinds or KINDS)
    bars = ["| Bar | Wanted | Measured | Met |", "|---|--:|--:|---|", *bars]
    text = "\n".join([versions(), *tables, "\n".join(bars) + "\n"])
    print(text, end="")
    if options.write_docs:
        write_docs(text)


if __name__ == "__main__":
    main()
