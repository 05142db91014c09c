import type { Timers } from "../../../runtime/runtime.ts";
import type { Login } from "../accounts.ts";
import type { Frame, FrameSink } from "../frame.ts";
import { JsonConnection, type KeepAlive, readObject } from "../json-connection.ts";
import { type Fields, isObject } from "../json-fields.ts";
import type { ProtocolConnection } from "../paper-protocol.ts";
import { TopicSubscriptions } from "../topic-subscriptions.ts";
import { authenticateSocket } from "./auth.ts";
import type { FtxHub } from "./channels.ts";
import type { ProtocolContext } from "./context.ts";
import { ApiError, badRequest } from "./errors.ts";
import { readTopic, type Topic } from "./topics.ts";
import { frameJson, type WireObject } from "./wire.ts";

/**
 * Time without a frame of the client after which the connection ends. FTX's own is not known; its clients ping every 15
 * seconds or more often.
 */
export const IDLE_CUTOFF_MS = 60_000;
const KEEP_ALIVE: KeepAlive = { kind: "silence", afterMs: IDLE_CUTOFF_MS, signs: ["client"], reason: "idle" };
const PONG = '{"type": "pong"}';

export interface ConnectionPorts {
  readonly context: ProtocolContext;
  readonly hub: FtxHub;
  readonly sink: FrameSink;
  readonly timers: Timers;
  onClosed(connection: FtxConnection): void;
}

/** One client's WebSocket: its login and its subscriptions. Frames are handled one by one, in order. */
export class FtxConnection implements ProtocolConnection {
  readonly #ports: ConnectionPorts;
  readonly #socket: JsonConnection<WireObject>;
  readonly #topics: TopicSubscriptions<Topic>;
  #login: Login | undefined;

  constructor(ports: ConnectionPorts) {
    const { context, hub, sink, timers } = ports;
    this.#ports = ports;
    this.#socket = new JsonConnection({ sink, timers, keepAlive: KEEP_ALIVE, now: context.now, json: frameJson });
    this.#topics = new TopicSubscriptions({
      sink,
      placeOf: ({ channel, market }) => [channel, market],
      begin: (topic) => {
        this.#acknowledge("subscribed", topic);
        if (topic.access === "public") hub.channels.subscribe(this, topic);
        else if (this.#login !== undefined) hub.listeners.add(this, topic, this.#login.accountId);
      },
      end: (topic) => {
        if (topic.access === "public") hub.channels.unsubscribe(this, topic.key);
        else hub.listeners.remove(this, topic.key);
      },
    });
  }

  send(frame: Frame): void {
    this.#socket.send(frame);
  }

  onText(text: string): void {
    this.#socket.heard();
    try {
      const message = readObject(text);
      if (message === undefined) throw badRequest("Invalid JSON");
      this.#handle(message);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#socket.reply({ type: "error", code: error.status, msg: error.message });
    }
  }

  onClose(): void {
    this.#socket.stop();
    this.#topics.clear();
    this.#ports.onClosed(this);
  }

  expireLogin(): void {
    if (this.#login !== undefined) this.#socket.close(1_000, "login expired");
  }

  /** The notice that FTX sent before a restart. */
  announceRestart(): void {
    this.#socket.reply({ type: "info", code: 20_001, msg: "Server restarting, please reconnect" });
  }

  #handle(message: Fields): void {
    const { engine } = this.#ports.context;
    switch (message.op) {
      case "ping":
        this.#socket.replyText(PONG);
        break;
      case "login":
        this.#logIn(message.args);
        break;
      case "subscribe":
        this.#subscribe(readTopic(engine, message));
        break;
      case "unsubscribe": {
        const topic = readTopic(engine, message);
        this.#topics.drop(topic.key);
        this.#acknowledge("unsubscribed", topic);
        break;
      }
      default:
        throw badRequest("Invalid op");
    }
  }

  /** FTX says nothing to a login that succeeds. */
  #logIn(args: unknown): void {
    const { faults, accounts, now } = this.#ports.context;
    if (this.#login !== undefined) throw badRequest("Already logged in");
    if (faults.happens("refuseLogin")) throw badRequest("Invalid login credentials");
    this.#login = authenticateSocket(isObject(args) ? args : {}, accounts, now());
    if (this.#login === undefined) throw badRequest("Invalid login credentials");
  }

  #subscribe(topic: Topic): void {
    const { key, access, channel, market } = topic;
    const { context, hub } = this.#ports;
    if (access === "private" && this.#login === undefined) throw badRequest("Not logged in");
    if (this.#topics.has(key)) {
      throw badRequest(market === null ? "Already subscribed" : `Already subscribed: ${market}`);
    }
    if (context.faults.happens("refuseSubscription")) {
      throw badRequest(market === null ? `Invalid channel: ${channel}` : `No such market: ${market}`);
    }
    if (hub.isFull(topic)) throw new ApiError(429, `Too many groupings: ${market}`);
    this.#topics.add(topic);
  }

  /** The market's key is absent, not null, where a channel has none. */
  #acknowledge(type: "subscribed" | "unsubscribed", { channel, market, grouping }: Topic): void {
    const place: WireObject = market === null ? {} : { market };
    const step: WireObject = grouping === null ? {} : { grouping };
    this.send({ channel, market, text: frameJson({ type, channel, ...place, ...step }) });
  }
}
