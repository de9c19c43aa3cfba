"""Converts an archive on Spark: NDJSON by lines, whole files by a list of paths, or chat logs in two halves.

    spark-submit convert_archive.py lines  IN.ndjson OUT -- --from legacy
    spark-submit convert_archive.py files  FOLDER    OUT -- --organization-id org_1
    spark-submit convert_archive.py grains FOLDER    OUT -- --organization-id org_1

What follows `--` are options of `interaction-migrate convert`. OUT gets part files of Interactions, rejected records
in OUT-rejected, the books of all tasks in OUT-books, and _SUCCESS when, and only when, all of it is there.
"""
import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile

from pyspark.sql import SparkSession

TOOL = os.environ.get("INTERACTION_MIGRATE", "interaction-migrate")
# Exit code 1 is a result: what was rejected is in the output and in the books. 2 fails the task, which Spark repeats.
FINISHED = (0, 1)


def run(arguments, stdin=None):
    """Runs the filter; yields its lines, then its summary as the pair ("books", summary)."""
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        command = [TOOL, "convert", *arguments, "--rejects-inline", "--log-format", "json", "--report", report]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=log)
        if stdin is None:
            yield from (("line", line) for line in lines(process.stdout))
        else:
            yield from (("line", line) for line in through(process, stdin))
        if process.wait() not in FINISHED:
            log.seek(0)
            raise RuntimeError(f"exit code {process.returncode}: {log.read().decode()[-500:]}")
        with open(report, encoding="utf-8") as file:
            yield "books", json.load(file)["books"]


def lines(stream):
    """A line feed ends a line, and nothing else does: str.splitlines takes U+2028 for an end, too."""
    return (line.rstrip(b"\n").decode() for line in iter(stream.readline, b""))


def through(process, records):
    """Feeds a child from a thread, so that neither side waits for the other with a full pipe."""
    import threading

    def feed():
        try:
            for record in records:
                process.stdin.write(record.encode() + b"\n")
            process.stdin.close()
        except BrokenPipeError:
            pass  # The exit code says why.

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    yield from lines(process.stdout)
    feeder.join()


def added(left, right):
    """The sum of two books, level by level."""
    for level, counts in right.items():
        into = left.setdefault(level, {})
        for name, count in counts.items():
            if name == "dropped":
                for rule, number in count.items():
                    into.setdefault("dropped", {})[rule] = into.get("dropped", {}).get(rule, 0) + number
            elif name != "balanced":
                into[name] = into.get(name, 0) + count
    return left


def is_balanced(counts):
    accounted = sum(counts[name] for name in ("mapped", "moved", "kept", "rejected"))
    return counts["in"] == accounted + sum(counts.get("dropped", {}).values())


def files(folder):
    return sorted(os.path.join(path, name) for path, _, names in os.walk(folder) for name in names)


def main():
    arguments = sys.argv[1:]
    options = arguments[arguments.index("--") + 1:] if "--" in arguments else []
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["lines", "files", "grains"])
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--partitions", type=int, default=4)
    given = parser.parse_args(arguments[:arguments.index("--")] if "--" in arguments else arguments)

    spark = SparkSession.builder.appName("interaction-migrate").getOrCreate().sparkContext
    # The repeated attempt of a task writes the same, and only one of them is committed.
    spark._jsc.hadoopConfiguration().set("mapreduce.fileoutputcommitter.marksuccessfuljobs", "true")
    halves = []
    if given.mode == "lines":
        # Hadoop takes a carriage return for the end of a line, too, unless it is told otherwise.
        source = spark.newAPIHadoopFile(
            given.input, "org.apache.hadoop.mapreduce.lib.input.TextInputFormat",
            "org.apache.hadoop.io.LongWritable", "org.apache.hadoop.io.Text",
            conf={"textinputformat.record.delimiter": "\n"}).values().repartition(given.partitions)
        halves.append(source.mapPartitionsWithIndex(
            lambda index, records: run(["-", "--stdin-name", f"partition-{index}", *options], records)))
    elif given.mode == "files":
        paths = spark.parallelize(files(given.input), given.partitions)
        halves.append(paths.flatMap(lambda path: run([path, *options])))
    else:
        # Each path in a task of its own; then all lines of a key in one partition, for the second half.
        paths = spark.parallelize(files(given.input), given.partitions)
        halves.append(paths.flatMap(lambda path: run([path, "--grain", "messages", *options])).cache())
        fragments = halves[0].filter(lambda pair: pair[0] == "line" and not pair[1].startswith('{"_rejected"'))
        keyed = fragments.map(lambda pair: (json.loads(pair[1])["key"], pair[1]))
        grouped = keyed.partitionBy(given.partitions).values()
        halves.append(grouped.mapPartitions(lambda part: run(["-", "--grain", "conversations", *options], part)))
    for half in halves:
        half.cache()

    found = halves[-1].filter(lambda pair: pair[0] == "line").values()
    found.filter(lambda line: not line.startswith('{"_rejected"')).saveAsTextFile(given.output)
    rejected = spark.union([half.filter(lambda pair: pair[0] == "line").values() for half in halves])
    rejected.filter(lambda line: line.startswith('{"_rejected"')).saveAsTextFile(given.output + "-rejected")
    books = [half.filter(lambda pair: pair[0] == "books").values().fold({}, added) for half in halves]
    spark.parallelize([json.dumps(books, sort_keys=True)], 1).saveAsTextFile(given.output + "-books")
    print(json.dumps(books, sort_keys=True))
    for half in books:
        for level, counts in half.items():
            if not is_balanced(counts):
                sys.exit(f"the books do not balance: {level} {counts}")


main()
