#!/usr/bin/env python3
"""Time whole processes in alternating rounds and print a Markdown table.

    measure.py --rounds 5 --cpus 0 --size FILE --title TEXT [--json OUT] 'name=command' 'name=command' ...

Each round runs every command once, in the order given, so that what else the machine does hits all of them alike. The
columns are medians, except the best wall time and the largest peak; the CPU ratio is the median of the ratios to the
first command within a round. A command that fails ends everything with exit code 1: a figure for work that was not
done is worth nothing.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple


class Run(NamedTuple):
    """One process: seconds, and MiB of peak resident memory."""

    wall: float
    user: float
    system: float
    memory: float

    @property
    def cpu(self):
        return self.user + self.system


def run_once(name, command, cpus):
    with tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        # exec keeps the shell out of the measurement. The kernel counts this process's memory at the fork, about
        # 11 MiB, into the child's peak: smaller peaks than that cannot be seen.
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            preexec_fn=lambda: os.sched_setaffinity(0, cpus),
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            text = errors.read().decode(errors="replace")[-2000:]
            sys.exit(f"measure: {name} failed with {process.returncode}: {command}\n{text}")
    return Run(wall, usage.ru_utime, usage.ru_stime, usage.ru_maxrss / 1024)


def summary(runs, first, size):
    """The figures of one command; `first` are the runs of the command it is compared to."""
    cpu = statistics.median(run.cpu for run in runs)
    return {
        "wall": statistics.median(run.wall for run in runs),
        "best": min(run.wall for run in runs),
        "user": statistics.median(run.user for run in runs),
        "system": statistics.median(run.system for run in runs),
        "rate": size / 1e6 / max(cpu, 1e-9),
        "memory": max(run.memory for run in runs),
        "ratio": statistics.median(run.cpu / max(other.cpu, 1e-9) for run, other in zip(runs, first)),
    }


def load():
    return "%.2f %.2f %.2f" % os.getloadavg()


def table(result):
    lines = [
        f"**{result['title']}**: {result['megabytes']:.1f} MB, rounds: {result['rounds']}, CPU: {result['cpus']}, "
        f"load average {result['load_before']} before and {result['load_after']} after.",
        "",
        "| Command | wall s | best wall s | user s | sys s | MB per CPU s | peak RSS MiB | CPU, ratio to first |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, row in result["commands"].items():
        lines.append(
            f"| {name} | {row['wall']:.3f} | {row['best']:.3f} | {row['user']:.3f} | {row['system']:.3f} "
            f"| {row['rate']:.1f} | {row['memory']:.1f} | {row['ratio']:.2f} |"
        )
    return "\n".join(lines) + "\n"


def cpu_set(text):
    wanted = {int(part) for part in text.split(",")}
    if missing := wanted - os.sched_getaffinity(0):
        raise argparse.ArgumentTypeError(f"this process may not use CPU {sorted(missing)}")
    return wanted


def named_command(text):
    name, separator, command = text.partition("=")
    if not (name and separator and command):
        raise argparse.ArgumentTypeError(f"expected name=command, not {text!r}")
    return name, command


def main():
    parser = argparse.ArgumentParser(description="Time whole processes in alternating rounds.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cpus", type=cpu_set, default="0", help="comma-separated CPU numbers to run on (default 0)")
    parser.add_argument("--size", required=True, help="the file whose size the rates refer to")
    parser.add_argument("--title", required=True)
    parser.add_argument("--json", help="also write the figures here")
    parser.add_argument("commands", nargs="+", type=named_command, metavar="name=command")
    options = parser.parse_args()
    if options.rounds < 1 or len(dict(options.commands)) != len(options.commands):
        parser.error("needs at least one round, and a different name for each command")

    size = os.path.getsize(options.size)
    runs = {name: [] for name, _ in options.commands}
    before = load()
    for number in range(1, options.rounds + 1):
        for name, command in options.commands:
            print(f"measure: round {number} of {options.rounds}: {name}", file=sys.stderr)
            runs[name].append(run_once(name, command, options.cpus))
    first = runs[options.commands[0][0]]
    result = {
        "title": options.title,
        "rounds": options.rounds,
        "cpus": ",".join(map(str, sorted(options.cpus))),
        "megabytes": size / 1e6,
        "load_before": before,
        "load_after": load(),
        "commands": {name: summary(of, first, size) for name, of in runs.items()},
    }
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
    print(table(result))


if __name__ == "__main__":
    main()
