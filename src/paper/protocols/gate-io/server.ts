import type { ServerRequest, ServerResponse } from "../../../runtime/runtime.ts";
import type { EngineEvent } from "../../engine/types.ts";
import { AccountLedger } from "../account-ledger.ts";
import type { ApiKey } from "../accounts.ts";
import { Countdowns } from "../countdowns.ts";
import type { FrameSink } from "../frame.ts";
import { MarketSeries } from "../market-series.ts";
import { MatchingTurns } from "../matching-turns.ts";
import { OpenConnections } from "../open-connections.ts";
import type {
  PaperProtocol,
  ProtocolConnection,
  ProtocolPorts,
  ProtocolTruth,
  ProtocolUrls,
} from "../paper-protocol.ts";
import { PastViews } from "../past-views.ts";
import { PositionCostBook } from "../position-costs.ts";
import { protocolParts } from "../protocol-parts.ts";
import { type EngineIds, engineIds } from "../symbol-ids.ts";
import { BookPublishers } from "./books.ts";
import { GateConnection, isSocketTarget } from "./connection.ts";
import type { GateContext } from "./context.ts";
import { tooBusy } from "./errors.ts";
import { type Forced, ForcedLog } from "./forced-log.ts";
import { WireIds } from "./ids.ts";
import { OrderNotes } from "./order-notes.ts";
import { placeTriggered } from "./price-order-routes.ts";
import { PriceOrderDesk } from "./price-orders.ts";
import { PrivateHub } from "./private-channels.ts";
import { PublicHub } from "./public-channels.ts";
import { RateLimiter } from "./rate-limit.ts";
import { answerRequest, failure, formOf, kindOf, maintenance, nothingFound, placesOrder } from "./routes.ts";

/** Connections of one address at a time. */
const MAX_CONNECTIONS = 300;

/** The server side of Gate's API v4 for USDT futures. It keeps no socket and no clock of its own. */
export class GateServer implements PaperProtocol {
  readonly context: GateContext;
  readonly truth: ProtocolTruth;
  readonly placesOrder = placesOrder;
  readonly kindOf = kindOf;
  readonly maintenance = maintenance;
  readonly nothingFound = nothingFound;
  readonly ownsConnection = isSocketTarget;
  readonly #ports: ProtocolPorts;
  readonly #engineIds: EngineIds;
  readonly #turns: MatchingTurns;
  readonly #publicHub: PublicHub;
  readonly #privateHub: PrivateHub;
  readonly #connections = new OpenConnections<GateConnection>();

  constructor(ports: ProtocolPorts) {
    const { engine, firstId, now, timers, config } = ports;
    this.#ports = ports;
    this.#engineIds = engineIds(ports);
    this.#turns = new MatchingTurns(ports.queue);
    const parts = protocolParts(ports);
    const ids = new WireIds(firstId, this.#engineIds);
    const ledger = new AccountLedger(parts.hasAccount, now);
    this.context = {
      ...parts,
      series: new MarketSeries(engine, now),
      limiter: new RateLimiter(ports.rateLimits !== "off"),
      ids,
      notes: new OrderNotes(engine, ids),
      ledger,
      costs: new PositionCostBook(ledger),
      forced: new ForcedLog(),
      books: new BookPublishers({ engine, ids, now, past: new PastViews(ports.faults) }),
      countdowns: new Countdowns(timers),
      priceOrders: new PriceOrderDesk({
        kept: config.endedOrdersKept,
        now,
        nextId: () => ids.nextPriceOrder(),
        place: (order) => placeTriggered(this.context, order),
        onChanged: (order) => this.#privateHub.onPriceOrder(order),
      }),
      random: ports.random,
      submit: (work) => this.#turns.take(work),
    };
    this.truth = truthOf(this.context);
    this.#publicHub = new PublicHub(this.context, timers);
    this.#privateHub = new PrivateHub(this.context, timers);
  }

  /** The bases that Gate's hosts are: paths begin with `/api/v4` and `/v4/ws`. */
  urls(authority: string): ProtocolUrls {
    return { rest: `http://${authority}`, ws: `ws://${authority}` };
  }

  /** Private channels name the number of their user. */
  credentialsOf({ apiKey, apiSecret }: ApiKey): Readonly<Record<string, string>> {
    const userId = this.context.accounts.loginOf(apiKey)?.identifier ?? 0;
    return { apiKey, apiSecret, userId: String(userId) };
  }

  ownsRequest(path: string): boolean {
    return path.startsWith("/api/v4/");
  }

  answer(request: ServerRequest): Promise<ServerResponse> {
    return answerRequest(this.context, request);
  }

  failure(status: number, message: string, headers?: Readonly<Record<string, string>>): ServerResponse {
    return failure(this.context, status, message, headers);
  }

  connect(sink: FrameSink, request: ServerRequest): ProtocolConnection | { readonly refuse: number } {
    if (!isSocketTarget(request.target)) return { refuse: 404 };
    const { remoteAddress } = request;
    const isFull = this.#connections.countOf(remoteAddress) >= MAX_CONNECTIONS;
    if (this.#ports.rateLimits !== "off" && isFull) return { refuse: 429 };
    const connection = new GateConnection({
      context: this.context,
      publicHub: this.#publicHub,
      privateHub: this.#privateHub,
      sink,
      timers: this.#ports.timers,
      form: formOf(request.headers),
      onClosed: (closed) => this.#connections.remove(closed),
    });
    return this.#connections.add(connection, remoteAddress);
  }

  /** Takes what the engine did to those who listen. */
  onEvents(events: readonly EngineEvent[]): void {
    const { books, series, notes, ledger, forced, engine, priceOrders, now } = this.context;
    this.#engineIds.onEvents(events);
    books.onEvents(events);
    series.onEvents(events);
    ledger.record(events);
    const sizeLeft = ({ accountId, market, positionSide }: Omit<Forced, "timeMs" | "leftSize">) =>
      engine.positions(accountId, market).find(({ side }) => side === positionSide)?.size ?? 0n;
    forced.record(events, sizeLeft, now());
    this.#publicHub.onEvents(events);
    this.#privateHub.onEvents(events);
    priceOrders.onEvents(events);
    for (const event of events) if (event.type === "ordersForgotten") notes.forget(event.orderIds);
  }

  announceRestart(): void {
    for (const connection of this.#connections.all()) connection.announceUpgrade();
  }

  stop(): void {
    this.#publicHub.channels.stop();
    this.#privateHub.listeners.stop();
    this.context.countdowns.stop();
    this.#turns.stop(tooBusy());
  }
}

function truthOf({ engine, ids, notes }: GateContext): ProtocolTruth {
  return {
    orders: (accountId) =>
      engine
        .orders(accountId)
        .filter(({ orderId }) => !notes.isHidden(orderId))
        .map((view) => ({ orderId: ids.order(view.orderId), request: view, view, refusedFor: null })),
    orderId: (engineOrderId) => ids.order(engineOrderId),
    fillId: ({ tradeId }) => String(ids.trade(tradeId)),
    tradeId: ({ tradeId }) => String(ids.trade(tradeId)),
    paymentId: ({ paymentId }) => ids.bookRow("fund", paymentId),
  };
}
