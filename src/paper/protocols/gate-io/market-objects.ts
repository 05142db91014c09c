import { formatAmount } from "../../engine/amount.ts";
import { absolute, divideRound } from "../../engine/arithmetic.ts";
import { type EngineEvent, type MarketView, type TradeView, UNIT } from "../../engine/types.ts";
import type { Candle } from "../candle.ts";
import { marketMaxSize } from "../market-rules.ts";
import type { GateContext } from "./context.ts";
import { contractOf, contractsText, contractValue, minimumSize, type SizeForm, sizeValue } from "./contracts.ts";
import { seconds, type WireObject, type WireValue, wholeSeconds } from "./wire.ts";

/** The most orders that an account may have open on a contract. */
export const MAX_OPEN_ORDERS = 500;
const LAUNCH_TIME = 1_585_526_400;
/** The paper venue's funding rate has no cap of its own; the documented example's is told. */
const FUNDING_CAP = "0.003";

export function roundTo(price: bigint, step: bigint): bigint {
  return divideRound(price, step) * step;
}

/** The value of the largest order. */
export const riskLimitOf = ({ spec }: MarketView): bigint => (spec.maxSize * spec.initialPrice) / UNIT;

/** Sizes of the rules are whole numbers where the client counts so, but the one of market orders is always text. */
export function contractObject(context: GateContext, market: MarketView, form: SizeForm): WireObject {
  const { spec, status, mark, index, last, predictedRate, nextFundingMs, openInterest } = market;
  const { engine, books, config, now, ids } = context;
  const trades = engine.trades(spec.market);
  const rate = formatAmount(predictedRate);
  const risk = formatAmount(riskLimitOf(market));
  const day = context.statistics.day(spec.market, now());
  return {
    name: contractOf(market),
    type: "direct",
    quanto_multiplier: formatAmount(contractValue(market)),
    order_price_round: formatAmount(spec.tick),
    mark_price_round: formatAmount(spec.tick),
    order_size_min: sizeValue(minimumSize(market), market, form),
    order_size_max: sizeValue(spec.maxSize, market, form),
    market_order_size_max: contractsText(marketMaxSize(spec), market),
    market_order_slip_ratio: formatAmount(spec.priceBand),
    enable_decimal: false,
    order_price_deviate: formatAmount(spec.priceBand),
    orders_limit: MAX_OPEN_ORDERS,
    leverage_min: "1",
    leverage_max: formatAmount(spec.maxLeverage),
    cross_leverage_default: "10",
    maintenance_rate: formatAmount(spec.maintenanceFraction),
    maker_fee_rate: formatAmount(config.makerFee),
    taker_fee_rate: formatAmount(config.takerFee),
    mark_price: formatAmount(roundTo(mark, spec.tick)),
    index_price: formatAmount(roundTo(index, spec.tick)),
    last_price: formatAmount(last ?? roundTo(mark, spec.tick)),
    mark_type: "index",
    funding_rate: rate,
    funding_rate_indicative: rate,
    funding_interval: spec.fundingIntervalMs / 1_000,
    funding_next_apply: seconds(nextFundingMs),
    funding_rate_limit: FUNDING_CAP,
    funding_offset: 0,
    risk_limit_base: risk,
    risk_limit_max: risk,
    risk_limit_step: risk,
    position_size: sizeValue(openInterest, market, form),
    trade_size: sizeValue(day.baseVolume, market, form),
    trade_id: trades.length === 0 ? 0 : ids.trade(trades.at(-1)?.tradeId ?? 0),
    orderbook_id: books.id(spec.market),
    in_delisting: false,
    status: status === "trading" ? "trading" : "circuit_breaker",
    contract_type: "",
    config_change_time: LAUNCH_TIME,
    launch_time: LAUNCH_TIME,
  };
}

