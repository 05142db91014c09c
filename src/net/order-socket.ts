import { AbortError, AuthError, describeError, isAbort, throwIfAborted } from "../model/error.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, HttpResponse, Random, Timer, Timers } from "../runtime/runtime.ts";
import { transportFailure, withoutQuery } from "../runtime/transport-failure.ts";
import type { Authenticator, PreparedRequest } from "./auth.ts";
import { Backoff, type BackoffOptions, RECOVERY_GROWTH } from "./backoff.ts";
import type { LoginTime } from "./login-time.ts";
import { secretsOfSocket } from "./redaction.ts";
import type { RestRequest } from "./venue-api.ts";
import type { WsAssistant } from "./ws-assistant.ts";
import type { Heartbeat } from "./ws-heartbeat.ts";

/** Content of a frame of a socket that takes orders. */
export type OrderSocketFrame =
  /**
   * Answer to the message with this id, as a response of REST would have it. `isLast`: the connection takes no more
   * requests, and answers those that it has.
   */
  | { readonly kind: "answer"; readonly id: string; readonly response: HttpResponse; readonly isLast?: boolean }
  | { readonly kind: "authenticated" }
  | { readonly kind: "authFailed"; readonly reason: string }
  /** The venue is about to end the connection. */
  | { readonly kind: "reconnect" }
  | { readonly kind: "ignored" };

/** Translation of a venue's REST requests about orders for its socket. Keeps nothing. */
export interface OrderSocketConventions {
  /** Key of `webSocketUrls`; a domain without it takes no orders over a socket. */
  readonly socket: string;
  /** True where the connection is logged in first, with the message that the authenticator makes. */
  readonly needsLogin: boolean;
  /** Rate limit of the socket's messages beside those of the requests: one that finds no room in it goes over REST. */
  readonly limitId?: string | undefined;
  /** True where each order of a batch counts in that limit, and not the message. */
  readonly limitCountsOrders?: boolean | undefined;
  /** Most messages that the venue takes without having answered them; the next ones go over REST. */
  readonly maxUnanswered?: number | undefined;
  /** The message that stands for a request; undefined where there is none, and the request goes over REST. */
  messageOf(request: RestRequest, id: string, signed: PreparedRequest): unknown | undefined;
  readFrame(message: unknown): OrderSocketFrame;
}

/** An answer, with what the signer put into the message that it is of: a venue may say it back. */
export interface OrderSocketResponse extends HttpResponse {
  readonly secrets: readonly string[];
}

export interface OrderSocketOptions {
  readonly conventions: OrderSocketConventions;
  readonly url: string;
  readonly heartbeat: Heartbeat;
  readonly authenticator: Authenticator;
  readonly loginTime: Pick<LoginTime, "offsetMs" | "wasWrong">;
  /** A new assistant, whose messages wait for no rate limit: the requests have waited for theirs. */
  createAssistant(): WsAssistant;
  /** Takes the room of one message in the socket's own rate limit; false where there is none. */
  takeRoom?(request: RestRequest): boolean;
  /** Resolves when the venue allows one more connection. */
  connectionAllowed?(signal: AbortSignal): Promise<void> | undefined;
  /** JSON text to a value; integers from 2^53 up stay text. */
  parse(text: string): unknown;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;
const LOGIN_TIMEOUT_MS = 10_000;
const BACKOFF: BackoffOptions = { minMs: 500, maxMs: 30_000, growth: RECOVERY_GROWTH };
const REFUSED_LOGIN_PAUSE_MS = 60_000;
/** Time for which orders go over REST after one was not answered here: each other one would be of an unknown fate too. */
const UNANSWERED_PAUSE_MS = 30_000;
/** Time that answers are waited for on a connection that is about to end. */
const LAST_ANSWERS_MS = 5_000;
/** Ids are digits alone, which every venue takes, and begin anywhere: Bybit refuses one that it has seen. */
const FIRST_ID_SPAN = 1_000_000_000_000;

interface Pending {
  resolve(response: HttpResponse): void;
  reject(error: unknown): void;
}

interface Connection {
  readonly ws: WsAssistant;
  readonly ready: PromiseWithResolvers<void>;
  readonly pending: Map<string, Pending>;
  /** Logged in, and not about to be ended. */
  isLive: boolean;
  isUnanswered: boolean;
}

/**
 * One connection that takes orders, kept up for as long as the connector runs. A request that finds it down goes over REST;
 * one that has left and is not answered has an unknown outcome, as one of REST has.
 */
export class OrderSocket {
  readonly #options: OrderSocketOptions;
  readonly #backoff: Backoff;
  #connection: Connection | undefined;
  #lastId: number;

