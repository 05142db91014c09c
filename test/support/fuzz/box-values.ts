import type { Random } from "../../../src/runtime/runtime.ts";

const pick = <T>(random: Random, values: readonly T[]): T => values[random.integer(values.length)] as T;

const SYMBOLS = ["BTCUSDT", "ETHUSDT", "BTC-PERP", "ETH-PERP", "BTC-USDT-SWAP", "ETH-USDT-SWAP", "BTC-USDT", "BTC"];
const CONTRACTS = ["BTC_USDT", "ETH_USDT"];
const SIDES = ["buy", "sell", "Buy", "Sell", "BUY", "SELL"];
const SIZES = ["0.01", "1", "0.001", "0.5", "10", "1000", "0.1", 0.01, 1];
const PRICES = ["20000", "19000", "21000", "1500", "20100.5", "13000", 20_000];
const TIMES = ["0", "1", "1700000000000", "1795000000", "9999999999999"];
const TYPES = ["limit", "market", "Limit", "Market", "LIMIT", "MARKET", "post_only", "ioc", "fok", "1", "2", "stop"];

/** What may stand under a parameter's name on some protocol; by the name's end. */
const GOOD: readonly (readonly [pattern: RegExp, values: readonly unknown[]])[] = [
  [/^(symbol|market|instId|pair|future|uly|instFamily|coin|ccy|baseCoin|settleCoin)$/, [...SYMBOLS, "USDT", "USD"]],
  [/^contract$/, CONTRACTS],
  [/^size$/, [...SIZES, 10, -10, "20", "-20"]],
  [/^tif$/, ["gtc", "ioc", "poc", "fok"]],
  [/^status$/, ["open", "finished"]],
  [/^dual_mode$/, ["true", "false"]],
  [/^position_mode$/, ["single", "dual"]],
  [/^dual_side$/, ["dual_long", "dual_short"]],
  [/^auto_size$/, ["close_long", "close_short"]],
  [/^instIdCode$/, ["1", 1, "2"]],
  [/^(side|direction)$/, SIDES],
  [/(size|qty|sz|quantity|amount|amt|margin|amountStr)$/i, SIZES],
  [/(price|px|trailValue)$/i, PRICES],
  [/(leverage|lever)$/i, ["1", "2", "5", "10", "20", "100", 3]],
  [/(limit|depth|resolution)$/i, ["1", "20", "60", "100", "300", "3600"]],
  [/(start|end|time|Ts|begin|after|before)$/i, TIMES],
  [/^(orderType|ordType|type)$/, TYPES],
  [/^category$/, ["linear", "linear", "linear", "inverse", "spot"]],
  [/^(instType|product)$/, ["SWAP", "SWAP", "SPOT", "FUTURES", "DERIVATIVES"]],
  [/^timeInForce$/, ["GTC", "IOC", "FOK", "PostOnly", "GTX"]],
  [/^(tdMode|mgnMode|marginType)$/, ["cross", "isolated", "CROSSED", "ISOLATED"]],
  [/^(posSide|positionSide)$/, ["net", "long", "short", "BOTH", "LONG", "SHORT"]],
  [/^posMode$/, ["net_mode", "long_short_mode"]],
  [/^(positionIdx|mode|tradeMode)$/, ["0", "1", "2", "3", 0, 1, 2, 3]],
  [/^(interval|intervalTime|bar)$/, ["1", "1m", "5min", "60", "1h", "1H", "D", "1d", "1w", "6Hutc"]],
  [/(Only|ioc|dualSidePosition|feeBurn|Order|cxlOnFail|isIsolated)$/, ["true", "false", true, false]],
  [/^(source|destination|subaccount)$/, ["main", "sub", null]],
  [/^(accountType)$/, ["UNIFIED"]],
];

const LONG = "9".repeat(5_000);
/** What is no good anywhere. */
export const ABSURD: readonly unknown[] = [
  ...["", " ", "NaN", "Infinity", "-Infinity", "null", "undefined", "true", "-0", "-1", "0", "1e400", "1e-400", "1e99"],
  ...["0x10", "1_000", "1,5", "--1", ".5", "5.", "+3", "00012", "0.000000000000000001", "99999999999999999999999999"],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "\u0000",
    "é",
    "../..",
    "%00",
    "a b",
    "[]",
    "{}",
    LONG,
    `0.${LONG}`,
    `1${LONG}`,
  ],
  ...[null, true, false, 0, -0, -1, 1e21, 1e300, 0.1, 9_007_199_254_740_992, [], {}, [[]], [null], { toString: 1 }],
];

/** A value for a parameter: mostly one of its kind, else anything; `ids` are those of orders that there were. */
export function madeUp(random: Random, name: string, ids: readonly unknown[]): unknown {
  const kind = random.integer(10);
  if (kind === 0) return pick(random, ABSURD);
  if (/(id|orderId|order)$/i.test(name) && ids.length > 0 && kind < 8) return pick(random, ids.slice(-20));
  if (/(Id|ID|reqId|tag)$/.test(name)) return pick(random, [`id${random.integer(50)}`, String(random.integer(1e6))]);
  const good = GOOD.find(([pattern]) => pattern.test(name));
  return good === undefined ? pick(random, ["1", "0", "x", ...ABSURD]) : pick(random, good[1]);
}