export function tickerObject(context: GateContext, market: MarketView): WireObject {
  const { spec, mark, index, openInterest, predictedRate, nextFundingMs } = market;
  const { engine, statistics, now } = context;
  const last = market.last ?? roundTo(mark, spec.tick);
  const day = statistics.day(spec.market, now());
  const { bids, asks } = engine.book(spec.market, 1);
  const [bid, bidSize = 0n] = bids[0] ?? [];
  const [ask, askSize = 0n] = asks[0] ?? [];
  const quote = formatAmount(day.quoteVolume);
  const rate = formatAmount(predictedRate);
  return {
    contract: contractOf(market),
    last: formatAmount(last),
    change_percentage: formatAmount(day.change24h * 100n),
    total_size: contractsText(openInterest, market),
    low_24h: formatAmount(day.low ?? last),
    high_24h: formatAmount(day.high ?? last),
    volume_24h: contractsText(day.baseVolume, market),
    volume_24h_base: formatAmount(day.baseVolume),
    volume_24h_quote: quote,
    volume_24h_settle: quote,
    mark_price: formatAmount(roundTo(mark, spec.tick)),
    index_price: formatAmount(roundTo(index, spec.tick)),
    funding_rate: rate,
    funding_rate_indicative: rate,
    quanto_base_rate: "",
    highest_bid: bid === undefined ? "" : formatAmount(bid),
    highest_size: contractsText(bidSize, market),
    lowest_ask: ask === undefined ? "" : formatAmount(ask),
    lowest_size: contractsText(askSize, market),
    funding_interval: spec.fundingIntervalMs / 1_000,
    funding_next_apply: seconds(nextFundingMs),
  };
}

/** Times of REST are seconds under both names, those of the stream whole seconds and milliseconds. */
export function tradeObject(
  { ids }: GateContext,
  market: MarketView,
  trade: TradeView,
  form: SizeForm,
  isStream: boolean,
): WireObject {
  const { timeMs, takerSide, size, price, tradeId } = trade;
  return {
    id: ids.trade(tradeId),
    contract: contractOf(market),
    create_time: isStream ? wholeSeconds(timeMs) : seconds(timeMs),
    create_time_ms: isStream ? Math.floor(timeMs) : seconds(timeMs),
    size: sizeValue(takerSide === "buy" ? size : -size, market, form),
    price: formatAmount(price),
  };
}

export function candleObject(market: MarketView, candle: Candle, form: SizeForm, hasVolume: boolean): WireObject {
  const { startMs, open, high, low, close, baseVolume } = candle;
  const prices = { o: formatAmount(open), h: formatAmount(high), l: formatAmount(low), c: formatAmount(close) };
  return { t: wholeSeconds(startMs), ...prices, ...(hasVolume ? { v: sizeValue(baseVolume, market, form) } : {}) };
}

/** An order that closed somebody's position; `size` is the position's. */
export function liquidationObject(
  market: MarketView,
  { size, price }: Extract<EngineEvent, { type: "liquidated" }>,
  timeMs: number,
  form: SizeForm,
): WireObject {
  const text = formatAmount(roundTo(price, market.spec.tick));
  const side = { size: sizeValue(size, market, form), order_size: sizeValue(-size, market, form) };
  const at = { time: wholeSeconds(timeMs), time_ms: Math.floor(timeMs), contract: contractOf(market) };
  return { ...at, ...side, left: sizeValue(0n, market, form), fill_price: text, order_price: text, price: text };
}

/** Best prices; an empty side is "" and 0. */
export function bookTickerObject(context: GateContext, market: MarketView, form: SizeForm): WireObject {
  const { bids, asks } = context.engine.book(market.spec.market, 1);
  const [bid, bidSize = 0n] = bids[0] ?? [];
  const [ask, askSize = 0n] = asks[0] ?? [];
  const price = (value: bigint | undefined): WireValue => (value === undefined ? "" : formatAmount(value));
  return {
    t: Math.floor(context.now()),
    u: context.books.id(market.spec.market),
    s: contractOf(market),
    b: price(bid),
    B: sizeValue(bidSize, market, form),
    a: price(ask),
    A: sizeValue(askSize, market, form),
  };
}

/** Tier of a contract, its only one: its size is what limits a position. */
export function riskTierObject(market: MarketView): WireObject {
  const { maxLeverage, maintenanceFraction } = market.spec;
  return {
    contract: contractOf(market),
    tier: 1,
    risk_limit: formatAmount(riskLimitOf(market)),
    initial_rate: formatAmount(divideRound(UNIT * UNIT, maxLeverage)),
    maintenance_rate: formatAmount(maintenanceFraction),
    leverage_max: formatAmount(maxLeverage),
    deduction: "0",
  };
}

/** Value of a position at mark. */
export function valueText(size: bigint, mark: bigint): string {
  return formatAmount(divideRound(absolute(size) * mark, UNIT));
}
