import { formatAmount } from "../../engine/amount.ts";
import { absolute, divideRound } from "../../engine/arithmetic.ts";
import { type MarketView, type PositionView, UNIT } from "../../engine/types.ts";
import type { OkxContext } from "./context.ts";
import { COIN, contractsText, instIdOf, instrumentIndexOf, marketOf, SWAP } from "./instruments.ts";
import { posSideText } from "./order-objects.ts";
import { averageOf, productText, ratioText, timeText, type WireObject } from "./wire.ts";

const LEGS = ["both", "long", "short"] as const;

const NO_OPTION = {
  deltaBS: "",
  deltaPA: "",
  gammaBS: "",
  gammaPA: "",
  thetaBS: "",
  thetaPA: "",
  vegaBS: "",
  vegaPA: "",
  optVal: "",
  liab: "",
  liabCcy: "",
  interest: "",
  baseBal: "",
  quoteBal: "",
  baseBorrowed: "",
  baseInterest: "",
  quoteBorrowed: "",
  quoteInterest: "",
  posCcy: "",
  pendingCloseOrdLiabVal: "",
  spotInUseAmt: "",
  spotInUseCcy: "",
  clSpotInUseAmt: "",
  maxSpotInUseAmt: "",
  bizRefId: "",
  bizRefType: "",
  nonSettleAvgPx: "",
  settledPnl: "",
  closeOrderAlgo: [],
};

/** Renders a position's size. In long/short mode both legs are positive; in net mode a short is negative. */
function positionText({ side, size }: PositionView, market: MarketView): string {
  return contractsText(side === "both" ? size : absolute(size), market);
}

export function positionIdOf(
  { engine, accounts, ids }: OkxContext,
  accountId: string,
  { market, side }: Pick<PositionView, "market" | "side">,
): string {
  const index = instrumentIndexOf(engine, marketOf(engine, market));
  return ids.position(accounts.identifier(accountId), index, LEGS.indexOf(side));
}

/** The row of `/account/positions` and of the `positions` channel. */
export function positionObject(context: OkxContext, accountId: string, position: PositionView): WireObject {
  const { engine, now } = context;
  const market = marketOf(engine, position.market);
  const { size, cost, mark, marginMode, leverage, unrealized, initialMargin, maintenanceMargin } = position;
  const isOpen = size !== 0n;
  const isIsolated = marginMode === "isolated";
  const whenOpen = (text: string) => (isOpen ? text : "");
  const { fees, funding } = context.costs.of(accountId, position);
  const last = engine.fills(accountId).findLast((fill) => fill.market === position.market);
  const equity = isIsolated ? position.isolatedMargin + unrealized : (engine.account(accountId)?.crossEquity ?? 0n);
  return {
    instType: SWAP,
    instId: instIdOf(market),
    mgnMode: marginMode,
    posId: positionIdOf(context, accountId, position),
    posSide: posSideText(position.side),
    pos: positionText(position, market),
    availPos: "",
    ccy: COIN,
    avgPx: whenOpen(formatAmount(averageOf(cost, size))),
    bePx: whenOpen(formatAmount(breakEven(position, context.config.takerFee))),
    upl: whenOpen(formatAmount(unrealized)),
    uplRatio: whenOpen(ratioText(unrealized, divideRound(absolute(cost), leverage))),
    uplLastPx: whenOpen(formatAmount(unrealized)),
    uplRatioLastPx: whenOpen(ratioText(unrealized, divideRound(absolute(cost), leverage))),
    lever: formatAmount(leverage),
    liqPx: position.liquidationPrice === null ? "" : formatAmount(position.liquidationPrice),
    markPx: formatAmount(mark),
    last: formatAmount(market.last ?? mark),
    idxPx: formatAmount(market.index),
    usdPx: "1",
    imr: isIsolated ? "" : whenOpen(formatAmount(initialMargin)),
    margin: isIsolated ? formatAmount(position.isolatedMargin) : "",
    mmr: whenOpen(formatAmount(maintenanceMargin)),
    mgnRatio: whenOpen(ratioText(equity, maintenanceMargin)),
    notionalUsd: whenOpen(productText(absolute(size) * mark)),
    adl: isOpen ? "1" : "0",
    tradeId: last === undefined ? "" : context.ids.trade(last.tradeId),
    realizedPnl: formatAmount(position.recentRealized - fees + funding),
    pnl: formatAmount(position.recentRealized),
    fee: formatAmount(-fees),
    fundingFee: formatAmount(funding),
    liqPenalty: "0",
    ...NO_OPTION,
    cTime: timeText(position.openedMs),
    uTime: timeText(position.updatedMs),
    pTime: timeText(now()),
  };
}

/** Entry and exit both cost the taker fee. */
function breakEven({ cost, size }: PositionView, takerFee: bigint): bigint {
  const entry = averageOf(cost, size);
  const fees = divideRound(2n * takerFee * entry, UNIT);
  return size > 0n ? entry + fees : entry - fees;
}
