import type { Timers } from "../../../runtime/runtime.ts";
import type { Frame, FrameSink } from "../frame.ts";
import { JsonConnection, type KeepAlive, readObject } from "../json-connection.ts";
import { type Fields, isObject } from "../json-fields.ts";
import type { ProtocolConnection, RequestKind } from "../paper-protocol.ts";
import { passSocketRequest } from "../socket-request.ts";
import { TopicSubscriptions } from "../topic-subscriptions.ts";
import type { HyperliquidContext } from "./context.ts";
import { TransportRefusal } from "./errors.ts";
import type { MarketHub } from "./market-channels.ts";
import { MESSAGES_A_MINUTE } from "./rate-limit.ts";
import { answerPost, kindOfAction, kindOfInfo } from "./routes.ts";
import { placeOf, readSubscription, type Subscription } from "./subscriptions.ts";
import type { UserHub } from "./user-channels.ts";
import { type WireObject, wireJson } from "./wire.ts";

/** A connection on which the venue has sent nothing for so long is closed (docs, timeouts and heartbeats). */
const KEEP_ALIVE: KeepAlive = { kind: "silence", afterMs: 60_000, signs: ["data", "reply"], reason: "Inactive" };
/** Users may be made up, and each subscription is kept: a connection has no more, where the limits are off as well. */
const MAX_SUBSCRIPTIONS = 2_048;

export interface Hubs {
  readonly marketHub: MarketHub;
  readonly userHub: UserHub;
}

/** One client's WebSocket. Frames are handled one by one, in order; answers of the matching engine come when they are there. */
export class HyperliquidConnection implements ProtocolConnection {
  readonly #context: HyperliquidContext;
  readonly #hubs: Hubs;
  readonly #sink: FrameSink;
  readonly #address: string;
  readonly #socket: JsonConnection<WireObject>;
  readonly #topics: TopicSubscriptions<Subscription>;
  #posts = 0;

  constructor(
    context: HyperliquidContext,
    hubs: Hubs,
    ports: { readonly sink: FrameSink; readonly timers: Timers; readonly address: string },
  ) {
    const { sink, timers, address } = ports;
    this.#context = context;
    this.#hubs = hubs;
    this.#sink = sink;
    this.#address = address;
    this.#socket = new JsonConnection({ sink, timers, keepAlive: KEEP_ALIVE, now: context.now, json: wireJson });
    this.#topics = new TopicSubscriptions({
      ...{ sink, placeOf },
      begin: (topic) => this.#begin(topic),
      end: (topic) => this.#end(topic),
    });
  }

  send(frame: Frame): void {
    this.#socket.send(frame);
  }

  onText(text: string): void | Promise<void> {
    const { limiter, now } = this.#context;
    if (!limiter.message(this.#address, now())) {
      this.#refuse(`Cannot send more than ${MESSAGES_A_MINUTE} messages per minute.`);
      return;
    }
    const message = readObject(text);
    const invalid = () => this.#refuse(`Error parsing JSON into valid websocket request: ${text}`);
    if (message === undefined) return invalid();
    const { method, subscription, id, request } = message;
    if (method === "ping") return this.#socket.reply({ channel: "pong" });
    if ((method === "subscribe" || method === "unsubscribe") && isObject(subscription)) {
      return this.#change(method, subscription);
    }
    if (method === "post" && typeof id === "number" && isObject(request)) return this.#post(id, request);
    return invalid();
  }

  onClose(): void {
    this.#socket.stop();
    this.#topics.clear();
    this.#endPosts(this.#posts);
    this.#context.limiter.disconnect(this.#address);
  }

  #change(method: "subscribe" | "unsubscribe", given: Fields): void {
    const subscription = readSubscription(this.#context.universe, given);
    const isRefused = method === "subscribe" && this.#context.faults.happens("refuseSubscription");
    if (subscription === undefined || isRefused) {
      this.#refuse(`Invalid subscription ${JSON.stringify(given)}`);
      return;
    }
    const { key, echo } = subscription;
    if (this.#topics.has(key) === (method === "subscribe")) {
      this.#refuse(`Already ${method}d: ${key}`);
      return;
    }
    const refused = method === "subscribe" ? this.#count(subscription) : undefined;
    if (refused !== undefined) {
      this.#refuse(refused);
      return;
    }
    this.#socket.reply({ channel: "subscriptionResponse", data: { method, subscription: echo } });
    if (method === "subscribe") this.#topics.add(subscription);
    else this.#topics.drop(key);
  }

  #count(subscription: Subscription): string | undefined {
    if (this.#topics.size >= MAX_SUBSCRIPTIONS) {
      return `Cannot subscribe to more than ${MAX_SUBSCRIPTIONS} channels.`;
    }
    return this.#context.limiter.subscribe(this.#address, userOf(subscription));
  }

  #begin(topic: Subscription): void {
    if (topic.access === "public") this.#hubs.marketHub.channels.subscribe(this, topic);
    else this.#hubs.userHub.subscribe(this, topic);
  }

  #end(topic: Subscription): void {
    this.#context.limiter.unsubscribe(this.#address, userOf(topic));
    if (topic.access === "public") this.#hubs.marketHub.channels.unsubscribe(this, topic.key);
    else this.#hubs.userHub.listeners.remove(this, topic.key);
  }

  /** Answers over the socket as `POST /info` and `POST /exchange` do; with the faults that they have there. */
  #post(id: number, { type, payload }: Fields): void | Promise<void> {
    const { limiter, faults } = this.#context;
    if (!limiter.beginPost(this.#address)) {
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
        if (this.#posts > 0) this.#endPosts(1);
        this.#socket.reply({ channel: "post", data: { id, response } });
      },
    });
  }

  #endPosts(count: number): void {
    this.#posts -= count;
    this.#context.limiter.endPosts(this.#address, count);
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
    this.#socket.reply({ channel: "error", data: text });
  }
}

function userOf(subscription: Subscription): string | undefined {
  return subscription.access === "user" ? subscription.user : undefined;
}

function errorPayload({ message }: TransportRefusal): WireObject {
  return { type: "error", payload: message };
}
