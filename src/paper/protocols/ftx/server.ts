import type { ServerRequest, ServerResponse, Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent } from "../../engine/types.ts";
import type { FrameSink } from "../frame.ts";
import type { PaperProtocol, ProtocolPorts, ProtocolTruth, ProtocolUrls, RequestKind } from "../paper-protocol.ts";
import { PastViews } from "../past-views.ts";
import { ChannelHub } from "./channels.ts";
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
  readonly #hub: ChannelHub;
  readonly #orders: OrderDesk;
  readonly #conditionals: ConditionalDesk;
  readonly #timers: Timers;

  constructor(ports: ProtocolPorts) {
    const { engine, accounts, config, firstId, statistics, now, apply, publish, rateLimits } = ports;
    this.#timers = ports.timers;
    this.#orders = new OrderDesk({
      engine,
      queue: ports.queue,
      apply,
      publish,
      now,
      firstId,
      hasAccount: (accountId) => accounts.has(accountId),
      onRefused: (order) => this.#hub.sendOrder(order),
    });
    this.#conditionals = new ConditionalDesk({ engine, config, orders: this.#orders, firstId, now });
    const limits = rateLimits === "strict" ? STRICT_LIMITS : rateLimits;
    this.context = {
      engine,
      faults: ports.faults,
      pastBooks: new PastViews(ports.faults),
      config,
      accounts,
      limiter: new RateLimiter(limits === "off" ? undefined : limits),
      orders: this.#orders,
      conditionals: this.#conditionals,
      statistics,
      transfers: new TransferLog((accountId) => accounts.has(accountId), now),
      firstId,
      execute: (command) => {
        const events = apply(command);
        publish(events);
        return events;
      },
      now,
    };
    this.truth = {
      orders: (accountId) => this.#orders.all(accountId),
      orderId: (engineOrderId) => this.#orders.wireOrderId(engineOrderId),
      fillId: ({ fillId }) => firstId + fillId,
      tradeId: ({ tradeId }) => firstId + tradeId,
      paymentId: ({ paymentId }) => firstId + paymentId,
    };
    this.#hub = new ChannelHub(this.context, ports.timers);
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

  failure(status: number, message: string, headers?: Readonly<Record<string, string>>): ServerResponse {
    return failure(status, message, headers);
  }

  placesOrder({ method, target }: ServerRequest): boolean {
    return method.toUpperCase() === "POST" && /\/orders(\/|\?|$)/.test(target);
  }

  kindOf(request: ServerRequest): RequestKind {
    return kindOf(request);
  }

  /** FTX's words for a maintenance are not known; clients know these for a venue that cannot answer now. */
  maintenance(): ServerResponse {
    return failure(503, "Please retry request");
  }

  nothingFound({ target }: ServerRequest): ServerResponse | undefined {
    return /^\/api\/orders\/(?!history)/.test(target) ? failure(404, "Order not found") : undefined;
  }

  connect(sink: FrameSink): FtxConnection {
    return new FtxConnection(this.context, this.#hub, sink, this.#timers);
  }

  /** Takes what the engine did to those who listen. */
  onEvents(events: readonly EngineEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case "orderAccepted":
          this.#orders.observe(event.order);
          break;
        case "ordersForgotten":
          this.#orders.forget(event.accountId, event.orderIds);
          break;
        case "orderOpened":
        case "orderChanged":
        case "orderAmended":
        case "orderClosed": {
          const order = this.#orders.observe(event.order);
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

  /** The notice that FTX sent before a restart. */
  announceRestart(): void {
    this.#hub.broadcast({ type: "info", code: 20_001, msg: "Server restarting, please reconnect" });
  }

  stop(): void {
    this.#hub.stop();
  }
}
