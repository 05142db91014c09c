import { formatAmount } from "../../engine/amount.ts";
import type { MarketView } from "../../engine/types.ts";
import type { Candle } from "../candle.ts";
import type { GateContext, PublicCall } from "./context.ts";
import { findListed, type SizeForm } from "./contracts.ts";
import { contractNotFound, GateError, invalidParameter } from "./errors.ts";
import { candleObject, roundTo } from "./market-objects.ts";
import type { WireObject, WireValue } from "./wire.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * Sizes of candles, all but that of ten seconds, which candles here are too coarse for; a week begins with the epoch's
 * first day.
 */
const INTERVALS_MS: ReadonlyMap<string, number> = new Map([
  ...[1, 5, 15, 30].map((count) => [`${count}m`, count * MINUTE_MS] as const),
  ...[1, 4, 8].map((count) => [`${count}h`, count * HOUR_MS] as const),
  ...[1, 7, 30].map((count) => [`${count}d`, count * DAY_MS] as const),
]);
const MAX_POINTS = 2_000;

type CandleKind = "trade" | "mark" | "index";

/** Candles of a contract, or of its mark or index, in one size. */
export interface CandleSource {
  readonly market: MarketView;
  readonly kind: CandleKind;
  readonly intervalMs: number;
}

/** Finds the source of candles by a name such as `mark_BTC_USDT` and an interval; undefined where it is not found. */
export function candleSource({ engine }: GateContext, name: string, interval: string): CandleSource | undefined {
  const [, prefix, contract = ""] = /^(mark|index)?_?(\w+)$/.exec(name) ?? [];
  const market = findListed(engine, prefix === undefined ? name : contract);
  const intervalMs = INTERVALS_MS.get(interval);
  if (market === undefined || intervalMs === undefined) return undefined;
  return { market, kind: prefix === undefined ? "trade" : prefix === "mark" ? "mark" : "index", intervalMs };
}

/** Lists candles, oldest first. */
export function candlesOf(context: GateContext, source: CandleSource, fromMs: number, toMs: number): readonly Candle[] {
  const { market, kind, intervalMs } = source;
  const { statistics, series } = context;
  const span = [market.spec.market, intervalMs, fromMs, toMs] as const;
  return kind === "trade" ? statistics.candles(...span) : series.candles(kind, ...span);
}

export function candleRow({ market, kind }: CandleSource, candle: Candle, form: SizeForm): WireObject {
  if (kind === "trade") return candleObject(market, candle, form, true);
  const { tick } = market.spec;
  const { startMs, open, high, low, close, baseVolume, quoteVolume } = candle;
  const [o, h, l, c] = [open, high, low, close].map((price) => roundTo(price, tick));
  const rounded = { startMs, open: o ?? open, high: h ?? high, low: l ?? low, close: c ?? close };
  return candleObject(market, { ...rounded, baseVolume, quoteVolume }, form, false);
}

/** `limit` cannot be given together with `from` or `to`. */
export function candlesticks({ context, parameters, form }: PublicCall): WireValue {
  const name = parameters.required("contract");
  const interval = parameters.text("interval") ?? "5m";
  const source = candleSource(context, name, interval);
  if (source === undefined) throw INTERVALS_MS.has(interval) ? contractNotFound() : invalidParameter("interval");
  const [from, to] = [parameters.timeMs("from"), parameters.timeMs("to")];
  const limit = parameters.integer("limit");
  if (limit !== undefined && (from !== undefined || to !== undefined || limit < 1)) throw invalidParameter("limit");
  const nowMs = context.now();
  const toMs = Math.min(to ?? nowMs, nowMs);
  const rows = candlesOf(context, source, from ?? 0, toMs);
  if (from !== undefined && rows.length > MAX_POINTS) {
    throw new GateError(400, "INVALID_PARAM_VALUE", `Candlestick too long ago or more than ${MAX_POINTS} points`);
  }
  const shown = from === undefined ? rows.slice(-Math.min(limit ?? 100, MAX_POINTS)) : rows;
  return shown.map((candle) => ({
    ...candleRow(source, candle, form),
    ...(source.kind === "trade" ? { sum: formatAmount(candle.quoteVolume) } : {}),
  }));
}
