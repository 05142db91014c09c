import type { RiskLimitsShown } from "../checker/history.ts";
import { decimal } from "../model/decimal.ts";
import { formatAmount } from "../paper/index.ts";
import type { RiskLimits } from "../trading/risk-limits.ts";
import type { Findings } from "./findings.ts";
import type { World } from "./world.ts";

const MOST_HELD: Readonly<Record<string, string>> = { BTC: "0.6", ETH: "6" };

/** Limits that the strategies run into. */
export const RISK_LIMITS = (token: string): RiskLimits & RiskLimitsShown => ({
  maxPosition: Object.fromEntries(Object.entries(MOST_HELD).map(([base, amount]) => [`${base}-${token}`, amount])),
  maxOpenOrders: 12,
});

/** Whatever is in flight: what is held at the venue stays within the limit of each process. */
export function watchRisk({ venue }: World, findings: Findings): void {
  for (const [base, most] of Object.entries(MOST_HELD)) {
    for (const { side, size } of venue.engine.positions(venue.accountId, `${base}-USD`)) {
      const held = decimal(formatAmount(size < 0n ? -size : size));
      if (held.gt(most))
        findings.add("risk limits hold", `${held.toFixed()} ${base} ${side} is held, allowed is ${most}`);
    }
  }
}
