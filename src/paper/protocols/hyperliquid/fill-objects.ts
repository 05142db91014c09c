import { divideRound } from "../../engine/arithmetic.ts";
import type { FillView, FundingPaymentView } from "../../engine/types.ts";
import type { HyperliquidContext } from "./context.ts";
import { cloidOf } from "./orders.ts";
import { USDC } from "./universe.ts";
import { decimalText, hashOf, NO_HASH, type WireObject } from "./wire.ts";

function directionOf({ side, closedSize, size, adl, settlement }: FillView, before: bigint): string {
  if (adl) return "Auto-Deleveraging";
  if (settlement) return "Settlement";
  const isLong = before > 0n;
  if (closedSize === 0n) return side === "buy" ? "Open Long" : "Open Short";
  if (closedSize === size) return isLong ? "Close Long" : "Close Short";
  return isLong ? "Long > Short" : "Short > Long";
}

/** `closedPnl` is without the fee; a negative `fee` is a rebate. */
export function fillRow(context: HyperliquidContext, fill: FillView): WireObject {
  const { facts, universe, ids, orders, addresses } = context;
  const before = facts.startOf(fill);
  const tid = ids.trade(fill.tradeId);
  const liquidation = facts.liquidationOf(fill);
  const cloid = cloidOf(fill.clientId);
  return {
    coin: universe.ofMarket(fill.market).coin,
    px: decimalText(fill.price),
    sz: decimalText(fill.size),
    side: fill.side === "buy" ? "B" : "A",
    time: Math.floor(fill.timeMs),
    startPosition: decimalText(before),
    dir: directionOf(fill, before),
    closedPnl: decimalText(fill.realized),
    hash: hashOf(tid),
    oid: orders.byEngineId(fill.orderId)?.orderId ?? 0,
    crossed: !fill.isMaker,
    fee: decimalText(fill.fee),
    tid,
    ...(cloid === null ? {} : { cloid }),
    ...(liquidation === undefined
      ? {}
      : {
          liquidation: {
            liquidatedUser: addresses.addressOf(liquidation.accountId),
            markPx: decimalText(liquidation.mark),
            method: liquidation.isBackstop ? "backstop" : "market",
          },
        }),
    feeToken: USDC,
    twapId: null,
  };
}

/** Fills of one order at one time as one: what a block filled at several prices. */
export function aggregated(fills: readonly FillView[]): readonly FillView[] {
  const rows: FillView[] = [];
  for (const fill of fills) {
    const last = rows.at(-1);
    if (last === undefined || last.orderId !== fill.orderId || last.timeMs !== fill.timeMs) {
      rows.push(fill);
      continue;
    }
    const size = last.size + fill.size;
    rows[rows.length - 1] = {
      ...last,
      size,
      price: divideRound(last.price * last.size + fill.price * fill.size, size),
      closedSize: last.closedSize + fill.closedSize,
      realized: last.realized + fill.realized,
      fee: last.fee + fill.fee,
    };
  }
  return rows;
}

/** `usdc` is positive where it was received. */
export function fundingDelta({ universe }: Pick<HyperliquidContext, "universe">, payment: FundingPaymentView) {
  const { market, amount, size, rate } = payment;
  return {
    coin: universe.ofMarket(market).coin,
    usdc: decimalText(amount),
    szi: decimalText(size),
    fundingRate: decimalText(rate),
    nSamples: null,
  };
}

export function fundingRow(context: HyperliquidContext, payment: FundingPaymentView): WireObject {
  const delta = { type: "funding", ...fundingDelta(context, payment) };
  return { time: Math.floor(payment.timeMs), hash: NO_HASH, delta };
}
