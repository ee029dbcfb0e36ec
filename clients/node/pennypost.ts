// Pennypost's public API (protos/pennypost/gateway/v1/gateway.proto and admin.proto) for Node.js.
//
// What it adds to the generated code: the API key with every call, a deadline for every call, retries where the
// contract says that they are safe, errors that show their reason and every violation, and watches and exports
// that go on where they broke.

import { create, fromBinary, toBinary, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import * as grpc from "@grpc/grpc-js";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./generated/google/rpc/error_details_pb.js";
import { StatusSchema } from "./generated/google/rpc/status_pb.js";
import { AdminService } from "./generated/pennypost/gateway/v1/admin_pb.js";
import { WatchEventsRequestSchema, type WatchEventsResponse } from "./generated/pennypost/gateway/v1/events_pb.js";
import {
  type ExportMessagesRequestSchema,
  type ExportMessagesResponse,
  type ExportPoolEntriesRequestSchema,
  type ExportPoolEntriesResponse,
} from "./generated/pennypost/gateway/v1/exports_pb.js";
import {
  PennypostService,
  StreamMessagesRequestSchema,
  type StreamMessagesResponse,
  type WatchMessageRequestSchema,
  type WatchMessageResponse,
} from "./generated/pennypost/gateway/v1/gateway_pb.js";

export * from "./generated/pennypost/gateway/v1/admin_pb.js";
export * from "./generated/pennypost/gateway/v1/events_pb.js";
export * from "./generated/pennypost/gateway/v1/exports_pb.js";
export * from "./generated/pennypost/gateway/v1/gateway_pb.js";
export * from "./generated/pennypost/gateway/v1/operations_pb.js";
export * from "./generated/pennypost/gateway/v1/planning_pb.js";
export * from "./generated/pennypost/gateway/v1/pools_pb.js";
export * from "./generated/pennypost/types/v1/account_pb.js";
export * from "./generated/pennypost/types/v1/alert_pb.js";
export * from "./generated/pennypost/types/v1/connection_pb.js";
export * from "./generated/pennypost/types/v1/content_pb.js";
export * from "./generated/pennypost/types/v1/decision_pb.js";
export * from "./generated/pennypost/types/v1/event_pb.js";
export * from "./generated/pennypost/types/v1/forecast_pb.js";
export * from "./generated/pennypost/types/v1/lint_pb.js";
export * from "./generated/pennypost/types/v1/message_pb.js";
export * from "./generated/pennypost/types/v1/operator_pb.js";
export * from "./generated/pennypost/types/v1/plan_pb.js";
export * from "./generated/pennypost/types/v1/planning_pb.js";
export * from "./generated/pennypost/types/v1/policy_pb.js";
export * from "./generated/pennypost/types/v1/pool_pb.js";
export * from "./generated/pennypost/types/v1/rates_pb.js";
export * from "./generated/pennypost/types/v1/reason_pb.js";

/** For one call with all its retries. */
const CALL_MS = 10_000;
/** For one watch, export or import with all its streams: an hour. */
const STREAM_MS = 3_600_000;
const ATTEMPTS_MAX = 10;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5_000;

export interface ConnectOptions {
  /** host:port of the gRPC API. */
  target: string;
  /** An API key, `pp_live_...`. */
  key: string;
  /** Encrypt. Leave it out on loopback only: the key travels with every call. */
  tls?: boolean;
}

export interface CallOptions {
  /** Milliseconds for the call with all its retries; 10,000 by default, for a stream 3,600,000. */
  timeoutMs?: number;
}

type Methods = typeof PennypostService.method & typeof AdminService.method;
type Method = (typeof PennypostService.methods)[number] | (typeof AdminService.methods)[number];

/** Every rpc of the public API, of both its services. */
export const methods: readonly Method[] = [...PennypostService.methods, ...AdminService.methods];

/** Every rpc that gives one answer: takes the request as a plain object, promises the answer. */
type UnaryCalls = {
  [M in keyof Methods as Methods[M]["methodKind"] extends "unary" ? M : never]: (
    request: MessageInitShape<Methods[M]["input"]>,
    options?: CallOptions,
  ) => Promise<MessageShape<Methods[M]["output"]>>;
};

type Request = MessageInitShape<typeof StreamMessagesRequestSchema>;
type Requests = Iterable<Request> | AsyncIterable<Request>;

export type Pennypost = UnaryCalls & {
  /** The message's events, also over a broken connection: each once, in order. Once it began it waits for a server that is away until the timeout. To stop, leave the loop. */
  watchMessage(request: MessageInitShape<typeof WatchMessageRequestSchema>, options?: CallOptions): AsyncGenerator<WatchMessageResponse, void, void>;
  /** The tenant's events, also over a broken connection: each once, with the same patience. Items without an event only carry a token. To stop, leave the loop. */
  watchEvents(request: MessageInitShape<typeof WatchEventsRequestSchema>, options?: CallOptions): AsyncGenerator<WatchEventsResponse, void, void>;
  /**
   * What became of each message of an iterable, in its order, also over a broken connection: what was not answered is sent again, with the same patience.
   * The iterable is read as fast as messages are taken. To stop, leave the loop.
   */
  streamMessages(requests: Requests, options?: CallOptions): AsyncGenerator<StreamMessagesResponse, void, void>;
  /** Every message that matches, also over a broken connection: each once, with the same patience. Items without a message only carry a token. */
  exportMessages(request: MessageInitShape<typeof ExportMessagesRequestSchema>, options?: CallOptions): AsyncGenerator<ExportMessagesResponse, void, void>;
  /** A pool's journal, also over a broken connection: each entry once, oldest first, with the same patience. Items without an entry only carry a token. */
  exportPoolEntries(request: MessageInitShape<typeof ExportPoolEntriesRequestSchema>, options?: CallOptions): AsyncGenerator<ExportPoolEntriesResponse, void, void>;
  close(): void;
};

export interface Violation {
  /** Where, in proto names: `message.content.subject`. */
  field: string;
  description: string;
}

/** A failed call, with all that the service said about it. */
export class PennypostError extends Error {
  override readonly name = "PennypostError";

  constructor(
    /** A gRPC status code. */
    readonly code: grpc.status,
    /** What the service says in one sentence. */
    readonly details: string,
    /** A name of pennypost.errors.v1.ErrorReason without its prefix; empty if no service answered. */
    readonly reason = "",
    /** The service that decided. */
    readonly domain = "",
    /** What errors.proto lists for the reason. */
    readonly metadata: Readonly<Record<string, string>> = {},
    /** Everything that is wrong with the request. */
    readonly violations: readonly Violation[] = [],
    /** When to try again, in milliseconds, where the service says so. */
    readonly retryAfterMs?: number,
  ) {
    const facts = Object.entries(metadata).map(([name, value]) => `${name}=${value}`);
    super(
      [
        `${grpc.status[code]}${reason && `/${reason}`}: ${details}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`,
        ...violations.map(({ field, description }) => `  ${field}: ${description}`),
      ].join("\n"),
    );
  }

  /** Reads the google.rpc.Status in `grpc-status-details-bin`; a broken connection or a foreign server sends none. */
  static from(error: grpc.ServiceError): PennypostError {
    const bytes = error.metadata?.get("grpc-status-details-bin")[0];
    if (!(bytes instanceof Uint8Array)) return new PennypostError(error.code, error.details);
    try {
      const details = fromBinary(StatusSchema, bytes).details;
      const info = details.map((any) => anyUnpack(any, ErrorInfoSchema)).find((found) => found !== undefined);
      const bad = details.map((any) => anyUnpack(any, BadRequestSchema)).find((found) => found !== undefined);
      const delay = details.map((any) => anyUnpack(any, RetryInfoSchema)).find((found) => found !== undefined)?.retryDelay;
      const retryAfterMs = delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6;
      return new PennypostError(error.code, error.details, info?.reason, info?.domain, info?.metadata, bad?.fieldViolations, retryAfterMs);
    } catch {
      // A foreign server may put anything there; the code still says something.
      return new PennypostError(error.code, error.details);
    }
  }
}

/**
 * How long to wait before the same call is made again, in milliseconds; undefined: never.
 * @param tries How often it was made since it last succeeded.
 * @param repeatable Whether making it twice does it once.
 * @param jitter 0 to 1, so that callers who failed together do not come back together.
 */
export function retryDelayMs(error: PennypostError, tries: number, repeatable: boolean, jitter: number): number | undefined {
  if (tries >= ATTEMPTS_MAX) return undefined;
  const backoff = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (tries - 1)) * (0.5 + jitter / 2);
  switch (error.code) {
    case grpc.status.UNAVAILABLE:
    case grpc.status.ABORTED:
      return repeatable ? Math.max(error.retryAfterMs ?? 0, backoff) : undefined;
    case grpc.status.RESOURCE_EXHAUSTED:
      // Without a time there is none: a request that is too large stays too large.
      return error.retryAfterMs === undefined ? undefined : error.retryAfterMs + backoff;
    default:
      return undefined;
  }
}

