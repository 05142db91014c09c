import { formatAmount } from "../../engine/amount.ts";
import { absolute, divideRound } from "../../engine/arithmetic.ts";
import type { FillView, PositionSide } from "../../engine/types.ts";
import type { PrivateCall } from "./context.ts";
import { COIN, contractsText, familyOf, instIdOf, marketOf, SWAP } from "./instruments.ts";
import { posSideText } from "./order-objects.ts";
import { readLimit } from "./paging.ts";
import { positionIdOf } from "./position-objects.ts";
import { averageOf, ratioText, timeText, type WireObject } from "./wire.ts";

const MOST_ROWS = 100;
const KEPT_MS = 90 * 86_400_000;

/** A position from the time when it was opened from flat, as its fills and payments tell it. */
interface Lifetime {
  readonly market: string;
  readonly side: PositionSide;
  readonly openedMs: number;
  size: bigint;
  most: bigint;
  opened: bigint;
  openCost: bigint;
  closed: bigint;
  closeCost: bigint;
  realized: bigint;
  fees: bigint;
  funding: bigint;
  isLong: boolean;
  last: FillView;
  updatedMs: number;
}

/** Positions of which something was closed, by the time when that was last done, newest first. */
export function positionsHistory(call: PrivateCall, isWanted: (market: string) => boolean): readonly WireObject[] {
  const { context, parameters } = call;
  const mgnMode = parameters.oneOf("mgnMode", ["cross", "isolated"]);
  const type = parameters.oneOf("type", ["1", "2", "3", "4", "5", "6"]);
  const posId = parameters.text("posId");
  const after = parameters.integer("after") ?? Number.POSITIVE_INFINITY;
  const before = parameters.integer("before") ?? context.now() - KEPT_MS;
  return lifetimesOf(call)
    .filter(
      ({ market, closed, updatedMs }) => closed > 0n && isWanted(market) && updatedMs < after && updatedMs > before,
    )
    .sort((left, right) => right.updatedMs - left.updatedMs)
    .map((lifetime) => row(call, lifetime))
    .filter((each) => (mgnMode === undefined || each.mgnMode === mgnMode) && (type === undefined || each.type === type))
    .filter((each) => posId === undefined || each.posId === posId)
    .slice(0, readLimit(parameters, MOST_ROWS, MOST_ROWS));
}

function lifetimesOf({ context, login }: PrivateCall): Lifetime[] {
  const all: Lifetime[] = [];
  const open = new Map<string, Lifetime>();
  for (const entry of context.ledger.log(login.accountId)) {
    if (entry.kind === "transfer") continue;
    if (entry.kind === "settlement") {
      const { market, positionSide, amount } = entry.payment;
      const current = open.get(`${market} ${positionSide}`);
      if (current !== undefined) current.funding += amount;
      continue;
    }
    const { fill } = entry;
    const key = `${fill.market} ${fill.positionSide}`;
    const opens = fill.size - fill.closedSize;
    const current = open.get(key);
    if (current !== undefined && fill.closedSize > 0n) close(current, fill);
    if (current?.size === 0n) open.delete(key);
    if (opens === 0n) continue;
    const target = open.get(key) ?? begin(fill);
    if (!open.has(key)) {
      open.set(key, target);
      all.push(target);
    }
    extend(target, fill, opens);
  }
  return all;
}

function begin(fill: FillView): Lifetime {
  const none = { size: 0n, most: 0n, opened: 0n, openCost: 0n, closed: 0n, closeCost: 0n };
  const { market, positionSide: side, timeMs } = fill;
  const flows = { realized: 0n, fees: 0n, funding: 0n, isLong: fill.side === "buy" };
  return { market, side, openedMs: timeMs, ...none, ...flows, last: fill, updatedMs: timeMs };
}

/** The fee of a fill that turns a position goes to what it closes and what it opens, by size. */
const feeOf = (fill: FillView, part: bigint): bigint => divideRound(fill.fee * part, fill.size);

function close(lifetime: Lifetime, fill: FillView): void {
  lifetime.size -= fill.closedSize;
  lifetime.closed += fill.closedSize;
  lifetime.closeCost += fill.closedSize * fill.price;
  lifetime.realized += fill.realized;
  lifetime.fees += feeOf(fill, fill.closedSize);
  lifetime.last = fill;
  lifetime.updatedMs = fill.timeMs;
}

function extend(lifetime: Lifetime, fill: FillView, opens: bigint): void {
  lifetime.size += opens;
  lifetime.opened += opens;
  lifetime.openCost += opens * fill.price;
  lifetime.fees += feeOf(fill, opens);
  if (lifetime.size > lifetime.most) lifetime.most = lifetime.size;
}

/** How it was last closed: by its owner in part or as a whole, by liquidation, by auto-deleveraging. */
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
