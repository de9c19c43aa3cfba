#!/usr/bin/env python3
"""A WebSocket client that is not ours: websocket_client.py URL TOKEN MESSAGES [--ca FILE] [--query] [--fragment BYTES]

Sends each line of MESSAGES as one message and prints what comes back, one JSON object a line: {"open": SUBPROTOCOL},
{"refused": STATUS}, {"reply": TEXT}, {"closed": CODE, "reason": TEXT}, {"silence": true}. Ends when nothing more comes.
"""
import argparse
import asyncio
import json
import ssl
import urllib.parse

import websockets


def say(**event):
    print(json.dumps(event), flush=True)


async def talk(arguments):
    options = {"compression": None, "open_timeout": arguments.patience, "proxy": None, "max_size": None}
    url = arguments.url
    if arguments.ca:
        options["ssl"] = ssl.create_default_context(cafile=arguments.ca)
    if arguments.query:
        url += "?" + urllib.parse.urlencode({"Authorization": "Bearer " + arguments.token})
    else:
        options["subprotocols"] = ["optave-v1", arguments.token]
    try:
        socket = await websockets.connect(url, **options)
    except websockets.exceptions.InvalidStatus as refusal:
        return say(refused=refusal.response.status_code)
    except (TimeoutError, asyncio.TimeoutError):
        return say(silence=True)
    say(open=socket.subprotocol)
    try:
        with open(arguments.messages, encoding="utf-8") as lines:
            for line in lines:
                text = line.rstrip("\n")
                size = arguments.fragment
                await socket.send([text[i : i + size] for i in range(0, len(text), size)] if size else text)
        await (await socket.ping(b"are you there?"))
        while True:
            say(reply=await asyncio.wait_for(socket.recv(), arguments.patience))
    except (TimeoutError, asyncio.TimeoutError):
        say(silence=True)
        await socket.close()
    except websockets.exceptions.ConnectionClosed as end:
        say(closed=end.rcvd.code if end.rcvd else 1006, reason=end.rcvd.reason if end.rcvd else "")


parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("token")
parser.add_argument("messages")
parser.add_argument("--ca")
parser.add_argument("--query", action="store_true")
parser.add_argument("--fragment", type=int, default=0)
parser.add_argument("--patience", type=float, default=1)
asyncio.run(talk(parser.parse_args()))
