#!/usr/bin/env python3
"""Peer: v3.1 payloads to Interactions, as a user's own script would do it.

    convert.py ndjson|array orjson|stdlib FILE > interactions.ndjson

It makes what the program under test makes, equal by value, for the fields that generate.py writes. Needs Python 3.11:
older ones do not read the `Z` of a timestamp.
"""

import sys
from datetime import datetime

CHANNEL = {
    "browser": "browser",
    "device_info": "deviceInfo",
    "device_type": "deviceType",
    "language": "language",
    "location": "location",
    "medium": "medium",
    "section": "section",
}
INTERFACE = {
    "app_version": "appVersion",
    "category": "category",
    "language": "language",
    "name": "name",
    "type": "type",
}
CONNECTIONS = {"thread_id": "threadId"}
CONTEXT = {"organization_id": "organizationId"}
REFERENCE = {"ids": "ids", "labels": "labels", "tags": "tags"}
SETTINGS = {"disable_stream": "disableStream", "max_response_length": "maxResponseLength"}
ROLES = {"enduser": "user", "agent": "operator", "bot": "bot"}


def renamed(source, names):
    """The values of `source` that are there, under their new names."""
    return {new: source[old] for old, new in names.items() if old in source}


def conversation(flat):
    """One conversation with its people in order of first appearance and its messages by time."""
    participants = {}
    messages = []
    for message in flat:
        identifier = message["participant_id"]
        if identifier not in participants:
            participants[identifier] = {
                "participantId": identifier,
                "displayName": message["display_name"],
                "role": ROLES[message["role"].lower()],
            }
        messages.append(
            {"content": message["content"], "participantId": identifier, "timestamp": message["timestamp"]}
        )
    messages.sort(key=lambda message: datetime.fromisoformat(message["timestamp"]))
    return {"participants": list(participants.values()), "messages": messages}


def converted_session(session):
    result = {}
    if "session_id" in session:
        result["sessionId"] = session["session_id"]
    if "channel" in session:
        result["channel"] = renamed(session["channel"], CHANNEL)
    if "interface" in session:
        result["interface"] = renamed(session["interface"], INTERFACE)
    return result


def converted_request(request):
    source = request["scope"]
    scope = {"conversations": [conversation(source["conversations"])]}
    if "interactions" in source:
        scope["interactions"] = source["interactions"]
    result = {
        "requestId": request["request_id"],
        "connections": renamed(request["connections"], CONNECTIONS),
        "context": renamed(request["context"], CONTEXT),
        "scope": scope,
    }
    if "variant" in request.get("attributes", {}):
        result["attributes"] = {"variant": request["attributes"]["variant"].upper()}
    if "reference" in request:
        result["reference"] = renamed(request["reference"], REFERENCE)
    if "settings" in request:
        result["settings"] = renamed(request["settings"], SETTINGS)
    return result


def interaction(payload):
    result = {"request": converted_request(payload["request"])}
    if "session" in payload:
        result["session"] = converted_session(payload["session"])
    return result


def codec(library):
    """The functions that read a JSON text and write one as UTF-8."""
    if library == "orjson":
        import orjson

        return orjson.loads, orjson.dumps
    import json

    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    return json.loads, lambda value: encode(value).encode()


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("ndjson", "array") or sys.argv[2] not in ("orjson", "stdlib"):
        sys.exit(__doc__)
    kind, library, path = sys.argv[1:]
    loads, dumps = codec(library)
    output = sys.stdout.buffer
    with open(path, "rb") as file:
        payloads = map(loads, file) if kind == "ndjson" else loads(file.read())
        for payload in payloads:
            output.write(dumps(interaction(payload)))
            output.write(b"\n")
    output.flush()


if __name__ == "__main__":
    main()
