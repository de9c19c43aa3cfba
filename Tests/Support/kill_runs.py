#!/usr/bin/env python3
"""Kills submissions at random moments and resumes them until they are done: kill_runs.py --runs N

Each run submits the same converted messages to a sandbox with faults of every kind. The client is killed with SIGKILL
at a random (seeded) moment, in a quarter of the runs the sandbox too, which starts again with its journal. Then the
client resumes until it says that it is done. After each run, for the journal, the ledger and the sandbox's counts:

* every message was accepted, none twice under different keys, none that was not sent;
* every repetition had the key and the payload of the first;
* what the ledger holds for accepted is in the journal, and the other way round;
* within each thread, messages were first accepted in the order of the input.

Exits with 1 at the first run that does not hold; its folder stays.
"""
import argparse
import collections
import csv
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

FAULTS = {
    "rest": ["408", "429", "500", "503", "5xx", "slow", "lost", "reset", "expire"],
    "websocket": ["408", "429", "500", "503", "5xx", "slow", "lost", "reset", "expire", "duplicate-reply", "out-of-order",
                  "no-correlation", "close-1006", "close-1008", "close-1009", "close-1011"],
}
# Rarer: each of these costs a connection or stops a run.
RARE = {"reset", "lost", "slow", "expire", "no-correlation", "close-1006", "close-1008", "close-1009", "close-1011"}
OTHER_FAULTS = ["hanging-upgrade:5%", "upgrade-503:5%", "token-503:5%"]
SETTLED = {"accepted", "completed"}
MOST_RESUMES = 60


class Broken(Exception):
    """Something that must hold does not."""


def check(holds, text):
    if not holds:
        raise Broken(text)


def legacy(messages, threads):
    """Payloads of version 3.1, several to a thread, in the order of time."""
    for number in range(messages):
        yield json.dumps({
            "session": {"session_id": f"s-{number}"},
            "request": {
                "request_id": f"r-{number}",
                "context": {"organization_id": "org_1"},
                "connections": {"thread_id": f"t-{number % threads}"},
                "scope": {"conversations": [{
                    "participant_id": "p-1", "display_name": "Ada", "role": "EndUser",
                    "content": f"Message {number}. " + "Where is my parcel? " * (number % 50),
                    "timestamp": f"2024-05-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z",
                }]},
            },
        })


def end(clients, sandbox):
    """Kills what is left of a run."""
    for process in [*clients, sandbox]:
        if process and process.poll() is None:
            process.kill()
            process.wait()
    if sandbox:
        sandbox.stdout.close()