/** Whether a stream was cut, by a lost connection or a server that stopped, and not refused. */
function isCut(error: PennypostError): boolean {
  return error.code === grpc.status.CANCELLED || (error.reason === "" && (error.code === grpc.status.INTERNAL || error.code === grpc.status.UNKNOWN));
}

function isRepeatable(method: string, request: unknown): boolean {
  // A lost answer would leave a key or a secret that nobody knows.
  if (["createApiKey", "rotateApiKey", "putWebhook", "rotateWebhookSecret"].includes(method)) return false;
  // Its own first try may have changed the etag; only the caller can read again and decide again.
  if (method === "putAccount") return !(request as { account?: { etag?: string } }).account?.etag;
  if (method === "putTenant") return !(request as { tenant?: { etag?: string } }).tenant?.etag;
  return true;
}

/** Waits, unless the deadline comes first: then the error is the answer. */
async function waitOrThrow(error: PennypostError, delayMs: number | undefined, deadline: number): Promise<void> {
  if (delayMs === undefined || Date.now() + delayMs >= deadline) throw error;
  await new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** Takes a stream up that was cut, a little later; whatever else ended it is the answer. */
async function takeUpOrThrow(thrown: unknown, tries: number, began: boolean, deadline: number): Promise<void> {
  const error = thrown instanceof PennypostError ? thrown : PennypostError.from(thrown as grpc.ServiceError);
  // The server ends each stream after a time of its own; ours is looked at when it is waited for.
  const known = isCut(error) || (began && error.code === grpc.status.DEADLINE_EXCEEDED) ? new PennypostError(grpc.status.UNAVAILABLE, error.details) : error;
  await waitOrThrow(error, retryDelayMs(known, tries, true, Math.random()), deadline);
}

type Outgoing = grpc.ClientDuplexStream<Buffer, StreamMessagesResponse>;

/** Requests of a stream, in order; those that are not answered yet are kept, to be sent again on another stream. */
class Sending {
  private readonly source: Iterator<Request> | AsyncIterator<Request>;
  private readonly unanswered: Buffer[] = [];
  private answeredCount = 0;
  private isDone = false;
  private taking: Promise<void> | undefined;
  private current: Outgoing | undefined;
  /** What the caller's own iterable threw, or what of it is no request. */
  failure: { of: unknown } | undefined;

  constructor(requests: Requests) {
    this.source = Symbol.asyncIterator in requests ? requests[Symbol.asyncIterator]() : requests[Symbol.iterator]();
  }

  answered(): void {
    this.unanswered.shift();
    this.answeredCount++;
  }

  /** Whether all there was is answered: a stream that ended well before that was cut by somebody on the way. */
  get isOver(): boolean {
    return this.isDone && this.unanswered.length === 0;
  }

  stop(): void {
    this.current = undefined;
  }

  /** Nothing more is wanted of the iterable. */
  close(): void {
    void Promise.resolve(this.source.return?.()).catch(() => {});
  }

  /** From the first that is not answered on, until there are no more or the stream is not the current one. */
  async sendOn(stream: Outgoing): Promise<void> {
    this.current = stream;
    for (let number = this.answeredCount; ; number++) {
      while (number >= this.answeredCount + this.unanswered.length && !this.isDone) await (this.taking ??= this.take());
      if (this.current !== stream) return;
      const request = this.unanswered[number - this.answeredCount];
      if (!request) break;
      if (!stream.write(request)) await drained(stream);
    }
    stream.end();
  }

  private async take(): Promise<void> {
    try {
      const next = await this.source.next();
      if (next.done) this.isDone = true;
      else this.unanswered.push(Buffer.from(toBinary(StreamMessagesRequestSchema, create(StreamMessagesRequestSchema, next.value))));
    } catch (thrown) {
      [this.failure, this.isDone] = [{ of: thrown }, true];
    } finally {
      this.taking = undefined;
    }
  }
}

/** Until more can be written, or nothing more need be. */
function drained(stream: Outgoing): Promise<void> {
  return new Promise((resolve) => {
    const events = ["drain", "close", "error", "end"];
    const over = () => {
      for (const event of events) stream.off(event, over);
      resolve();
    };
    for (const event of events) stream.on(event, over);
  });
}

/** Connects at the first call. Close it, or the process stays alive for it. */
export function connect({ target, key, tls = false }: ConnectOptions): Pennypost {
  const channel = new grpc.Client(target, tls ? grpc.credentials.createSsl() : grpc.credentials.createInsecure(), {
    // Else a watch of a server that vanished without a word would wait until its deadline.
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.initial_reconnect_backoff_ms": BACKOFF_FIRST_MS,
    "grpc.max_reconnect_backoff_ms": BACKOFF_MAX_MS,
    // The same calls are retried here, where the reasons are known.
    "grpc.enable_retries": 0,
  });
  const credential = new grpc.Metadata();
  credential.set("authorization", `Bearer ${key}`);
  const patient = credential.clone();
  patient.setOptions({ waitForReady: true });

  const wire = <I extends DescMessage, O extends DescMessage>(service: string, name: string, input: I, output: O) =>
    ({
      path: `/${service}/${name}`,
      write: (request: MessageShape<I>) => Buffer.from(toBinary(input, request)),
      read: (bytes: Buffer) => fromBinary(output, bytes),
    }) as const;

  async function call(method: Method, init: object, { timeoutMs = CALL_MS }: CallOptions): Promise<unknown> {
    const { path, write, read } = wire(method.parent.typeName, method.name, method.input, method.output);
    const request = create(method.input, init as MessageInitShape<typeof method.input>);
    const deadline = Date.now() + timeoutMs;
    for (let tries = 1; ; tries++) {
      try {
        return await new Promise((resolve, reject) =>
          channel.makeUnaryRequest(path, write, read, request, credential, { deadline }, (error, answer) => (error ? reject(PennypostError.from(error)) : resolve(answer))),
        );
      } catch (error) {
        if (!(error instanceof PennypostError)) throw error;
        await waitOrThrow(error, retryDelayMs(error, tries, isRepeatable(method.localName, init), Math.random()), deadline);
      }
    }
  }

  async function* follow<Item extends { resumeToken: string }>(method: Method, init: object, { timeoutMs = STREAM_MS }: CallOptions = {}): AsyncGenerator<Item, void, void> {
    const { path, write, read } = wire(method.parent.typeName, method.name, method.input, method.output);
    const request = create(method.input, init as MessageInitShape<typeof method.input>) as MessageShape<typeof method.input> & { resumeToken: string; fromTime?: unknown };
    const deadline = Date.now() + timeoutMs;
    let began = false;
    for (let tries = 1; ; tries++) {
      const stream = channel.makeServerStreamRequest(path, write, read, request, began ? patient : credential, { deadline });
      try {
        for await (const item of stream as unknown as AsyncIterable<Item>) {
          began = true;
          // Before the caller gets it: what was handed out is not asked for again.
          request.resumeToken = item.resumeToken;
          // It says where to begin; an export's is part of its filter.
          if (method.input === WatchEventsRequestSchema) delete request.fromTime;
          tries = 1;
          yield item;
        }
        return;
      } catch (thrown) {
        await takeUpOrThrow(thrown, tries, began, deadline);
      } finally {
        stream.cancel();
      }
    }
  }

  async function* streamMessages(requests: Requests, { timeoutMs = STREAM_MS }: CallOptions = {}): AsyncGenerator<StreamMessagesResponse, void, void> {
    const { path, read } = wire(PennypostService.typeName, "StreamMessages", StreamMessagesRequestSchema, PennypostService.method.streamMessages.output);
    const sending = new Sending(requests);
    const deadline = Date.now() + timeoutMs;
    let began = false;
    try {
      for (let tries = 1; ; tries++) {
        const stream: Outgoing = channel.makeBidiStreamRequest(path, (request: Buffer) => request, read, began ? patient : credential, { deadline });
        try {
          void sending.sendOn(stream);
          for await (const item of stream as unknown as AsyncIterable<StreamMessagesResponse>) {
            began = true;
            sending.answered();
            tries = 1;
            yield item;
          }
          if (sending.isOver && !sending.failure) return;
          throw new PennypostError(grpc.status.UNAVAILABLE, "the stream ended before everything was answered");
        } catch (thrown) {
          if (sending.failure) throw sending.failure.of;
          await takeUpOrThrow(thrown, tries, began, deadline);
        } finally {
          sending.stop();
          stream.cancel();
        }
      }
    } finally {
      sending.close();
    }
  }

  const unary = methods
    .filter((method) => method.methodKind === "unary")
    .map((method) => [method.localName, (request: object, options: CallOptions = {}) => call(method, request, options)] as const);
  const streams = methods
    .filter((method) => method.methodKind === "server_streaming")
    .map((method) => [method.localName, (request: object, options?: CallOptions) => follow(method, request, options)] as const);
  return { ...Object.fromEntries(unary), ...Object.fromEntries(streams), streamMessages, close: () => channel.close() } as unknown as Pennypost;
}
