import type { TradingRule } from "../model/market.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import { Backoff, RECOVERY_GROWTH } from "../net/backoff.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { Refresher } from "./refresher.ts";
import { readEvery } from "./retry-read.ts";
import { SharedRun } from "./shared-run.ts";

/** First and longest wait before the rules are read again because of refused orders or halted markets, less up to half. */
const RULES_PAUSE_MS = [4_000, 60_000] as const;

export interface TradingRulesReaderOptions {
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly intervalMs: number;
  /** Asks the venue for its markets and puts their rules in force. */
  readonly read: (signal: AbortSignal) => Promise<void>;
  readonly markets: () => VenueMarkets;
}

/** Reads the trading rules at intervals, and at once when there is a reason to. */
export class TradingRulesReader {
  readonly #options: TradingRulesReaderOptions;
  readonly #due: Refresher;
  readonly #reading = new SharedRun((signal) => this.#options.read(signal));

  constructor(options: TradingRulesReaderOptions) {
    this.#options = options;
    this.#due = this.#createRefresher();
  }

  #createRefresher(): Refresher {
    const { runtime, logger } = this.#options;
    const { timers, clock } = runtime;
    const [minMs, maxMs] = RULES_PAUSE_MS;
    const pauses = new Backoff({ minMs, maxMs, growth: RECOVERY_GROWTH }, runtime.random);
    let pausedUntilMs = Number.NEGATIVE_INFINITY;
    return new Refresher({
      name: "the refresh of the trading rules",
      delayMs: 0,
      firstRetryMs: minMs,
      longestRetryMs: maxMs,
      timers,
      logger,
      refresh: async (signal) => {
        const before = this.#options.markets();
        pauses.wentWell(clock.monotonic() - pausedUntilMs);
        await this.update(signal);
        const haveChanged = [...this.#options.markets().byPair.values()].some(
          ({ tradingPair, rule }) => !isSameRule(before.byPair.get(tradingPair)?.rule, rule),
        );
        // A venue that refuses for a rule that stands as it was gains nothing from being asked at once again.
        if (haveChanged) pauses.reset();
        await timers.sleep(pauses.nextMs(), signal);
        pausedUntilMs = clock.monotonic();
      },
    });
  }

  /** Reads the rules again at once, in the background. */
  request(): void {
    this.#due.request();
  }

  /**
   * Resolves when the rules are in force. One question at a time: who asks while one is under way waits for the next,
   * because the answer under way may be from before what made them ask.
   */
  update(signal: AbortSignal): Promise<void> {
    return this.#reading.run(signal);
  }

  /** The loops; run until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#pollingLoop(signal), this.#due.run(signal)]);
  }

  async #pollingLoop(signal: AbortSignal): Promise<void> {
    const { runtime, logger, intervalMs } = this.#options;
    const { clock, timers } = runtime;
    const loop = { what: "the trading rules", intervalMs, clock, timers, signal, logger };
    await readEvery(loop, (attempt) => this.update(attempt));
  }
}

function isSameRule(before: TradingRule | undefined, rule: TradingRule): boolean {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(rule);
}
