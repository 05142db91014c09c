import type { Timer, Timers } from "../../../runtime/runtime.ts";
import type { Login } from "../accounts.ts";
import type { Frame, FrameSink } from "../frame.ts";
import { authenticateSocket } from "./auth.ts";
import type { ChannelHub } from "./channels.ts";
import type { ProtocolContext } from "./context.ts";
import { ApiError, badRequest, missingParameter } from "./errors.ts";
import { requireMarket } from "./market-names.ts";
import { parseAmount } from "./parameters.ts";
import type { FtxSubscriber, Subscription } from "./subscriber.ts";
import { frameJson, type WireObject } from "./wire.ts";

/**
 * Time without a frame of the client after which the connection ends. FTX's own is not known; its clients ping every 15
 * seconds or more often.
 */
export const IDLE_CUTOFF_MS = 60_000;
const PONG = '{"type": "pong"}';
const MARKET_CHANNELS: ReadonlySet<string> = new Set(["orderbook", "orderbookGrouped", "trades", "ticker"]);
const PRIVATE_CHANNELS: ReadonlySet<string> = new Set(["fills", "orders", "ftxpay"]);

type Message = Readonly<Record<string, unknown>>;

/** One client's WebSocket: its login and its subscriptions. Frames are handled one by one, in order. */
export class FtxConnection implements FtxSubscriber {
  readonly subscriptions = new Map<string, Subscription>();
  readonly #context: ProtocolContext;
  readonly #hub: ChannelHub;
  readonly #sink: FrameSink;
  readonly #timers: Timers;
  #login: Login | undefined;
  #idle: Timer | undefined;

  constructor(context: ProtocolContext, hub: ChannelHub, sink: FrameSink, timers: Timers) {
    this.#context = context;
    this.#hub = hub;
    this.#sink = sink;
    this.#timers = timers;
    this.#hub.add(this);
    this.#restartIdleTimer();
  }

  get accountId(): string | undefined {
    return this.#login?.accountId;
  }

  send(frame: Frame): void {
    this.#sink.send(frame);
  }

  onText(text: string): void {
    this.#restartIdleTimer();
    try {
      this.#handle(parseMessage(text));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#reply(null, null, frameJson({ type: "error", code: error.status, msg: error.message }));
    }
  }

  onClose(): void {
    this.#idle?.cancel();
    this.#hub.remove(this);
  }

  expireLogin(): void {
    if (this.#login !== undefined) this.#sink.close(1_000, "login expired");
  }

  #handle(message: Message): void {
    switch (message.op) {
      case "ping":
        this.#reply(null, null, PONG);
        break;
      case "login":
        this.#handleLogin(message.args);
        break;
      case "subscribe":
        this.#subscribe(this.#readSubscription(message));
        break;
      case "unsubscribe":
        this.#unsubscribe(this.#readSubscription(message));
        break;
      default:
        throw badRequest("Invalid op");
    }
  }

  /** FTX says nothing to a login that succeeds. */
  #handleLogin(args: unknown): void {
    if (this.#login !== undefined) throw badRequest("Already logged in");
    const fields = typeof args === "object" && args !== null ? { ...args } : {};
    if (this.#context.faults.happens("refuseLogin")) throw badRequest("Invalid login credentials");
    this.#login = authenticateSocket(fields, this.#context.accounts, this.#context.now());
    if (this.#login === undefined) throw badRequest("Invalid login credentials");
  }

  #subscribe(subscription: Subscription): void {
    const { name, channel, market } = subscription;
    if (PRIVATE_CHANNELS.has(channel) && this.#login === undefined) throw badRequest("Not logged in");
    if (this.subscriptions.has(name)) {
      throw badRequest(market === null ? "Already subscribed" : `Already subscribed: ${market}`);
    }
    if (this.#context.faults.happens("refuseSubscription")) {
      throw badRequest(market === null ? `Invalid channel: ${channel}` : `No such market: ${market}`);
    }
    if (this.#hub.isFull(subscription)) throw new ApiError(429, `Too many groupings: ${market}`);
    this.#sink.revive(channel, market);
    this.#acknowledge("subscribed", subscription);
    this.#hub.subscribe(this, subscription);
  }

  #unsubscribe(subscription: Subscription): void {
    this.#hub.unsubscribe(this, subscription);
    this.#acknowledge("unsubscribed", subscription);
  }

  /** FTX.Net finds the subscription that an error is about by the market's name in its text. */
  #readSubscription({ channel, market, grouping }: Message): Subscription {
    if (typeof channel !== "string") throw missingParameter("channel");
    if (PRIVATE_CHANNELS.has(channel) || channel === "markets") {
      return { name: channel, channel, market: null, grouping: null };
    }
    if (!MARKET_CHANNELS.has(channel)) throw badRequest(`Invalid channel: ${channel}`);
    if (typeof market !== "string" || market === "") throw missingParameter("market");
    requireMarket(this.#context.engine, market);
    if (channel !== "orderbookGrouped") return { name: `${channel} ${market}`, channel, market, grouping: null };
    const step = parseAmount(grouping);
    if (step === undefined || step <= 0n) throw badRequest(`Invalid grouping: ${market}`);
    return { name: `${channel} ${market} ${step}`, channel, market, grouping: step };
  }

  /** The market's key is absent, not null, where a channel has none. */
  #acknowledge(type: "subscribed" | "unsubscribed", { channel, market, grouping }: Subscription): void {
    const place: WireObject = market === null ? {} : { market };
    const step: WireObject = grouping === null ? {} : { grouping };
    this.#reply(channel, market, frameJson({ type, channel, ...place, ...step }));
  }

  #reply(channel: string | null, market: string | null, text: string): void {
    this.#sink.send({ channel, market, text });
  }

  #restartIdleTimer(): void {
    this.#idle?.cancel();
    this.#idle = this.#timers.after(IDLE_CUTOFF_MS, () => this.#sink.close(1_000, "idle"), { background: true });
  }
}

function parseMessage(text: string): Message {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw badRequest("Invalid JSON");
  }
  if (typeof message !== "object" || message === null || Array.isArray(message)) throw badRequest("Invalid JSON");
  return { ...message };
}
