import type { RiskLimitsShown } from "../checker/history.ts";
import { decimal } from "../model/decimal.ts";
import { formatAmount, type OrderView } from "../paper/index.ts";
import type { RiskLimits } from "../trading/risk-limits.ts";
import type { BotProcess } from "./bot-process.ts";
import type { Findings } from "./findings.ts";
import { wholeClientId } from "./whole-client-id.ts";
import type { World } from "./world.ts";

const MAX_HELD: Readonly<Record<string, string>> = { BTC: "0.6", ETH: "6" };
const MAX_OPEN = 12;

/** Limits that the strategies run into. */
export const RISK_LIMITS = (quote: string): RiskLimits & RiskLimitsShown => ({
  maxPosition: Object.fromEntries(Object.entries(MAX_HELD).map(([base, amount]) => [`${base}-${quote}`, amount])),
  maxOpenOrders: MAX_OPEN,
});

/**
 * Checks, whatever is in flight, that no more of a process's orders that may open a position rest than its limit
 * allows.
 */
export function watchOpenOrders(
  { venue }: World,
  { host, placed }: Pick<BotProcess, "host" | "placed">,
  findings: Findings,
): void {
  const opening = venue.engine.openOrders(venue.accountId).filter((order) => !closes(order));
  const ids = opening.flatMap(({ clientId }) => (clientId === null ? [] : wholeClientId(clientId)));
  const own = new Set(ids.filter((id) => placed.has(id)));
  if (own.size > MAX_OPEN)
    findings.add("risk limits hold", `${own.size} orders of ${host} rest, allowed are ${MAX_OPEN}`);
}

function closes({ reduceOnly, side, positionSide }: OrderView): boolean {
  return reduceOnly || (positionSide === "long" && side === "sell") || (positionSide === "short" && side === "buy");
}

/** Checks that positions at the venue stay within the limit of the process, where nobody else trades. */
export function watchHeld({ venue }: World, findings: Findings): void {
  for (const [base, most] of Object.entries(MAX_HELD)) {
    for (const { side, size } of venue.engine.positions(venue.accountId, `${base}-USD`)) {
      const held = decimal(formatAmount(size < 0n ? -size : size));
      if (held.gt(most))
        findings.add("risk limits hold", `${held.toFixed()} ${base} ${side} is held, allowed is ${most}`);
    }
  }
}
