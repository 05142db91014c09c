import type { Random, ServerRequest, ServerResponse } from "../../../runtime/runtime.ts";
import type { EngineEvent } from "../../engine/types.ts";
import { Countdowns } from "../countdowns.ts";
import type { FrameSink } from "../frame.ts";
import { MatchingTurns } from "../matching-turns.ts";
import type {
  PaperProtocol,
  ProtocolConnection,
  ProtocolPorts,
  ProtocolTruth,
  ProtocolUrls,
} from "../paper-protocol.ts";
import { PastViews } from "../past-views.ts";
import { protocolParts } from "../protocol-parts.ts";
import { engineIds } from "../symbol-ids.ts";
import { ApiConnection, isApiTarget } from "./api-connection.ts";
import { BookIds } from "./book-ids.ts";
import { BinanceConnection } from "./connection.ts";
import type { ProtocolContext } from "./context.ts";
import { ApiError } from "./errors.ts";
import { GoodTillDates } from "./good-till-dates.ts";
import { LISTEN_KEY_MS, ListenKeys } from "./listen-keys.ts";
import { MarginLog } from "./margin-log.ts";
import { OrderNames } from "./order-names.ts";
import { PriceTape } from "./price-tape.ts";
import { banned, RateLimiter } from "./rate-limit.ts";
import { answerRequest, errorResponse, kindOf, maintenance, nothingFound, placesOrder } from "./routes.ts";
import { StreamHub } from "./stream-hub.ts";
import { parseTarget } from "./stream-names.ts";
import { SymbolTable } from "./symbols.ts";
import { TradeTape } from "./trade-tape.ts";

/** The server side of Binance USD-M futures over an engine. It keeps no socket and no clock of its own. */
export class BinanceServer implements PaperProtocol {
  readonly truth: ProtocolTruth;
  readonly placesOrder = placesOrder;
  readonly kindOf = kindOf;
  readonly maintenance = maintenance;
  readonly nothingFound = nothingFound;
  readonly #ports: ProtocolPorts;
  readonly #context: ProtocolContext;
  readonly #hub: StreamHub;
  readonly #turns: MatchingTurns;

  constructor(ports: ProtocolPorts) {
    const { firstId, random, timers, now } = ports;
    this.#ports = ports;
    this.#turns = new MatchingTurns(ports.queue);
    const parts = protocolParts(ports);
    const { engine, execute } = parts;
    const expire = (accountId: string, orderId: number) =>
      ports.queue.push(() => void execute({ type: "cancelOrder", accountId, orderId, isExpiry: true }));
    const ids = engineIds(ports);
    this.#context = {
      ...parts,
      ids,
      pastBooks: new PastViews(ports.faults),
      symbols: new SymbolTable(engine),
      limiter: new RateLimiter(ports.rateLimits !== "off"),
      tape: new TradeTape(ports.history),
      priceTape: new PriceTape(),
      marginLog: new MarginLog(),
      hasForcedStatuses: ports.binanceForcedStatuses === true,
      bookIds: new BookIds(random, firstId),
      listenKeys: new ListenKeys(ports, ports.listenKeyMs ?? LISTEN_KEY_MS, (key, end) =>
        this.#hub.onListenKeyEnd(key, end),
      ),
      countdowns: new Countdowns(timers),
      goodTillDates: new GoodTillDates(timers, now, expire),
      orderNames: new OrderNames(engine, ids),
      random,
      firstId,
      submit: (work) => this.#turns.take(() => work(execute)),
    };
    this.#hub = new StreamHub(this.#context, timers);
    this.truth = truthOf(this.#context);
  }

  urls(authority: string): ProtocolUrls {
    return { rest: `http://${authority}`, ws: `ws://${authority}` };
  }

  ownsRequest(path: string): boolean {
    return /^\/(fapi|sapi|futures\/data)\//.test(path);
  }

  ownsConnection(target: string): boolean {
    return isApiTarget(target) || parseTarget(target) !== undefined;
  }

