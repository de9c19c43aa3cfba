#!/usr/bin/env python3
"""Send every line of a file with websockets, 64 in flight: submit_websockets.py TOKEN_URL SOCKET_URL FILE"""

import asyncio
import json
import sys
import urllib.parse
import urllib.request

from websockets.asyncio.client import connect

WINDOW = 64


def token(url):
    query = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
    request = urllib.request.Request(f"{url}?{urllib.parse.urlencode(query)}", method="POST")
    with urllib.request.urlopen(request) as response:
        return json.load(response)["access_token"]


def envelope(line, identifier):
    headers = {
        "correlationId": identifier,
        "action": "interaction",
        "schemaRef": "optave.message.v3",
        "sdkVersion": "none",
        "identifier": "message",
        "traceId": identifier,
        "idempotencyKey": identifier,
        "issuedAt": "2024-01-01T00:00:00.000Z",
    }
    return '{"action":"message","headers":' + json.dumps(headers) + ',"payload":' + line + "}"


async def main(token_url, url, path):
    waiting = set()
    room = asyncio.Semaphore(WINDOW)
    protocols = ["optave-v1", token(token_url)]
    async with connect(url, subprotocols=protocols, compression=None, max_size=1 << 20) as socket:

        async def receive():
            async for text in socket:
                reply = json.loads(text)
                identifier = reply.get("headers", reply).get("correlationId")
                if reply.get("payload", reply).get("state") == "error":
                    sys.exit("an error reply")
                if identifier in waiting:
                    waiting.remove(identifier)
                    room.release()

        reader = asyncio.create_task(receive())
        with open(path, encoding="utf-8") as file:
            for line in file:
                identifier = json.loads(line)["request"]["requestId"]
                await room.acquire()
                waiting.add(identifier)
                await socket.send(envelope(line.rstrip("\n"), identifier))
        for _ in range(WINDOW):
            await room.acquire()
        await socket.close()
        await reader


asyncio.run(main(*sys.argv[1:]))
