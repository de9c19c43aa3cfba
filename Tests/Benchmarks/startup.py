"""What it costs to start: startup.py BINARY [ROUNDS]; prints a table in Markdown.

Each round runs every command once, in turn. Shown are medians: wall time, CPU time (user and system), peak memory.
"""
import os
import statistics
import subprocess
import sys
import time


def run(command):
    """One process from start to exit: seconds of the clock, seconds of CPU, MiB at most."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command}: exit code {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    binary = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    commands = {
        "ours --version": [binary, "--version"],
        "ours convert -, nothing to convert": [binary, "convert", "-", "--quiet"],
        "jq --version": ["jq", "--version"],
        "jq ., nothing to read": ["jq", "."],
        "python3 -c ''": ["python3", "-c", ""],
        "/bin/true": ["/bin/true"],
    }
    found = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(run(command))
    print(f"{os.path.getsize(binary) / 1e6:.1f} MB, {rounds} rounds, load average {os.getloadavg()[0]:.2f} at the end.\n")
    print("| Command | wall ms | best wall ms | CPU ms | peak RSS MiB |\n|---|--:|--:|--:|--:|")
    for name, values in found.items():
        wall, cpu, memory = zip(*values)
        print(f"| {name} | {statistics.median(wall) * 1e3:.1f} | {min(wall) * 1e3:.1f} "
              f"| {statistics.median(cpu) * 1e3:.1f} | {statistics.median(memory):.1f} |")


main()