type Template = Readonly<Record<string, unknown>>;
const BYBIT = { category: "linear", symbol: "BTCUSDT", orderType: "Limit", qty: "0.01", price: "19000" };
const BINANCE = { symbol: "BTCUSDT", type: "LIMIT", timeInForce: "GTC", quantity: "0.01", price: "19000" };
const OKX = { instId: "BTC-USDT-SWAP", tdMode: "cross", ordType: "limit", sz: "1", px: "19000" };
const bothSides = (order: Template, buy: string, sell: string): readonly Template[] =>
  [buy, sell].map((side) => ({ ...order, side }));

/** What is taken as it is, most of the time: the fuzz leaves some out and changes others. */
const TAKEN: Readonly<Record<string, readonly Template[]>> = {
  "/api/orders": bothSides({ market: "BTC-PERP", type: "limit", size: 0.01, price: 19_000 }, "buy", "sell"),
  "/api/conditional_orders": [{ market: "BTC-PERP", side: "sell", type: "stop", size: 0.01, triggerPrice: 18_000 }],
  "/api/account/leverage": [{ leverage: 5 }],
  "/v5/order/create": [0, 1, 2].flatMap((positionIdx) => bothSides({ ...BYBIT, positionIdx }, "Buy", "Sell")),
  "/v5/order/amend": [{ category: "linear", symbol: "BTCUSDT", price: "18900" }],
  "/v5/order/cancel-all": [{ category: "linear", symbol: "BTCUSDT" }],
  "/v5/position/set-leverage": [{ category: "linear", symbol: "BTCUSDT", buyLeverage: "5", sellLeverage: "5" }],
  "/v5/position/switch-mode": [0, 3].map((mode) => ({ category: "linear", symbol: "BTCUSDT", mode })),
  "/fapi/v1/order": ["BOTH", "LONG", "SHORT"].flatMap((positionSide) =>
    bothSides({ ...BINANCE, positionSide }, "BUY", "SELL"),
  ),
  "/fapi/v1/leverage": [{ symbol: "BTCUSDT", leverage: "5" }],
  "/fapi/v1/marginType": ["ISOLATED", "CROSSED"].map((marginType) => ({ symbol: "BTCUSDT", marginType })),
  "/fapi/v1/positionSide/dual": ["true", "false"].map((dualSidePosition) => ({ dualSidePosition })),
  "/api/v5/trade/order": ["net", "long", "short"].flatMap((posSide) => bothSides({ ...OKX, posSide }, "buy", "sell")),
  "/api/v5/trade/amend-order": [{ instId: "BTC-USDT-SWAP", newPx: "18900" }],
  "/api/v5/account/set-leverage": [{ instId: "BTC-USDT-SWAP", lever: "5", mgnMode: "cross" }],
  "/api/v5/account/set-position-mode": ["net_mode", "long_short_mode"].map((posMode) => ({ posMode })),
};

const GATE = "/api/v4/futures/usdt";
const GATE_ORDER = { contract: "BTC_USDT", price: "19000", text: "t-fuzz" };
const GATE_TRIGGER = { strategy_type: 0, price_type: 1, price: "18000", rule: 2, expiration: 600 };
/** The same of Gate, whose sizes have signs. */
const TAKEN_BY_GATE: Readonly<Record<string, readonly Template[]>> = {
  [`${GATE}/orders`]: [10, -10].flatMap((size) => [
    { ...GATE_ORDER, size },
    { ...GATE_ORDER, size, reduce_only: true },
    { ...GATE_ORDER, size, price: "0", tif: "ioc" },
  ]),
  [`${GATE}/orders/{}`]: [{ price: "18900" }, { size: 20 }],
  [`${GATE}/positions/{}/leverage`]: [{ leverage: "5" }, { leverage: "0", cross_leverage_limit: "5" }],
  [`${GATE}/dual_comp/positions/{}/leverage`]: [{ leverage: "5" }, { leverage: "0", cross_leverage_limit: "5" }],
  [`${GATE}/dual_mode`]: ["true", "false"].map((dual_mode) => ({ dual_mode })),
  [`${GATE}/price_orders`]: [{ initial: { ...GATE_ORDER, size: 10 }, trigger: GATE_TRIGGER }],
  [`${GATE}/countdown_cancel_all`]: [{ timeout: 5 }, { timeout: 0 }],
};

export function fieldsOf(random: Random, path: string, names: readonly string[], ids: readonly unknown[]) {
  const fields = new Map<string, unknown>(Object.entries(pick(random, TAKEN[path] ?? TAKEN_BY_GATE[path] ?? [{}])));
  if (random.integer(3) > 0) for (const name of [...fields.keys()]) if (random.integer(20) === 0) fields.delete(name);
  // Most routes want a market and an id: without them little is reached, and with much else neither.
  const others = random.integer(2) === 0 ? 12 : 200;
  for (const name of names) {
    const isUsual = /^(category|symbol|market|instId|orderId|ordId|instType|ccy|contract|status)$/.test(name);
    if (!fields.has(name) && random.integer(isUsual ? 2 : others) === 0) fields.set(name, madeUp(random, name, ids));
    else if (fields.has(name) && random.integer(15) === 0) fields.set(name, madeUp(random, name, ids));
  }
  return Object.fromEntries(fields);
}
