#!/usr/bin/env python3
"""A tenant that refuses messages with a certain text: `refusing_tenant.py FILE TEXT` writes its port to FILE."""

import http.server
import json
import sys


class Tenant(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/token"):
            self.answer(200, {"access_token": "abc", "token_type": "Bearer", "expires_in": 900})
        elif sys.argv[2].encode() in body:
            self.answer(422, {"error": {"code": "unprocessable", "message": "no such thing"}})
        else:
            self.answer(201, {})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tenant)
with open(sys.argv[1], "w") as file:
    file.write(f"{server.server_port}\n")
server.serve_forever()
