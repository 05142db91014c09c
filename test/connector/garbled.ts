import { binanceFixtures } from "../venues/binance/fixtures.ts";
import { bybitFixtures } from "../venues/bybit/fixtures.ts";
import { ftxFixtures } from "../venues/ftx/fixtures.ts";
import { okxFixtures } from "../venues/okx/fixtures.ts";

export const VENUES = [
  { venue: "FTX", fixtures: ftxFixtures },
  { venue: "Binance", fixtures: binanceFixtures },
  { venue: "Bybit", fixtures: bybitFixtures },
  { venue: "OKX", fixtures: okxFixtures },
];

/** Fields of a fill, on the streams and in the lists. */
export const AMOUNTS = ["size", "l", "qty", "execQty", "fillSz"];
export const PRICES = ["price", "L", "execPrice", "fillPx"];

/** A copy in which the fields of these names have another value. */
export function changed(value: unknown, names: readonly string[], to: unknown): never {
  const copy = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(copy);
    if (typeof each !== "object" || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, own]) => [name, names.includes(name) ? to : copy(own)]));
  };
  return copy(value) as never;
}
