import { describeError } from "../model/error.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Random, ServerConnection, ServerRequest, ServerResponse, Timers } from "../runtime/runtime.ts";
import { splitTarget } from "./api/request-target.ts";
import type { FaultPolicy } from "./faults.ts";

/** A frame on its way out; `channel` is null for what carries no data, which is never lost. */
interface OutgoingFrame {
  readonly channel: string | null;
  readonly market: string | null;
  readonly text: string;
  readonly corrupted?: () => string;
}

export interface GatePorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

/** What may wait for a client that does not read, before its connection is dropped. */
const MOST_BUFFERED_BYTES = 8 * 2 ** 20;

/** Close code of RFC 6455. */
const INTERNAL_ERROR = 1_011;

/** Does things in order, each after its own delay. */
class DelayLine {
  readonly #ports: GatePorts;
  /** Whichever timer fires, the oldest task is done: the order never depends on the timers. */
  readonly #tasks: (() => void)[] = [];
  #lastDueMs = 0;

  constructor(ports: GatePorts) {
    this.#ports = ports;
  }

  push(delayMs: number, task: () => void): void {
    const { clock, timers } = this.#ports;
    if (delayMs === 0 && this.#tasks.length === 0) {
      task();
      return;
    }
    const nowMs = clock.monotonic();
    this.#lastDueMs = Math.max(this.#lastDueMs, nowMs + delayMs);
    this.#tasks.push(task);
    timers.after(this.#lastDueMs - nowMs, () => this.#tasks.shift()?.(), { background: true });
  }
}

/** The one place where frames of a connection pass, out and in. */
export class ConnectionGate {
  readonly #connection: ServerConnection;
  readonly #policy: FaultPolicy;
  readonly #ports: GatePorts;
  readonly #outgoing: DelayLine;
  readonly #incoming: DelayLine;
  readonly #subscribedMs = new Map<string, number>();
  readonly #dead = new Set<string>();

  constructor(connection: ServerConnection, policy: FaultPolicy, ports: GatePorts) {
    this.#connection = connection;
    this.#policy = policy;
    this.#ports = ports;
    this.#outgoing = new DelayLine(ports);
    this.#incoming = new DelayLine(ports);
  }

  /** A subscription begins: a channel that was dead on this connection lives again. */
  revive(channel: string, market: string | null): void {
    const name = channelName(channel, market);
    this.#dead.delete(name);
    this.#subscribedMs.set(name, this.#ports.clock.monotonic());
  }

  send(frame: OutgoingFrame): void {
    if (frame.channel === null) {
      this.#deliver(frame.text);
      return;
    }
    if (this.#isDead(frame.channel, frame.market) || this.#policy.happens("dropFrame")) return;
    const isBroken = frame.corrupted !== undefined && this.#policy.happens("breakSequence");
    const text = isBroken && frame.corrupted !== undefined ? frame.corrupted() : frame.text;
    this.#deliver(text);
    if (this.#policy.happens("repeatFrame")) this.#deliver(text);
  }

  /** A frame that a protocol fails at ends its connection alone: thrown on, the error would end the process. */
  receive(text: string, handle: (text: string) => void): void {
    this.#incoming.push(this.#policy.latencyMs(), () => {
      if (!this.#connection.isOpen) return;
      try {
        handle(text);
      } catch (error) {
        const { path } = splitTarget(this.#connection.request.target);
        this.#ports.logger.error("a frame was not handled, its connection is closed", { path, error: traceOf(error) });
        this.#connection.close(INTERNAL_ERROR, "internal error");
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

  #deliver(text: string): void {
    this.#outgoing.push(this.#policy.latencyMs(), () => {
      const connection = this.#connection;
      if (!connection.isOpen) return;
      connection.send(text);
      if (connection.bufferedAmount > MOST_BUFFERED_BYTES) connection.terminate();
    });
  }

  #isDead(channel: string, market: string | null): boolean {
    const name = channelName(channel, market);
    if (this.#policy.happens("deadChannel")) this.#dead.add(name);
    return this.#dead.has(name) || this.#policy.isSilenced(channel, market, this.#subscribedMs.get(name) ?? 0);
  }
}

function channelName(channel: string, market: string | null): string {
  return market === null ? channel : `${channel} ${market}`;
}

/** What the gate needs of the API to spoil a request as the venue itself would. */
export interface RequestPassage {
  answer(request: ServerRequest): ServerResponse | Promise<ServerResponse>;
  /** An error in the API's own form; `hadNoEffect` where it may say so. */
  failure(
    status: number,
    message: string,
    headers?: Readonly<Record<string, string>>,
    hadNoEffect?: boolean,
  ): ServerResponse;
  /** The request is one whose answer may get lost after it placed an order. */
  readonly placesOrder: boolean;
  /** The venue went down since the request came in. */
  isDown(): boolean;
}

const RESET: ServerResponse = { status: 503, body: "", reset: true };

/** The one place where requests pass, and their responses. */
export async function passRequest(
  request: ServerRequest,
  policy: FaultPolicy,
  ports: GatePorts,
  passage: RequestPassage,
): Promise<ServerResponse> {
  await delay(policy, ports);
  if (passage.isDown()) return RESET;
  const fault = policy.requestFault(passage.placesOrder);
  if (fault === "error429") return passage.failure(429, "Slow down", { "retry-after": "1" });
  if (fault === "error5xxBefore") return serverError(ports.random, passage, true);
  const response = await answerOrLog(request, ports, passage);
  await delay(policy, ports);
  if (passage.isDown() || (fault === "resetAfterAccept" && response.status === 200)) return RESET;
  return fault === "error5xxAfter" ? serverError(ports.random, passage, false) : response;
}

/** An error that is no refusal of the protocol is a bug of the box: logged, and answered as a fault of the venue. */
export async function answerOrLog(
  request: ServerRequest,
  { logger }: Pick<GatePorts, "logger">,
  { answer, failure }: Pick<RequestPassage, "answer" | "failure">,
): Promise<ServerResponse> {
  try {
    return await answer(request);
  } catch (error) {
    const { path } = splitTarget(request.target);
    logger.error("a request was not answered", { method: request.method, path, error: traceOf(error) });
    return failure(500, "Internal Error");
  }
}

function traceOf(error: unknown): string {
  return (error instanceof Error ? error.stack : undefined) ?? describeError(error);
}

async function delay(policy: FaultPolicy, { timers }: GatePorts): Promise<void> {
  const latencyMs = policy.latencyMs();
  if (latencyMs > 0) await timers.sleep(latencyMs);
}

/** Half of them come from the venue, half from a gateway before it, which does not speak its JSON. */
function serverError(random: Random, passage: RequestPassage, hadNoEffect: boolean): ServerResponse {
  if (random.integer(2) === 0) return passage.failure(500, "Internal Error", undefined, hadNoEffect);
  return { status: 503, headers: { "content-type": "text/html" }, body: "<html>503 Service Unavailable</html>" };
}
