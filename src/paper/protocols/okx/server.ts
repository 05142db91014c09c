import type { ServerRequest, ServerResponse, Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent } from "../../engine/types.ts";
import { AccountLedger } from "../account-ledger.ts";
import { Countdowns } from "../countdowns.ts";
import type { FrameSink } from "../frame.ts";
import { MarketStatistics } from "../market-statistics.ts";
import { OpenConnections } from "../open-connections.ts";
import { OrderIntake } from "../order-intake.ts";
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
import { OkxConnection, socketKindOf } from "./connection.ts";
import type { OkxContext } from "./context.ts";
import { indexOfPayment, WireIds } from "./ids.ts";
import { PrivateHub } from "./private-channels.ts";
import { PublicHub } from "./public-channels.ts";
import { RateLimiter } from "./rate-limit.ts";
import { answerRequest, failure, kindOf, maintenance, nothingFound, placesOrder } from "./routes.ts";

/** The server side of the OKX v5 protocol for linear swaps. It keeps no socket and no clock of its own. */
export class OkxServer implements PaperProtocol {
  readonly context: OkxContext;
  readonly truth: ProtocolTruth;
  readonly failure = failure;
  readonly placesOrder = placesOrder;
  readonly kindOf = kindOf;
  readonly maintenance = maintenance;
  readonly nothingFound = nothingFound;
  readonly #publicHub: PublicHub;
  readonly #privateHub: PrivateHub;
  readonly #timers: Timers;
  readonly #engineIds: EngineIds;
  readonly #connections = new OpenConnections<OkxConnection>();
  /** Number of the engine that books count from: the start's is far below its first. */
  #origin: number;

  constructor(ports: ProtocolPorts) {
    const { engine, now, timers, firstId } = ports;
    this.#timers = timers;
    this.#origin = -firstId;
    this.#engineIds = engineIds(ports);
    const parts = protocolParts(ports);
    const { hasAccount, apply, publish } = parts;
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
      ...parts,
      marks: new MarketStatistics(),
      indexes: new MarketStatistics(),
      ids,
      orders,
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

  connect(sink: FrameSink, request: ServerRequest): ProtocolConnection | { readonly refuse: number } {
    const kind = socketKindOf(request.target);
    if (kind === undefined) return { refuse: 404 };
    if (!this.context.limiter.mayConnect(request.remoteAddress, this.context.now())) return { refuse: 429 };
    const hubs = { publicHub: this.#publicHub, privateHub: this.#privateHub };
    const connection = new OkxConnection(kind, this.context, hubs, { sink, timers: this.#timers }, (closed) =>
      this.#connections.remove(closed),
    );
    return this.#connections.add(connection, request.remoteAddress);
  }

  /** Takes what the engine did to those who listen. */
  onEvents(events: readonly EngineEvent[]): void {
    this.#engineIds.onEvents(events);
    const { orders, details } = this.context;
    for (const event of events) if (event.type === "markChanged") this.#recordMark(event);
    orders.onEvents(events, {
      onForgotten: (ids) => {
        for (const id of ids) details.delete(id);
      },
    });
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
    for (const connection of this.#connections.all()) connection.announceEnd();
    const { books, engine } = this.context;
    books.restart(() => {
      this.#origin = engine.sequence() - 1;
    });
  }

  stop(): void {
    this.#publicHub.channels.stop();
    this.#privateHub.listeners.stop();
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
