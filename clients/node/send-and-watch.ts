// Sends one message, watches it to its end, and, if it cost a credit, waits for the refund that a reply brings.
//
//   send-and-watch.js --target localhost:5081 --key pp_live_... --message-id hello-1 --profile ada-lovelace --priority high
//
// Prints one line per event. Exit code 0 when the message was sent (and, with --wait-for-refund, its credit came back).

import { parseArgs } from "node:util";
import { Channel, connect, MessageEventKind, MessageState, PennypostError, Priority, Reason } from "./pennypost.js";

const { values: options } = parseArgs({
  options: {
    // host:port of the gRPC API
    target: { type: "string" },
    // an API key with messages:read and messages:write
    key: { type: "string" },
    // your id: the same id is sent once, however often this runs
    "message-id": { type: "string" },
    // LinkedIn profile URL or public identifier
    profile: { type: "string" },
    subject: { type: "string", default: "One question" },
    body: { type: "string", default: "Hello, may I ask you one question?" },
    note: { type: "string", default: "" },
    // low, normal or high
    priority: { type: "string", default: "normal" },
    // go on until the credit came back
    "wait-for-refund": { type: "boolean", default: false },
    // seconds, for the watch
    timeout: { type: "string", default: "60" },
  },
});

async function main(): Promise<number> {
  const { target, key, "message-id": messageId, profile, "wait-for-refund": followReplies } = options;
  const priority = { low: Priority.LOW, normal: Priority.NORMAL, high: Priority.HIGH }[options.priority!];
  const timeoutMs = Number(options.timeout) * 1000;
  if (!target || !key || messageId === undefined || profile === undefined || priority === undefined || !(timeoutMs > 0)) {
    console.error("usage: --target HOST:PORT --key KEY --message-id ID --profile PROFILE [--subject S] [--body B] [--note N] [--priority low|normal|high] [--wait-for-refund] [--timeout SECONDS]");
    return 2;
  }
  const pennypost = connect({ target, key });
  try {
    const { subject, body, note } = options;
    const accepted = await pennypost.sendMessage({ message: { messageId, prospect: { profile }, content: { subject, body, note }, priority } });
    console.log(accepted.existed ? "known from before" : "accepted", accepted.message?.messageId);

    let state = MessageState.UNSPECIFIED;
    for await (const { event } of pennypost.watchMessage({ messageId, followReplies }, { timeoutMs })) {
      if (!event) continue;
      state = event.state;
      const channel = event.channel ? Channel[event.channel] : "";
      const reason = event.reason ? Reason[event.reason] : "";
      console.log(String(event.sequence), MessageEventKind[event.kind], channel, event.accountId, reason);
      if (event.kind === MessageEventKind.REFUNDED) return 0;
    }
    if (followReplies) {
      console.error("no refund came");
      return 1;
    }
    return state === MessageState.SENT ? 0 : 1;
  } catch (error) {
    if (!(error instanceof PennypostError)) throw error;
    // Says which field, which limit, and why.
    console.error(error.message);
    return 2;
  } finally {
    pennypost.close();
  }
}

process.exitCode = await main();
