import type { DailyResult } from "../account/daily-result.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Timers } from "../runtime/runtime.ts";
import { AccountReading } from "./account-reading.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { Refresher } from "./refresher.ts";
import type { TokenPrices } from "./token-prices.ts";

export interface CashFlowSyncOptions {
  readonly venue: PerpetualVenue;
  readonly dailyResult: DailyResult;
  readonly prices: TokenPrices;
  readonly context: () => VenueContext;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Venues book a trade within seconds; until then the estimate from the trade stands. */
const BOOKED_AFTER_MS = 10_000;
/** Status polls may come every few seconds, and one page of the log is dear (Binance: weight 30). */
const POLL_INTERVAL_MS = 60_000;

/** Reads the venue's own cash flows into the day's result, and the prices of tokens that it holds. */
export class CashFlowSync {
  readonly #options: CashFlowSyncOptions;
  readonly #afterTrade: Refresher;
  #turn: Promise<void> = Promise.resolve();
  #polledAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: CashFlowSyncOptions) {
    this.#options = options;
    const { timers, logger } = options;
    this.#afterTrade = new Refresher({
      ...{ name: "the refresh of cash flows", delayMs: BOOKED_AFTER_MS, timers, logger },
      ...{ firstRetryMs: 5_000, longestRetryMs: 60_000 },
      refresh: (signal) => this.#inTurn(signal, "afterTrade"),
    });
  }

  /** A trade or a payment has come: the venue books it in a moment. */
  request(): void {
    this.#afterTrade.request();
  }

  /** The loop; runs until aborted. */
  run(signal: AbortSignal): Promise<void> {
    return this.#afterTrade.run(signal);
  }

  async update(signal: AbortSignal): Promise<void> {
    await this.#inTurn(signal, "poll");
  }

  /** Updates, unless that was done a moment ago. */
  async poll(signal: AbortSignal): Promise<void> {
    if (this.#options.context().now() - this.#polledAtMs >= POLL_INTERVAL_MS) await this.update(signal);
  }

  /** One read at a time: what an older one brings must not follow a newer one. */
  #inTurn(signal: AbortSignal, kind: "poll" | "afterTrade"): Promise<void> {
    const read = this.#turn.then(() => this.#read(signal, kind));
    this.#turn = read.catch(() => undefined);
    return read;
  }

  async #read(signal: AbortSignal, kind: "poll" | "afterTrade"): Promise<void> {
    const { venue, dailyResult, prices, context } = this.#options;
    const reading = new AccountReading(context(), signal);
    const { context: at } = reading;
    const askedAtMs = at.now();
    const { fetchCashFlows } = venue.derivative;
    if (fetchCashFlows !== undefined) {
      const sinceMs = dailyResult.cashFlowsSince(askedAtMs, kind);
      const rows = await fetchCashFlows(at, sinceMs);
      dailyResult.applyCashFlows(rows, sinceMs, askedAtMs, reading.unread("fundingPayment", "other").length);
    }
    if (kind === "poll") this.#polledAtMs = askedAtMs;
    await prices.update(dailyResult.tokensAt(askedAtMs), signal);
  }
}
