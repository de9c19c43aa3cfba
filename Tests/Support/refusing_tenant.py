#!/usr/bin/env python3
"""A tenant that does not take messages with a certain text: `refusing_tenant.py FILE TEXT [STATUS]`

Writes its port to FILE. Such a message gets the status, by default 422; with status 0, no answer at all. A word in
capitals that follows the text is the code of the error.
"""

import http.server
import json
import re
import sys
import time


class Tenant(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/token"):
            self.answer(200, {"access_token": "abc", "token_type": "Bearer", "expires_in": 900})
        elif found := REFUSED.search(body):
            if STATUS == 0:
                time.sleep(600)
            code = found[1].decode() or "unprocessable"
            self.answer(STATUS, {"error": {"code": code, "message": "no such thing"}})
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


REFUSED = re.compile(re.escape(sys.argv[2]).encode() + rb"([A-Z0-9_]*)")
STATUS = int(sys.argv[3]) if len(sys.argv) > 3 else 422
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tenant)
with open(sys.argv[1], "w") as file:
    file.write(f"{server.server_port}\n")
server.serve_forever()
