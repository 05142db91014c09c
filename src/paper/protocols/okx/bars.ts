import { type Bar, fixedBar, MONDAY_MS, monthBar } from "../bars.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Bars from six hours on begin in Hong Kong's time, and those that end in `utc` in that zone's (docs v5, candlesticks). */
const HONG_KONG_MS = 8 * HOUR_MS;

const inBothZones = (name: string, make: (zoneMs: number) => Bar): (readonly [string, Bar])[] => [
  [name, make(HONG_KONG_MS)],
  [`${name}utc`, make(0)],
];

/** All sizes but those of a second, which perpetuals' candles here are too coarse for. */
export const BARS: ReadonlyMap<string, Bar> = new Map([
  ...[1, 3, 5, 15, 30].map((count) => [`${count}m`, fixedBar(count * MINUTE_MS)] as const),
  ...[1, 2, 4].map((count) => [`${count}H`, fixedBar(count * HOUR_MS)] as const),
  ...[6, 12].flatMap((count) => inBothZones(`${count}H`, (zoneMs) => fixedBar(count * HOUR_MS, -zoneMs))),
  ...[1, 2, 3].flatMap((count) => inBothZones(`${count}D`, (zoneMs) => fixedBar(count * DAY_MS, -zoneMs))),
  ...inBothZones("1W", (zoneMs) => fixedBar(7 * DAY_MS, MONDAY_MS - zoneMs)),
  ...[1, 3].flatMap((count) => inBothZones(`${count}M`, (zoneMs) => monthBar(count, zoneMs))),
]);
