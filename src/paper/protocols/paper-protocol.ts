import type { Clock, Random, ServerRequest, ServerResponse, Timers } from "../../runtime/runtime.ts";
import type {
  Command,
  Engine,
  EngineConfig,
  EngineEvent,
  FillView,
  FundingPaymentView,
  OrderView,
} from "../engine/types.ts";
import type { PriceHistory } from "../market/price-history.ts";
import type { AccountDirectory, ApiKey } from "./accounts.ts";
import type { FrameSink } from "./frame.ts";
import type { RateLimits } from "./ftx/rate-limit.ts";
import type { MarketStatistics } from "./market-statistics.ts";
import type { MatchingQueue } from "./matching-queue.ts";

/** An id as its protocol shows it. */
export type WireId = number | string;

export interface ProtocolUrls {
  readonly rest: string;
  readonly ws: string;
}

/**
 * Kind of a request for the choice of faults: it places an order, changes something else, asks what accounts alone may,
 * logs in, asks for a book, or something else.
 */
export type RequestKind = "order" | "change" | "private" | "login" | "snapshot" | "public";

/** Befalls a request: refused, or answered by an error or not at all, before or after it had effect. */
export type RequestFault = "error429" | "error418" | "error5xxBefore" | "error5xxAfter" | "resetBefore" | "resetAfter";

/** Faults that a protocol words itself; see `FaultConfig`. */
export interface ProtocolFaults {
  happens(name: "refuseAmend" | "refuseLogin" | "refuseSubscription" | "staleSnapshot"): boolean;
  /** Tells that a fault may happen at all. */
  isOn(name: "staleSnapshot"): boolean;
  isInMaintenance(): boolean;
  /** Befalls a request of that kind which came over a socket; those of REST pass a gate before the protocol. */
  requestFault(kind: RequestKind): RequestFault | undefined;
}

/** Parts that a protocol is built from. All protocols of a venue share them. */
export interface ProtocolPorts {
  readonly engine: Engine;
  readonly config: Pick<
    EngineConfig,
    "makerFee" | "takerFee" | "fundingDivisor" | "startMs" | "endedOrdersKept" | "endedOrdersKeptMs"
  >;
  readonly accounts: AccountDirectory;
  readonly statistics: MarketStatistics;
  /** Prices of before the start, for candles; undefined where the books began empty. */
  readonly history: PriceHistory | undefined;
  /** Queue in which accepted orders and cancels of all protocols wait for the matching engine. */
  readonly queue: MatchingQueue;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Random numbers for ids that look like the venue's. */
  readonly random: Random;
  /** Added to the engine's counters, so that no id of a later start repeats. */
  readonly firstId: number;
  /** Numbers are FTX's; other protocols take them as `strict`. */
  readonly rateLimits: "strict" | "off" | RateLimits;
  readonly faults: ProtocolFaults;
  /** Life of Binance's listen keys; an hour when absent. */
  readonly listenKeyMs?: number | undefined;
  /** True where ids of orders (Binance) and trades (Binance, OKX) are counted for each market by itself. */
  readonly sharedIds?: boolean | undefined;
  /** True where Binance's executions of the venue itself have the statuses `NEW_INSURANCE` and `NEW_ADL`. */
  readonly binanceForcedStatuses?: boolean | undefined;
  /** The venue's time, epoch milliseconds; it never goes back. */
  now(): number;
  /** Executes on the engine at the venue's time, without telling anyone. */
  apply(command: Command): readonly EngineEvent[];
  /** Tells every protocol, this one too: each gets them as `onEvents`. */
  publish(events: readonly EngineEvent[]): void;
}

/** Handler of one WebSocket; frames come one by one, in order. */
export interface ProtocolConnection {
  /** Handles a frame. A promise that rejects ends the connection, as an exception does. */
  onText(text: string): void | Promise<void>;
  onClose(): void;
  /** The fault of that name: ends the login, where there is one. */
  expireLogin?(): void;
}

/** An order as a protocol knows it, which may be before the engine has seen it. */
export interface ProtocolOrder {
  readonly orderId: WireId;
  readonly request: Pick<OrderView, "clientId" | "market" | "side" | "type" | "price" | "size">;
  /** View of the order in the engine; null until the engine has seen it. */
  readonly view: OrderView | null;
  /** Reason why an order that was accepted came to nothing before the engine took it. */
  readonly refusedFor: string | null;
}

/** Functions with which the control API tells an account's true record in a protocol's ids. */
export interface ProtocolTruth {
  /** All of an account's orders, oldest first, those included that wait in the queue or were refused there. */
  orders(accountId: string): readonly ProtocolOrder[];
  /** Id of an order of the engine. */
  orderId(engineOrderId: number): WireId;
  fillId(fill: FillView): WireId;
  tradeId(fill: FillView): WireId;
  paymentId(payment: FundingPaymentView): WireId;
}

/** The server side of one wire protocol over the engine. */
export interface PaperProtocol {
  readonly truth: ProtocolTruth;
  /** Requests name no key in their headers: the body of any is read. */
  readonly isKeyless?: boolean;
  /** Credentials of a key by the names that a client uses; key, secret and passphrase where absent. */
  credentialsOf?(key: ApiKey): Readonly<Record<string, string>>;
  /** `authority` is `host:port`. */
  urls(authority: string): ProtocolUrls;
  /** Tells that a request with this path (without the query) is this protocol's. */
  ownsRequest(path: string): boolean;
  /** Tells that a WebSocket with this target (with the query) is this protocol's. */
  ownsConnection(target: string): boolean;
  answer(request: ServerRequest): ServerResponse | Promise<ServerResponse>;
  /** A fault of the venue (404, 429, 500) as it looks on this wire, which need not be that status. */
  failure(
    status: number,
    message: string,
    headers?: Readonly<Record<string, string>>,
    hadNoEffect?: boolean,
  ): ServerResponse;
  /** Tells that the answer to this request may get lost after it placed an order. */
  placesOrder(request: ServerRequest): boolean;
  /** Kind of any other request; where absent, a `GET` is public and others change something. */
  kindOf?(request: ServerRequest): RequestKind;
  /** The answer to an account's request while the venue is closed to accounts. */
  maintenance?(): ServerResponse;
  /** The answer to an address that is banned, where the protocol has such; `leftMs` is how long still. */
  banned?(address: string, leftMs: number): ServerResponse;
  /** The answer to a look-up of an order that is not there; undefined where a request is none, or is answered with an empty list. */
  nothingFound?(request: ServerRequest): ServerResponse | undefined;
  connect(sink: FrameSink, request: ServerRequest): ProtocolConnection | { readonly refuse: number };
  /**
   * Takes what the engine did to those who listen. It must not execute commands, or the other protocols would hear of
   * them before they hear of these events; the queue is the place for that.
   */
  onEvents(events: readonly EngineEvent[]): void;
  /** The fault of that name, where the protocol has listen keys. */
  expireListenKeys?(): void;
  /**
   * Announces a restart just before all connections break: a notice where the venue sends one, and what the venue
   * forgets.
   */
  announceRestart(): void;
  stop(): void;
}

export type PaperProtocolFactory = (ports: ProtocolPorts) => PaperProtocol;

export function requestKind(api: Pick<PaperProtocol, "placesOrder" | "kindOf">, request: ServerRequest): RequestKind {
  if (api.placesOrder(request)) return "order";
  return api.kindOf?.(request) ?? (request.method.toUpperCase() === "GET" ? "public" : "change");
}
