import { isGrouping } from "./books.ts";
import type { HyperliquidContext } from "./context.ts";
import { failsAt, malformed } from "./errors.ts";
import type { InfoCall, InfoType } from "./info-type.ts";
import { allMids, candleObjects, contextObject, intervalOf, metaObject, tradeObject } from "./market-objects.ts";
import { USDC } from "./universe.ts";
import { decimalText, type WireObject, type WireValue } from "./wire.ts";

const MAX_ROWS = 500;
const MAX_CANDLES = 5_000;
const MAX_TRADES = 10;
const TOKEN_ID = `0x${"0".repeat(31)}1`;

/** Description of spot: there is no spot market, and of tokens only the collateral. */
const SPOT_META: WireObject = {
  universe: [],
  tokens: [
    {
      ...{ name: USDC, szDecimals: 8, weiDecimals: 8, index: 0, tokenId: TOKEN_ID },
      ...{ isCanonical: true, evmContract: null, fullName: null, deployerTradingFeeShare: "0.0" },
    },
  ],
};

function meta({ context, fields }: InfoCall): WireObject {
  fields.mainDex();
  return metaObject(context);
}

function metaAndContexts(call: InfoCall): WireValue {
  const { context } = call;
  return [meta(call), context.universe.assets.map((asset) => contextObject(context, asset))];
}

/** An unknown coin has no book: `null`. */
function book({ context, fields }: InfoCall): WireValue {
  const asset = fields.coin();
  const grouping = { nSigFigs: fields.number("nSigFigs") ?? null, mantissa: fields.number("mantissa") ?? null };
  if (!isGrouping(grouping)) throw failsAt();
  return asset === undefined ? null : context.books.object(asset, grouping, true);
}

/** Newest first. */
function recentTrades({ context, fields }: InfoCall): WireValue {
  const trades = context.engine.trades(fields.knownCoin().market);
  return trades
    .slice(-MAX_TRADES)
    .toReversed()
    .map((trade) => tradeObject(context, trade));
}

function candles({ context, fields }: InfoCall): WireValue {
  const request = fields.inner("req");
  const asset = request.knownCoin();
  const interval = request.text("interval");
  if (intervalOf(interval) === undefined) throw malformed();
  const fromMs = request.number("startTime");
  if (fromMs === undefined) throw malformed();
  const nowMs = context.now();
  const toMs = Math.min(request.number("endTime") ?? nowMs, nowMs);
  return candleObjects(context, asset, interval, { fromMs, toMs }).slice(-MAX_CANDLES);
}

/** Oldest first, both times included. */
function fundingHistory({ context, fields }: InfoCall): WireValue {
  const { market, coin } = fields.knownCoin();
  const { engine, now } = context;
  const startTime = fields.number("startTime");
  if (startTime === undefined) throw malformed();
  const endTime = fields.number("endTime") ?? now();
  return engine
    .fundingRates(market)
    .filter(({ timeMs }) => Math.floor(timeMs) >= startTime && Math.floor(timeMs) <= endTime)
    .slice(0, MAX_ROWS)
    .map(({ rate, timeMs }) => ({
      coin,
      fundingRate: decimalText(rate),
      // A rate is the average premium over the divisor, without interest.
      premium: decimalText(rate * context.config.fundingDivisor),
      time: Math.floor(timeMs),
    }));
}

function predictedFundings({ context }: InfoCall): WireValue {
  return context.universe.assets.map((asset) => {
    const { predictedRate, nextFundingMs, spec } = context.universe.view(asset);
    const row = {
      fundingRate: decimalText(predictedRate),
      nextFundingTime: Math.floor(nextFundingMs),
      fundingIntervalHours: Math.max(1, Math.round(spec.fundingIntervalMs / 3_600_000)),
    };
    return [asset.coin, [["HlPerp", row]]];
  });
}

function mids({ context, fields }: InfoCall): WireValue {
  fields.mainDex();
  return allMids(context);
}

/** The largest market orders by the highest leverage of a perpetual (docs, contract specifications). */
const MARKET_ORDER_CAPS: WireValue = [
  [25, "30000000.0"],
  [20, "5000000.0"],
  [10, "2000000.0"],
  [1, "500000.0"],
];

const time = ({ now }: HyperliquidContext): number => Math.floor(now());

export const marketInfo: readonly InfoType[] = [
  type("meta", meta),
  type("metaAndAssetCtxs", metaAndContexts),
  type("allPerpMetas", ({ context }) => [metaObject(context)]),
  type("perpDexs", () => [null]),
  type("spotMeta", () => SPOT_META),
  type("spotMetaAndAssetCtxs", () => [SPOT_META, []]),
  type("allMids", mids, 2),
  { ...type("l2Book", book, 2), kind: "snapshot" },
  { ...type("recentTrades", recentTrades), rowsOfWeight: 20 },
  { ...type("candleSnapshot", candles), rowsOfWeight: 60 },
  { ...type("fundingHistory", fundingHistory), rowsOfWeight: 20 },
  type("predictedFundings", predictedFundings),
  type("exchangeStatus", ({ context }) => ({ time: time(context), specialStatuses: null }), 2),
  type("maxMarketOrderNtls", () => MARKET_ORDER_CAPS),
  type("perpsAtOpenInterestCap", () => []),
];

/** Weights as documented (docs, rate limits). */
function type(name: string, answer: InfoType["answer"], weight = 20): InfoType {
  return { name, kind: "public", weight, rowsOfWeight: 0, answer };
}
