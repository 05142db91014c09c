import { formatAmount } from "../../engine/amount.ts";
import type { FillView } from "../../engine/types.ts";
import type { OkxContext } from "./context.ts";
import { COIN, contractsText, instIdOf, marketOf, SWAP } from "./instruments.ts";
import { posSideText } from "./order-objects.ts";
import { isForced } from "./orders.ts";
import { timeText, type WireObject } from "./wire.ts";

/** Kind of a trade, as numbers of OKX (docs v5, bills: subType). */
export function tradeSubType({ side, positionSide, liquidation, adl, settlement, closedSize }: FillView): string {
  if (adl) {
    if (positionSide === "both") return side === "buy" ? "127" : "128";
    return positionSide === "long" ? "125" : "126";
  }
  // Delivery of a long position or a short one.
  if (settlement) return side === "sell" ? "112" : "113";
  if (liquidation) {
    if (positionSide === "both") return side === "buy" ? "106" : "107";
    return positionSide === "long" ? "104" : "105";
  }
  if (positionSide === "both") return side === "buy" ? "1" : "2";
  const isClosing = closedSize !== 0n;
  if (positionSide === "long") return isClosing ? "5" : "3";
  return isClosing ? "6" : "4";
}

/** The row of `/trade/fills` and `/trade/fills-history`; a negative `fee` was paid. */
export function fillObject(context: OkxContext, fill: FillView, billId: string): WireObject {
  const { engine, orders, ids, details } = context;
  const market = marketOf(engine, fill.market);
  const order = orders.byEngineId(fill.orderId);
  return {
    instType: SWAP,
    instId: instIdOf(market),
    tradeId: isForced(fill) ? `-${ids.trade(fill.tradeId)}` : ids.trade(fill.tradeId),
    ordId: order?.orderId ?? "",
    clOrdId: fill.clientId ?? "",
    billId,
    subType: tradeSubType(fill),
    tag: (order === undefined ? undefined : details.get(order.orderId))?.tag ?? "",
    fillPx: formatAmount(fill.price),
    fillSz: contractsText(fill.size, market),
    fillIdxPx: formatAmount(market.index),
    fillPnl: formatAmount(fill.realized),
    fillPxVol: "",
    fillPxUsd: "",
    fillMarkVol: "",
    fillFwdPx: "",
    fillMarkPx: formatAmount(fill.mark),
    side: fill.side,
    posSide: posSideText(fill.positionSide),
    execType: isForced(fill) ? "" : fill.isMaker ? "M" : "T",
    feeCcy: COIN,
    fee: formatAmount(-fill.fee),
    feeRate: "",
    tradeQuoteCcy: "",
    ts: timeText(fill.timeMs),
    fillTime: timeText(fill.timeMs),
  };
}