  constructor(options: OrderSocketOptions) {
    this.#options = options;
    this.#backoff = new Backoff(BACKOFF, options.random);
    this.#lastId = Math.floor(options.random.float() * FIRST_ID_SPAN);
  }

  /** True while requests go over the socket. */
  get isLive(): boolean {
    return this.#connection?.isLive === true && this.#connection.ws.isOpen;
  }

  /** Keeps the connection until the signal fires; then it ends with `AbortError`. */
  async run(signal: AbortSignal): Promise<never> {
    for (;;) {
      throwIfAborted(signal);
      const pauseMs = await this.#connectOnce(signal);
      await this.#options.timers.sleep(pauseMs, signal);
    }
  }

  /**
   * Sends a request and resolves with its answer; undefined, with nothing sent, where it has to go over REST. Rejects with
   * `TransportError` or `AbortError`, both of which say that it may have happened.
   */
  async exchange(
    request: RestRequest,
    signed: PreparedRequest,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<OrderSocketResponse | undefined> {
    const connection = this.#connection;
    if (connection === undefined || !this.isLive) return undefined;
    this.#lastId += 1;
    const id = String(this.#lastId);
    const message = this.#options.conventions.messageOf(request, id, signed);
    if (message === undefined) return undefined;
    const frame = await this.#signed(message);
    throwIfAborted(signal);
    if (frame === undefined || !connection.isLive || !this.#hasRoom(connection, request)) return undefined;
    const answer = Promise.withResolvers<HttpResponse>();
    // The answer may come before `send` returns.
    connection.pending.set(id, answer);
    try {
      connection.ws.send(frame);
    } catch (error) {
      connection.pending.delete(id);
      this.#options.logger.warn("an order goes over REST", { error: describeError(error) });
      return undefined;
    }
    const response = await this.#answered(connection, id, answer, timeoutMs, signal);
    const known = new Set(secretsOfSocket("", message));
    return { ...response, secrets: secretsOfSocket("", frame).filter((text) => !known.has(text)) };
  }

  #hasRoom({ pending }: Connection, request: RestRequest): boolean {
    const { conventions, takeRoom } = this.#options;
    if (pending.size >= (conventions.maxUnanswered ?? Number.POSITIVE_INFINITY)) return false;
    return takeRoom?.(request) ?? true;
  }

  /** Returns undefined where the message cannot be signed: nothing of it has left. */
  async #signed(message: unknown): Promise<unknown> {
    const { authenticator, logger } = this.#options;
    try {
      return await (authenticator.signOrderFrame?.(message) ?? message);
    } catch (error) {
      logger.warn("an order cannot be signed for its socket and goes over REST", { error: describeError(error) });
      return undefined;
    }
  }

  async #answered(
    connection: Connection,
    id: string,
    { promise, reject }: PromiseWithResolvers<HttpResponse>,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<HttpResponse> {
    const { timers, url } = this.#options;
    const onAbort = () => reject(new AbortError("aborted after the request had left", { outcome: "unknown" }));
    const onTimeout = () => {
      const reason = `no answer within ${timeoutMs} ms`;
      reject(transportFailure("timeout", withoutQuery(url), reason, { bytesMayHaveLeft: true }));
      connection.isUnanswered = true;
      this.#leave(connection);
    };
    const timer = timers.after(timeoutMs, onTimeout);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await promise;
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
      connection.pending.delete(id);
    }
  }

