import { divideRound } from "../engine/arithmetic.ts";
import type { FillView, PositionSide } from "../engine/types.ts";
import type { LogEntry } from "./account-ledger.ts";

/** A position from the time when it was opened from flat, as its fills and payments tell it. */
export interface Lifetime {
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

/** Lists lifetimes in the order in which the positions were opened; `log` is an account's, oldest first. */
export function lifetimesOf(log: readonly LogEntry[]): Lifetime[] {
  const all: Lifetime[] = [];
  const open = new Map<string, Lifetime>();
  for (const entry of log) {
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
