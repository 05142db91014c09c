import { createHash } from "node:crypto";
import { BOX_PROTOCOLS, type BoxConnector } from "./box-protocols.ts";
import type { ProfileName } from "./plan.ts";
import type { FoundBy, Outcome } from "./play.ts";
import { summed } from "./summed.ts";

/** One world of many. */
export interface WorldKey {
  readonly connector: BoxConnector;
  readonly seed: number;
}

/** Summary of a world that was played: small enough to pass between processes and to have thousands of. */
export interface WorldReport extends WorldKey {
  readonly hash: string;
  readonly simulatedMs: number;
  readonly settledMs: number;
  readonly healMs: readonly number[];
  readonly quietHealMs: readonly number[];
  readonly faults: Readonly<Record<string, number>>;
  readonly told: Readonly<Record<string, number>>;
  readonly findings: readonly { readonly rule: string; readonly text: string }[];
}

export interface CampaignSummary {
  /** Worlds that were played. */
  readonly seeds: number;
  readonly failed: number;
  /** Hash over the hashes of all worlds: equal for two runs of the same seeds, version and version of Node. */
  readonly hash: string;
  /** Counts of each fault that was made and of each actor's acts. */
  readonly faults: Readonly<Record<string, number>>;
  /** Counts of the connectors' events, summed. */
  readonly told: Readonly<Record<string, number>>;
  readonly simulatedHours: number;
  readonly worldsPerSecond: number;
  /** Times that invalid books took to heal, milliseconds; null where none was invalid. */
  readonly bookHealMs: Percentiles | null;
  /** Times of the books that were invalid after the last fault, counted from its end. */
  readonly quietBookHealMs: Percentiles | null;
  /** Times that worlds took to know everything after their last fault; null where none was played. */
  readonly settledMs: Percentiles | null;
  /** Results of each connector's worlds: a connector that did nothing would not be seen in the sums of all. */
  readonly connectors: Readonly<Partial<Record<BoxConnector, ConnectorSummary>>>;
  /** Worlds in which a book took longer than two seconds after the last fault, the slowest first, twenty at most. */
  readonly lateHeals: readonly (WorldKey & { readonly ms: number; readonly reproduce: string })[];
  readonly failures: readonly (WorldKey & {
    readonly rule: string;
    readonly text: string;
    readonly reproduce: string;
  })[];
}

export interface ConnectorSummary {
  /** Worlds that were played. */
  readonly seeds: number;
  readonly told: Readonly<Record<string, number>>;
  readonly quietBookHealMs: Percentiles | null;
}

export interface Percentiles {
  /** Number of values that the percentiles are of. */
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

/** Time within which 99 of 100 books are healed after the last fault. */
export const HEALED_IN_MS = 2_000;
const MAX_LATE_HEALS = 20;

/** `ftx`, `bybit`, ... or `all`. */
export function connectorsOf(venue: string): readonly BoxConnector[] {
  const names = Object.keys(BOX_PROTOCOLS) as BoxConnector[];
  return venue === "all" ? names : names.filter((name) => BOX_PROTOCOLS[name].name === venue);
}

/** The world's own figures, and no more of its findings than a line each. */
export function reportOf({ plan, findings, lines: _, ...outcome }: Outcome): WorldReport {
  const { connector, seed } = plan;
  const texts = findings.map(({ rule, text, atMs }) => ({ rule, text: `${(atMs / 1_000).toFixed(3)} s: ${text}` }));
  return { ...outcome, connector, seed, findings: texts };
}

export interface CampaignOptions {
  readonly profile: ProfileName;
  readonly minutes: number;
  readonly by?: FoundBy | undefined;
  /** Command that plays worlds, up to its options. Default `npm run simulate --`. */
  readonly command?: string | undefined;
  readonly elapsedMs: number;
}

/** The line that plays one world again. */
export function reproduction({ connector, seed }: WorldKey, options: Omit<CampaignOptions, "elapsedMs">) {
  const { profile, minutes, by = "judge", command = "npm run simulate --" } = options;
  const flags = `--venue ${BOX_PROTOCOLS[connector].name} --seeds ${seed} --profile ${profile} --minutes ${minutes}`;
  return `${command} ${flags}${by === "judge" ? "" : ` --by ${by}`}`;
}

/** Adds up a list of worlds, in whatever order they were played. */
export function summarise(reports: readonly WorldReport[], options: CampaignOptions): CampaignSummary {
  const sorted = reports.toSorted((a, b) => a.connector.localeCompare(b.connector) || a.seed - b.seed);
  const hash = createHash("sha256");
  for (const { connector, seed, hash: world } of sorted) hash.update(`${connector} ${seed} ${world}\n`);
  const failures = sorted.flatMap((report) => {
    const [first] = report.findings;
    if (first === undefined) return [];
    const { connector, seed } = report;
    return [{ connector, seed, rule: first.rule, text: first.text, reproduce: reproduction(report, options) }];
  });
  const simulatedMs = sorted.reduce((total, report) => total + report.simulatedMs, 0);
  return {
    seeds: sorted.length,
    failed: failures.length,
    hash: hash.digest("hex").slice(0, 16),
    faults: summed(sorted.map(({ faults }) => faults)),
    told: summed(sorted.map(({ told }) => told)),
    simulatedHours: round(simulatedMs / 3_600_000),
    worldsPerSecond: round(sorted.length / (options.elapsedMs / 1_000)),
    bookHealMs: percentilesOf(sorted.flatMap(({ healMs }) => healMs)),
    quietBookHealMs: percentilesOf(sorted.flatMap(({ quietHealMs }) => quietHealMs)),
    settledMs: percentilesOf(sorted.map(({ settledMs }) => settledMs)),
    connectors: Object.fromEntries(
      [...Map.groupBy(sorted, ({ connector }) => connector)].map(([connector, own]) => [
        connector,
        {
          seeds: own.length,
          told: summed(own.map(({ told }) => told)),
          quietBookHealMs: percentilesOf(own.flatMap(({ quietHealMs }) => quietHealMs)),
        },
      ]),
    ),
    lateHeals: lateHealsOf(sorted, options),
    failures,
  };
}

function lateHealsOf(reports: readonly WorldReport[], options: CampaignOptions): CampaignSummary["lateHeals"] {
  return reports
    .map(({ connector, seed, quietHealMs }) => ({ connector, seed, ms: Math.round(Math.max(0, ...quietHealMs)) }))
    .filter(({ ms }) => ms > HEALED_IN_MS)
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, MAX_LATE_HEALS)
    .map((late) => ({ ...late, reproduce: reproduction(late, options) }));
}

/** Null of nothing: a time of 0 would say that all was done at once. */
function percentilesOf(values: readonly number[]): Percentiles | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), most: at(1) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
