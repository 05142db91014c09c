import { formatAmount } from "../../engine/amount.ts";
import { absolute, divideRound } from "../../engine/arithmetic.ts";
import { type Lifetime, lifetimesOf } from "../position-lifetimes.ts";
import type { PrivateCall } from "./context.ts";
import { COIN, contractsText, familyOf, instIdOf, marketOf, SWAP } from "./instruments.ts";
import { posSideText } from "./order-objects.ts";
import { positionIdOf } from "./position-objects.ts";
import { averageOf, ratioText, timeText, type WireObject } from "./wire.ts";

const MAX_ROWS = 100;
const MAX_AGE_MS = 90 * 86_400_000;

/** Positions of which something was closed, by the time when that was last done, newest first. */
export function positionsHistory(call: PrivateCall, isWanted: (market: string) => boolean): readonly WireObject[] {
  const { context, parameters } = call;
  const mgnMode = parameters.oneOf("mgnMode", ["cross", "isolated"]);
  const type = parameters.oneOf("type", ["1", "2", "3", "4", "5", "6"]);
  const posId = parameters.text("posId");
  const after = parameters.integer("after") ?? Number.POSITIVE_INFINITY;
  const before = parameters.integer("before") ?? context.now() - MAX_AGE_MS;
  return lifetimesOf(call.context.ledger.log(call.login.accountId))
    .filter(
      ({ market, closed, updatedMs }) => closed > 0n && isWanted(market) && updatedMs < after && updatedMs > before,
    )
    .sort((left, right) => right.updatedMs - left.updatedMs)
    .map((lifetime) => row(call, lifetime))
    .filter((each) => (mgnMode === undefined || each.mgnMode === mgnMode) && (type === undefined || each.type === type))
    .filter((each) => posId === undefined || each.posId === posId)
    .slice(0, parameters.limit(MAX_ROWS, MAX_ROWS));
}

/** Type of the last close: by its owner in part or as a whole, by liquidation, by auto-deleveraging. */
function typeOf({ last, size }: Lifetime): string {
  if (last.adl) return size === 0n ? "6" : "5";
  if (last.liquidation) return size === 0n ? "3" : "4";
  return size === 0n ? "2" : "1";
}

function row({ context, login }: PrivateCall, lifetime: Lifetime): WireObject {
  const { market: name, side, realized, fees, funding, last, openCost, opened, closeCost, closed, isLong } = lifetime;
  const { engine } = context;
  const market = marketOf(engine, name);
  const { marginMode = "cross", leverage = 0n } = engine.settings(login.accountId, name) ?? {};
  const openAverage = averageOf(openCost, opened);
  const total = realized - fees + funding;
  return {
    ...{ instType: SWAP, instId: instIdOf(market), uly: familyOf(market), ccy: COIN, mgnMode: marginMode },
    ...{ type: typeOf(lifetime), cTime: timeText(lifetime.openedMs), uTime: timeText(lifetime.updatedMs) },
    openAvgPx: formatAmount(openAverage),
    nonSettleAvgPx: "",
    closeAvgPx: formatAmount(averageOf(closeCost, closed)),
    posId: positionIdOf(context, login.accountId, { market: name, side }),
    openMaxPos: contractsText(lifetime.most, market),
    closeTotalPos: contractsText(closed, market),
    realizedPnl: formatAmount(total),
    settledPnl: "",
    pnlRatio: ratioText(total, leverage === 0n ? 0n : divideRound(absolute(openCost), leverage)),
    ...{ fee: formatAmount(-fees), fundingFee: formatAmount(funding), liqPenalty: "0", pnl: formatAmount(realized) },
    posSide: posSideText(side),
    lever: formatAmount(leverage),
    direction: isLong ? "long" : "short",
    triggerPx: last.liquidation || last.adl ? formatAmount(last.mark) : "",
  };
}
