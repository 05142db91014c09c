import { AuthError, describeError, throwIfAborted } from "../model/error.ts";
import { Backoff, type BackoffOptions, RECOVERY_GROWTH } from "../net/backoff.ts";
import type { SocketAddress } from "../net/socket-address.ts";
import type { WsAssistant } from "../net/ws-assistant.ts";
import { MessageFaults } from "./message-faults.ts";
import { PrivateChannels } from "./private-channels.ts";
import { type UserStreamConnection, UserStreamMessages } from "./user-stream-messages.ts";
import type { AccountUpdateSink, UserStreamDataSourceOptions } from "./user-stream-options.ts";
import type { PrivateChannel } from "./venue-user-stream-data-source.ts";

export type { AccountUpdateSink, UserStreamDataSourceOptions } from "./user-stream-options.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_BACKOFF: BackoffOptions = { minMs: 500, maxMs: 30_000, growth: RECOVERY_GROWTH };
const DEFAULT_AUTH_RETRY_MS = 60_000;

/**
 * Listens to the private stream for as long as it is asked to: login or listen key, subscriptions, reconnection. A
 * `Gap` goes to the sink whenever something may have been missed; after a reconnection it comes when the stream is live
 * again, so that a catch-up which starts then misses nothing.
 */
export class UserStreamDataSource {
  readonly #options: UserStreamDataSourceOptions;
  readonly #backoff: Backoff;
  readonly #refused = new Set<string>();
  readonly #faults: MessageFaults;
  readonly #messages: UserStreamMessages;
  #connection: UserStreamConnection | undefined;
  #sink: AccountUpdateSink = () => undefined;
  #lastReceivedMs = Number.NaN;
  /** Reason why the stream was last interrupted, until it is live again. */
  #interruption: string | undefined;

