import type { ServerRequest, ServerResponse, Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent } from "../../engine/types.ts";
import { AccountLedger } from "../account-ledger.ts";
import { Countdowns } from "../countdowns.ts";
import type { FrameSink } from "../frame.ts";
import { MarketStatistics } from "../market-statistics.ts";
import { OrderIntake } from "../order-intake.ts";
import type {
  PaperProtocol,
  ProtocolConnection,
  ProtocolPorts,
  ProtocolTruth,
  ProtocolUrls,
  RequestKind,
} from "../paper-protocol.ts";
import { PastViews } from "../past-views.ts";
import { PositionCostBook } from "../position-costs.ts";
import { type EngineIds, symbolIds, venueIds } from "../symbol-ids.ts";
import { BookPublishers } from "./books.ts";
import { OkxConnection, socketKindOf } from "./connection.ts";
import type { OkxContext } from "./context.ts";
import { indexOfPayment, WireIds } from "./ids.ts";
import { PrivateHub } from "./private-channels.ts";
import { PublicHub } from "./public-channels.ts";
import { RateLimiter } from "./rate-limit.ts";
import { answerRequest, failure, kindOf, maintenance, nothingFound } from "./routes.ts";

/** The server side of the OKX v5 protocol for linear swaps. It keeps no socket and no clock of its own. */
export class OkxServer implements PaperProtocol {
  readonly context: OkxContext;
  readonly truth: ProtocolTruth;
  readonly #publicHub: PublicHub;
  readonly #privateHub: PrivateHub;
  readonly #timers: Timers;
  readonly #engineIds: EngineIds;
  readonly #connections = new Set<OkxConnection>();
  /** Number of the engine that books count from: the start's is far below its first. */
  #origin: number;

  constructor(ports: ProtocolPorts) {
    const { engine, accounts, config, statistics, now, apply, publish, timers } = ports;
    this.#timers = timers;
    this.#origin = -ports.firstId;
    const hasAccount = (accountId: string) => accounts.has(accountId);
    const { firstId } = ports;
    this.#engineIds = ports.sharedIds === true ? symbolIds(firstId, hasAccount) : venueIds(firstId);
    const ids = new WireIds(firstId, this.#engineIds);
    const ledger = new AccountLedger(hasAccount, now);
    const orders = new OrderIntake<string>({
      queue: ports.queue,
      refusesAmend: () => ports.faults.happens("refuseAmend"),
      nextOrderId: () => ids.nextOrder(),
      lastPrice: (market) => engine.market(market)?.last ?? null,
      hasAccount,
      apply,
      publish,
      onRefused: (order) => this.#privateHub.pushOrder(order, { kind: "refused" }),
      now,
    });
    this.context = {
      engine,
      faults: ports.faults,
      config,
      accounts,
      statistics,
      marks: new MarketStatistics(),
      indexes: new MarketStatistics(),
      ids,
      orders,
      now,
      details: new Map(),
      canceling: new WeakSet(),
      limiter: new RateLimiter(ports.rateLimits !== "off"),
      ledger,
      costs: new PositionCostBook(ledger),
      books: new BookPublishers({
        engine,
        now,
        past: new PastViews(ports.faults),
        sequence: () => engine.sequence() - this.#origin,
        onFrame: (channel, instId, frame) => this.#publicHub.onBook(channel, instId, frame),
      }),
      countdowns: new Countdowns(timers),
      pushOrder: (order, push) => this.#privateHub.pushOrder(order, push),
      execute: (command) => {
        const events = apply(command);
        publish(events);
        return events;
      },
    };
    this.truth = truthOf(this.context);
    this.#publicHub = new PublicHub(this.context, timers);
    this.#privateHub = new PrivateHub(this.context, timers);
  }

  /** The bases that OKX's hosts are: paths begin with `/api/v5` and `/ws/v5`. */
  urls(authority: string): ProtocolUrls {
    return { rest: `http://${authority}`, ws: `ws://${authority}` };
  }

  ownsRequest(path: string): boolean {
    return path.startsWith("/api/v5/");
  }

  ownsConnection(target: string): boolean {
    return socketKindOf(target) !== undefined;
  }

  answer(request: ServerRequest): ServerResponse {
    return answerRequest(this.context, request);
  }

  failure(status: number, message: string, headers?: Readonly<Record<string, string>>): ServerResponse {
    return failure(status, message, headers);
  }

  placesOrder({ method, target }: ServerRequest): boolean {
    return method.toUpperCase() === "POST" && /^\/api\/v5\/trade\/(order|batch-orders)(\?|$)/.test(target);
  }

  kindOf(request: ServerRequest): RequestKind {
    return kindOf(request);
  }

  maintenance(): ServerResponse {
    return maintenance();
  }

  nothingFound(request: ServerRequest): ServerResponse | undefined {
    return nothingFound(request);
  }

  connect(sink: FrameSink, request: ServerRequest): ProtocolConnection | { readonly refuse: number } {
    const kind = socketKindOf(request.target);
    if (kind === undefined) return { refuse: 404 };
    if (!this.context.limiter.mayConnect(request.remoteAddress, this.context.now())) return { refuse: 429 };
    const hubs = { publicHub: this.#publicHub, privateHub: this.#privateHub };
    const connection = new OkxConnection(kind, this.context, hubs, { sink, timers: this.#timers }, (closed) =>
      this.#connections.delete(closed),
    );
    this.#connections.add(connection);
    return connection;
  }

  /** Takes what the engine did to those who listen. */
  onEvents(events: readonly EngineEvent[]): void {
    this.#engineIds.onEvents(events);
    for (const event of events) {
      switch (event.type) {
        case "markChanged":
          this.#recordMark(event);
          break;
        case "orderAccepted":
        case "orderOpened":
        case "orderChanged":
        case "orderAmended":
        case "orderClosed":
          this.context.orders.observe(event.order);
          break;
        case "ordersForgotten":
          for (const id of this.context.orders.forget(event.accountId, event.orderIds)) this.context.details.delete(id);
      }
    }
    this.context.ledger.record(events);
    this.#publicHub.onEvents(events);
    this.#privateHub.onEvents(events);
  }

  #recordMark({ market, mark, index }: Extract<EngineEvent, { type: "markChanged" }>): void {
    const at = {
      tradeId: 0,
      market,
      size: 0n,
      takerSide: "buy",
      liquidation: false,
      timeMs: this.context.now(),
    } as const;
    this.context.marks.record({ ...at, price: mark });
    this.context.indexes.record({ ...at, price: index });
  }

  /** Clients get a notice, and books count anew: their last message has a `seqId` below its `prevSeqId`. */
  announceRestart(): void {
    for (const connection of this.#connections) connection.announceEnd();
    const { books, engine } = this.context;
    books.restart(() => {
      this.#origin = engine.sequence() - 1;
    });
  }

  stop(): void {
    this.#publicHub.stop();
    this.#privateHub.stop();
    this.context.countdowns.stop();
  }
}

function truthOf({ orders, ids, accounts, ledger }: OkxContext): ProtocolTruth {
  return {
    orders: (accountId) => orders.all(accountId),
    orderId: (engineOrderId) => orders.byEngineId(engineOrderId)?.orderId ?? "",
    fillId: ({ tradeId }) => ids.trade(tradeId),
    tradeId: ({ tradeId }) => ids.trade(tradeId),
    paymentId: ({ accountId, paymentId }) =>
      ids.bill(accounts.identifier(accountId), indexOfPayment(ledger.log(accountId), paymentId)),
  };
}
