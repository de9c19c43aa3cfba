#!/usr/bin/env python3
"""Are two NDJSON files equal by value, line for line?  Exit 0 when they are, 1 when not.

    compare.py A B [--sort] [--source-ids]

The order of keys does not matter; everything else does: the order of lines (unless --sort) and of array items, and
1, 1.0 and true are three values. A key that occurs twice in one object is an error, not a value. With --source-ids, A
or B may name people by other ids, as long as each message is by the same one of them, and the request by none.
"""

import argparse
import itertools
import json
import sys


def pairs(items):
    result = dict(items)
    if len(result) != len(items):
        raise ValueError("a key occurs twice")
    return result


def without_derived_ids(interaction):
    """The Interaction with its people named by their places: what can be asked of a peer that cannot derive ids."""
    request = interaction["request"]
    request.pop("requestId", None)
    for conversation in request["scope"]["conversations"]:
        people = conversation["participants"]
        places = {person["participantId"]: place for place, person in enumerate(people)}
        for named in people + conversation["messages"]:
            named["participantId"] = places[named["participantId"]]
    return interaction


def values(path, source_ids):
    """Each line's value as one canonical text, so that comparing two of them is comparing bytes."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            try:
                value = json.loads(line, object_pairs_hook=pairs)
            except ValueError as error:
                sys.exit(f"{path}:{number}: {error}")
            if source_ids:
                value = without_derived_ids(value)
            yield json.dumps(value, sort_keys=True, ensure_ascii=False)


def difference(first, second, path="$"):
    """Where two values differ first, and how."""
    if type(first) is not type(second):
        return f"{path}: {first!r:.200} against {second!r:.200}"
    if isinstance(first, dict):
        for key in sorted(first.keys() | second.keys()):
            if key not in first or key not in second:
                return f"{path}.{key} is only in {'B' if key in second else 'A'}"
            if found := difference(first[key], second[key], f"{path}.{key}"):
                return found
        return None
    if isinstance(first, list):
        if len(first) != len(second):
            return f"{path} has {len(first)} items against {len(second)}"
        found = (difference(a, b, f"{path}[{i}]") for i, (a, b) in enumerate(zip(first, second)))
        return next(filter(None, found), None)
    return None if first == second else f"{path}: {first!r:.200} against {second!r:.200}"


def main():
    parser = argparse.ArgumentParser(description="Compare two NDJSON files by value.")
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("--sort", action="store_true", help="ignore the order of lines; holds both files in memory")
    parser.add_argument("--source-ids", action="store_true", help="compare people by their place, and no requestId")
    options = parser.parse_args()

    first, second = (values(path, options.source_ids) for path in (options.a, options.b))
    if options.sort:
        first, second = sorted(first), sorted(second)
    count = 0
    for count, (a, b) in enumerate(itertools.zip_longest(first, second), 1):
        if a is None or b is None:
            sys.exit(f"{options.a if a is None else options.b} ends before record {count}")
        if a != b:
            sys.exit(f"record {count} differs at {difference(json.loads(a), json.loads(b))}")
    if not count:
        sys.exit("both files are empty: nothing was compared")
    print(f"{count} records are equal by value")


if __name__ == "__main__":
    main()
