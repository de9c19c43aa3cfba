// Send every line of a file over Node's own WebSocket, 64 in flight: submit_node_websocket.mjs TOKEN_URL SOCKET_URL FILE
//
// Node 20 wants --experimental-websocket.

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

const WINDOW = 64;
const [tokenURL, url, path] = process.argv.slice(2);

function envelope(line, id) {
  const headers = {
    correlationId: id, action: "interaction", schemaRef: "optave.message.v3", sdkVersion: "none", identifier: "message",
    traceId: id, idempotencyKey: id, issuedAt: new Date().toISOString(),
  };
  return `{"action":"message","headers":${JSON.stringify(headers)},"payload":${line}}`;
}

const query = new URLSearchParams({
  grant_type: "client_credentials", client_id: "sandbox", client_secret: "sandbox",
});
const answer = await fetch(`${tokenURL}?${query}`, { method: "POST" });
const token = (await answer.json()).access_token;
const socket = new WebSocket(url, ["optave-v1", token]);
const inFlight = new Set();
let room = null;

socket.addEventListener("message", (event) => {
  const reply = JSON.parse(event.data);
  const id = (reply.headers ?? reply).correlationId;
  if ((reply.payload ?? reply).state === "error") throw new Error("an error reply");
  if (inFlight.delete(id) && room) {
    room();
    room = null;
  }
});
await new Promise((resolve, reject) => {
  socket.addEventListener("open", resolve);
  socket.addEventListener("error", reject);
});
socket.addEventListener("close", () => {
  if (inFlight.size) throw new Error("the connection was lost");
});
for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
  while (inFlight.size >= WINDOW) await new Promise((resolve) => { room = resolve; });
  const id = JSON.parse(line).request.requestId;
  inFlight.add(id);
  socket.send(envelope(line, id));
}
while (inFlight.size) await new Promise((resolve) => { room = resolve; });
socket.close();
