#!/usr/bin/env python3
"""Submits in shards, kills some of them, resumes: shard_runs.py --binary PROGRAM [--shards 4] [--kills 2]

All shards are processes of one job file that send the same converted messages to one sandbox with faults on, at the same
time, each with a ledger of its own. Some are killed with SIGKILL at seeded moments and started again until they say that
they are done. Then, for the journal, the ledgers, their sum and their union by `ledger merge`:

* every message was accepted, none under two keys, none that was not sent, none by two shards;
* each shard has the threads that the digest of their ids says, and the shards together have all;
* the journal holds what the union of the ledgers holds for accepted, and nothing else;
* within each thread, messages were first accepted in the order of the input;
* the sum that `status` shows is that of the merged ledger.

Exits with 1 if one of these does not hold; the folder stays.
"""
import argparse
import collections
import csv
import hashlib
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

sys.dont_write_bytecode = True  # The folder is a source folder of the package.
from kill_runs import Broken, check, end, legacy  # noqa: E402

FAULTS = ["429:2%", "503:2%", "reset:0.5%", "lost:0.5%", "expire:0.5%", "token-503:5%"]


def shard_of(thread, shards):
    """As docs/SCALE-OUT.md says."""
    return int.from_bytes(hashlib.sha256(thread.encode()).digest()[:8], "big") % shards + 1


