#!/usr/bin/env python3
"""A tenant that is not ours: peer_tenant.py FILE TOKENS

Token and REST by aiohttp, WebSocket by websockets. Writes its addresses and counts to FILE as JSON, the counts after each
message, and every token that it gives out to TOKENS. A token opens one WebSocket.
"""
import asyncio
import http
import json
import os
import secrets
import sys

from aiohttp import web
from websockets.asyncio.server import serve

FILE, TOKENS = sys.argv[1:3]
state = {"rest": {}, "socket": {}, "orders": []}
tokens, used = set(), set()


def publish():
    with open(FILE + ".new", "w", encoding="utf-8") as file:
        json.dump({"port": state["port"], "socketPort": state["socketPort"], "rest": len(state["rest"]),
                   "socket": len(state["socket"]), "threads": state["orders"]}, file)
    os.replace(FILE + ".new", FILE)


def issue():
    token = secrets.token_urlsafe(24) + "." + secrets.token_urlsafe(24)
    tokens.add(token)
    with open(TOKENS, "a", encoding="utf-8") as file:
        file.write(token + "\n")
    return token


async def token(request):
    form = {**request.query, **(await request.post())}
    basic = request.headers.get("Authorization", "").startswith("Basic ")
    if not basic and (form.get("client_id"), form.get("client_secret")) != ("sandbox", os.environ["SECRET"]):
        return web.json_response({"error": "invalid_client"}, status=401)
    return web.json_response({"access_token": issue(), "token_type": "Bearer", "expires_in": 900})


async def interaction(request):
    if request.headers.get("Authorization", "").removeprefix("Bearer ") not in tokens:
        return web.json_response({"error": "invalid_token"}, status=401)
    payload = await request.json()
    state["rest"].setdefault(request.headers["Idempotency-Key"], payload["request"]["requestId"])
    state["orders"].append([payload["request"]["connections"]["threadId"], payload["request"]["requestId"]])
    publish()
    return web.json_response({}, status=201)


def offered(headers):
    return [part.strip() for part in headers.get("Sec-WebSocket-Protocol", "").split(",")]


def admit(connection, request):
    offers = offered(request.headers)
    if len(offers) != 2 or offers[0] != "optave-v1" or offers[1] not in tokens - used:
        return connection.respond(http.HTTPStatus.UNAUTHORIZED, "no\n")
    used.add(offers[1])
    return None


async def talk(socket):
    async for text in socket:
        message = json.loads(text)
        headers, request = message["headers"], message["payload"]["request"]
        assert message["action"] == "message" and headers["issuedAt"]
        state["socket"].setdefault(headers["idempotencyKey"], request["requestId"])
        state["orders"].append([request["connections"]["threadId"], request["requestId"]])
        publish()
        for phase in ("started", "completed"):
            await socket.send(json.dumps({
                "action": "message",
                "headers": {"correlationId": headers["correlationId"], "action": "interaction",
                            "schemaRef": "optave.response.v3"},
                "payload": {"action": "superpower", "actionType": "adjust_suggestion", "state": phase,
                            "message": {"results": []}},
            }))


async def main():
    app = web.Application()
    app.add_routes([web.post("/oauth/token", token), web.post("/message/interaction", interaction)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    state["port"] = runner.addresses[0][1]
    async with serve(talk, "127.0.0.1", 0, process_request=admit,
                     select_subprotocol=lambda connection, offers: "optave-v1") as server:
        state["socketPort"] = server.sockets[0].getsockname()[1]
        publish()
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
