// Hands over messages as they come: one JSON object a line in, what became of it a line out, in the same order.
//
//   stream-messages.js --target localhost:5081 --key pp_live_... < messages.ndjson
//
//   in:  {"messageId": "hello-1", "prospect": {"profile": "ada-lovelace"}, "content": {"body": "One question?"}}
//   out: {"messageId": "hello-1", "message": {...}} or {"messageId": "hello-1", "refusal": {"reason": "INVALID_REQUEST", ...}}
//
// Exit code 0: every line was accepted. 1: some were refused. 2: it was called wrongly. Run again, it sends nothing twice.

import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { fromJsonString, toJson } from "@bufbuild/protobuf";
import { connect, MessageSpecSchema, SendResultSchema } from "./pennypost.js";

const { values: options } = parseArgs({
  options: {
    // host:port of the gRPC API
    target: { type: "string" },
    // an API key with messages:write
    key: { type: "string" },
    // check everything, keep nothing
    "validate-only": { type: "boolean", default: false },
    // encrypt
    tls: { type: "boolean", default: false },
  },
});
if (!options.target || !options.key) {
  console.error("usage: --target HOST:PORT --key KEY [--validate-only] [--tls]");
  process.exit(2);
}

async function* requests() {
  for await (const line of createInterface({ input: process.stdin }))
    if (line.trim()) yield { message: fromJsonString(MessageSpecSchema, line), validateOnly: options["validate-only"]! };
}

const pennypost = connect({ target: options.target, key: options.key, tls: options.tls! });
let refused = 0;
for await (const { result } of pennypost.streamMessages(requests())) {
  console.log(JSON.stringify(toJson(SendResultSchema, result!)));
  if (result!.refusal) refused++;
}
pennypost.close();
process.exitCode = refused ? 1 : 0;
