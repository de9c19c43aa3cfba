#!/usr/bin/env python3
"""Post every line of a file with aiohttp, 64 at a time: submit_aiohttp.py TOKEN_URL REST_URL FILE"""

import asyncio
import json
import sys

import aiohttp

WINDOW = 64


async def worker(session, url, headers, lines):
    for line in lines:
        key = json.loads(line)["request"]["requestId"]
        async with session.post(url, data=line, headers={**headers, "Idempotency-Key": key}) as response:
            await response.read()
            if response.status not in (200, 201):
                sys.exit(f"HTTP {response.status}")


async def main(token_url, url, path):
    query = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
    connector = aiohttp.TCPConnector(limit=WINDOW)
    async with aiohttp.ClientSession(connector=connector) as session:
        async with session.post(token_url, params=query) as response:
            token = (await response.json())["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        with open(path, "rb") as file:
            lines = (line.rstrip(b"\n") for line in file)
            await asyncio.gather(*(worker(session, url, headers, lines) for _ in range(WINDOW)))


asyncio.run(main(*sys.argv[1:]))
