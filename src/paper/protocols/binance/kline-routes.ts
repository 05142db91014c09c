import { type Call, publicGet, type Route } from "./context.ts";
import { invalidParameter, refused } from "./errors.ts";
import { candleRow } from "./market-objects.ts";
import { timesOf } from "./paging.ts";
import type { Parameters } from "./parameters.ts";
import type { PriceCandle, PriceKind } from "./price-tape.ts";
import { type ListedSymbol, priceText } from "./symbols.ts";
import { MINUTE_MS } from "./trade-tape.ts";
import { money, type WireValue } from "./wire.ts";

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const INTERVALS: ReadonlyMap<string, number> = new Map([
  ["1m", MINUTE_MS],
  ["3m", 3 * MINUTE_MS],
  ["5m", 5 * MINUTE_MS],
  ["15m", 15 * MINUTE_MS],
  ["30m", 30 * MINUTE_MS],
  ["1h", HOUR_MS],
  ["2h", 2 * HOUR_MS],
  ["4h", 4 * HOUR_MS],
  ["6h", 6 * HOUR_MS],
  ["8h", 8 * HOUR_MS],
  ["12h", 12 * HOUR_MS],
  ["1d", DAY_MS],
  ["3d", 3 * DAY_MS],
  ["1w", 7 * DAY_MS],
]);

export const klineRoutes: readonly Route[] = [
  publicGet("/fapi/v1/klines", klinesWeight, (call) => klines(call, call.context.symbols.required(call.parameters))),
  publicGet("/fapi/v1/continuousKlines", klinesWeight, continuousKlines),
  publicGet("/fapi/v1/markPriceKlines", klinesWeight, (call) =>
    priceKlines(call, call.context.symbols.required(call.parameters), "mark"),
  ),
  publicGet("/fapi/v1/indexPriceKlines", klinesWeight, (call) => priceKlines(call, pairOf(call), "index")),
  publicGet("/fapi/v1/premiumIndexKlines", klinesWeight, (call) =>
    priceKlines(call, call.context.symbols.required(call.parameters), "premium"),
  ),
];

function klinesWeight(parameters: Parameters): number {
  const limit = parameters.integer("limit") ?? 500;
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1_000 ? 5 : 10;
}

/** A pair has the name of its perpetual. */
function pairOf({ context, parameters }: Call): ListedSymbol {
  return context.symbols.require(parameters.requiredText("pair"));
}

function continuousKlines(call: Call): WireValue {
  const types = ["PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER", "TRADIFI_PERPETUAL"] as const;
  const listed = pairOf(call);
  call.parameters.requiredText("contractType");
  // Dated contracts are not listed here.
  if (call.parameters.oneOf("contractType", types) !== "PERPETUAL") throw invalidParameter("contractType");
  return klines(call, listed);
}

/** The interval, the times and the page that a call asks for. */
function pageOf<T>(
  { context, parameters }: Call,
  read: (intervalMs: number, from: number, to: number) => readonly T[],
) {
  const intervalMs = INTERVALS.get(parameters.requiredText("interval"));
  if (intervalMs === undefined) throw refused(-1120);
  const limit = parameters.limit(500, 1_500);
  const { startTime, endTime = context.now() } = timesOf(parameters);
  const candles = read(intervalMs, startTime ?? 0, Math.min(endTime, context.now()));
  return { intervalMs, candles: startTime === undefined ? candles.slice(-limit) : candles.slice(0, limit) };
}

function klines(call: Call, listed: ListedSymbol): WireValue {
  const { intervalMs, candles } = pageOf(call, (everyMs, fromMs, toMs) =>
    call.context.tape.candles(listed.spec.market, everyMs, fromMs, toMs),
  );
  return candles.map((candle) => candleRow(listed, candle, intervalMs));
}

/** Mark and index prices since the venue's start; premiums are fractions. */
function priceKlines(call: Call, listed: ListedSymbol, kind: PriceKind): WireValue {
  const { intervalMs, candles } = pageOf(call, (everyMs, fromMs, toMs) =>
    call.context.priceTape.candles(listed.spec.market, kind, everyMs, fromMs, toMs),
  );
  const text = (amount: bigint) => (kind === "premium" ? money(amount) : priceText(listed, amount));
  return candles.map((candle) => priceRow(candle, intervalMs, text));
}

/** Volumes of a price that nobody trades at are zeros. */
function priceRow(
  { startMs, open, high, low, close, count }: PriceCandle,
  intervalMs: number,
  text: (amount: bigint) => string,
) {
  const prices = [open, high, low, close].map(text);
  return [startMs, ...prices, "0", startMs + intervalMs - 1, "0", count, "0", "0", "0"];
}
