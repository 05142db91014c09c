import type { CampaignSummary } from "../src/simulation/campaign.ts";

/**
 * What `perpwire simulate --json` printed of the worlds that it played; undefined where it printed none: what went wrong is
 * a line of JSON as well.
 */
export function summaryOf(stdout: string): CampaignSummary | undefined {
  const line = stdout.trim().split("\n").at(-1) ?? "";
  try {
    const value: unknown = JSON.parse(line);
    return isSummary(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isSummary(value: unknown): value is CampaignSummary {
  return typeof value === "object" && value !== null && "seeds" in value && "hash" in value && "failures" in value;
}
