import type { Timer, Timers } from "../../../runtime/runtime.ts";
import type { Frame, FrameSink } from "../frame.ts";
import { isObject } from "../json-fields.ts";
import type { ProtocolConnection, RequestKind } from "../paper-protocol.ts";
import { RollingWindow } from "../rolling-window.ts";
import { passSocketRequest } from "../socket-request.ts";
import type { HyperliquidContext } from "./context.ts";
import { TransportRefusal } from "./errors.ts";
import type { MarketHub } from "./market-channels.ts";
import { answerPost, kindOfAction, kindOfInfo } from "./routes.ts";
import { readSubscription, type Subscription } from "./subscriptions.ts";
import type { UserHub } from "./user-channels.ts";
import { type WireObject, type WireValue, wireJson } from "./wire.ts";

/** A connection on which the venue has sent nothing for so long is closed (docs, timeouts and heartbeats). */
const SILENT_MS = 60_000;
const MINUTE_MS = 60_000;
const MESSAGES_A_MINUTE = 2_000;
const MAX_POSTS = 100;
/** Users may be made up, and each subscription is kept: a connection has no more, where the limits are off as well. */
const MAX_SUBSCRIPTIONS = 2_048;
const CLOSE_SILENT = 1_000;

export interface Hubs {
  readonly marketHub: MarketHub;
  readonly userHub: UserHub;
}

type Message = Readonly<Record<string, unknown>>;

/** One client's WebSocket. Frames are handled one by one, in order; answers of the matching engine come when they are there. */
export class HyperliquidConnection implements ProtocolConnection {
  readonly #context: HyperliquidContext;
  readonly #hubs: Hubs;
  readonly #sink: FrameSink;
  readonly #timers: Timers;
  readonly #address: string;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #messages = new RollingWindow(MESSAGES_A_MINUTE, MINUTE_MS);
  #posts = 0;
  #sentMs: number;
  #silence: Timer | undefined;

  constructor(
    context: HyperliquidContext,
    hubs: Hubs,
    ports: { readonly sink: FrameSink; readonly timers: Timers; readonly address: string },
  ) {
    this.#context = context;
    this.#hubs = hubs;
    this.#sink = ports.sink;
    this.#timers = ports.timers;
    this.#address = ports.address;
    this.#sentMs = context.now();
    this.#watchSilence(SILENT_MS);
  }

  send(frame: Frame): void {
    this.#sentMs = this.#context.now();
    this.#sink.send(frame);
  }

  onText(text: string): void | Promise<void> {
    const { limiter, now } = this.#context;
    if (limiter.isOn && this.#messages.take(1, now()) < 0) {
      this.#refuse(`Cannot send more than ${MESSAGES_A_MINUTE} messages per minute.`);
      return;
    }
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      message = undefined;
    }
    const invalid = () => this.#refuse(`Error parsing JSON into valid websocket request: ${text}`);
    if (!isObject(message)) return invalid();
    const { method, subscription, id, request } = message;
    if (method === "ping") return this.#reply({ channel: "pong" });
    if ((method === "subscribe" || method === "unsubscribe") && isObject(subscription)) {
      return this.#change(method, subscription);
    }
    if (method === "post" && typeof id === "number" && isObject(request)) return this.#post(id, request);
    return invalid();
  }

  onClose(): void {
    this.#silence?.cancel();
    for (const subscription of [...this.#subscriptions.values()]) this.#drop(subscription);
    this.#context.limiter.disconnect(this.#address);
  }

  #change(method: "subscribe" | "unsubscribe", given: Message): void {
    const subscription = readSubscription(this.#context.universe, given);
    const isRefused = method === "subscribe" && this.#context.faults.happens("refuseSubscription");
    if (subscription === undefined || isRefused) {
      this.#refuse(`Invalid subscription ${JSON.stringify(given)}`);
      return;
    }
    const { key, echo } = subscription;
    const isKnown = this.#subscriptions.has(key);
    if (isKnown === (method === "subscribe")) {
      this.#refuse(`Already ${method}d: ${key}`);
      return;
    }
    const refused = method === "subscribe" ? this.#count(subscription) : undefined;
    if (refused !== undefined) {
      this.#refuse(refused);
      return;
    }
    this.#reply({ channel: "subscriptionResponse", data: { method, subscription: echo } });
    if (method === "subscribe") this.#add(subscription);
    else this.#drop(subscription);
  }

  #count(subscription: Subscription): string | undefined {
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS) {
      return `Cannot subscribe to more than ${MAX_SUBSCRIPTIONS} channels.`;
    }
    return this.#context.limiter.subscribe(this.#address, userOf(subscription));
  }

  #add(subscription: Subscription): void {
    this.#subscriptions.set(subscription.key, subscription);
    const { type, asset } = subscription;
    if (subscription.access === "public") {
      this.#sink.revive(type, asset?.coin ?? null);
      this.#hubs.marketHub.subscribe(this, subscription);
    } else {
      this.#sink.revive(type === "userEvents" ? "user" : type, null);
      this.#hubs.userHub.subscribe(this, subscription);
    }
  }

  #drop(subscription: Subscription): void {
    this.#subscriptions.delete(subscription.key);
    this.#context.limiter.unsubscribe(this.#address, userOf(subscription));
    if (subscription.access === "public") this.#hubs.marketHub.unsubscribe(this, subscription);
    else this.#hubs.userHub.unsubscribe(this, subscription);
  }

  /** Answers over the socket as `POST /info` and `POST /exchange` do; with the faults that they have there. */
  #post(id: number, { type, payload }: Message): void | Promise<void> {
    const { limiter, faults } = this.#context;
    if (limiter.isOn && this.#posts >= MAX_POSTS) {
      this.#refuse(`too many pending post requests id=${id}`);
      return;
    }
    const kind = type === "action" ? kindOfAction(payload) : kindOfInfo(payload);
    this.#posts += 1;
    return passSocketRequest<WireObject>({
      ...{ faults, sink: this.#sink, kind },
      answer: () => this.#answer(kind, type, payload),
      refuse: (fault) => errorPayload(new TransportRefusal(fault === "error429" ? 429 : 500, "null")),
      reply: (response) => {
        this.#posts -= 1;
        this.#reply({ channel: "post", data: { id, response } });
      },
    });
  }

  async #answer(kind: RequestKind, type: unknown, payload: unknown): Promise<WireObject> {
    try {
      const answer = await answerPost(this.#context, { kind, type, payload, address: this.#address });
      if (type === "action") return { type: "action", payload: answer };
      const name = isObject(payload) && typeof payload.type === "string" ? payload.type : "";
      return { type: "info", payload: { type: name, data: answer } };
    } catch (error) {
      if (!(error instanceof TransportRefusal)) throw error;
      return errorPayload(error);
    }
  }

  #refuse(text: string): void {
    this.#reply({ channel: "error", data: text });
  }

  #reply(message: WireValue): void {
    this.send({ channel: null, market: null, text: wireJson(message) });
  }

  #watchSilence(delayMs: number): void {
    const run = () => {
      const leftMs = this.#sentMs + SILENT_MS - this.#context.now();
      if (leftMs > 0) this.#watchSilence(leftMs);
      else this.#sink.close(CLOSE_SILENT, "Inactive");
    };
    this.#silence = this.#timers.after(delayMs, run, { background: true });
  }
}

function userOf(subscription: Subscription): string | undefined {
  return subscription.access === "user" ? subscription.user : undefined;
}

function errorPayload({ message }: TransportRefusal): WireObject {
  return { type: "error", payload: message };
}
