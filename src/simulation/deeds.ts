import type { Findings } from "./findings.ts";

/** Acts of a world's bots while it was traded. */
export interface Deeds {
  readonly tradingMs: number;
  /** Acts of the strategies of bots that were ready and whose processes ran. */
  readonly readyActs: number;
  /** True when the venue has had an order of theirs. */
  readonly hasOrders: boolean;
}

const MIN_TRADING_MS = 30_000;
/** Half of what a quoter does places orders. */
const MIN_ACTS = 24;

/** Reports a world in which bots could trade and made no order: such a world would find no fault. */
export function checkDeeds({ tradingMs, readyActs, hasOrders }: Deeds, findings: Findings): void {
  if (hasOrders || tradingMs < MIN_TRADING_MS || readyActs < MIN_ACTS) return;
  findings.add("bots trade", `not one order after ${readyActs} acts of bots that were ready`);
}
