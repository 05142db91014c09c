import { formatAmount } from "../../engine/amount.ts";
import { divideRound } from "../../engine/arithmetic.ts";
import { type MarketStatus, type MarketView, type TradeView, UNIT } from "../../engine/types.ts";
import { marketMaxSize } from "../market-rules.ts";
import type { OkxContext } from "./context.ts";
import {
  COIN,
  contractsText,
  contractValue,
  familyOf,
  instIdCodeOf,
  instIdOf,
  minimumSize,
  SWAP,
} from "./instruments.ts";
import { productText, timeText, type WireObject } from "./wire.ts";

/** The paper venue's funding rate has no cap of its own; the documented example's is told. */
const FUNDING_CAP = "0.00375";
const LIST_TIME = "1573557408000";

const roundTo = (price: bigint, tick: bigint): bigint => divideRound(price, tick) * tick;

const STATES: Readonly<Record<MarketStatus, string>> = { trading: "live", halted: "suspend", delisted: "expired" };

/** Renders an instrument. Fields of other products are empty, as OKX leaves them. */
export function instrumentObject({ engine }: Pick<OkxContext, "engine">, market: MarketView): WireObject {
  const { spec } = market;
  const most = contractsText(spec.maxSize, market);
  return {
    instType: SWAP,
    instId: instIdOf(market),
    instIdCode: instIdCodeOf(engine, market),
    instFamily: familyOf(market),
    uly: familyOf(market),
    category: "1",
    baseCcy: "",
    quoteCcy: "",
    settleCcy: COIN,
    ctVal: formatAmount(contractValue(spec)),
    ctMult: "1",
    ctValCcy: spec.base,
    ctType: "linear",
    optType: "",
    stk: "",
    alias: "",
    listTime: LIST_TIME,
    contTdSwTime: LIST_TIME,
    auctionEndTime: "",
    expTime: "",
    lever: formatAmount(spec.maxLeverage),
    tickSz: formatAmount(spec.tick),
    lotSz: contractsText(spec.lot, market),
    minSz: contractsText(minimumSize(market), market),
    maxLmtSz: most,
    maxMktSz: contractsText(marketMaxSize(spec), market),
    maxLmtAmt: "",
    maxMktAmt: "",
    maxTwapSz: most,
    maxIcebergSz: most,
    maxTriggerSz: most,
    maxStopSz: contractsText(marketMaxSize(spec), market),
    state: STATES[market.status],
    ruleType: "normal",
    openType: "",
    futureSettlement: false,
    groupId: "1",
    instCategory: "1",
    tradeQuoteCcyList: [],
    upcChg: [],
  };
}

export function tickerObject({ engine, statistics, now }: OkxContext, market: MarketView): WireObject {
  const { spec, mark } = market;
  const last = market.last ?? mark;
  const day = statistics.day(spec.market, now());
  const before = (change: bigint) => formatAmount(roundTo(divideRound(last * UNIT, UNIT + change), spec.tick));
  const { bids, asks } = engine.book(spec.market, 1);
  const price = (level: readonly [bigint, bigint] | undefined) => (level === undefined ? "" : formatAmount(level[0]));
  const size = (level: readonly [bigint, bigint] | undefined) =>
    level === undefined ? "" : contractsText(level[1], market);
  return {
    instType: SWAP,
    instId: instIdOf(market),
    last: formatAmount(last),
    lastSz: contractsText(engine.trades(spec.market).at(-1)?.size ?? 0n, market),
    askPx: price(asks[0]),
    askSz: size(asks[0]),
    bidPx: price(bids[0]),
    bidSz: size(bids[0]),
    open24h: before(day.change24h),
    high24h: formatAmount(day.high ?? last),
    low24h: formatAmount(day.low ?? last),
    volCcy24h: formatAmount(day.baseVolume),
    vol24h: contractsText(day.baseVolume, market),
    sodUtc0: before(day.changeBod),
    sodUtc8: before(day.changeBod),
    ts: timeText(now()),
  };
}

/** The index has no statistics of its own here: its day is flat. */
export function indexTickerObject({ now }: Pick<OkxContext, "now">, market: MarketView): WireObject {
  const idxPx = formatAmount(roundTo(market.index, market.spec.tick));
  return {
    instId: familyOf(market),
    idxPx,
    high24h: idxPx,
    sodUtc0: idxPx,
    open24h: idxPx,
    low24h: idxPx,
    sodUtc8: idxPx,
    ts: timeText(now()),
  };
}

export function markPriceObject({ now }: Pick<OkxContext, "now">, market: MarketView): WireObject {
  const markPx = formatAmount(roundTo(market.mark, market.spec.tick));
  return { instType: SWAP, instId: instIdOf(market), markPx, ts: timeText(now()) };
}

/** `fundingTime` is the next settlement and `nextFundingTime` the one after it (docs v5, funding-rate). */
export function fundingRateObject({ engine, now }: OkxContext, market: MarketView): WireObject {
  const { spec, nextFundingMs, predictedRate } = market;
  const settled = engine.fundingRates(spec.market).at(-1);
  return {
    instType: SWAP,
    instId: instIdOf(market),
    formulaType: "noRate",
    method: "current_period",
    fundingRate: formatAmount(predictedRate),
    nextFundingRate: "",
    fundingTime: timeText(nextFundingMs),
    nextFundingTime: timeText(nextFundingMs + spec.fundingIntervalMs),
    minFundingRate: `-${FUNDING_CAP}`,
    maxFundingRate: FUNDING_CAP,
    interestRate: "0",
    impactValue: "",
    settState: "settled",
    settFundingRate: formatAmount(settled?.rate ?? 0n),
    premium: formatAmount(market.index === 0n ? 0n : divideRound((market.mark - market.index) * UNIT, market.index)),
    ts: timeText(now()),
  };
}

export function openInterestObject({ now }: Pick<OkxContext, "now">, market: MarketView): WireObject {
  const { openInterest, mark } = market;
  return {
    instType: SWAP,
    instId: instIdOf(market),
    oi: contractsText(openInterest, market),
    oiCcy: formatAmount(openInterest),
    oiUsd: productText(openInterest * mark),
    ts: timeText(now()),
  };
}

export function priceLimitObject({ now }: Pick<OkxContext, "now">, market: MarketView): WireObject {
  const { mark, spec } = market;
  const distance = divideRound(mark * spec.priceBand, UNIT);
  return {
    instType: SWAP,
    instId: instIdOf(market),
    buyLmt: formatAmount(((mark + distance) / spec.tick) * spec.tick),
    sellLmt: formatAmount(-((distance - mark) / spec.tick) * spec.tick),
    enabled: true,
    ts: timeText(now()),
  };
}

/** `side` is the taker's. The stream tells how many matches a row stands for: always one here. */
export function tradeObject({ ids }: OkxContext, market: MarketView, trade: TradeView): WireObject {
  return {
    instId: instIdOf(market),
    tradeId: ids.trade(trade.tradeId),
    px: formatAmount(trade.price),
    sz: contractsText(trade.size, market),
    side: trade.takerSide,
    count: "1",
    source: "0",
    seqId: ids.sequence(trade.sequence ?? trade.tradeId),
    ts: timeText(trade.timeMs),
  };
}
