"""Says which definitions of a schema each message complies with: the second opinion on the Swift validator.

usage: schema_verdicts.py SCHEMA FILE

The first line of FILE is a JSON array of names in the schema's $defs, every other line one message.
For each message one line is printed, with a 1 or a 0 for each name.
"""

import json
import sys

from jsonschema import Draft202012Validator


def main(schema_path, messages_path):
    with open(schema_path, "rb") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    # Patterns need no care: $ also matches before a final line feed in Python, and their (?!\n) takes that back.
    with open(messages_path, "rb") as file:
        lines = file.read().rstrip(b"\n").split(b"\n")
    names = json.loads(lines[0])
    validators = [Draft202012Validator({**schema, "$ref": "#/$defs/" + name}) for name in names]
    for line in lines[1:]:
        message = json.loads(line)
        print("".join("1" if validator.is_valid(message) else "0" for validator in validators))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
