import { createHash } from "node:crypto";
import { describeError, PerpwireError } from "../model/error.ts";
import type { OrderEvent } from "../model/event.ts";
import type { CredentialSpec, Credentials } from "../net/auth.ts";
import type { ConnectorLifeOptions } from "./connector-life.ts";
import type { ConnectorParts } from "./connector-parts.ts";
import { createTrading } from "./create-trading.ts";
import { OrderRehearsal } from "./order-rehearsal.ts";
import { retryRead } from "./retry-read.ts";
import { tellIfSlow } from "./tell-if-slow.ts";
import type { TradingSide } from "./trading-side.ts";

/** A program that listens to no fills after this long does not want to hear of earlier ones. */
const FIRST_LISTENER_MS = 10_000;
/** The same where the connector does not become ready. */
const MAX_WAIT_MS = 300_000;
/** Connections to the venue that wait for orders which find no other. */
const CONNECTIONS_READY = 4;

/** Steps of a connector's life, from the first request of its start to the last word of its stop. */
export class ConnectorRun {
  readonly #parts: ConnectorParts;
  /** Lets go of the connections that are kept ready. */
  #letGo: (() => void) | undefined;

  constructor(parts: ConnectorParts) {
    this.#parts = parts;
    if (parts.options.cancelLostOrders === true) parts.events.on("orderLost", (order) => this.#cancelLost(order));
  }

  get steps(): Omit<ConnectorLifeOptions, "tasks"> {
    return {
      prepare: (signal, timeoutMs) => this.#takeStartSteps(signal, timeoutMs),
      begin: () => this.#begin(),
      endOrders: () => this.#endOrders(),
      close: () => this.#close(),
      release: async () => {
        this.#parts.events.removeAll();
        await this.#parts.options.companion?.[Symbol.asyncDispose]();
      },
    };
  }

  #begin(): void {
    const { tasks, market, trading, network, readiness } = this.#parts;
    tasks.run("the market data", (stop) => market.run(stop));
    if (trading !== undefined) tasks.run("the account", (stop) => trading.run(stop));
    if (trading !== undefined) tasks.run("the first news", (stop) => this.#tellWhenHeard(trading, stop));
    const { orderSocket } = network.factory;
    if (orderSocket !== undefined) tasks.run("the socket for orders", (stop) => orderSocket.run(stop));
    tasks.run("the readiness", (stop) => readiness.run(stop));
    tasks.run("the clock", (stop) => network.timeSynchronizationLoop(stop));
  }

  /**
   * News that earlier processes could not tell, and that the first catch-up finds, waits for the program's listeners,
   * which come after `connect()`: for the first one, or a while after it was ready for a program that has none.
   */
  async #tellWhenHeard({ untold }: TradingSide, signal: AbortSignal): Promise<void> {
    const { timers } = this.#parts.options.runtime;
    const ready = new Promise<void>((resolve) => this.#parts.events.once("ready", () => resolve()));
    const patience = ready.then(() => timers.sleep(FIRST_LISTENER_MS, signal));
    await Promise.race([this.#parts.hub.heard, patience, timers.sleep(MAX_WAIT_MS, signal)]);
    untold.open();
  }

  async #takeStartSteps(signal: AbortSignal, timeoutMs: number | undefined): Promise<void> {
    const { runtime, credentials } = this.#parts.options;
    const { clock, timers } = runtime;
    const endsMs = timeoutMs === undefined ? undefined : clock.monotonic() + timeoutMs;
    const onFirstFailure = (error: unknown) =>
      this.#parts.logger.warn("the start failed, trying again", { error: describeError(error) });
    const retry = { clock, timers, signal, retryForMs: timeoutMs, endsMs, onFirstFailure };
    const take = (what: string, step: (attempt: AbortSignal) => Promise<void>): Promise<void> =>
      tellIfSlow(what, { timers, logger: this.#parts.logger }, retryRead(retry, step));
    await take("its clock", (attempt) => this.#parts.network.start(attempt));
    await take("its markets", (attempt) => this.#parts.market.updateTradingRules(attempt));
    this.#parts.life.assertNotStopped();
    if (credentials === undefined) {
      this.#parts.market.takeKnownMarkets(() => undefined);
      return;
    }
    const trading = this.#createTradingSide(credentials);
    this.#parts.trading = trading;
    trading.restore();
    trading.takeKnownMarkets();
    if (this.#parts.isTradingRequired) this.#prepareOrders(trading);
    const account = `balances, fees and position modes of ${this.#parts.market.tradingPairs.length} markets`;
    await take(account, (attempt) => trading.initialize(attempt));
  }

  /**
   * The first orders find connections that are made and code that is compiled, where the network is a real one: a
   * handshake and the engine's compiler would take them tens of milliseconds.
   */
  #prepareOrders(trading: TradingSide): void {
    const { tasks, venue, options, budgetSource, market, logger, network } = this.#parts;
    const { runtime } = options;
    const { http } = runtime;
    if (http.keepReady === undefined) return;
    const url = venue.webUtils.restUrl({ method: "GET", path: "/", isAuthRequired: false, limitId: "" });
    this.#letGo = http.keepReady(url, CONNECTIONS_READY);
    const { account, dailyResult } = trading;
    const known = { venue, runtime, market, logger, budgetSource, account, dailyResult, factory: network.factory };
    const rehearsal = new OrderRehearsal({ ...known, orderCollateral: trading.createOrderCollateral() });
    tasks.run("the rehearsal of orders", (signal) => rehearsal.run(signal));
  }

  #createTradingSide(credentials: Credentials): TradingSide {
    const { runtime, journalPath = ":memory:", journalDurability = "process" } = this.#parts.options;
    if (
      this.#parts.options.journalPath === undefined &&
      this.#parts.options.companion === undefined &&
      this.#parts.isTradingRequired
    ) {
      this.#parts.logger.warn("orders, fills and the day's result are kept in memory: a restart forgets them", {
        hint: 'journalPath names a file that keeps them; ":memory:" says that this is meant',
      });
    }
    return createTrading({
      venue: this.#parts.venue,
      runtime,
      factory: this.#parts.network.factory,
      logger: this.#parts.logger,
      timings: this.#parts.timings,
      events: this.#parts.events,
      market: this.#parts.market,
      tasks: this.#parts.tasks,
      journalPath,
      journalDurability,
      doneOrdersKept: this.#parts.options.doneOrdersKept,
      feeOverrides: this.#parts.options.feeOverrides,
      accountKey: accountKeyOf(this.#parts.venue.manifest.credentials, credentials),
      onFault: (error) => this.#parts.hub.fault(error),
      unreadable: this.#parts.unreadable,
    });
  }

  /** Requests under way get a moment to be answered, so that no order is left unknown without need. */
  async #endOrders(): Promise<void> {
    const trading = this.#parts.trading;
    if (trading === undefined) return;
    const { timers } = this.#parts.options.runtime;
    trading.entry.withdrawAll();
    if (this.#parts.options.cancelOnStop === true) await this.#parts.cancelAll(this.#parts.timings.requestTimeoutMs);
    const pending = trading.tracker.activeOrders.filter((order) => order.state === "pendingCreate");
    if (pending.length === 0) return;
    const patience = new AbortController();
    const answered = Promise.all(pending.map((order) => order.accepted)).then(() => patience.abort());
    await timers.sleep(this.#parts.timings.requestTimeoutMs, patience.signal).catch(() => answered);
  }

  #close(): void {
    const stopped = new PerpwireError("the connector has stopped", { code: "STOPPED", outcome: "unknown" });
    this.#letGo?.();
    this.#parts.market.books.close("the connector has stopped");
    this.#parts.trading?.tracker.detach(stopped);
    this.#parts.trading?.close();
  }

  /** Cancels a lost order; the order desk repeats the request until the venue tells the order's fate. */
  #cancelLost({ clientOrderId }: OrderEvent): void {
    this.#parts.logger.warn("an order is lost: it is canceled in case the venue has it", { clientOrderId });
    this.#parts
      .desk()
      .cancel(clientOrderId, this.#parts.timings.requestTimeoutMs)
      .catch(() => undefined);
  }
}

/** Tells accounts apart in the journal without writing the key to disk. */
function accountKeyOf(specs: readonly CredentialSpec[], credentials: Credentials): string {
  const [first = "", ...others] = specs.flatMap(({ name, namesAccount }) =>
    namesAccount ? (credentials[name] ?? "") : [],
  );
  return createHash("sha256")
    .update(`${first}/${others.join("/")}`)
    .digest("hex")
    .slice(0, 16);
}
