import type { Clock, Random, ServerRequest, ServerResponse, Timers } from "../../../runtime/runtime.ts";
import type { Command, Engine, EngineConfig, EngineEvent } from "../../engine/types.ts";
import { AccountDirectory, type ApiKey } from "./accounts.ts";
import { ChannelHub } from "./channels.ts";
import { ConditionalDesk } from "./conditional-desk.ts";
import { FtxConnection } from "./connection.ts";
import type { ApiContext } from "./context.ts";
import type { FrameSink } from "./frame.ts";
import { MarketStatistics } from "./market-statistics.ts";
import { MatchingQueue } from "./matching-queue.ts";
import { OrderDesk } from "./order-desk.ts";
import { RateLimiter, type RateLimits } from "./rate-limit.ts";
import { answerRequest } from "./routes.ts";

export interface FtxServerOptions {
  readonly engine: Engine;
  readonly config: Pick<EngineConfig, "makerFee" | "takerFee" | "startMs">;
  readonly keys: readonly ApiKey[];
  readonly rateLimits: RateLimits | undefined;
  /** How long an accepted order waits for the matching engine. */
  readonly matchingDelayMs: readonly [least: number, most: number];
  readonly ports: { readonly clock: Clock; readonly timers: Timers; readonly random: Random };
  /** The venue's time, epoch milliseconds; it never goes back. */
  now(): number;
  /** Executes on the engine without telling anyone. */
  apply(command: Command): readonly EngineEvent[];
  /** Tells everyone; it comes back as `onEvents`. */
  publish(events: readonly EngineEvent[]): void;
}

/** Ids start at the second of the start times this, so that those of a later start are larger. */
const IDS_PER_SECOND = 100_000;

/** The server side of the FTX protocol over an engine. It keeps no socket and no clock of its own. */
export class FtxServer {
  readonly context: ApiContext;
  readonly #hub: ChannelHub;
  readonly #queue: MatchingQueue;
  readonly #orders: OrderDesk;
  readonly #conditionals: ConditionalDesk;
  readonly #statistics = new MarketStatistics();
  readonly #timers: Timers;

  constructor(options: FtxServerOptions) {
    const { engine, ports, now, apply, publish } = options;
    const accounts = new AccountDirectory(options.keys);
    const firstId = Math.floor(options.config.startMs / 1_000) * IDS_PER_SECOND;
    this.#timers = ports.timers;
    this.#queue = new MatchingQueue(ports, options.matchingDelayMs);
    this.#orders = new OrderDesk({
      engine,
      queue: this.#queue,
      apply,
      publish,
      now,
      firstId,
      hasAccount: (accountId) => accounts.has(accountId),
      onRefused: (order) => this.#hub.sendOrder(order),
    });
    this.#conditionals = new ConditionalDesk({ engine, orders: this.#orders, firstId, now });
    this.context = {
      engine,
      config: options.config,
      accounts,
      limiter: new RateLimiter(options.rateLimits),
      orders: this.#orders,
      conditionals: this.#conditionals,
      statistics: this.#statistics,
      firstId,
      execute: (command) => {
        const events = apply(command);
        publish(events);
        return events;
      },
      now,
    };
    this.#hub = new ChannelHub(this.context, ports.timers);
  }

  /** Answers a request under `/api`. */
  answer(request: ServerRequest): ServerResponse {
    return answerRequest(this.context, request);
  }

  connect(sink: FrameSink): FtxConnection {
    return new FtxConnection(this.context, this.#hub, sink, this.#timers);
  }

  /** Takes what the engine did to those who listen. */
  onEvents(events: readonly EngineEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case "trade":
          this.#statistics.record(event.trade);
          break;
        case "orderAccepted":
          this.#orders.observe(event.order);
          break;
        case "orderOpened":
        case "orderChanged":
        case "orderClosed": {
          const order = this.#orders.observe(event.order);
          if (order !== undefined) this.#hub.sendOrder(order);
          break;
        }
      }
    }
    this.#hub.onEvents(events);
    for (const event of events) this.#conditionals.onEvent(event);
  }

  /** The notice that FTX sent before a restart. */
  announceRestart(): void {
    this.#hub.broadcast({ type: "info", code: 20_001, msg: "Server restarting, please reconnect" });
  }

  stop(): void {
    this.#queue.stop();
    this.#hub.stop();
  }
}
