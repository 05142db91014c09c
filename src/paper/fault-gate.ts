import { describeError } from "../model/error.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Random, ServerConnection, Timer, Timers } from "../runtime/runtime.ts";
import { DelayLine } from "./delay-line.ts";
import type { FaultPolicy } from "./fault-policy.ts";
import type { Frame } from "./protocols/frame.ts";
import { splitTarget } from "./protocols/request-target.ts";
import type { RetoldFills } from "./retold-fills.ts";
import { withUnreadableRow } from "./spoil.ts";

export interface GatePorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

/** A frame that carries data of a channel. */
type DataFrame = Frame & { readonly channel: string };
/** A frame that carries data of an account. */
type PrivateFrame = DataFrame & { readonly account: string };

/** Bytes that may wait for a client that does not read, before its connection is dropped. */
const MAX_BUFFERED_BYTES = 8 * 2 ** 20;

/** Close code of RFC 6455. */
const INTERNAL_ERROR = 1_011;
/** Longest time that a frame waits for one that comes before it. */
const MAX_HELD_MS = 1_000;

/** The one place where frames of a connection pass, out and in. */
export class ConnectionGate {
  readonly #connection: ServerConnection;
  readonly #policy: FaultPolicy;
  readonly #ports: GatePorts;
  readonly #retold: RetoldFills;
  readonly #outgoing: DelayLine;
  /** Late private frames, and those that wait for them. */
  readonly #late: DelayLine;
  readonly #incoming: DelayLine;
  readonly #subscribedMs = new Map<string, number>();
  readonly #dead = new Set<string>();
  /** A frame that is to come after the next one. */
  #held: { readonly text: string; readonly timer: Timer } | undefined;

  constructor(connection: ServerConnection, policy: FaultPolicy, ports: GatePorts, retold: RetoldFills) {
    this.#connection = connection;
    this.#policy = policy;
    this.#ports = ports;
    this.#retold = retold;
    this.#outgoing = new DelayLine(ports);
    this.#late = new DelayLine(ports);
    this.#incoming = new DelayLine(ports);
  }

  /** A subscription begins: a channel that was dead on this connection lives again. */
  revive(channel: string, market: string | null): void {
    const name = channelName(channel, market);
    this.#dead.delete(name);
    this.#subscribedMs.set(name, this.#ports.clock.monotonic());
  }

  send(frame: Frame): void {
    if (!isData(frame)) {
      this.#deliver(frame.text);
      return;
    }
    if (this.#isDead(frame.channel, frame.market) || this.#policy.happens("dropFrame")) return;
    if (frame.book === "change" && this.#policy.happens("sequenceGap")) return;
    const text = this.#spoil(frame);
    if (isPrivate(frame)) this.#sendPrivate(frame, text);
    else this.#sendPublic(text);
    if (!this.#policy.happens("repeatFrame")) return;
    if (isPrivate(frame) && !this.#late.isEmpty) this.#late.push(0, () => this.#deliver(text));
    else this.#deliver(text);
  }

  /** A frame that a protocol fails at ends its connection alone: thrown on, the error would end the process. */
  receive(text: string, handle: (text: string) => void | Promise<void>): void {
    const fail = (error: unknown) => {
      const { path } = splitTarget(this.#connection.request.target);
      this.#ports.logger.error("a frame was not handled, its connection is closed", { path, error: traceOf(error) });
      this.#connection.close(INTERNAL_ERROR, "internal error");
    };
    this.#incoming.push(this.#policy.latencyMs(), () => {
      if (!this.#connection.isOpen) return;
      try {
        const handled = handle(text);
        if (handled instanceof Promise) handled.catch(fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }

  ping(): void {
    this.#connection.ping();
  }

  terminate(): void {
    this.#connection.terminate();
  }

  #spoil({ text, corrupted, miscounted }: DataFrame): string {
    let spoilt = text;
    if (corrupted !== undefined && this.#policy.happens("breakSequence")) spoilt = corrupted();
    else if (miscounted !== undefined && this.#policy.happens("wrongChecksum")) spoilt = miscounted();
    return this.#policy.happens("unreadableRow") ? withUnreadableRow(spoilt, this.#ports.random) : spoilt;
  }

  #sendPublic(text: string): void {
    if (this.#held === undefined && this.#policy.happens("reorderFrame")) {
      const timer = this.#ports.timers.after(MAX_HELD_MS, () => this.#letGo(), { background: true });
      this.#held = { text, timer };
      return;
    }
    this.#deliver(text, this.#delayMs());
    this.#letGo();
  }

  #letGo(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    held.timer.cancel();
    this.#deliver(held.text);
  }

  #sendPrivate(frame: PrivateFrame, text: string): void {
    for (const retold of this.#retold.take(frame)) this.#deliver(retold);
    if (frame.hasFill === true && this.#policy.happens("repeatFill")) {
      this.#later(() => {
        if (this.#connection.isOpen) this.#deliver(text);
        else this.#retold.keep(frame, text);
      });
    }
    if (frame.hasFill === true && this.#policy.happens("lateFill")) {
      this.#later(() => this.#deliver(text));
      return;
    }
    const lateMs = this.#policy.happens("latePrivate") ? this.#policy.lateMs() : 0;
    if (lateMs > 0 || !this.#late.isEmpty) this.#late.push(lateMs, () => this.#deliver(text));
    else this.#deliver(text, this.#delayMs());
  }

  #delayMs(): number {
    return this.#policy.happens("delayFrame") ? this.#policy.lateMs() : 0;
  }

  #later(task: () => void): void {
    this.#ports.timers.after(this.#policy.lateMs(), task, { background: true });
  }

  #deliver(text: string, delayMs = 0): void {
    this.#outgoing.push(this.#policy.latencyMs() + delayMs, () => {
      const connection = this.#connection;
      if (!connection.isOpen) return;
      connection.send(text);
      if (connection.bufferedAmount > MAX_BUFFERED_BYTES) connection.terminate();
    });
  }

  #isDead(channel: string, market: string | null): boolean {
    const name = channelName(channel, market);
    if (this.#policy.happens("deadChannel")) this.#dead.add(name);
    return this.#dead.has(name) || this.#policy.isSilenced(channel, market, this.#subscribedMs.get(name) ?? 0);
  }
}

function isData(frame: Frame): frame is DataFrame {
  return frame.channel !== null;
}

function isPrivate(frame: DataFrame): frame is PrivateFrame {
  return frame.account !== undefined;
}

function channelName(channel: string, market: string | null): string {
  return market === null ? channel : `${channel} ${market}`;
}

export function traceOf(error: unknown): string {
  return (error instanceof Error ? error.stack : undefined) ?? describeError(error);
}
