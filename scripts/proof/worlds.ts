import {
  type CampaignSummary,
  type ConnectorSummary,
  HEALED_IN_MS,
  type Percentiles,
} from "../../src/simulation/campaign.ts";

/**
 * What the worlds of a venue come to at least in a traded minute, a third of what the poorest of its profiles had or less
 * (2026-11-29): a campaign with less has tried nothing, whatever it ends with.
 */
const MIN_A_MINUTE = { ordersPlaced: 20, fills: 7, unknownOutcomes: 0.2, bookHeals: 0.6 } as const;

const WORDS: Readonly<Record<keyof typeof MIN_A_MINUTE, string>> = {
  ordersPlaced: "orders",
  fills: "fills",
  unknownOutcomes: "unknown outcomes",
  bookHeals: "books healed",
};

/** What a campaign has too little of, venue by venue, and why it cannot count as one; nothing where it did enough. */
export function tooLittle({ seeds, connectors }: Pick<CampaignSummary, "seeds" | "connectors">, minutes: number) {
  if (seeds === 0) return ["no world was played"];
  return Object.entries(connectors).flatMap(([connector, { seeds: worlds, told }]) =>
    Object.entries(WORDS).flatMap(([name, word]) => {
      const least = Math.floor(MIN_A_MINUTE[name as keyof typeof WORDS] * worlds * minutes);
      const count = told[name] ?? 0;
      return count >= least
        ? []
        : [`${connector}: ${count} ${word} in ${worlds} worlds; at least ${least} were expected`];
    }),
  );
}

/** What says that books heal too late after the last fault: more than one of a hundred takes longer than two seconds. */
export function tooLate({ quietBookHealMs, lateHeals }: Pick<CampaignSummary, "quietBookHealMs" | "lateHeals">) {
  if (quietBookHealMs === null || quietBookHealMs.p99 <= HEALED_IN_MS) return [];
  const worlds = lateHeals.map(({ ms, reproduce }) => `${seconds(ms)} s: ${reproduce}`);
  return [`books healed within ${times(quietBookHealMs)} after the last fault`, ...worlds];
}

/** A campaign in a few lines. */
export function summaryText({ seeds, failed, told, faults, connectors, ...rest }: CampaignSummary): string {
  const { ordersPlaced = 0, fills = 0, fundingPayments = 0, unknownOutcomes = 0, bookHeals = 0 } = told;
  const { simulatedHours, worldsPerSecond, hash, settledMs, quietBookHealMs } = rest;
  return [
    `${seeds} worlds, ${failed} failed, ${simulatedHours} simulated hours, ${worldsPerSecond} worlds a second, hash ${hash}; ` +
      `${ordersPlaced} orders, ${fills} fills, ${fundingPayments} funding payments, ${unknownOutcomes} unknown outcomes, ` +
      `${bookHeals} books healed, ${faults.kills ?? 0} kills`,
    `after the last fault: everything known within ${times(settledMs)}; books healed within ${times(quietBookHealMs)}`,
    ...Object.entries(connectors).map(([connector, own]) => `  ${connector}: ${healText(own)}`),
  ].join("\n  ");
}

function healText({ quietBookHealMs }: ConnectorSummary): string {
  return quietBookHealMs === null
    ? "no book healed after the last fault"
    : `books healed within ${times(quietBookHealMs)}`;
}

function times(percentiles: Percentiles | null): string {
  if (percentiles === null) return "no time at all: there was none";
  const { count, p50, p99, most } = percentiles;
  return `${seconds(p50)} s (median), ${seconds(p99)} s (p99), ${seconds(most)} s (most of ${count})`;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