class Run:
    def __init__(self, options, number, folder, keys):
        self.options, self.number, self.folder, self.keys = options, number, folder, keys
        self.dice = random.Random(f"{options.seed}-{number}")
        self.transport = ["rest", "websocket"][number % 2]
        self.journal = folder / "journal.ndjson"
        self.ledger = folder / "run.sqlite"
        self.sandbox = self.client = None
        self.port = 0
        self.starts = self.resumes = 0
        self.kills = collections.Counter()

    def start_sandbox(self):
        faults = [f"{kind}:{0.5 if kind in RARE else 1.5}%" for kind in FAULTS[self.transport]] + OTHER_FAULTS
        self.starts += 1
        command = [self.options.binary, "sandbox", "--port", str(self.port), "--journal", self.journal,
                   "--latency", "10ms", "--retry-after", "0", "--seed", str(self.dice.randrange(2**32)),
                   "--reply", self.dice.choice(["bare", "envelope", "mixed"]), "--token-lifetime", "5s"]
        for fault in faults:
            command += ["--fault", fault]
        with open(self.folder / f"sandbox-{self.starts}.err", "wb") as errors:
            self.sandbox = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        line = self.sandbox.stdout.readline()
        check(line, f"the sandbox does not start: {(self.folder / f'sandbox-{self.starts}.err').read_text()}")
        self.addresses = json.loads(line)
        self.port = self.addresses["port"]

    def start_client(self):
        command = [self.options.binary, "submit", self.folder.parent / "converted.ndjson", "--ledger", self.ledger,
                   "--transport", self.transport, "--token-url", self.addresses["tokenUrl"],
                   "--rest-url", self.addresses["restUrl"], "--websocket-url", self.addresses["webSocketUrl"],
                   "--concurrency", "32", "--ack", "completed", "--replies", self.folder / "replies.ndjson",
                   "--dead-letter", self.folder / "dead.ndjson",
                   # What the fault "lost" costs.
                   "--timeout", "1s"]
        environment = dict(os.environ, OPTAVE_CLIENT_ID="sandbox", OPTAVE_CLIENT_SECRET="sandbox", NO_COLOR="1")
        with open(self.folder / "client.log", "ab") as log:
            self.client = subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    def journal_lines(self):
        try:
            return self.journal.read_bytes().count(b"\n")
        except FileNotFoundError:
            return 0

    def wait_for(self, lines):
        """Until so many lines are in the journal; a client that a fault has stopped goes on."""
        started = time.monotonic()
        while self.journal_lines() < lines:
            check(time.monotonic() - started < self.options.patience, "the client does nothing any more")
            if self.client.poll() is not None:
                self.resume()
            time.sleep(0.002)
        time.sleep(self.dice.random() * 0.01)

    def kill(self, what):
        process = getattr(self, what)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            self.kills[what] += 1
        process.wait()

    def resume(self):
        """Starts a client that has ended before it was done."""
        check(self.client.returncode in (-signal.SIGKILL, 2), f"the client ended with {self.client.returncode}")
        self.resumes += 1
        check(self.resumes <= MOST_RESUMES, f"not done after {MOST_RESUMES} resumes")
        self.start_client()

    def go(self):
        # Not among the last, which takes longer than the wait, so that there is a client to kill.
        most = len(self.keys) * 3 // 4
        moments = {"client": self.dice.randrange(most)}
        if self.number % 4 == 3:
            moments["sandbox"] = self.dice.randrange(most)
        self.start_sandbox()
        self.start_client()
        for what, lines in sorted(moments.items(), key=lambda pair: pair[1]):
            self.wait_for(lines)
            while self.client.poll() is not None:
                # A fault was faster.
                self.resume()
            self.kill(what)
            if what == "sandbox":
                self.start_sandbox()
        while True:
            if self.client.poll() is None:
                try:
                    self.client.wait(self.options.patience)
                except subprocess.TimeoutExpired:
                    raise Broken("the client does not end") from None
            if self.client.returncode == 0:
                break
            self.resume()
        with urllib.request.urlopen(self.addresses["summaryUrl"]) as answer:
            summary = json.load(answer)
        self.verify(summary)
        check(set(self.kills) == set(moments), f"only {dict(self.kills)} was killed")
        print(f"run {self.number}: {self.transport}, killed {dict(self.kills)}, {self.resumes} resumes, "
              f"{summary['accepted']} accepted, {summary['repetitions']} repeated, faults {sum(summary['faults'].values())}",
              flush=True)
        return summary["repetitions"]

    def verify(self, summary):
        lines = [json.loads(line) for line in self.journal.read_text().splitlines()]
        first, digests = {}, {}
        for line in lines:
            key = line["idempotencyKey"]
            check(line["repeated"] == (key in first), f"the journal numbers {key} wrongly")
            first.setdefault(key, len(first))
            check(digests.setdefault(key, line["digest"]) == line["digest"], f"{key} came with another payload")
        check(set(first) == set(self.keys), f"{len(set(self.keys) - set(first))} messages lost, "
              f"{len(set(first) - set(self.keys))} invented")
        check(summary["distinctKeys"] == summary["accepted"] == len(self.keys), f"the sandbox counts {summary}")
        check(summary["conflicts"] == 0 and summary["withoutKey"] == 0 and summary["refused"] == 0,
              f"the sandbox counts {summary}")
        threads = collections.defaultdict(list)
        for key, thread in self.keys.items():
            threads[thread].append(first[key])
        for thread, order in threads.items():
            check(order == sorted(order), f"{thread} was accepted in the order {order}")
        table = self.folder / "outcomes.csv"
        subprocess.run([self.options.binary, "status", self.ledger, "--export", table], check=True,
                       stdout=subprocess.DEVNULL)
        with open(table, encoding="utf-8", newline="") as text:
            rows = {row["idempotency_key"]: row["state"] for row in csv.DictReader(text)}
        check(set(rows) == set(first), f"the ledger has {len(rows)} messages, the journal {len(first)}")
        open_rows = {key: state for key, state in rows.items() if state not in SETTLED}
        check(not open_rows, f"the ledger does not have accepted {open_rows}")

    def stop(self):
        end([self.client], self.sandbox)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the number of the first run")
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--threads", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=180, help="seconds without progress that mean a hang")
    parser.add_argument("--binary", required=True)
    options = parser.parse_args()
    top = pathlib.Path(tempfile.mkdtemp(prefix="kills."))
    (top / "legacy.ndjson").write_text("\n".join(legacy(options.messages, options.threads)) + "\n")
    for form, name in [("rest", "converted"), ("websocket", "envelopes")]:
        subprocess.run([options.binary, "convert", top / "legacy.ndjson", "--form", form, "-q", "-o",
                        top / f"{name}.ndjson"], check=True)
    keys = {}
    for line in (top / "envelopes.ndjson").read_text().splitlines():
        message = json.loads(line)
        keys[message["headers"]["idempotencyKey"]] = message["payload"]["request"]["connections"]["threadId"]
    assert len(keys) == options.messages
    repetitions = resumes = client_kills = sandbox_kills = 0
    for number in range(options.first, options.first + options.runs):
        folder = top / f"run-{number}"
        folder.mkdir()
        run = Run(options, number, folder, keys)
        try:
            repetitions += run.go()
        except Broken as broken:
            print(f"NOT HELD: run {number} ({run.transport}, seed {options.seed}): {broken}\n  see {folder}", flush=True)
            return 1
        finally:
            run.stop()
        shutil.rmtree(folder)
        resumes += run.resumes
        client_kills += run.kills["client"]
        sandbox_kills += run.kills["sandbox"]
    shutil.rmtree(top)
    print(f"held: {options.runs} runs of {options.messages} messages, {client_kills} clients and {sandbox_kills} "
          f"sandboxes killed, {resumes} resumes, 0 lost, {repetitions} repeated under their own key")
    return 0


if __name__ == "__main__":
    sys.exit(main())
