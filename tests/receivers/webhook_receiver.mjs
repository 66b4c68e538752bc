// An HTTP receiver that verifies each request with npm `standardwebhooks`, independently of our own signer.
//
//   node webhook_receiver.mjs --secret whsec_... [--secret whsec_...] [--port 0] [--now UNIX_SECONDS]
//
// Several secrets: any may match, as during a rotation. First line on stdout: {"port":N}. Then a line per request:
//   {"verified":true,"error":null,"method":"POST","path":"/","headers":{...},"body":"..."}
// Answers 204 when verified, else 401. Ends on SIGTERM, or when stdin closes if --until-stdin-closes is given.
import http from "node:http";
import { parseArgs } from "node:util";
import { Webhook } from "standardwebhooks";

const LIMIT = 8 * 1024 * 1024;

const { values: options } = parseArgs({
  options: {
    secret: { type: "string", multiple: true },
    port: { type: "string", default: "0" },
    now: { type: "string" },
    "until-stdin-closes": { type: "boolean", default: false },
  },
});
if (!options.secret?.length) {
  console.error("webhook_receiver.mjs: --secret whsec_... is required");
  process.exit(2);
}
// The verifier reads the clock itself; golden requests are of a fixed day.
if (options.now !== undefined) Date.now = () => Number(options.now) * 1000;

const verifiers = options.secret.map((secret) => new Webhook(secret));

/** null when one of the secrets verifies, else why not. */
function problem(body, headers) {
  let reason = null;
  for (const verifier of verifiers) {
    try {
      verifier.verify(body, headers);
      return null;
    } catch (error) {
      reason = error.message;
    }
  }
  return reason;
}

const server = http.createServer((request, response) => {
  const chunks = [];
  let size = 0;
  request.on("data", (chunk) => {
    size += chunk.length;
    if (size > LIMIT) request.destroy();
    else chunks.push(chunk);
  });
  request.on("end", () => {
    const body = Buffer.concat(chunks).toString("utf8");
    const error = problem(body, request.headers);
    const line = { verified: error === null, error, method: request.method, path: request.url, headers: request.headers, body };
    process.stdout.write(JSON.stringify(line) + "\n");
    response.writeHead(error === null ? 204 : 401);
    response.end(error === null ? undefined : error);
  });
});

server.listen(Number(options.port), "127.0.0.1", () => {
  process.stdout.write(JSON.stringify({ port: server.address().port }) + "\n");
});

function stop() {
  server.close(() => process.exit(0));
  server.closeAllConnections();
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
if (options["until-stdin-closes"]) process.stdin.on("end", stop).resume();
