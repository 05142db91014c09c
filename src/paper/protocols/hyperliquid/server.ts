import type { ServerRequest, ServerResponse, Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent } from "../../engine/types.ts";
import type { ApiKey } from "../accounts.ts";
import { Countdowns } from "../countdowns.ts";
import type { FrameSink } from "../frame.ts";
import { MatchingTurns } from "../matching-turns.ts";
import { OrderIntake } from "../order-intake.ts";
import type {
  PaperProtocol,
  ProtocolConnection,
  ProtocolOrder,
  ProtocolPorts,
  ProtocolTruth,
  ProtocolUrls,
} from "../paper-protocol.ts";
import { PastViews } from "../past-views.ts";
import { protocolParts } from "../protocol-parts.ts";
import { type EngineIds, engineIds } from "../symbol-ids.ts";
import { AccountFacts } from "./account-facts.ts";
import { AddressBook } from "./address-book.ts";
import { Books } from "./books.ts";
import { HyperliquidConnection } from "./connection.ts";
import type { HyperliquidContext } from "./context.ts";
import { failsAt } from "./errors.ts";
import { Firings } from "./firings.ts";
import { WireIds } from "./ids.ts";
import { MarketHub } from "./market-channels.ts";
import { NonceBook } from "./nonces.ts";
import { toldOrder, toldTrigger } from "./order-objects.ts";
import type { OrderDetails, TriggerOrder } from "./orders.ts";
import { RateLimiter } from "./rate-limit.ts";
import { answerRequest, failure, kindOf, maintenance, nothingFound, pathOf } from "./routes.ts";
import { TriggerDesk } from "./triggers.ts";
import { Universe } from "./universe.ts";
import { UserHub } from "./user-channels.ts";

/** The server side of Hyperliquid's perpetuals. It keeps no socket and no clock of its own. */
export class HyperliquidServer implements PaperProtocol {
  readonly isKeyless = true;
  readonly context: HyperliquidContext;
  readonly truth: ProtocolTruth;
  readonly failure = failure;
  readonly kindOf = kindOf;
  readonly maintenance = maintenance;
  readonly nothingFound = nothingFound;
  readonly #engineIds: EngineIds;
  readonly #marketHub: MarketHub;
  readonly #userHub: UserHub;
  readonly #timers: Timers;

  constructor(ports: ProtocolPorts) {
    const { firstId, timers } = ports;
    this.#timers = timers;
    this.#engineIds = engineIds(ports);
    this.context = this.#contextOf(ports, new WireIds(firstId, this.#engineIds));
    this.#marketHub = new MarketHub(this.context, timers);
    this.#userHub = new UserHub(this.context, timers);
    const { orders, ids, universe, triggers } = this.context;
    this.truth = {
      orders: (accountId) => [...orders.all(accountId), ...triggers.all(accountId).map(truthOfTrigger)],
      orderId: (engineOrderId) => orders.byEngineId(engineOrderId)?.orderId ?? 0,
      fillId: (fill) => ids.fill(fill),
      tradeId: ({ tradeId }) => ids.trade(tradeId),
      paymentId: (payment) => ids.payment(payment, universe.ofMarket(payment.market).coin),
    };
  }

  #contextOf(ports: ProtocolPorts, ids: WireIds): HyperliquidContext {
    const { queue, timers } = ports;
    const parts = protocolParts(ports);
    const { engine, config, faults, accounts, now, hasAccount, apply, publish } = parts;
    const details = new Map<number, OrderDetails>();
    const orders = new OrderIntake<number>({
      ...{ queue, hasAccount, apply, publish, now },
      nextOrderId: () => ids.nextOrder(),
      lastPrice: (market) => engine.market(market)?.last ?? null,
      onRefused: (order) => this.#userHub.pushOrder(order.request.accountId, toldOrder(this.context, order)),
    });
    const triggers = new TriggerDesk({
      ...{ engine, config, queue, details, now },
      place: (placement, oid) => void orders.placeNow(placement, oid),
      onChanged: (order) => this.#userHub.pushOrder(order.accountId, toldTrigger(order)),
    });
    return {
      ...{ ...parts, details, orders, triggers, ids },
      addresses: new AddressBook(accounts),
      nonces: new NonceBook(),
      universe: new Universe(engine),
      limiter: new RateLimiter(ports.rateLimits !== "off"),
      turns: new MatchingTurns(queue),
      facts: new AccountFacts(hasAccount, now),
      books: new Books(engine, new PastViews(faults), now),
      countdowns: new Countdowns(timers),
      firings: new Firings(),
    };
  }

  /** Paths begin with a name of their own, because `/ws` is FTX's where the box speaks that as well. */
  urls(authority: string): ProtocolUrls {
    return { rest: `http://${authority}/hyperliquid`, ws: `ws://${authority}/hyperliquid/ws` };
  }

  ownsRequest(path: string): boolean {
    return pathOf(path) === "/info" || pathOf(path) === "/exchange";
  }

  ownsConnection(target: string): boolean {
    return pathOf(target) === "/ws";
  }

  credentialsOf(key: ApiKey): Readonly<Record<string, string>> {
    return this.context.addresses.credentialsOf(key);
  }

  answer(request: ServerRequest): Promise<ServerResponse> {
    return answerRequest(this.context, request);
  }

  placesOrder(request: ServerRequest): boolean {
    return kindOf(request) === "order";
  }

  connect(
    sink: FrameSink,
    { remoteAddress: address }: ServerRequest,
  ): ProtocolConnection | { readonly refuse: number } {
    if (!this.context.limiter.connect(address, this.context.now())) return { refuse: 429 };
    const hubs = { marketHub: this.#marketHub, userHub: this.#userHub };
    return new HyperliquidConnection(this.context, hubs, { sink, timers: this.#timers, address });
  }

  /** Takes what the engine did to those who listen. */
  onEvents(events: readonly EngineEvent[]): void {
    const { orders, details, facts, triggers } = this.context;
    this.#engineIds.onEvents(events);
    orders.onEvents(events, {
      onClosed: ({ orderId, view }) => triggers.onParentClosed(orderId, view?.filled === view?.size),
      onForgotten: (oids) => {
        for (const oid of oids) details.delete(oid);
      },
    });
    facts.record(events);
    this.#marketHub.onEvents(events);
    this.#userHub.onEvents(events);
    triggers.onEvents(events);
  }

  /** Does nothing: this venue sends no notice. */
  announceRestart(): void {
    this.context.books.forget();
  }

  stop(): void {
    this.#marketHub.channels.stop();
    this.#userHub.listeners.stop();
    this.context.countdowns.stop();
    this.context.turns.stop(failsAt());
  }
}

/** One that waits is new to the engine, and one that ended without firing never reached it. */
function truthOfTrigger(order: TriggerOrder): ProtocolOrder {
  const { oid: orderId, market, side, price, size, cloid: clientId, status } = order;
  const isOpen = status === "open" || status === "waiting" || status === "triggered";
  const request = { clientId, market, side, type: "limit", price, size } as const;
  return { orderId, request, view: null, refusedFor: isOpen ? null : status };
}
