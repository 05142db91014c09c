import type { Timer, Timers } from "../../runtime/runtime.ts";
import type { Frame, FrameSink } from "./frame.ts";
import { type Fields, isObject } from "./json-fields.ts";

/** Close code of RFC 6455 of a connection that has done its work. */
const NORMAL = 1_000;

/** Signs of life of a connection: what the client sends, data of channels, and answers. */
export type LifeSign = "client" | "data" | "reply";

/** A server that pings at an interval and ends connections that have lived for so long. */
interface PingRules {
  readonly kind: "ping";
  readonly everyMs: number;
  readonly maxLifeMs?: number;
}

/** A server that ends connections on which there was no sign of life for so long. */
interface SilenceRules {
  readonly kind: "silence";
  readonly afterMs: number;
  readonly signs: readonly LifeSign[];
  /** Interval at which it looks; by default it ends them to the millisecond. */
  readonly lookMs?: number;
  readonly code?: number;
  readonly reason: string;
}

export type KeepAlive = PingRules | SilenceRules;

export interface JsonConnectionPorts<Message> {
  readonly sink: FrameSink;
  readonly timers: Timers;
  readonly keepAlive: KeepAlive;
  now(): number;
  json(message: Message): string;
}

/** One client's WebSocket, on which JSON is spoken: frames in and out, and how long it is kept. */
export class JsonConnection<Message> {
  readonly #ports: JsonConnectionPorts<Message>;
  readonly #openedMs: number;
  #heardMs: number;
  #timer: Timer;

  constructor(ports: JsonConnectionPorts<Message>) {
    this.#ports = ports;
    this.#openedMs = ports.now();
    this.#heardMs = this.#openedMs;
    const { keepAlive } = ports;
    this.#timer = keepAlive.kind === "ping" ? this.#armPing(keepAlive) : this.#armLook(keepAlive, keepAlive.afterMs);
  }

  /** Counts a frame of the client as a sign of life. */
  heard(): void {
    this.#note("client");
  }

  /** Sends a frame with data of a channel. */
  send(frame: Frame): void {
    this.#note("data");
    this.#ports.sink.send(frame);
  }

  /** Answers outside of all channels. */
  reply(message: Message): void {
    this.replyText(this.#ports.json(message));
  }

  replyText(text: string): void {
    this.#note("reply");
    this.#ports.sink.send({ channel: null, market: null, text });
  }

  close(code: number, reason: string): void {
    this.#ports.sink.close(code, reason);
  }

  stop(): void {
    this.#timer.cancel();
  }

  #note(sign: LifeSign): void {
    const { keepAlive, now } = this.#ports;
    if (keepAlive.kind === "silence" && keepAlive.signs.includes(sign)) this.#heardMs = now();
  }

  #armPing(rules: PingRules): Timer {
    const { sink, timers, now } = this.#ports;
    const beat = () => {
      if (now() - this.#openedMs >= (rules.maxLifeMs ?? Number.POSITIVE_INFINITY)) {
        sink.close(NORMAL, "");
        return;
      }
      sink.ping?.();
      this.#timer = this.#armPing(rules);
    };
    return timers.after(rules.everyMs, beat, { background: true });
  }

  #armLook(rules: SilenceRules, leftMs: number): Timer {
    const { sink, timers, now } = this.#ports;
    const look = () => {
      const stillMs = this.#heardMs + rules.afterMs - now();
      if (stillMs > 0) this.#timer = this.#armLook(rules, stillMs);
      else sink.close(rules.code ?? NORMAL, rules.reason);
    };
    return timers.after(rules.lookMs ?? leftMs, look, { background: true });
  }
}

/** Reads a frame's object; undefined where it is no JSON, or JSON of something else. */
export function readObject(text: string, parse: (text: string) => unknown = JSON.parse): Fields | undefined {
  try {
    const message = parse(text);
    return isObject(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

/** Repeats an id as it came; undefined for what is no id. */
export function idOf(id: unknown): string | number | undefined {
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}
