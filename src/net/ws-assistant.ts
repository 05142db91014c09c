import { AbortError, AuthError, describeError, isAbort, TransportError, throwIfAborted } from "../model/error.ts";
import type { Logger } from "../runtime/logger.ts";
import type {
  Clock,
  Timers,
  WebSocketClient,
  WebSocketClose,
  WebSocketConnection,
  WebSocketHandlers,
} from "../runtime/runtime.ts";
import type { Authenticator } from "./auth.ts";
import type { ConnectionAttempts } from "./connection-attempts.ts";
import { redact, redactError, secretsOfSocket } from "./redaction.ts";
import type { Throttler } from "./throttler.ts";
import { type Heartbeat, WsHeartbeat } from "./ws-heartbeat.ts";

/** `remote`: the venue or the network; `local`: `disconnect()`; `heartbeat`: silence; `abort`: the caller's signal. */
export type WsCloseCause = "remote" | "local" | "heartbeat" | "abort";

export interface WsClose extends WebSocketClose {
  readonly cause: WsCloseCause;
}

export interface WsConnectOptions {
  readonly url: string;
  readonly handshakeTimeoutMs: number;
  readonly heartbeat: Heartbeat;
  /** A whole message after the post-processors. What it throws is logged and goes no further. */
  onText(text: string, receivedMonotonicMs: number): void;
  /**
   * The bytes of a message, before a text is made of them: true when it was read, and `onText` follows where not. Not
   * called where there are post-processors, or while the welcome has not come.
   */
  onBytes?(bytes: Uint8Array, receivedMonotonicMs: number): boolean;
  /** Ends the handshake or, later, the connection. */
  readonly signal?: AbortSignal | undefined;
}

export interface WsAssistantOptions {
  readonly webSocket: WebSocketClient;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly authenticator?: Authenticator | undefined;
  readonly preProcessors?: readonly ((payload: unknown) => unknown)[] | undefined;
  readonly postProcessors?: readonly ((text: string) => string)[] | undefined;
  /** Makes JSON of a message that is none, before the post-processors; not called for one that begins with `{`. */
  readonly quoteText?: ((text: string) => string) | undefined;
  readonly logger: Logger;
  /** Together with `limitId`: outgoing messages wait for this rate limit, in their order. */
  readonly throttler?: Throttler | undefined;
  /** Hears whether connections are made, for those who wait for one of the same address. */
  readonly attempts?: Pick<ConnectionAttempts, "failed" | "succeeded"> | undefined;
  readonly limitId?: string | undefined;
  /** Sent with the handshake. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Recognises the text that must arrive before anything may be sent. */
  readonly isWelcome?: ((text: string) => boolean) | undefined;
}

const CLOSE_NORMAL = 1_000;
const CLOSE_ABNORMAL = 1_006;
/** A peer that does not answer the closing handshake for this long is dropped. */
const CLOSE_TIMEOUT_MS = 1_000;

/** The life of one WebSocket connection, from handshake to close. A new connection takes a new assistant. */
export class WsAssistant {
  /** Resolves once, whoever ended the connection and also when it never opened; never rejects. */
  readonly closed: Promise<WsClose>;
  readonly #options: WsAssistantOptions;
  readonly #closing = Promise.withResolvers<WsClose>();
  /** Fires when the connection is to end: cuts the handshake and whatever waits for a rate limit. */
  readonly #ending = new AbortController();
  /** The same, read for every message. */
  #isEnding = false;
  readonly #welcome = Promise.withResolvers<void>();
  #isWelcomed = false;
  #connection: WebSocketConnection | undefined;
  #heartbeat: WsHeartbeat | undefined;
  #state: "new" | "connecting" | "open" | "closing" | "closed" = "new";
  #cause: WsCloseCause = "remote";
  #lastReceivedMs = Number.NaN;
  #outbox: string[] = [];
  #url = "";
  #secrets: readonly string[] = [];
  #release: () => void = () => undefined;

  constructor(options: WsAssistantOptions) {
    this.#options = options;
    this.closed = this.#closing.promise;
  }

