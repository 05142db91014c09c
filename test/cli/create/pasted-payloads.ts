import type { VenueChoices } from "../../../packages/cli/src/create/choices.ts";
import { Decimal } from "../../../src/model/decimal.ts";
import type { Route } from "../../../src/testing/kit/fixture-shapes.ts";
import type { PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { repeated } from "../../../src/testing/kit/template.ts";

/** Payloads of a venue that is exactly as the scaffolder guesses it. */

export type Pasted = Partial<PerpetualConnectorFixtures>;

export const START = 1_767_225_600_000;
export const SETTLED = START - 3_600_000;

export const INSTRUMENT = {
  ...{ symbol: "BTCUSDT", type: "perpetual", status: "trading", fundingIntervalHours: 8 },
  ...{ baseCurrency: "BTC", quoteCurrency: "USDT", settleCurrency: "USDT" },
  ...{ tickSize: "0.5", stepSize: "0.0001", minSize: "0.001", maxSize: "1000", minNotional: "5" },
};
export const ETH = { ...INSTRUMENT, symbol: "ETHUSDT", baseCurrency: "ETH" };
export const OTHERS = [
  { ...INSTRUMENT, symbol: "BTC-USDT", type: "spot" },
  { ...INSTRUMENT, symbol: "LUNAUSDT", baseCurrency: "LUNA", status: "closed" },
];
export const POSITION = {
  ...{ symbol: "BTCUSDT", positionSide: "both", size: "-2", entryPrice: "5000", unrealizedPnl: "-6", leverage: "10" },
  ...{ liquidationPrice: "9100", markPrice: "5003" },
};
export const FLAT = { ...POSITION, size: "0", entryPrice: "0", unrealizedPnl: "0", liquidationPrice: "0" };
export const EXPECTED_POSITION = { entryPrice: "5000", leverage: "10", liquidationPrice: "9100", markPrice: "5003" };
export const FUNDING = {
  ...{ symbol: "BTCUSDT", indexPrice: "4999.25", markPrice: "5000.75", fundingRate: "0.000011" },
  ...{ nextFundingTime: START + 3_600_000, timestamp: START },
};
export const PAYMENT = { id: "88231", symbol: "BTCUSDT", asset: "USDT", amount: "-0.0184", rate: "0.000009" };
export const PAID = { ...PAYMENT, timestamp: SETTLED };
export const USDT = { asset: "USDT", total: "10000", available: "10000" };
export const BTC = { asset: "BTC", total: "15", available: "10" };

export const BIDS = [
  ["5000.5", "10"],
  ["4995", "5"],
] as const;
export const ASKS = [["5001", "6"]] as const;
export const LATER_BIDS = [["5000.5", "4"]] as const;
export const LATER_ASKS = [
  ["5001", "6"],
  ["5001.5", "2"],
  ["5002", "7"],
] as const;
/** Checksums made by Python's `zlib.crc32` over `bid:size:ask:size` of the levels above. */
export const LINKS = [
  { sequence: 100, previousSequence: 99, checksum: 2476850846 },
  { sequence: 101, previousSequence: 100, checksum: 1404845787 },
  { sequence: 102, previousSequence: 101, checksum: 2028871358 },
  { sequence: 103, previousSequence: 102, checksum: 1012644687 },
] as const;
export const BOOK = { channel: "orderbook", symbol: "BTCUSDT" };
export const change = (at: 1 | 2 | 3, changes: object) => {
  return {
    ...BOOK,
    type: "update",
    timestamp: START + at * 100,
    data: { bids: [], asks: [], ...LINKS[at], ...changes },
  };
};
export const DIFFS = [
  change(1, { asks: [["5002", "7"]] }),
  change(2, { bids: [["5000.5", "4"]] }),
  change(3, { bids: [["4995", "0"]], asks: [["5001.5", "2"]] }),
] as const;

export const frame = (channel: string, ...data: unknown[]) => ({ channel, timestamp: START + 200, data });

/** Names of the fixtures that are payloads; the others say what they mean. */
const isPayload = (name: string): boolean => !name.startsWith("expected") && name !== "historyLists";

/** Payloads with sizes as this venue writes them: in contracts of 0.001, negative for a sale, or both. */
export function withWireSizes<Fixtures extends object>(venue: VenueChoices, fixtures: Fixtures): Fixtures {
  const entries = Object.entries(fixtures).map(([name, value]) => [
    name,
    isPayload(name) ? sized(venue, value) : value,
  ]);
  return Object.fromEntries(entries) as Fixtures;
}

const SIZES = ["size", "filledSize", "minSize", "maxSize", "stepSize"];

function sized(venue: VenueChoices, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => sized(venue, item));
  if (typeof value !== "object" || value === null) return value;
  const fields = { ...value } as Record<string, unknown>;
  const isSigned = venue.hasSignedSizes && "side" in fields;
  for (const [name, own] of Object.entries(fields)) {
    if (SIZES.includes(name)) fields[name] = sizeOf(venue, String(own), isSigned ? String(fields.side) : undefined);
    else if (name === "bids" || name === "asks") fields[name] = levelsOf(venue, own);
    else fields[name] = sized(venue, own);
  }
  if (isSigned) delete fields.side;
  if ("stepSize" in fields && venue.sizeUnit === "contracts") fields.contractSize = "0.001";
  return fields;
}

