import { divideRound } from "../../engine/arithmetic.ts";
import { type EngineEvent, UNIT } from "../../engine/types.ts";
import { MINUTE_MS } from "./trade-tape.ts";

const MAX_AGE_MS = 2 * 86_400_000;

export type PriceKind = "mark" | "index" | "premium";

export interface PriceCandle {
  readonly startMs: number;
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
  /** Number of times that the price was told. */
  readonly count: number;
}

type Open = { -readonly [Key in keyof PriceCandle]: PriceCandle[Key] };

/** Candles of a minute of mark price, index price and premium, since the venue's start and for two days. */
export class PriceTape {
  readonly #minutes = new Map<string, Open[]>();

  onEvents(events: readonly EngineEvent[], nowMs: number): void {
    for (const event of events) {
      if (event.type !== "markChanged") continue;
      const { market, mark, index } = event;
      this.#record(`${market} mark`, mark, nowMs);
      this.#record(`${market} index`, index, nowMs);
      if (index > 0n) this.#record(`${market} premium`, divideRound((mark - index) * UNIT, index), nowMs);
    }
  }

  /** Oldest first; a stretch in which nothing was told has no candle. */
  candles(market: string, kind: PriceKind, intervalMs: number, fromMs: number, toMs: number): readonly PriceCandle[] {
    const candles: Open[] = [];
    for (const minute of this.#minutes.get(`${market} ${kind}`) ?? []) {
      const startMs = Math.floor(minute.startMs / intervalMs) * intervalMs;
      const last = candles.at(-1);
      if (last?.startMs === startMs) merge(last, minute);
      else if (startMs >= fromMs && startMs <= toMs) candles.push({ ...minute, startMs });
    }
    return candles;
  }

  #record(name: string, price: bigint, nowMs: number): void {
    const minutes = this.#minutes.get(name) ?? [];
    this.#minutes.set(name, minutes);
    const startMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    const one: Open = { startMs, open: price, high: price, low: price, close: price, count: 1 };
    const last = minutes.at(-1);
    if (last?.startMs === startMs) {
      merge(last, one);
      return;
    }
    minutes.push(one);
    if ((minutes[0]?.startMs ?? startMs) < startMs - MAX_AGE_MS) minutes.shift();
  }
}

function merge(candle: Open, later: PriceCandle): void {
  if (later.high > candle.high) candle.high = later.high;
  if (later.low < candle.low) candle.low = later.low;
  candle.close = later.close;
  candle.count += later.count;
}
