import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import type { BoxProtocol } from "./box-protocols.ts";
import type { Findings } from "./findings.ts";
import type { World } from "./world.ts";

/** Requests that may wait in the queues of one limit, all its lanes together: 25 were seen at most. */
const MAX_WAITING = 100;
/** Timers and requests of a process: 105 were seen at most, a dozen of them its loops, the others orders under way. */
const MAX_PENDING = 300;
/** The list of markets is asked for each minute at least while one is away; one answer may be lost. */
const LIST_READ_MS = 130_000;
/** Questions that must be asked after a gap. */
const CAUGHT_UP_BY: Readonly<Record<BoxProtocol["name"], readonly string[]>> = {
  ftx: ["/api/orders", "/api/fills", "/api/positions", "/api/account", "/api/wallet/balances"],
  bybit: ["/v5/order/realtime", "/v5/execution/list", "/v5/position/list", "/v5/account/wallet-balance"],
  binance: ["/fapi/v1/openOrders", "/fapi/v1/userTrades", "/fapi/v3/positionRisk", "/fapi/v3/account"],
  okx: ["/api/v5/trade/orders-pending", "/api/v5/trade/fills", "/api/v5/account/positions", "/api/v5/account/balance"],
  gate_io: ["orders", "my_trades_timerange", "positions", "accounts"].map((list) => `/api/v4/futures/usdt/${list}`),
  hyperliquid: ["frontendOpenOrders", "userFillsByTime", "clearinghouseState"].map(
    (type) => `/hyperliquid/info ${type}`,
  ),
};

export interface ReadyWatchOptions {
  readonly world: World;
  readonly findings: Findings;
  /** Counts the account's questions that the venue has answered to this machine, by path. */
  readonly answered: (host: string) => ReadonlyMap<string, number>;
}

/** Watches the promises of `ready`, and that nothing piles up behind it. */
export class ReadyWatch {
  readonly #options: ReadyWatchOptions;
  /**
   * Time until which markets that were halted or delisted do not count for `ready`, in milliseconds of the world: until
   * the list of markets has been read again.
   */
  readonly #awayUntilMs = new Map<string, number>();

  constructor(options: ReadyWatchOptions) {
    this.#options = options;
    options.world.venue.observe((events) => {
      for (const event of events) if (event.type === "marketChanged") this.#marketChanged(event.market, event.status);
    });
  }

  #marketChanged(market: string, status: string): void {
    const { world } = this.#options;
    if (status !== "trading") this.#awayUntilMs.set(market, Number.POSITIVE_INFINITY);
    else if (this.#awayUntilMs.has(market)) this.#awayUntilMs.set(market, world.elapsedMs() + LIST_READ_MS);
  }

  #isAway(pair: string): boolean {
    const untilMs = this.#awayUntilMs.get(pair.replace(/-USDT?$/, "-USD"));
    return untilMs !== undefined && this.#options.world.elapsedMs() < untilMs;
  }

  /** A connector that is ready has heard what the account has and is doing, asked for after the last gap. */
  listen(host: string, connector: PerpetualConnector): void {
    const { findings, answered } = this.#options;
    let atGap: ReadonlyMap<string, number> | undefined;
    connector.on("gap", ({ reason }) => {
      atGap = new Map(answered(host));
      if (connector.ready) findings.add("ready means caught up", `${host} is ready at a gap: ${reason}`);
    });
    connector.on("ready", () => {
      const before = atGap;
      atGap = undefined;
      if (before === undefined) return;
      const now = answered(host);
      const missing = CAUGHT_UP_BY[this.#options.world.protocol.name].filter(
        (path) => now.get(path) === before.get(path),
      );
      if (missing.length > 0)
        findings.add(
          "ready means caught up",
          `${host} is ready and has not asked for ${missing.join(", ")} since the last gap`,
        );
    });
  }

  check(host: string, connector: PerpetualConnector): void {
    const { world, findings } = this.#options;
    const isReady = connector.ready;
    for (const pair of connector.tradingPairs) {
      if (!isReady || connector.orderBook(pair).isValid || this.#isAway(pair)) continue;
      findings.add("ready means that books are valid", `${host} is ready and its book of ${pair} is invalid`);
    }
    for (const { limitId, waiting } of connector.metrics().rateLimits) {
      // Orders that the program goes on to place while the venue refuses wait as well, with their cancels.
      if (waiting > MAX_WAITING + connector.inFlightOrders.size)
        findings.add("queues are bounded", `${waiting} requests of ${host} wait for ${limitId}`);
    }
    const pending = world.machines.pending(host);
    if (pending > MAX_PENDING) findings.add("queues are bounded", `${host} waits for ${pending} timers and requests`);
  }
}
