import { formatAmount } from "../../engine/amount.ts";
import type { MarketView } from "../../engine/types.ts";
import { type Bar, candlesOf } from "../bars.ts";
import type { Candle } from "../candle.ts";
import type { MarketStatistics } from "../market-statistics.ts";
import { BARS } from "./bars.ts";
import { type OkxContext, type PublicCall, publicGet, type Route } from "./context.ts";
import { noSuchInstrument, parameterError } from "./errors.ts";
import { contractsText, findIndex, requireInstrument } from "./instruments.ts";
import { per2s } from "./rate-limit.ts";
import { timeText, type WireValue } from "./wire.ts";

/** Source of candles: trades, or the mark or the index, whose candles have no volume. */
export type CandleKind = "trade" | "mark" | "index";

const sourceOf = (context: OkxContext, kind: CandleKind): MarketStatistics =>
  kind === "trade" ? context.statistics : kind === "mark" ? context.marks : context.indexes;

function candleRow({ now }: Pick<OkxContext, "now">, market: MarketView, kind: CandleKind, bar: Bar, candle: Candle) {
  const { startMs, open, high, low, close, baseVolume, quoteVolume } = candle;
  const isDone = bar.endOf(startMs) <= now() ? "1" : "0";
  const prices = [timeText(startMs), ...[open, high, low, close].map(formatAmount)];
  if (kind !== "trade") return [...prices, isDone];
  return [...prices, contractsText(baseVolume, market), formatAmount(baseVolume), formatAmount(quoteVolume), isDone];
}

/** The candle that a time is in, as far as it has come; undefined before the first price. */
export function candleAt(
  context: OkxContext,
  market: MarketView,
  { kind, bar }: CandleChannelRules,
  timeMs: number,
): WireValue | undefined {
  const startMs = bar.startOf(timeMs);
  const stretch = { fromMs: startMs, toMs: Math.min(context.now(), bar.endOf(startMs) - 1) };
  const candle = candlesOf(sourceOf(context, kind), market.spec.market, bar, stretch).at(-1);
  return candle === undefined ? undefined : candleRow(context, market, kind, bar, candle);
}

export interface CandleChannelRules {
  readonly kind: CandleKind;
  readonly bar: Bar;
}

const CANDLE_CHANNEL = /^(mark-price-|index-)?candle(\w+)$/;

/** Rules of a channel of candles; undefined where it is another channel. */
export function candleChannel(channel: string): CandleChannelRules | undefined {
  const [, prefix, name = ""] = CANDLE_CHANNEL.exec(channel) ?? [];
  const bar = BARS.get(name);
  if (bar === undefined) return undefined;
  return { bar, kind: prefix === undefined ? "trade" : prefix === "index-" ? "index" : "mark" };
}

const MAX_ROWS = { trade: 300, mark: 100, index: 100 } as const;

/** Newest first, in lists, not objects; neither `before` nor `after` is included. */
function candles(kind: CandleKind) {
  return ({ context, parameters }: PublicCall): readonly WireValue[] => {
    const market =
      kind === "index"
        ? indexOf(context, parameters.required("instId"))
        : requireInstrument(context.engine, parameters);
    const bar = BARS.get(parameters.text("bar") ?? "1m");
    if (bar === undefined) throw parameterError("bar");
    const fromMs = (parameters.integer("before") ?? -1) + 1;
    const toMs = Math.min(parameters.integer("after") ?? Number.POSITIVE_INFINITY, context.now() + 1) - 1;
    const all = candlesOf(sourceOf(context, kind), market.spec.market, bar, { fromMs, toMs });
    const rows = all.slice(-parameters.limit(100, MAX_ROWS[kind])).toReversed();
    return rows.map((candle) => candleRow(context, market, kind, bar, candle));
  };
}

function indexOf({ engine }: OkxContext, instId: string): MarketView {
  const market = findIndex(engine, instId);
  if (market === undefined) throw noSuchInstrument();
  return market;
}

export const candleRoutes: readonly Route[] = [
  publicGet("/api/v5/market/candles", per2s(40), candles("trade")),
  publicGet("/api/v5/market/history-candles", per2s(20), candles("trade")),
  publicGet("/api/v5/market/mark-price-candles", per2s(20), candles("mark")),
  publicGet("/api/v5/market/history-mark-price-candles", per2s(10), candles("mark")),
  publicGet("/api/v5/market/index-candles", per2s(20), candles("index")),
  publicGet("/api/v5/market/history-index-candles", per2s(10), candles("index")),
];
