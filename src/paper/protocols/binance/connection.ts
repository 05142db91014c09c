import type { Timers } from "../../../runtime/runtime.ts";
import type { FrameSink } from "../frame.ts";
import { idOf, JsonConnection, type KeepAlive } from "../json-connection.ts";
import { type Fields, isObject, textOf } from "../json-fields.ts";
import type { ProtocolConnection } from "../paper-protocol.ts";
import type { ProtocolContext } from "./context.ts";
import { type StreamHub, USER_CHANNEL } from "./stream-hub.ts";
import type { Place, Target } from "./stream-names.ts";
import type { BareMessage, StreamSubscriber } from "./subscriber.ts";
import type { WireObject, WireValue } from "./wire.ts";

/** Server pings and the longest life of a connection, of streams and of the WebSocket API alike. */
export const KEEP_ALIVE: KeepAlive = { kind: "ping", everyMs: 180_000, maxLifeMs: 86_400_000 };
const MESSAGES_PER_SECOND = 10;
const MAX_STREAMS = 1_024;
/** A listen key has 64 characters; what is no stream is kept as well, for `LIST_SUBSCRIPTIONS`. */
const MAX_NAME = 128;
const POLICY_VIOLATION = 1_008;
const METHODS = "`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`";

/** A message that cannot be answered as asked. */
class MessageError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** One client's WebSocket and the streams or listen keys that it listens to. */
export class BinanceConnection implements ProtocolConnection, StreamSubscriber {
  readonly place: Place;
  readonly subscriptions = new Set<string>();
  readonly #context: ProtocolContext;
  readonly #hub: StreamHub;
  readonly #sink: FrameSink;
  readonly #socket: JsonConnection<WireObject>;
  readonly #events: ReadonlySet<string> | undefined;
  #isWrapped: boolean;
  #second = 0;
  #messagesInSecond = 0;

  constructor(context: ProtocolContext, hub: StreamHub, sink: FrameSink, timers: Timers, target: Target) {
    this.#context = context;
    this.#hub = hub;
    this.#sink = sink;
    this.place = target.place;
    this.#isWrapped = target.isWrapped;
    this.#events = target.events;
    this.#socket = new JsonConnection({
      ...{ sink, timers, keepAlive: KEEP_ALIVE, now: context.now, json: JSON.stringify },
    });
    const names = target.names.filter((name) => name.length <= MAX_NAME);
    for (const name of names.slice(0, MAX_STREAMS)) this.#subscribe(name, false);
  }

  onText(text: string): void {
    if (this.#isFlooding()) {
      this.#socket.close(POLICY_VIOLATION, "Too many requests");
      return;
    }
    let id: WireValue = null;
    try {
      const message = parseMessage(text);
      id = idOf(message.id) ?? null;
      this.#socket.reply({ result: this.#handle(message), id });
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.#socket.reply({ error: { code: error.code, msg: error.message }, id });
    }
  }

  onClose(): void {
    this.#socket.stop();
    this.#hub.remove(this);
  }

  revive(channel: string, symbol: string | null): void {
    this.#sink.revive(channel, symbol);
  }

  sendStream({ name, kind, symbol, isDiff, text, spoilt }: BareMessage): void {
    this.#sink.send({
      channel: kind,
      market: symbol,
      ...(isDiff ? { book: "change" } : {}),
      text: this.#wrap(name, text),
      ...(spoilt === undefined ? {} : { corrupted: () => this.#wrap(name, spoilt()) }),
    });
  }

  /** Sends to a user stream; without an account where the message is about the key alone. */
  sendUser(listenKey: string, message: WireObject, accountId = ""): void {
    if (this.#events !== undefined && !this.#events.has(String(message.e))) return;
    this.#sink.send({
      channel: USER_CHANNEL,
      market: null,
      account: accountId,
      hasFill: hasFill(message),
      text: this.#wrap(listenKey, JSON.stringify(message)),
    });
  }

  expireLogin(): void {
    if (this.place !== "private") return;
    for (const name of [...this.subscriptions]) this.#context.listenKeys.expire(name);
  }

  dropListenKey(listenKey: string): void {
    this.subscriptions.delete(listenKey);
    if (this.subscriptions.size === 0) this.#socket.close(1_000, "");
  }

  #wrap(name: string, text: string): string {
    return this.#isWrapped ? `{"stream":${JSON.stringify(name)},"data":${text}}` : text;
  }

  #handle({ method, params }: Fields): WireValue {
    switch (method) {
      case "SUBSCRIBE":
        for (const name of namesOf(params)) this.#subscribe(name);
        return null;
      case "UNSUBSCRIBE":
        for (const name of namesOf(params)) this.#unsubscribe(name);
        return null;
      case "LIST_SUBSCRIPTIONS":
        return [...this.subscriptions];
      case "SET_PROPERTY":
        this.#setProperty(params);
        return null;
      case "GET_PROPERTY":
        return this.#isWrapped;
      default:
        throw new MessageError(2, `Invalid request: unknown variant \`${textOf(method)}\`, expected one of ${METHODS}`);
    }
  }

  /** Names that bring nothing here, such as those of the other place, are accepted and stay silent. */
  #subscribe(name: string, isAsked = true): void {
    if (this.subscriptions.has(name)) return;
    if (isAsked && this.#context.faults.happens("refuseSubscription")) {
      throw new MessageError(2, `Invalid request: ${name} is not available`);
    }
    if (this.subscriptions.size >= MAX_STREAMS) throw new MessageError(4, "Too many streams");
    this.subscriptions.add(name);
    this.#hub.subscribe(this, name);
  }

  #unsubscribe(name: string): void {
    this.subscriptions.delete(name);
    this.#hub.unsubscribe(this, name);
  }

  #setProperty(params: unknown): void {
    const [name, value] = Array.isArray(params) ? params : [];
    if (name !== "combined") throw new MessageError(0, "Unknown property");
    if (typeof value !== "boolean") throw new MessageError(1, "Invalid value type: expected Boolean");
    this.#isWrapped = value;
  }

  #isFlooding(): boolean {
    if (!this.#context.limiter.isStrict) return false;
    const second = Math.floor(this.#context.now() / 1_000);
    this.#messagesInSecond = second === this.#second ? this.#messagesInSecond + 1 : 1;
    this.#second = second;
    return this.#messagesInSecond > MESSAGES_PER_SECOND;
  }
}

function hasFill({ e, o }: WireObject): boolean {
  return e === "TRADE_LITE" || (e === "ORDER_TRADE_UPDATE" && isObject(o) && o.x === "TRADE");
}

function parseMessage(text: string): Fields {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw new MessageError(3, "Invalid JSON: expected value at line 1 column 1");
  }
  if (!isObject(message)) throw new MessageError(2, "Invalid request: request must be an object");
  return message;
}

function namesOf(params: unknown): readonly string[] {
  if (!Array.isArray(params) || !params.every((name) => typeof name === "string" && name.length <= MAX_NAME)) {
    throw new MessageError(2, "Invalid request: params must be a list of stream names");
  }
  return params;
}
