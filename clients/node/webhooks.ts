// Verifies Pennypost's webhooks. It needs nothing but Node, and follows Standard Webhooks (standardwebhooks.com), whose
// libraries do the same.

import { createHmac, timingSafeEqual } from "node:crypto";

/** How far the sender's clock and ours may be apart: an older delivery may be one that somebody recorded. */
const TOLERANCE_SECONDS = 300;

/** Not Pennypost's, not this webhook's, or too old. Answer 401, and believe nothing of it. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
}

/** An event as it is posted: pennypost.types.v1.Event in proto3 JSON, where 64-bit numbers are texts. */
export interface WebhookEvent {
  eventId: string;
  /** Grows within the subject; 1, 2, ... without gaps for `message.*`. */
  sequence?: string;
  type: string;
  subject: string;
  eventTime: string;
  recordTime: string;
  [data: string]: unknown;
}

/**
 * The event of a delivery; throws a WebhookError.
 * @param secret `whsec_...`, or several while one is changed.
 * @param headers Of the request, as Node has them: names in lower case.
 * @param body As it came, before anything parsed it.
 */
export function verifyWebhook(
  secret: string | readonly string[],
  headers: Record<string, string | string[] | undefined>,
  body: Buffer | string,
  { toleranceSeconds = TOLERANCE_SECONDS, now = Date.now() / 1000 } = {},
): WebhookEvent {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  if (typeof id !== "string" || typeof timestamp !== "string" || typeof signatures !== "string" || !/^\d{1,15}$/.test(timestamp))
    throw new WebhookError("no webhook-id, webhook-timestamp or webhook-signature");
  if (Math.abs(now - Number(timestamp)) > toleranceSeconds) throw new WebhookError("too old, or the clocks are apart");
  const bytes = Buffer.from(body);
  for (const one of typeof secret === "string" ? [secret] : secret) {
    const key = Buffer.from(one.replace(/^whsec_/, ""), "base64");
    const expected = Buffer.from("v1," + createHmac("sha256", key).update(`${id}.${timestamp}.`).update(bytes).digest("base64"));
    for (const candidate of signatures.split(" ").map((text) => Buffer.from(text)))
      if (candidate.length === expected.length && timingSafeEqual(candidate, expected)) return JSON.parse(bytes.toString("utf8")) as WebhookEvent;
  }
  throw new WebhookError("no signature by this secret");
}