  /** One connection, from its handshake to its end; returns how long to wait before the next. */
  async #connectOnce(signal: AbortSignal): Promise<number> {
    const { logger, clock, loginTime } = this.#options;
    const signedOffsetMs = loginTime.offsetMs;
    const ws = this.#options.createAssistant();
    const ready = Promise.withResolvers<void>();
    const connection: Connection = { ws, ready, pending: new Map(), isLive: false, isUnanswered: false };
    ready.promise.catch(() => undefined);
    this.#connection = connection;
    let liveMs = Number.NaN;
    try {
      await this.#open(connection, signal);
      liveMs = clock.monotonic();
      connection.isLive = true;
      const { code, reason } = await ws.closed;
      // A stop closes it too, and no order goes anywhere afterwards.
      if (!signal.aborted) logger.warn("the socket for orders was closed, orders go over REST", { code, reason });
    } catch (error) {
      const reason = ws.withoutSecrets(describeError(error));
      if (!isAbort(error)) logger.warn("the socket for orders failed, orders go over REST", { error: reason });
      const isRefused = error instanceof AuthError;
      if (isRefused && !(await loginTime.wasWrong(signedOffsetMs, signal))) return REFUSED_LOGIN_PAUSE_MS;
    } finally {
      await this.#end(connection);
    }
    if (connection.isUnanswered) return UNANSWERED_PAUSE_MS;
    if (!Number.isNaN(liveMs)) this.#backoff.wentWell(clock.monotonic() - liveMs);
    return this.#backoff.nextMs();
  }

  async #open(connection: Connection, signal: AbortSignal): Promise<void> {
    const { conventions, url, heartbeat, connectionAllowed, timers } = this.#options;
    const { ws, ready } = connection;
    await connectionAllowed?.(signal);
    const onText = (text: string) => this.#onText(connection, text);
    await ws.connect({ url, handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS, heartbeat, onText, signal });
    if (!conventions.needsLogin) return;
    const fail = (reason: string) =>
      ready.reject(transportFailure("closed", withoutQuery(url), reason, { bytesMayHaveLeft: false }));
    const timer: Timer = timers.after(LOGIN_TIMEOUT_MS, () => fail("the login was not answered"));
    void ws.closed.then(() => fail("it was closed during the login"));
    try {
      await ws.authenticateForOrders();
      await ready.promise;
    } finally {
      timer.cancel();
    }
  }

  async #end(connection: Connection): Promise<void> {
    const { url } = this.#options;
    connection.isLive = false;
    const lost = transportFailure("reset", withoutQuery(url), "closed before the answer", { bytesMayHaveLeft: true });
    for (const { reject } of connection.pending.values()) reject(lost);
    connection.pending.clear();
    if (this.#connection === connection) this.#connection = undefined;
    await connection.ws.disconnect();
  }

  #onText(connection: Connection, text: string): void {
    const { conventions, parse } = this.#options;
    const frame = conventions.readFrame(parse(text));
    switch (frame.kind) {
      case "answer":
        // One that nobody waits for any more came after its time: its order is looked up.
        connection.pending.get(frame.id)?.resolve(frame.response);
        if (frame.isLast === true) this.#leave(connection);
        return;
      case "authenticated":
        connection.ready.resolve();
        return;
      case "authFailed":
        connection.ready.reject(new AuthError(`the venue refused the login of the socket for orders: ${frame.reason}`));
        // A login can be lost later on, and an error that names no message can be of any.
        this.#leave(connection);
        return;
      case "reconnect":
        this.#leave(connection);
        return;
      case "ignored":
        return;
    }
  }

  /** Sends nothing more on a connection that is about to end, and ends it when the last answer has come. */
  #leave(connection: Connection): void {
    if (!connection.isLive) return;
    connection.isLive = false;
    const { timers } = this.#options;
    const endsMs = this.#options.clock.monotonic() + LAST_ANSWERS_MS;
    const look = (): void => {
      const isOver = connection.pending.size === 0 || this.#options.clock.monotonic() >= endsMs;
      if (isOver) void connection.ws.disconnect();
      else timers.after(LAST_ANSWERS_MS / 50, look);
    };
    look();
  }
}
