#!/usr/bin/env python3
"""Peer: chat logs to Interactions, as a user's own script would do it with csv or lxml, and orjson.

    convert_chats.py csv|xml FILE > interactions.ndjson

It makes what the program under test makes, equal by value, for what generate_chats.py writes, all derived ids too.
Needs Python 3.11: older ones do not read the `Z` of a timestamp.
"""

import csv
import functools
import hashlib
import itertools
import operator
import sys
import uuid
from datetime import datetime

import lxml.etree
import orjson

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "interaction-migrate.optave.com")
ORGANIZATION = "org_bench"
ROLES = {"customer": "user", "agent": "operator", "bot": "bot"}
MEDIA = {"email": "email"}
ZEROS = "00000000-0000-0000-0000-000000000000"


def derived(*steps):
    return str(uuid.uuid5(NAMESPACE, "".join(step + "\n" for step in steps)))


@functools.cache
def participant_id(identifier):
    return derived(ORGANIZATION, "bench", "id", identifier)


def interaction(identifier, channel, language, people, messages, around):
    """A line of output. `people` are name and role by id, `messages` have a time, the id of a person and a text."""
    messages.sort(key=lambda message: datetime.fromisoformat(message[0]))
    payload = orjson.dumps(
        {
            "session": {"channel": {"language": language, "medium": MEDIA.get(channel, "chat")}},
            "request": {
                "requestId": ZEROS,
                "connections": {"threadId": identifier},
                "context": {"organizationId": ORGANIZATION},
                "scope": {
                    "conversations": [
                        {
                            "participants": [
                                {"participantId": participant_id(person), "displayName": name, "role": ROLES[role]}
                                for person, (name, role) in people.items()
                            ],
                            "messages": [
                                {"content": text, "participantId": participant_id(person), "timestamp": time}
                                for time, person, text in messages
                            ],
                            "metadata": {
                                "channel": channel,
                                "source": {f"participants[{place}].id": person for place, person in enumerate(people)}
                                | around,
                            },
                        }
                    ]
                },
            },
        }
    )
    # A request's id is that of its payload with zeros in the id's place.
    own = derived("request", identifier, hashlib.sha256(payload).hexdigest(), "1")
    return payload.replace(ZEROS.encode(), own.encode(), 1) + b"\n"


def from_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        for identifier, conversation in itertools.groupby(rows, operator.itemgetter(0)):
            people = {}
            messages = []
            for _, time, person, name, role, channel, language, text in conversation:
                people.setdefault(person, (name, role))
                messages.append((time, person, text))
            yield interaction(identifier, channel, language, people, messages, {})


def from_xml(path):
    for _, chat in lxml.etree.iterparse(path, tag="chat"):
        around = {f"^.@{name}": value for name, value in chat.getparent().items()}
        listed = {person.get("id"): (person.get("name"), person.get("role")) for person in chat.iterfind("participant")}
        messages = [(message.get("ts"), message.get("from"), message.text) for message in chat.iterfind("message")]
        # In the order in which they speak, those who say nothing last.
        speakers = dict.fromkeys(person for _, person, _ in messages)
        people = {person: listed[person] for person in speakers | listed}
        yield interaction(chat.get("id"), chat.get("channel"), chat.get("lang"), people, messages, around)
        # What has been read would stay in memory.
        chat.clear()
        while chat.getprevious() is not None:
            del chat.getparent()[0]


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("csv", "xml"):
        sys.exit(__doc__)
    kind, path = sys.argv[1:]
    sys.stdout.buffer.writelines(from_csv(path) if kind == "csv" else from_xml(path))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
