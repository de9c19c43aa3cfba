// Post every line of a file with Node's own HTTP client, 64 at a time: submit_node_http.mjs TOKEN_URL REST_URL FILE

import { createReadStream } from "node:fs";
import http from "node:http";
import { createInterface } from "node:readline";

const WINDOW = 64;
const [tokenURL, url, path] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: WINDOW });

function post(address, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(address, { method: "POST", agent, headers }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => resolve([response.statusCode, Buffer.concat(pieces)]));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function worker(lines, token) {
  for (;;) {
    const { value: line, done } = await lines.next();
    if (done) return;
    const body = Buffer.from(line);
    const [status] = await post(url, {
      "Authorization": `Bearer ${token}`,
      "Content-Type": "application/json",
      "Content-Length": body.length,
      "Idempotency-Key": JSON.parse(line).request.requestId,
    }, body);
    if (status !== 200 && status !== 201) throw new Error(`HTTP ${status}`);
  }
}

const query = new URLSearchParams({
  grant_type: "client_credentials", client_id: "sandbox", client_secret: "sandbox",
});
const [, answer] = await post(`${tokenURL}?${query}`, { "Content-Length": 0 }, "");
const token = JSON.parse(answer).access_token;
const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity })[Symbol.asyncIterator]();
await Promise.all(Array.from({ length: WINDOW }, () => worker(lines, token)));
agent.destroy();