class Shards:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.dice = random.Random(options.seed)
        self.journal = folder / "journal.ndjson"
        self.clients = {}
        self.resumes = collections.Counter()
        self.kills = collections.Counter()
        self.sandbox = None

    def tool(self, *arguments, status=0):
        run = subprocess.run([self.options.binary, *arguments], cwd=self.folder, stdout=subprocess.PIPE, text=True)
        check(run.returncode == status, f"{' '.join(map(str, arguments))} ended with {run.returncode}")
        return run.stdout

    def prepare(self):
        lines = "\n".join(legacy(self.options.messages, self.options.threads)) + "\n"
        (self.folder / "legacy.ndjson").write_text(lines)
        self.tool("convert", "legacy.ndjson", "-q", "-o", "converted.ndjson")
        self.tool("convert", "legacy.ndjson", "--form", "websocket", "-q", "-o", "envelopes.ndjson")
        self.threads = {}
        for line in (self.folder / "envelopes.ndjson").read_text().splitlines():
            message = json.loads(line)
            self.threads[message["headers"]["idempotencyKey"]] = message["payload"]["request"]["connections"]["threadId"]
        check(len(self.threads) == self.options.messages, "the messages are not as many as the records")

    def start_sandbox(self):
        command = [self.options.binary, "sandbox", "--port", "0", "--journal", self.journal, "--latency", "3ms",
                   "--retry-after", "0", "--seed", str(self.options.seed), "--token-lifetime", "5s"]
        for fault in FAULTS:
            command += ["--fault", fault]
        with open(self.folder / "sandbox.err", "wb") as errors:
            self.sandbox = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        line = self.sandbox.stdout.readline()
        check(line, "the sandbox does not start")
        self.addresses = json.loads(line)
        (self.folder / "job.yaml").write_text(
            "inputs: [converted.ndjson]\n"
            f"rest-url: {self.addresses['restUrl']}\n"
            f"token-url: {self.addresses['tokenUrl']}\n"
            "ledger: run.sqlite\ndead-letter: dead.ndjson\nreport: report.json\n"
            f"concurrency: 32\nrate: {self.options.rate}/s\ntimeout: 1s\n")

    def start(self, shard):
        environment = dict(os.environ, OPTAVE_CLIENT_ID="sandbox", OPTAVE_CLIENT_SECRET="sandbox", NO_COLOR="1")
        command = [self.options.binary, "submit", "--job", "job.yaml", "--shard", f"{shard}/{self.options.shards}"]
        with open(self.folder / f"client-{shard}.log", "ab") as log:
            self.clients[shard] = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, env=environment)

    def accepted(self, shard=None):
        try:
            lines = self.journal.read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            return 0
        if shard is None:
            return len(lines)
        return sum(shard_of(self.threads[json.loads(line)["idempotencyKey"]], self.options.shards) == shard
                   for line in lines)

    def go(self):
        shards = range(1, self.options.shards + 1)
        victims = sorted(self.dice.sample(shards, self.options.kills))
        own = collections.Counter(shard_of(thread, self.options.shards) for thread in self.threads.values())
        # Not among the last of a shard, so that there is somebody to kill.
        moments = {shard: self.dice.randrange(own[shard] // 10, own[shard] * 2 // 3) for shard in victims}
        for shard in shards:
            self.start(shard)
        started = time.monotonic()
        while moments or any(client.poll() != 0 for client in self.clients.values()):
            check(time.monotonic() - started < self.options.patience, "the shards do not end")
            for shard, moment in list(moments.items()):
                if self.accepted(shard) >= moment and self.clients[shard].poll() is None:
                    self.clients[shard].send_signal(signal.SIGKILL)
                    self.clients[shard].wait()
                    self.kills[shard] += 1
                    del moments[shard]
            for shard, client in list(self.clients.items()):
                if client.poll() not in (None, 0):
                    check(client.returncode in (-signal.SIGKILL, 2), f"shard {shard} ended with {client.returncode}")
                    self.resumes[shard] += 1
                    check(self.resumes[shard] < 60, f"shard {shard} is not done after 60 resumes")
                    self.start(shard)
            time.sleep(0.01)
        check(sorted(self.kills) == victims, f"only {dict(self.kills)} were killed")

    def rows(self, *ledgers):
        table = self.folder / "table.csv"
        self.tool("status", *ledgers, "--export", table)
        with open(table, encoding="utf-8", newline="") as text:
            return list(csv.DictReader(text))

    def verify(self):
        shards = self.options.shards
        first = {}
        for line in map(json.loads, self.journal.read_text().splitlines()):
            key = line["idempotencyKey"]
            check(line["repeated"] == (key in first), f"the journal numbers {key} wrongly")
            first.setdefault(key, len(first))
        check(set(first) == set(self.threads), f"{len(set(self.threads) - set(first))} messages lost, "
              f"{len(set(first) - set(self.threads))} invented")
        with urllib.request.urlopen(self.addresses["summaryUrl"]) as answer:
            summary = json.load(answer)
        check(summary["distinctKeys"] == summary["accepted"] == len(self.threads), f"the sandbox counts {summary}")
        check(summary["conflicts"] == 0 and summary["refused"] == 0, f"the sandbox counts {summary}")
        orders = collections.defaultdict(list)
        for key, thread in self.threads.items():
            orders[thread].append(first[key])
        for thread, order in orders.items():
            check(order == sorted(order), f"{thread} was accepted in the order {order}")
        ledgers = [f"run-{shard}-of-{shards}.sqlite" for shard in range(1, shards + 1)]
        union = {}
        for shard, ledger in enumerate(ledgers, 1):
            for row in self.rows(ledger):
                key = row["idempotency_key"]
                check(key not in union, f"{key} is in two ledgers")
                check(shard_of(row["thread"], shards) == shard, f"{row['thread']} is no thread of shard {shard}")
                union[key] = row["state"]
        check(set(union) == set(first), f"the ledgers have {len(union)} messages, the journal {len(first)}")
        check(all(state in ("accepted", "completed") for state in union.values()), "a ledger has more open messages")
        total = json.loads(self.tool("status", *ledgers, "--format", "json"))
        self.tool("ledger", "merge", "all.sqlite", *ledgers)
        merged = json.loads(self.tool("status", "all.sqlite", "--format", "json"))
        for name in ("messages", "delivered", "pending", "states"):
            check(total[name] == merged[name], f"the sum has {name} {total[name]}, the union {merged[name]}")
        check([one["ledger"] for one in total["ledgers"]] == ledgers, "the sum names other ledgers")
        check({row["idempotency_key"] for row in self.rows("all.sqlite")} == set(union), "the union has other messages")
        shares = [one["messages"] for one in total["ledgers"]]
        return shares, summary

    def stop(self):
        end(self.clients.values(), self.sandbox)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--messages", type=int, default=4000)
    parser.add_argument("--threads", type=int, default=500)
    parser.add_argument("--rate", type=int, default=800, help="messages a second of all shards together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=900, help="seconds after which it is a hang")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="shards.")).resolve()
    run = Shards(options, folder)
    try:
        run.prepare()
        run.start_sandbox()
        run.go()
        shares, summary = run.verify()
    except Broken as broken:
        print(f"NOT HELD (seed {options.seed}): {broken}\n  see {folder}", flush=True)
        return 1
    finally:
        run.stop()
    shutil.rmtree(folder)
    print(f"held: {options.messages} messages by {options.shards} shards {shares}, {sum(run.kills.values())} killed, "
          f"{sum(run.resumes.values())} resumes, 0 lost, {summary['repetitions']} repeated under their own key, "
          f"{sum(summary['faults'].values())} faults")
    return 0


if __name__ == "__main__":
    sys.exit(main())
