import type { ServerRequest, ServerResponse, Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent } from "../../engine/types.ts";
import type { FrameSink } from "../frame.ts";
import { OpenConnections } from "../open-connections.ts";
import type { PaperProtocol, ProtocolPorts, ProtocolTruth, ProtocolUrls } from "../paper-protocol.ts";
import { PastViews } from "../past-views.ts";
import { protocolParts } from "../protocol-parts.ts";
import { FtxHub } from "./channels.ts";
import { ConditionalDesk } from "./conditional-desk.ts";
import { FtxConnection } from "./connection.ts";
import type { ProtocolContext } from "./context.ts";
import { OrderDesk } from "./order-desk.ts";
import { RateLimiter, STRICT_LIMITS } from "./rate-limit.ts";
import { answerRequest, failure, kindOf } from "./routes.ts";
import { TransferLog } from "./transfer-log.ts";

/** The server side of the FTX protocol over an engine. It keeps no socket and no clock of its own. */
export class FtxServer implements PaperProtocol {
  readonly context: ProtocolContext;
  readonly truth: ProtocolTruth;
  readonly failure = failure;
  readonly kindOf = kindOf;
  readonly #connections = new OpenConnections<FtxConnection>();
  readonly #hub: FtxHub;
  readonly #orders: OrderDesk;
  readonly #conditionals: ConditionalDesk;
  readonly #timers: Timers;

  constructor(ports: ProtocolPorts) {
    const { firstId, rateLimits, queue } = ports;
    this.#timers = ports.timers;
    const parts = protocolParts(ports);
    const { engine, config, faults, now, hasAccount, apply, publish } = parts;
    this.#orders = new OrderDesk({
      ...{ engine, queue, apply, publish, now, firstId, hasAccount },
      onRefused: (order) => this.#hub.sendOrder(order),
    });
    this.#conditionals = new ConditionalDesk({ engine, config, orders: this.#orders, firstId, now });
    const limits = rateLimits === "strict" ? STRICT_LIMITS : rateLimits;
    this.context = {
      ...parts,
      pastBooks: new PastViews(faults),
      limiter: new RateLimiter(limits === "off" ? undefined : limits),
      orders: this.#orders,
      conditionals: this.#conditionals,
      transfers: new TransferLog(hasAccount, now),
      firstId,
    };
    this.truth = {
      orders: (accountId) => this.#orders.intake.all(accountId),
      orderId: (engineOrderId) => this.#orders.wireOrderId(engineOrderId),
      fillId: ({ fillId }) => firstId + fillId,
      tradeId: ({ tradeId }) => firstId + tradeId,
      paymentId: ({ paymentId }) => firstId + paymentId,
    };
    this.#hub = new FtxHub(this.context, ports.timers);
  }

  urls(authority: string): ProtocolUrls {
    return { rest: `http://${authority}/api`, ws: `ws://${authority}/ws` };
  }

  /** FTX has nothing under `/api/v5/`, which is OKX's. */
  ownsRequest(path: string): boolean {
    return path === "/api" || (path.startsWith("/api/") && !/^\/api\/v[45]\//.test(path));
  }

  ownsConnection(target: string): boolean {
    return /^\/ws\/?(\?|$)/.test(target);
  }

  answer(request: ServerRequest): ServerResponse {
    return answerRequest(this.context, request);
  }

  placesOrder({ method, target }: ServerRequest): boolean {
    return method.toUpperCase() === "POST" && /\/orders(\/|\?|$)/.test(target);
  }

  /** FTX's words for a maintenance are not known; clients know these for a venue that cannot answer now. */
  maintenance(): ServerResponse {
    return failure(503, "Please retry request");
  }

  nothingFound({ target }: ServerRequest): ServerResponse | undefined {
    return /^\/api\/orders\/(?!history)/.test(target) ? failure(404, "Order not found") : undefined;
  }

  connect(sink: FrameSink, { remoteAddress }: ServerRequest): FtxConnection {
    const onClosed = (closed: FtxConnection) => this.#connections.remove(closed);
    const connection = new FtxConnection({
      ...{ context: this.context, hub: this.#hub, sink, timers: this.#timers, onClosed },
    });
    return this.#connections.add(connection, remoteAddress);
  }

  /** Takes what the engine did to those who listen. */
  onEvents(events: readonly EngineEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case "orderAccepted":
          this.#orders.intake.observe(event.order);
          break;
        case "ordersForgotten":
          this.#orders.intake.forget(event.accountId, event.orderIds);
          break;
        case "orderOpened":
        case "orderChanged":
        case "orderAmended":
        case "orderClosed": {
          const order = this.#orders.intake.observe(event.order);
          if (order !== undefined) this.#hub.sendOrder(order);
          break;
        }
      }
    }
    this.#hub.onEvents(events);
    for (const event of events) {
      this.context.transfers.onEvent(event);
      this.#conditionals.onEvent(event);
    }
  }

  announceRestart(): void {
    for (const connection of this.#connections.all()) connection.announceRestart();
  }

  stop(): void {
    this.#hub.stop();
  }
}
