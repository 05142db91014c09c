import type { ServerRequest, ServerResponse, Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent } from "../../engine/types.ts";
import { AccountLedger } from "../account-ledger.ts";
import type { FrameSink } from "../frame.ts";
import { MarketSeries } from "../market-series.ts";
import { OrderIntake } from "../order-intake.ts";
import type {
  PaperProtocol,
  ProtocolConnection,
  ProtocolPorts,
  ProtocolTruth,
  ProtocolUrls,
} from "../paper-protocol.ts";
import { PastViews } from "../past-views.ts";
import { protocolParts } from "../protocol-parts.ts";
import { settlementName } from "./account-objects.ts";
import { BookPublishers } from "./book-publishers.ts";
import { BybitConnection, socketKindOf } from "./connection.ts";
import type { BybitContext } from "./context.ts";
import { DisconnectProtection } from "./disconnect-protection.ts";
import { WireIds } from "./ids.ts";
import { cancelAll } from "./order-commands.ts";
import { OtherCoins } from "./other-coins.ts";
import { PrivateHub } from "./private-channels.ts";
import { PublicHub } from "./public-channels.ts";
import { RateLimiter } from "./rate-limit.ts";
import { answerRequest, failure, kindOf, maintenance, placesOrder } from "./routes.ts";

/** The server side of the Bybit v5 protocol for linear perpetuals. It keeps no socket and no clock of its own. */
export class BybitServer implements PaperProtocol {
  readonly context: BybitContext;
  readonly truth: ProtocolTruth;
  readonly kindOf = kindOf;
  readonly placesOrder = placesOrder;
  readonly #publicHub: PublicHub;
  readonly #privateHub: PrivateHub;
  readonly #timers: Timers;
  #closedSinceMs = Number.NEGATIVE_INFINITY;

  constructor(ports: ProtocolPorts) {
    const { engine, now, timers } = ports;
    this.#timers = timers;
    const parts = protocolParts(ports);
    const { hasAccount, apply, publish } = parts;
    const ids = new WireIds(ports.firstId, ports.random);
    const orders = new OrderIntake<string>({
      queue: ports.queue,
      refusesAmend: () => ports.faults.happens("refuseAmend"),
      nextOrderId: () => ids.nextOrder(),
      lastPrice: (market) => engine.market(market)?.last ?? null,
      hasAccount,
      apply,
      publish,
      onRefused: (order) => this.#privateHub.sendOrder(order),
      now,
    });
    this.context = {
      ...parts,
      prices: new MarketSeries(engine, now),
      ids,
      orders,
      limiter: new RateLimiter(ports.rateLimits !== "off"),
      priceRefusers: new Set(),
      otherCoins: new OtherCoins((accountId) => (engine.account(accountId)?.cash ?? 0n) !== 0n),
      sendOtherCoin: (accountId, coin) => this.#privateHub.sendOtherCoin(accountId, coin),
      ledger: new AccountLedger(hasAccount, now),
      books: new BookPublishers({
        engine,
        now,
        past: new PastViews(ports.faults),
        sequence: (engineSequence) => ids.sequence(engineSequence),
        onUpdate: (depth, symbol, frame) => this.#publicHub.onBook(depth, symbol, frame),
      }),
      protection: new DisconnectProtection(timers, (accountId) => cancelAll(this.context, accountId, () => true)),
      sendOrderAgain: (order, changes) => this.#privateHub.sendOrder(order, changes),
      closedSinceMs: () => this.#closedSinceMs,
    };
    this.truth = {
      orders: (accountId) => orders.all(accountId),
      orderId: (engineOrderId) => orders.byEngineId(engineOrderId)?.orderId ?? "",
      fillId: ({ fillId }) => ids.execution(fillId),
      tradeId: ({ tradeId }) => ids.trade(tradeId),
      paymentId: (payment) => settlementName(this.context, payment),
    };
    this.#publicHub = new PublicHub(this.context, timers);
    this.#privateHub = new PrivateHub(this.context, timers);
  }

  /** The bases that Bybit's hosts are: paths begin with `/v5`. */
  urls(authority: string): ProtocolUrls {
    return { rest: `http://${authority}`, ws: `ws://${authority}` };
  }

  ownsRequest(path: string): boolean {
    return path === "/v5" || path.startsWith("/v5/");
  }

  ownsConnection(target: string): boolean {
    return socketKindOf(target) !== undefined;
  }

  answer(request: ServerRequest): ServerResponse {
    return answerRequest(this.context, request);
  }

  failure(status: number, message: string, headers?: Readonly<Record<string, string>>): ServerResponse {
    return failure(this.context, status, message, headers);
  }

  maintenance(): ServerResponse {
    return maintenance(this.context);
  }

  connect(sink: FrameSink, request: ServerRequest): ProtocolConnection | { readonly refuse: number } {
    const kind = socketKindOf(request.target);
    if (kind === undefined) return { refuse: 404 };
    if (!this.context.limiter.mayConnect(request.remoteAddress, this.context.now())) return { refuse: 403 };
    const hubs = { publicHub: this.#publicHub, privateHub: this.#privateHub };
    return new BybitConnection(kind, this.context, hubs, { sink, timers: this.#timers, target: request.target });
  }

  /** Takes what the engine did to those who listen. */
  onEvents(events: readonly EngineEvent[]): void {
    this.context.orders.onEvents(events);
    this.context.prices.onEvents(events);
    const executions = this.context.ledger.record(events);
    this.#publicHub.onEvents(events);
    this.#privateHub.onEvents(events, executions);
  }

  /** Books count from 1 again and `/v5/order/realtime` forgets closed orders; there is no notice. */
  announceRestart(): void {
    this.#closedSinceMs = this.context.now();
    this.context.books.restart();
  }

  stop(): void {
    this.#publicHub.channels.stop();
    this.#privateHub.listeners.stop();
    this.context.protection.stop();
  }
}
