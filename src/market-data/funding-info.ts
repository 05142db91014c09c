import { NotFoundError } from "../model/error.ts";
import type { FundingInfo, FundingInfoUpdate } from "../model/funding.ts";
import type { TradingPair } from "../model/market.ts";
import { callListener } from "../model/typed-emitter.ts";

const NEEDED = ["indexPrice", "markPrice", "nextFundingTimestampMs", "rate", "kind"] as const;

/**
 * Merges what messages and polls say of each market's funding. A field that a message left out keeps its value. Each field
 * has its own time: where several channels tell them (OKX), a rate that comes once a minute is older than the mark
 * price before it, and still the newest rate.
 */
export class FundingInfoTracker {
  readonly #partial = new Map<TradingPair, FundingInfoUpdate>();
  readonly #complete = new Map<TradingPair, FundingInfo>();
  readonly #fieldTimesMs = new Map<TradingPair, Map<string, number>>();
  readonly #listeners = new Set<(info: FundingInfo) => void>();
  readonly #onListenerError: (error: unknown) => void;

  constructor(tradingPairs: Iterable<TradingPair>, onListenerError: (error: unknown) => void = () => undefined) {
    for (const tradingPair of tradingPairs) this.addTradingPair(tradingPair);
    this.#onListenerError = onListenerError;
  }

  get tradingPairs(): readonly TradingPair[] {
    return [...this.#partial.keys()];
  }

  addTradingPair(tradingPair: TradingPair): void {
    if (!this.#partial.has(tradingPair)) this.#partial.set(tradingPair, { tradingPair, timestampMs: 0 });
  }

  removeTradingPair(tradingPair: TradingPair): void {
    this.#partial.delete(tradingPair);
    this.#complete.delete(tradingPair);
    this.#fieldTimesMs.delete(tradingPair);
  }

  /** True when every field of the market (or of all of them) is known. */
  ready(tradingPair?: TradingPair): boolean {
    if (tradingPair !== undefined) return this.#complete.has(tradingPair);
    return this.#complete.size === this.#partial.size;
  }

  /** Throws `NotFoundError` while a field is not known. */
  fundingInfo(tradingPair: TradingPair): FundingInfo {
    const info = this.#complete.get(tradingPair);
    if (info !== undefined) return info;
    if (!this.#partial.has(tradingPair)) throw new NotFoundError(`funding of ${tradingPair} is not being followed`);
    throw new NotFoundError(`funding of ${tradingPair} is not known yet`, { retry: "later" });
  }

  /** Merges one message or poll. Those of other markets, and those older than what is known, change nothing. */
  apply(update: FundingInfoUpdate): void {
    const known = this.#partial.get(update.tradingPair);
    const news = known === undefined ? [] : this.#newsOf(update);
    if (known === undefined || news.length === 0) return;
    const timestampMs = Math.max(known.timestampMs, update.timestampMs);
    const merged: FundingInfoUpdate = { ...known, ...Object.fromEntries(news), timestampMs };
    this.#partial.set(update.tradingPair, merged);
    if (!isComplete(merged)) return;
    this.#complete.set(update.tradingPair, merged);
    for (const listener of [...this.#listeners]) callListener(listener, merged, this.#onListenerError);
  }

  /** The fields that are known for no later time. */
  #newsOf({ tradingPair, timestampMs, ...fields }: FundingInfoUpdate): readonly (readonly [string, unknown])[] {
    const timesMs = this.#fieldTimesMs.get(tradingPair) ?? new Map<string, number>();
    this.#fieldTimesMs.set(tradingPair, timesMs);
    const news = Object.entries(fields).filter(([field, value]) => {
      return value !== undefined && timestampMs >= (timesMs.get(field) ?? Number.NEGATIVE_INFINITY);
    });
    for (const [field] of news) timesMs.set(field, timestampMs);
    return news;
  }

  /** Called with the merged info after each change of a market whose fields are all known. */
  onUpdate(listener: (info: FundingInfo) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function isComplete(update: FundingInfoUpdate): update is FundingInfo {
  return NEEDED.every((field) => update[field] !== undefined);
}