  constructor(options: UserStreamDataSourceOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff ?? DEFAULT_BACKOFF, options.random);
    const { clock, timers, logger } = options;
    this.#faults = new MessageFaults({ clock, timers, logger, onGap: (reason) => this.#gap(reason) });
    this.#messages = new UserStreamMessages(options, this.#faults, {
      subscribe: (connection) => this.#subscribe(connection),
      becomeLive: (connection) => this.#becomeLive(connection),
      sink: (update) => this.#sink(update),
    });
    options.lease?.onLost((reason) => this.#onListenKeyLost(reason));
  }

  get isConnected(): boolean {
    return this.#connection?.ws.isOpen === true;
  }

  /** Connected, logged in and subscribed. */
  get isLive(): boolean {
    return this.liveSinceMonotonicMs !== undefined;
  }

  get liveSinceMonotonicMs(): number | undefined {
    const connection = this.#connection;
    if (connection?.ws.isOpen !== true || connection.channels?.areConfirmed === false) return undefined;
    return connection.liveSinceMs;
  }

  /** Time when anything last arrived, heartbeats included; NaN before the first connection. */
  get lastReceivedMonotonicMs(): number {
    const current = this.#connection?.ws.lastReceivedMonotonicMs ?? Number.NaN;
    return Number.isNaN(current) ? this.#lastReceivedMs : current;
  }

  /** Runs until aborted; it then ends with `AbortError`. Faults are logged and answered with a new connection. */
  async listenForUserStream(signal: AbortSignal, sink: AccountUpdateSink): Promise<never> {
    this.#sink = sink;
    const leaseLoop = this.#options.lease?.manageListenKeyTaskLoop(signal);
    leaseLoop?.catch(() => undefined);
    try {
      for (;;) {
        throwIfAborted(signal);
        const waitMs = await this.#listenOnce(signal);
        await this.#options.timers.sleep(waitMs, signal);
      }
    } finally {
      this.#faults.close();
    }
  }

  /** Opens a connection, with a listen key or the login; the subscriptions follow when the venue is ready for them. */
  async connectedWebsocketAssistant(signal: AbortSignal): Promise<WsAssistant> {
    const { venue, lease, streamUrl, socketAddress, handshakeTimeoutMs } = this.#options;
    await this.#options.connectionAllowed?.(signal);
    const listenKey = await lease?.fetchListenKey(signal);
    const address: SocketAddress = (await socketAddress?.(signal)) ?? { url: streamUrl(listenKey) };
    const ws = this.getWsAssistant();
    const ended = Promise.withResolvers<string>();
    ended.promise.catch(() => undefined);
    const connection: UserStreamConnection = {
      ws,
      ended,
      channels: undefined,
      confirmationsMissing: Number.POSITIVE_INFINITY,
      liveSinceMs: undefined,
    };
    this.#connection = connection;
    await ws.connect({
      url: address.url,
      handshakeTimeoutMs: handshakeTimeoutMs ?? DEFAULT_TIMEOUT_MS,
      heartbeat: address.heartbeat ?? this.#options.heartbeat,
      onText: (text) => this.#messages.receive(connection, text),
      signal,
    });
    if (venue.listenKey === undefined) await ws.authenticate();
    // Binance opens a connection with a key that has expired as well, and sends nothing.
    else lease?.pingListenKey(signal).catch(() => undefined);
    if (venue.listenKey !== undefined || !venue.loginIsAcknowledged) this.#subscribe(connection);
    return ws;
  }

  /** Sends the private subscriptions; returns how many confirmations to expect. */
  subscribeChannels(ws: WsAssistant): number {
    const { venue, markets } = this.#options;
    const payloads = venue.subscribeChannels(markets);
    for (const payload of payloads) this.#sendSigned(ws, payload);
    return payloads.length;
  }

  /** A message that did not leave ends the connection, or is asked for again when its answer does not come. */
  #sendSigned(ws: WsAssistant, message: unknown): void {
    ws.sendSigned(message)?.catch((error: unknown) => {
      const reason = ws.withoutSecrets(describeError(error));
      this.#options.logger.warn("a private subscription was not sent", { error: reason });
    });
  }

  getWsAssistant(): WsAssistant {
    return this.#options.factory.getWsAssistant({ limitId: this.#options.limitId });
  }

  /** Ends what is left of the connection and tells that the stream is interrupted. */
  async onUserStreamInterruption(ws: WsAssistant | undefined, reason: string): Promise<void> {
    this.#connection = undefined;
    this.#interruption = reason;
    this.#options.onInterruption?.(reason);
    if (ws === undefined) return;
    if (!Number.isNaN(ws.lastReceivedMonotonicMs)) this.#lastReceivedMs = ws.lastReceivedMonotonicMs;
    await ws.disconnect();
  }

  #onListenKeyLost(reason: string): void {
    if (this.#connection === undefined) return;
    this.#gap(`listen key lost: ${reason}`);
    this.#connection.ended.resolve(`listen key lost: ${reason}`);
  }

  /** One connection; returns how long to wait before the next. */
  async #listenOnce(signal: AbortSignal): Promise<number> {
    const { logger, clock, factory } = this.#options;
    const signedOffsetMs = factory.loginTime.offsetMs;
    let reason: string;
    let waitMs: number | undefined;
    try {
      await this.connectedWebsocketAssistant(signal);
      reason = await this.#untilEnd(signal);
      logger.warn("the user stream was interrupted", { reason });
    } catch (error) {
      if (signal.aborted) await this.#connection?.ws.disconnect();
      throwIfAborted(signal);
      reason = describeError(error);
      logger.error("the user stream failed", { error: reason });
      if (error instanceof AuthError) {
        this.#gap(`login failed: ${reason}`);
        waitMs = await this.#pauseAfterRefusal(error, signedOffsetMs, signal);
      }
    }
    const connection = this.#connection;
    const livedMs = clock.monotonic() - (connection?.liveSinceMs ?? clock.monotonic());
    this.#backoff.wentWell(livedMs);
    await this.onUserStreamInterruption(connection?.ws, reason);
    return waitMs ?? this.#backoff.nextMs();
  }

  /** A login that had a wrong time is made again at once, with another: undefined. */
  async #pauseAfterRefusal(error: AuthError, signedOffsetMs: number, signal: AbortSignal) {
    const { factory, authRetryMs, onAuthFailure } = this.#options;
    if (await factory.loginTime.wasWrong(signedOffsetMs, signal)) return undefined;
    onAuthFailure?.(error);
    return authRetryMs ?? DEFAULT_AUTH_RETRY_MS;
  }

  #subscribe(connection: UserStreamConnection): void {
    // A login that is answered twice subscribed everything twice.
    if (connection.channels !== undefined || Number.isFinite(connection.confirmationsMissing)) return;
    const { channels } = this.#options.venue;
    if (channels !== undefined) {
      connection.channels = this.#createChannels(connection, channels);
      connection.channels.subscribe();
      return;
    }
    connection.confirmationsMissing = this.subscribeChannels(connection.ws);
    if (connection.confirmationsMissing === 0) this.#becomeLive(connection);
  }

  #onAnswered(name: string, refusal: string | undefined): void {
    const isNews = refusal === undefined ? this.#refused.delete(name) : !this.#refused.has(name);
    if (refusal !== undefined) this.#refused.add(name);
    if (isNews) this.#options.onChannel?.(name, refusal);
  }

  #createChannels(connection: UserStreamConnection, channels: readonly PrivateChannel[]): PrivateChannels {
    const { venue, markets, clock, timers, random, logger, lease, loginTimeoutMs } = this.#options;
    return new PrivateChannels({
      ...{ channels, clock, timers, random, logger },
      answerTimeoutMs: loginTimeoutMs ?? DEFAULT_TIMEOUT_MS,
      areAcknowledged: venue.subscriptionAnswer !== undefined,
      canResubscribe: venue.unsubscribeChannels !== undefined,
      send: (operation, names, requestId) => {
        const messages =
          operation === "subscribe"
            ? venue.subscribeChannels(markets, names, requestId)
            : (venue.unsubscribeChannels?.(markets, names, requestId) ?? []);
        for (const message of messages) this.#sendSigned(connection.ws, message);
      },
      onAllConfirmed: () => this.#becomeLive(connection),
      onGap: (reason) => this.#gap(reason),
      onAnswered: (name, refusal) => this.#onAnswered(name, refusal),
      onUseless: (reason) => {
        // A key that nobody hears of any more is not worth keeping.
        if (lease !== undefined) lease.expire(reason);
        connection.ended.resolve(reason);
      },
    });
  }

  /** A poll told of a fill: a stream that was live then has to tell of it too. */
  noteFill(timestampMs: number): void {
    const connection = this.#connection;
    const { clock } = this.#options;
    const ageMs = Math.max(0, clock.now() - timestampMs);
    const atMs = clock.monotonic() - ageMs;
    if (connection?.liveSinceMs === undefined || connection.liveSinceMs > atMs - 1_000) return;
    connection.channels?.noteFill(atMs);
  }

  async #untilEnd(signal: AbortSignal): Promise<string> {
    const { timers, loginTimeoutMs } = this.#options;
    const connection = this.#connection;
    if (connection === undefined) return "the connection ended at once";
    const timer = timers.after(loginTimeoutMs ?? DEFAULT_TIMEOUT_MS, () => {
      const isAnswered = connection.liveSinceMs !== undefined || connection.channels?.areAnswered === true;
      if (!isAnswered) connection.ended.resolve("login and subscriptions were not confirmed");
    });
    void connection.ws.closed.then((close) => {
      const text = close.cause === "heartbeat" ? "nothing arrived after a heartbeat" : `closed with code ${close.code}`;
      connection.ended.resolve(close.reason === "" ? text : `${text}: ${close.reason}`);
    });
    try {
      return await connection.ended.promise;
    } finally {
      timer.cancel();
      connection.channels?.close();
      throwIfAborted(signal);
    }
  }

  /** Sets the stream live, also again after a channel that was refused in between. */
  #becomeLive(connection: UserStreamConnection): void {
    if (connection.liveSinceMs !== undefined && connection.channels === undefined) return;
    connection.liveSinceMs = this.#options.clock.monotonic();
    if (this.#interruption !== undefined) this.#gap(`reconnected after: ${this.#interruption}`);
    this.#interruption = undefined;
    this.#options.onLive?.();
  }

  #gap(reason: string): void {
    const { clock, logger } = this.#options;
    try {
      this.#sink({ type: "gap", reason, timestampMs: clock.now() });
    } catch (error) {
      logger.error("a gap could not be reported", { reason, error: describeError(error) });
    }
  }
}
