"""Apply the patches of `diff --format json-patch` with an independent implementation of RFC 6902.

    apply_patches.py OLD NEW PATCHES

Reads NDJSON. Every patched Interaction must be the new one exactly; every other must be the new one but for the order of
the arrays that docs/CLI.md names. Prints how many of each there were; ends with a message at the first that is not.
"""

import json
import sys

import jsonpatch

SCOPES = (
    "accounts appointments assets bookings cases documents events items locations offers operators orders "
    "organizations persons policies products properties services subscriptions tickets transactions users"
).split()
UNORDERED = {
    "request.scope.conversations[].participants",
    "request.reference.ids",
    "request.reference.labels",
    "request.reference.tags",
    "request.resources.codes",
    "request.resources.links",
    "request.resources.offers",
    *("request.scope." + name for name in SCOPES),
}


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def canonical(value, path=""):
    """The value with the elements of arrays without order sorted by their text."""
    if isinstance(value, dict):
        inner = path + "." if path else ""
        if path == "" and "payload" in value:
            return {key: canonical(member, "" if key == "payload" else key) for key, member in value.items()}
        return {key: canonical(member, inner + key) for key, member in value.items()}
    if isinstance(value, list):
        elements = [canonical(element, path + "[]") for element in value]
        return sorted(elements, key=text) if path in UNORDERED else elements
    return value


def text(value):
    return json.dumps(value, sort_keys=True)


def main():
    old, new, patches = (lines(path) for path in sys.argv[1:])
    left = {"old": dict(enumerate(old, 1)), "new": dict(enumerate(new, 1))}
    for line in patches:
        before = left["old"].pop(line["oldRecord"]) if line["oldRecord"] else None
        after = left["new"].pop(line["newRecord"]) if line["newRecord"] else None
        made = jsonpatch.apply_patch(before, line["patch"])
        if text(made) != text(after):
            sys.exit(f"the patch of {line['requestId']} makes\n{text(made)}\nnot\n{text(after)}")
    same = [sorted(text(canonical(value)) for value in side.values()) for side in left.values()]
    if same[0] != same[1]:
        sys.exit("Interactions without a patch differ")
    print(len(patches), len(same[0]))


main()