const levelsOf = (venue: VenueChoices, levels: unknown): unknown =>
  Array.isArray(levels) ? levels.map(([price, size]) => [price, sizeOf(venue, String(size))]) : levels;

function sizeOf({ sizeUnit }: VenueChoices, size: string, side?: string): string {
  const isInContracts = sizeUnit === "contracts";
  if (size === "{amount}" || size === "{signedAmount}") {
    const word = isInContracts ? "Contracts" : "Amount";
    return side === undefined && size === "{amount}" ? `{${word.toLowerCase()}}` : `{signed${word}}`;
  }
  const counted = isInContracts && Number.isFinite(Number(size)) ? new Decimal(size).times(1_000).toFixed() : size;
  const sign = side === "{side}" ? "{sign}" : side === "sell" ? "-" : "";
  return `${sign}${counted}`;
}

/** How the venue wraps a payload, and how it refuses. */
export function wire({ envelope }: VenueChoices) {
  const ok = (payload: unknown): unknown => {
    if (envelope === "code") return { code: 0, message: "", data: payload };
    return envelope === "success" ? { success: true, result: payload } : payload;
  };
  const no = (code: number, message = "no") => ({ ...(envelope === "success" && { success: false }), code, message });
  const get = (path: string, payload: unknown, params?: Route["params"]): Route => {
    return { method: "GET", path, params, body: ok(payload) };
  };
  const post = (path: string, payload: unknown): Route => ({ method: "POST", path, body: ok(payload) });
  const refused = (method: Route["method"], path: string, code: number, status = 400): Route => {
    return { method, path, status, body: no(code) };
  };
  return { ok, no, get, post, refused };
}

/** The whole book after each of the changes. */
export const SNAPSHOTS = [
  { bids: BIDS, asks: [...ASKS, ["5002", "7"]] },
  {
    bids: [
      ["5000.5", "4"],
      ["4995", "5"],
    ],
    asks: [...ASKS, ["5002", "7"]],
  },
  { bids: LATER_BIDS, asks: LATER_ASKS },
].map((book, index) => {
  const at = index + 1;
  return { ...BOOK, type: "snapshot", timestamp: START + at * 100, data: { ...book, ...LINKS[at] } };
});

export const SNAPSHOT = { ...BOOK, type: "snapshot", timestamp: START, data: { bids: BIDS, asks: ASKS, ...LINKS[0] } };

export const PRIVATE_CHANNELS = ["orders", "fills", "balances", "positions"];

/** A full page of 100 rows, a second apart, and the one that begins where it ends. */
export function pages(path: string, row: object, get: ReturnType<typeof wire>["get"]) {
  const first = "{startMs-3000000+1000*index:number}";
  const lastMs = START - 3_000_000 + 99_000;
  const rest = [
    { ...row, clientOrderId: "x", id: "99", timestamp: lastMs },
    { ...row, clientOrderId: "x", id: "100", timestamp: lastMs + 1_000 },
  ];
  return {
    routes: [
      get(path, [repeated(100, { ...row, clientOrderId: "x", id: "{index:text}", timestamp: first })]),
      get(path, rest, { startTime: String(lastMs) }),
    ],
    expectedIds: { count: 101, first: "0", last: "100" },
  };
}
