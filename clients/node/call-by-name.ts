// Calls what it is told to: one JSON object a line in, one a line out, in order.
//
//   in:  {"rpc": "GetPool", "request": {"poolId": "p1"}}         (the request as proto3 JSON, or base64 of its bytes)
//   out: {"answer": {...}} or {"code": "NOT_FOUND", "reason": "POOL_NOT_FOUND", "violations": [], "details": "..."}
//
//   echo '{"rpc": "ListPools", "request": {}}' | call-by-name.js --target localhost:5081 --key pp_live_...
//
// The answers of a stream come together, as a list. A call that takes a stream is sent this one request.

import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { fromBinary, fromJson, toJson, type JsonValue, type Message } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import { connect, methods, PennypostError } from "./pennypost.js";

const { values: options } = parseArgs({
  options: {
    // host:port of the gRPC API
    target: { type: "string" },
    // an API key
    key: { type: "string" },
  },
});
if (!options.target || !options.key) {
  console.error("usage: --target HOST:PORT --key KEY");
  process.exit(2);
}

const pennypost = connect({ target: options.target, key: options.key });
// By its name any rpc can be called, and then nothing is known of its types.
const calls = pennypost as unknown as Record<string, (request: Message | Message[]) => Promise<Message> | AsyncIterable<Message>>;

async function answer(line: string): Promise<object> {
  const asked = JSON.parse(line) as { rpc: string; request: JsonValue };
  const method = methods.find(({ name }) => name === asked.rpc);
  if (!method) throw new Error(`There is no rpc ${asked.rpc}.`);
  const request = typeof asked.request === "string" ? fromBinary(method.input, Buffer.from(asked.request, "base64")) : fromJson(method.input, asked.request);
  try {
    const answered = calls[method.localName]!(method.methodKind === "bidi_streaming" ? [request] : request);
    if (!(Symbol.asyncIterator in answered)) return { answer: toJson(method.output, await answered) };
    const items: JsonValue[] = [];
    for await (const item of answered) items.push(toJson(method.output, item));
    return { answer: items };
  } catch (error) {
    if (!(error instanceof PennypostError)) throw error;
    return { code: grpc.status[error.code], reason: error.reason, violations: error.violations.map(({ field }) => field), details: error.details };
  }
}

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await answer(line)));
pennypost.close();