  answer(request: ServerRequest): Promise<ServerResponse> {
    return answerRequest(this.#context, request);
  }

  failure(
    status: number,
    message: string,
    headers?: Readonly<Record<string, string>>,
    hadNoEffect = false,
  ): ServerResponse {
    const fault = faultOf(status, message, this.#ports.random, hadNoEffect);
    return fault instanceof ApiError
      ? errorResponse(fault, headers)
      : { ...fault, headers: { ...fault.headers, ...headers } };
  }

  banned(address: string, leftMs: number): ServerResponse {
    const nowMs = this.#context.now();
    return errorResponse(banned(address, nowMs + leftMs, nowMs));
  }

  connect(sink: FrameSink, request: ServerRequest): ProtocolConnection | { readonly refuse: number } {
    const isApi = isApiTarget(request.target);
    const wanted = isApi ? undefined : parseTarget(request.target);
    if (!isApi && wanted === undefined) return { refuse: 404 };
    const { limiter, now } = this.#context;
    if (!limiter.mayConnect(request.remoteAddress, now())) return { refuse: 429 };
    if (wanted === undefined) return new ApiConnection(this.#context, sink, this.#ports.timers, request);
    return new BinanceConnection(this.#context, this.#hub, sink, this.#ports.timers, wanted);
  }

  onEvents(events: readonly EngineEvent[]): void {
    const { ids, priceTape, marginLog, orderNames, goodTillDates, symbols, now } = this.#context;
    ids.onEvents(events);
    symbols.onEvents(events);
    for (const event of events) if (event.type === "ordersForgotten") orderNames.forget(event.orderIds);
    priceTape.onEvents(events, now());
    marginLog.onEvents(events, now());
    this.#hub.onEvents(events);
    goodTillDates.onEvents(events);
  }

  /** Binance announces nothing; its listen keys outlive a restart. */
  announceRestart(): void {}

  /** Lets the listen keys that are alive expire now. */
  expireListenKeys(): void {
    this.#context.listenKeys.expireAll();
  }

  stop(): void {
    this.#context.countdowns.stop();
    this.#context.goodTillDates.stop();
    this.#context.listenKeys.stop();
    this.#hub.stop();
    this.#turns.stop(new ApiError(503, -1016, "This service is no longer available."));
  }
}

/** Answers of 5xx that leave open whether the request had effect. */
const UNKNOWN_FAULTS = [
  new ApiError(503, -1000, "Unknown error, please check your request or try again later."),
  new ApiError(503, -1006, "An unexpected response was received from the message bus. Execution status unknown."),
  new ApiError(
    408,
    -1007,
    "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
  ),
] as const;
/** Answers of 5xx that say that it had none. */
const CERTAIN_FAULTS = [
  new ApiError(503, -1001, "Internal error; unable to process your request. Please try again."),
  new ApiError(
    503,
    -1008,
    "Request throttled by system-level protection. Reduce-only/close-position orders are exempt.",
  ),
  // A text without a code (docs, general-info, HTTP return codes).
  { status: 503, headers: { "content-type": "text/plain" }, body: "Service Unavailable." },
] as const;

/** A fault as Binance words it. */
function faultOf(status: number, message: string, random: Random, hadNoEffect: boolean): ApiError | ServerResponse {
  if (status === 404) return new ApiError(404, -5000, message);
  if (status === 429) {
    return new ApiError(
      429,
      -1003,
      "Too many requests; please use the websocket for live updates to avoid polling the API.",
    );
  }
  const faults = hadNoEffect ? [...UNKNOWN_FAULTS, ...CERTAIN_FAULTS] : UNKNOWN_FAULTS;
  return faults[random.integer(faults.length)] ?? UNKNOWN_FAULTS[0];
}

function truthOf({ engine, firstId, ids, orderNames }: ProtocolContext): ProtocolTruth {
  return {
    orders: (accountId) =>
      engine
        .orders(accountId)
        .filter(({ orderId }) => !orderNames.isHidden(orderId))
        .map((view) => ({ orderId: orderNames.orderId(view.orderId), request: view, view, refusedFor: null })),
    orderId: (engineOrderId) => orderNames.orderId(engineOrderId),
    fillId: ({ tradeId }) => ids.trade(tradeId),
    tradeId: ({ tradeId }) => ids.trade(tradeId),
    paymentId: ({ paymentId }) => firstId + paymentId,
  };
}