  /**
   * Time when anything last arrived: a message, a ping or a pong; when the connection opened if nothing did; NaN
   * before.
   */
  get lastReceivedMonotonicMs(): number {
    return this.#lastReceivedMs;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /**
   * Resolves when the connection is open, and the venue's welcome has come where it has one; rejects with `TransportError` or
   * `AbortError`. Once in a lifetime.
   */
  async connect(options: WsConnectOptions): Promise<void> {
    if (this.#state !== "new") throw new TransportError("an assistant connects once", { bytesMayHaveLeft: false });
    this.#state = "connecting";
    const { url, handshakeTimeoutMs, signal } = options;
    this.#url = url;
    this.#secrets = secretsOfSocket(url);
    const onAbort = (): void => this.#end("abort");
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#release = () => signal?.removeEventListener("abort", onAbort);
    try {
      throwIfAborted(signal);
      const handlers = this.#handlers(options);
      const handshake = { headers: this.#options.headers, handshakeTimeoutMs, signal: this.#ending.signal };
      this.#connection = await this.#options.webSocket.connect(url, handlers, handshake);
    } catch (error) {
      if (signal?.aborted === true) this.#cause = "abort";
      else this.#options.attempts?.failed(url);
      redactError(error, this.#secrets);
      this.#finish({ code: CLOSE_ABNORMAL, reason: "never opened" });
      throw error;
    }
    this.#options.attempts?.succeeded(url);
    this.#opened(this.#connection, options.heartbeat);
    if (this.#options.isWelcome !== undefined) await this.#welcomed(handshakeTimeoutMs);
  }

  /** Each look reads the text, which is read again where it goes: there is none once the welcome has come. */
  #lookForWelcome(text: string): void {
    if (this.#isWelcomed || this.#options.isWelcome?.(text) !== true) return;
    this.#isWelcomed = true;
    this.#welcome.resolve();
  }

  async #welcomed(timeoutMs: number): Promise<void> {
    const fail = (reason: string) => this.#welcome.reject(new TransportError(reason, { bytesMayHaveLeft: false }));
    const timer = this.#options.timers.after(timeoutMs, () => fail(`no welcome within ${timeoutMs} ms`));
    void this.closed.then(({ cause }) => {
      if (cause === "abort" || cause === "local") this.#welcome.reject(new AbortError());
      else fail("the connection was closed before the welcome");
    });
    try {
      await this.#welcome.promise;
    } catch (error) {
      await this.disconnect();
      throw error;
    } finally {
      timer.cancel();
    }
  }

  /**
   * Sends a payload as JSON, text as it is, after the pre-processors. Throws `TransportError` when the connection is
   * not open. A message that waits for its rate limit when the connection ends is dropped.
   */
  send(payload: unknown): void {
    const { preProcessors = [] } = this.#options;
    const processed = preProcessors.reduce((current, preProcess) => preProcess(current), payload);
    const text = typeof processed === "string" ? processed : JSON.stringify(processed);
    if (this.#state !== "open") throw new TransportError("the connection is not open", { bytesMayHaveLeft: false });
    if (this.#outbox.length > 0) {
      this.#outbox.push(text);
      return;
    }
    const capacity = this.#capacity();
    if (capacity === undefined) {
      this.#connection?.send(text);
      return;
    }
    this.#outbox.push(text);
    void this.#sendOutbox(capacity);
  }

  /**
   * Sends as `send` does, for a payload that the venue may want signed by itself: once it is signed, which may take a
   * moment.
   */
  sendSigned(payload: unknown): Promise<void> | undefined {
    const { authenticator } = this.#options;
    if (authenticator?.signFrame !== undefined) return this.#signAndSend(() => authenticator.signFrame?.(payload));
    this.send(payload);
    return undefined;
  }

  async #signAndSend(sign: () => unknown): Promise<void> {
    const signed = await sign();
    this.#secrets = [...new Set([...this.#secrets, ...secretsOfSocket(this.#url, signed)])];
    this.send(signed);
  }

  /** Sends the venue's login message, if it has one. Whether it was accepted comes as a message. */
  async authenticate(challenge?: unknown): Promise<void> {
    this.#logIn(await this.#authenticator().wsAuthenticate(challenge));
  }

  /** Does the same on a socket for orders, which may have a login of its own. */
  async authenticateForOrders(): Promise<void> {
    const authenticator = this.#authenticator();
    const login = authenticator.wsAuthenticateForOrders ?? authenticator.wsAuthenticate;
    this.#logIn(await login.call(authenticator));
  }

  #authenticator(): Authenticator {
    const { authenticator } = this.#options;
    if (authenticator !== undefined) return authenticator;
    throw new AuthError("the private stream needs credentials", {
      code: "CREDENTIALS_MISSING",
      hint: "give <connector>_api_key and <connector>_api_secret in the config file or, in capitals, the environment",
    });
  }

  #logIn(login: unknown): void {
    if (login === undefined) return;
    this.#secrets = secretsOfSocket(this.#url, login);
    this.send(login);
  }

  /** Text of this connection as logs and errors may have it: a venue that refuses a login may say it back. */
  withoutSecrets(text: string): string {
    return redact(text, this.#secrets);
  }

  /** Ends the connection, or its handshake; no message is delivered after it. Resolves when it is closed. */
  disconnect(): Promise<WsClose> {
    this.#end("local");
    return this.closed;
  }

  #handlers({ onText, onBytes }: WsConnectOptions): WebSocketHandlers {
    const { clock, postProcessors = [], quoteText, isWelcome } = this.#options;
    const received = (): void => {
      this.#lastReceivedMs = clock.monotonic();
      this.#heartbeat?.received();
    };
    return {
      onText: (text) => {
        received();
        if (this.#isEnding) return;
        try {
          let processed = quoteText === undefined || text.startsWith("{") ? text : quoteText(text);
          for (const postProcess of postProcessors) processed = postProcess(processed);
          this.#lookForWelcome(processed);
          onText(processed, this.#lastReceivedMs);
        } catch (error) {
          this.#couldNotHandle(error);
        }
      },
      ...(onBytes !== undefined &&
        postProcessors.length === 0 && {
          onBytes: (bytes) => {
            if (isWelcome !== undefined && !this.#isWelcomed) return false;
            received();
            if (this.#isEnding) return true;
            try {
              return onBytes(bytes, this.#lastReceivedMs);
            } catch (error) {
              this.#couldNotHandle(error);
              return true;
            }
          },
        }),
      onPing: received,
      onPong: received,
      onClose: (info) => this.#finish(info),
    };
  }

  #couldNotHandle(error: unknown): void {
    const reason = this.withoutSecrets(describeError(error));
    this.#options.logger.error("the handler of a stream message failed", { error: reason });
  }

  #opened(connection: WebSocketConnection, heartbeat: Heartbeat): void {
    if (this.#state !== "connecting") {
      connection.terminate();
      if (this.#cause === "remote") {
        throw new TransportError("the connection was closed at once", { bytesMayHaveLeft: false });
      }
      throw new AbortError();
    }
    this.#state = "open";
    if (Number.isNaN(this.#lastReceivedMs)) this.#lastReceivedMs = this.#options.clock.monotonic();
    this.#heartbeat = new WsHeartbeat({
      heartbeat,
      timers: this.#options.timers,
      ping: () => this.#ping(connection, heartbeat),
      onSilence: () => {
        this.#cause = "heartbeat";
        this.#endDelivery();
        connection.terminate();
      },
    });
  }

  #ping(connection: WebSocketConnection, { ping }: Heartbeat): void {
    try {
      if (ping === "protocol") connection.ping();
      else this.send(ping());
    } catch (error) {
      this.#options.logger.warn("could not send a heartbeat", { error: describeError(error) });
    }
  }

  #capacity(): Promise<void> | undefined {
    const { throttler, limitId } = this.#options;
    if (throttler === undefined || limitId === undefined) return undefined;
    return throttler.acquire(limitId, { signal: this.#ending.signal });
  }

  /** The first message stays in the outbox until it has left, so that no later one overtakes it. */
  async #sendOutbox(firstCapacity: Promise<void>): Promise<void> {
    try {
      await firstCapacity;
      while (this.#state === "open") {
        this.#connection?.send(this.#outbox[0] ?? "");
        this.#outbox.shift();
        if (this.#outbox.length === 0) return;
        await this.#capacity();
      }
    } catch (error) {
      if (!isAbort(error)) this.#options.logger.warn("could not send a message", { error: describeError(error) });
    }
    this.#outbox = [];
  }

  /** Nothing is delivered any more, and nothing is waited for. */
  #endDelivery(): void {
    this.#isEnding = true;
    this.#ending.abort();
  }

  #end(cause: WsCloseCause): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    const wasOpen = this.#state === "open";
    const wasNew = this.#state === "new";
    this.#state = "closing";
    this.#cause = cause;
    this.#endDelivery();
    this.#heartbeat?.stop();
    if (wasNew) this.#finish({ code: CLOSE_ABNORMAL, reason: "never opened" });
    const connection = this.#connection;
    if (!wasOpen || connection === undefined) return;
    const timer = this.#options.timers.after(CLOSE_TIMEOUT_MS, () => connection.terminate());
    void this.closed.then(() => timer.cancel());
    connection.close(CLOSE_NORMAL);
  }

  #finish(info: WebSocketClose): void {
    this.#state = "closed";
    this.#heartbeat?.stop();
    this.#release();
    this.#endDelivery();
    this.#closing.resolve({ code: info.code, reason: this.withoutSecrets(info.reason), cause: this.#cause });
  }
}
