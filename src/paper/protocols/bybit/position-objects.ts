import { formatAmount } from "../../engine/amount.ts";
import { divideRound } from "../../engine/arithmetic.ts";
import { type PositionView, UNIT } from "../../engine/types.ts";
import type { BybitContext } from "./context.ts";
import { CATEGORY, marketOf, symbolOf } from "./market-names.ts";
import { riskLimitOf } from "./market-objects.ts";
import { positionIndex, sizeText } from "./order-objects.ts";
import { averageText, productText, stepText, timeText, type WireObject } from "./wire.ts";

/** Fields that the rows of REST and of the stream have in common. */
function commonFields({ engine, config, ids }: BybitContext, position: PositionView): WireObject {
  const market = marketOf(engine, position.market);
  const { tick } = market.spec;
  const { size, cost, mark, leverage, marginMode, liquidationPrice } = position;
  const isIsolated = marginMode === "isolated";
  const margin = formatAmount(position.initialMargin);
  const maintenance = formatAmount(position.maintenanceMargin);
  const recent = formatAmount(position.recentRealized);
  return {
    positionIdx: positionIndex(position.side),
    riskId: 1,
    riskLimitValue: formatAmount(riskLimitOf(market)),
    symbol: symbolOf(market),
    side: size === 0n ? "" : size > 0n ? "Buy" : "Sell",
    size: sizeText(size, market),
    positionValue: productText(cost < 0n ? -cost : cost),
    // Dead: the margin mode is the account's (docs v5, position).
    tradeMode: 0,
    autoAddMargin: 0,
    positionStatus: position.liquidating ? "Liq" : "Normal",
    adlRankIndicator: size === 0n ? 0 : 2,
    leverage: formatAmount(leverage),
    breakEvenPrice: breakEvenText(position, config.takerFee),
    positionBalance: isIsolated ? formatAmount(position.isolatedMargin) : margin,
    markPrice: stepText(mark, tick),
    liqPrice: liquidationPrice === null ? "" : formatAmount(liquidationPrice),
    bustPrice: "",
    positionIM: margin,
    positionIMByMp: margin,
    positionMM: maintenance,
    positionMMByMp: maintenance,
    tpslMode: "Full",
    takeProfit: "",
    stopLoss: "",
    trailingStop: "0",
    unrealisedPnl: formatAmount(position.unrealized),
    curRealisedPnl: recent,
    cumRealisedPnl: formatAmount(position.realized),
    seq: ids.sequence(position.sequence),
    isReduceOnly: false,
    leverageSysUpdatedTime: "",
    sessionAvgPrice: "",
    openTime: size === 0n ? 0 : Math.floor(position.openedMs),
    createdTime: timeText(position.openedMs),
    updatedTime: timeText(position.updatedMs),
  };
}

/** Entry and exit both cost the taker fee. */
function breakEvenText({ cost, size }: PositionView, takerFee: bigint): string {
  if (size === 0n) return "";
  const entry = divideRound(cost < 0n ? -cost : cost, size < 0n ? -size : size);
  const fees = divideRound(2n * takerFee * entry, UNIT);
  return formatAmount(size > 0n ? entry + fees : entry - fees);
}

/** The row of `/v5/position/list`. */
export function positionObject(context: BybitContext, position: PositionView): WireObject {
  const avgPrice = averageText(position.cost, position.size, "0");
  return { ...commonFields(context, position), avgPrice, mmrSysUpdateTime: "" };
}

/** The row of the `position` topic, which calls the entry price otherwise. */
export function positionFrameObject(context: BybitContext, position: PositionView): WireObject {
  const entryPrice = averageText(position.cost, position.size, "0");
  return { category: CATEGORY, ...commonFields(context, position), entryPrice, mmrSysUpdatedTime: "" };
}
