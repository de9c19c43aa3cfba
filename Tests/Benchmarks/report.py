#!/usr/bin/env python3
"""Turn what `run` measured into one Markdown report, and into the results of docs/PERFORMANCE.md.

    report.py RESULTS [--docs FILE]

RESULTS is a folder with environment.md and the JSON files of measure.py. What was not measured is left out.
"""

import argparse
import json
import pathlib
import sys

from measure import table

OURS = "ours --jobs 1"
OURS_PARALLEL = "ours --jobs 2"
BEGIN = "<!-- results:begin -->"
END = "<!-- results:end -->"
# The largest peak allowed, in MiB, for payloads and for chat logs whose conversations lie together.
MEMORY_LIMITS = {("ndjson", "array"): 40, ("csv", "xml"): 48}


def at_least(wanted, value):
    return f"at least {wanted}", f"{value:.2f}", value >= wanted


def at_most(wanted, value):
    return f"at most {wanted}", f"{value:.2f}", value <= wanted


def bars(results):
    """What the project asks of itself, as (what, wanted, measured, met)."""
    peers = [
        ("ndjson", "Python orjson", 2.7),
        ("ndjson", "Python standard library", 6),
        ("ndjson", "jq", 19),
        ("array", "Python orjson", 6),
        ("array", "jq", 15),
        ("csv", "Python csv and orjson", 5),
        ("csv", "DuckDB, one thread", 8),
        ("csv", "Miller", 28),
        ("xml", "Python lxml and orjson", 3),
        ("xml", "xsltproc", 12),
    ]
    limits = [
        ("ndjson", "simdjson, every value", 2.2),
        ("csv", "libcsv", 1.3),
        ("xml", "libxml2 SAX2", 1.9),
    ]
    for kind, peer, wanted in peers:
        if kind in results:
            yield f"{kind}: CPU of {peer} / ours", *at_least(wanted, results[kind]["commands"][peer]["ratio"])
    for kind, parser, wanted in limits:
        if kind in results:
            yield f"{kind}: CPU of ours / {parser}", *at_most(wanted, 1 / results[kind]["commands"][parser]["ratio"])
    if "jobs" in results:
        commands = results["jobs"]["commands"]
        speedup = commands[OURS]["best"] / commands[OURS_PARALLEL]["best"]
        yield "best wall time: --jobs 1 / --jobs 2", *at_least(1.6, speedup)
    peaks = list(memory(results))
    for kinds, wanted in MEMORY_LIMITS.items():
        of_kinds = [peak for kind, _, _, peak in peaks if kind in kinds]
        if of_kinds:
            yield f"{' and '.join(kinds)}: largest peak RSS, MiB", *at_most(wanted, max(of_kinds))
    for name in (OURS, OURS_PARALLEL):
        same = [peak for kind, _, command, peak in peaks if kind == "ndjson" and command == name]
        if len(same) > 1:
            yield f"peak RSS of {name}, largest / smallest of the sizes", *at_most(1.2, max(same) / min(same))


def memory(results):
    """Peak resident memory of ours as (input kind, MB, command, MiB), smallest input first."""
    found = [(key.split("-")[1], result) for key, result in results.items() if key.startswith("memory-")]
    for kind, result in sorted(found, key=lambda item: (item[0], item[1]["megabytes"])):
        for name, row in result["commands"].items():
            yield kind, result["megabytes"], name, row["memory"]


def report(folder):
    results = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    if not results:
        sys.exit(f"report: no measurements in {folder}")
    parts = [(folder / "environment.md").read_text(encoding="utf-8")]
    parts += [table(results[key]) for key in ("ndjson", "array", "jobs", "csv", "xml") if key in results]
    rows = [f"| {kind} | {size:.0f} | {name} | {peak:.1f} |" for kind, size, name, peak in memory(results)]
    if rows:
        parts.append("\n".join(["| Input | MB | Command | peak RSS MiB |", "|---|--:|---|--:|", *rows]) + "\n")
    lines = ["| Bar | Wanted | Measured | Met |", "|---|--:|--:|---|"]
    for what, wanted, value, met in bars(results):
        lines.append(f"| {what} | {wanted} | {value} | {'yes' if met else '**no**'} |")
    parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def replace_results(path, text):
    old = path.read_text(encoding="utf-8")
    before, begin, rest = old.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"report: {path} does not hold the two marker comments")
    path.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description="Report what the benchmark measured.")
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--docs", type=pathlib.Path, help="rewrite the results in this file")
    options = parser.parse_args()
    text = report(options.results)
    print(text, end="")
    if options.docs:
        replace_results(options.docs, text)


if __name__ == "__main__":
    main()
