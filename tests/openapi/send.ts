// Sends a message with the client that was generated from the OpenAPI document, reads it back, follows it, and looks at what a mistake comes to.
// Usage: node dist/send.js <address of the REST API> <API key> <message id> <LinkedIn profile>
import { createClient } from './generated/client/index.js';
import { cancelMessage, getMessage, sendMessage, watchMessage } from './generated/sdk.gen.js';

declare const process: { argv: string[] };
const [baseUrl, key, messageId, profile] = process.argv.slice(2) as [string, string, string, string];
const client = createClient({ baseUrl, auth: key });

const later = new Date(Date.now() + 86_400_000).toISOString();
const sent = await sendMessage({
  client,
  headers: { 'Idempotency-Key': messageId },
  body: { prospect: { profile, firstName: 'Ada' }, content: { subject: 'One question', body: 'May I ask?' }, priority: 'PRIORITY_HIGH', notBefore: later },
  throwOnError: true,
});
console.log('sent', sent.data.message?.messageId, sent.data.existed);

const read = await getMessage({ client, path: { message_id: messageId }, throwOnError: true });
console.log('read', read.data.message?.messageId, read.data.message?.creditsSpent);

await cancelMessage({ client, path: { message_id: messageId }, body: {}, throwOnError: true });
const watched = await watchMessage({ client, path: { message_id: messageId } });
const kinds: (string | undefined)[] = [];
for await (const item of watched.stream) if (item.event) kinds.push(item.event.kind);
console.log('watched', kinds[0], kinds.at(-1));

const refused = await getMessage({ client, path: { message_id: 'no-such' } });
for (const detail of refused.error?.error.details ?? []) if ('reason' in detail) console.log('refused', refused.response.status, detail.reason, detail.metadata['message_id']);
