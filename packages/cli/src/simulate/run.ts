import { join } from "node:path";
import type { HistoryLine } from "../../../../src/checker/history.ts";
import { ConfigError } from "../../../../src/model/error.ts";
import {
  type CampaignOptions,
  type CampaignSummary,
  connectorsOf,
  type Percentiles,
  reportOf,
  reproduction,
  summarise,
  type WorldKey,
  type WorldReport,
} from "../../../../src/simulation/campaign.ts";
import { type ProfileName, planOf } from "../../../../src/simulation/plan.ts";
import { type FoundBy, playWorld } from "../../../../src/simulation/play.ts";
import { shrink, testOf } from "../../../../src/simulation/shrink.ts";
import type { Cli, OutputFlags } from "../cli.ts";
import { EXIT_CODES } from "../errors.ts";
import { SCRIPT, versionOfPackage } from "../own-package.ts";

export interface SimulateFlags {
  readonly seeds: readonly number[];
  readonly venue: string;
  readonly profile: ProfileName;
  readonly minutes: number;
  readonly jobs: number;
  readonly first?: boolean | undefined;
  readonly shrink?: boolean | undefined;
  /** Folder for the histories. */
  readonly trace?: string | undefined;
  readonly by: FoundBy;
  /** Set for a process that another one has started: it reads which worlds to play from its input. */
  readonly worker?: boolean | undefined;
}

/** Command that reproduces a world: in the project's own clone, and where it is installed as a package. */
const COMMAND = /[\\/]node_modules[\\/]/.test(SCRIPT) ? "npx perpwire simulate" : "npm run simulate --";
/** Worlds that a process plays before the next takes over: what is left over in memory is not kept for thousands. */
const WORLDS_A_PROCESS = 100;

export async function simulate(cli: Cli, flags: SimulateFlags & OutputFlags, signal: AbortSignal): Promise<void> {
  const keys = connectorsOf(flags.venue).flatMap((connector) => flags.seeds.map((seed) => ({ connector, seed })));
  if (flags.worker === true) {
    for (const key of keys) {
      if (signal.aborted) return;
      cli.process.writeOut(`${JSON.stringify(await playOne(cli, key, flags))}\n`);
    }
    return;
  }
  const { clock } = await cli.runtime();
  const startedMs = clock.monotonic();
  const reports: WorldReport[] = [];
  const enough = new AbortController();
  const ended = AbortSignal.any([signal, enough.signal]);
  const onReport = (report: WorldReport): void => {
    reports.push(report);
    if (report.findings.length > 0 && flags.first === true) enough.abort();
    if (report.findings.length > 0 && flags.json !== true) tellFailure(cli, flags, report);
  };
  await playAll(cli, flags, keys, ended, onReport);
  const options: CampaignOptions = { ...flags, command: COMMAND, elapsedMs: clock.monotonic() - startedMs };
  const summary = summarise(reports, options);
  if (flags.json !== true) cli.process.writeOut(textOf(summary, flags));
  if (summary.failed > 0 || reports.length < keys.length) cli.process.setExitCode(1);
  const shrunk = flags.shrink === true ? await shrinkOne(summary, flags) : undefined;
  if (flags.json !== true) cli.process.writeOut(shrunk?.text ?? "");
  else cli.process.writeOut(`${JSON.stringify({ ...summary, shrunk: shrunk?.result })}\n`);
  if (!signal.aborted) return;
  cli.process.writeError(`perpwire: ${reports.length} of ${keys.length} worlds were played\n`);
  throw signal.reason;
}

async function playOne(
  cli: Cli,
  { connector, seed }: WorldKey,
  { profile, minutes, trace, by }: SimulateFlags,
): Promise<WorldReport> {
  const plan = planOf({ connector, seed, profile, minutes });
  if (trace === undefined) return reportOf(await playWorld(plan, { by }));
  const lines: string[] = [];
  const onLine = (line: HistoryLine) => void lines.push(JSON.stringify(line));
  const outcome = await playWorld(plan, { by, onLine, perpwire: versionOfPackage() });
  const { files } = await cli.runtime();
  const name = `${connector.replace("_perpetual", "")}-${seed}-${profile}.ndjson`;
  await files.writeText(join(trace, name), `${lines.join("\n")}\n`);
  return reportOf(outcome);
}

async function playAll(
  cli: Cli,
  flags: SimulateFlags,
  keys: readonly WorldKey[],
  signal: AbortSignal,
  onReport: (report: WorldReport) => void,
): Promise<void> {
  if (flags.jobs === 1) {
    for (const key of keys) {
      if (signal.aborted) return;
      onReport(await playOne(cli, key, flags));
    }
    return;
  }
  const pieces = piecesOf(keys, Math.min(WORLDS_A_PROCESS, Math.ceil(keys.length / flags.jobs)));
  const next = async (): Promise<void> => {
    for (let piece = pieces.shift(); piece !== undefined && !signal.aborted; piece = pieces.shift()) {
      await playInProcess(cli, flags, piece, signal, onReport);
    }
  };
  await Promise.all(Array.from({ length: flags.jobs }, next));
}

/** Worlds of one connector each, for a process is told one venue and its seeds. */
function piecesOf(keys: readonly WorldKey[], size: number): WorldKey[][] {
  const pieces: WorldKey[][] = [];
  for (const key of keys) {
    const last = pieces.at(-1);
    if (last === undefined || last.length >= size || last[0]?.connector !== key.connector) pieces.push([key]);
    else last.push(key);
  }
  return pieces;
}

async function playInProcess(
  { process }: Cli,
  { profile, minutes, trace, by }: SimulateFlags,
  piece: readonly WorldKey[],
  signal: AbortSignal,
  onReport: (report: WorldReport) => void,
): Promise<void> {
  const [first] = piece;
  if (first === undefined) return;
  const venue = first.connector.replace("_perpetual", "");
  const seeds = piece.map(({ seed }) => seed).join(",");
  const flags = ["--venue", venue, "--seeds", seeds, "--profile", profile, "--minutes", String(minutes), "--by", by];
  if (trace !== undefined) flags.push("--trace", trace);
  const child = process.spawnNode(SCRIPT, ["simulate", "--worker", "--jobs", "1", ...flags]);
  // A world that is being played would be played to its end.
  const end = () => child.kill("SIGKILL");
  signal.addEventListener("abort", end, { once: true });
  for await (const line of child.lines()) if (line.startsWith("{")) onReport(JSON.parse(line) as WorldReport);
  signal.removeEventListener("abort", end);
  const { code } = await child.ended;
  if (code === EXIT_CODES.usage) {
    throw new ConfigError("the worlds could not be played", {
      hint: "the line of the process that was to play them says why",
    });
  }
  if (code !== 0 && !signal.aborted) throw new Error(`a process that plays worlds ended with ${code}`);
}

function tellFailure({ process }: Cli, flags: SimulateFlags, report: WorldReport): void {
  process.writeOut(`FAILED ${reproduction(report, { ...flags, command: COMMAND })}\n`);
  for (const { rule, text } of report.findings.slice(0, 3)) process.writeOut(`  ${rule}: ${text.slice(0, 600)}\n`);
}

/** The smallest part of the first world that failed: for `--json` null where there is none, else a text that says so. */
async function shrinkOne(
  { failures: [failure] }: CampaignSummary,
  { profile, minutes, by }: SimulateFlags,
): Promise<{ readonly text: string; readonly result: ShrunkResult | null }> {
  if (failure === undefined) return { text: "\nnothing to shrink: no world failed\n", result: null };
  const { connector, seed } = failure;
  const shrunk = await shrink(planOf({ connector, seed, profile, minutes }), { by });
  if (shrunk === undefined)
    return { text: "\nnothing to shrink: played again, the world did not fail\n", result: null };
  const { plan, played, finding } = shrunk;
  const [episodes, acts, test] = [plan.episodes.length, plan.acts.length, testOf(shrunk)];
  return {
    text: `\nshrunk to ${episodes} faults and ${acts} acts in ${played} worlds\n\n${test}`,
    result: { rule: finding.rule, text: finding.text, episodes, acts, played, test },
  };
}

/** Fields that `--shrink` adds to the line of `--json`. */
interface ShrunkResult {
  readonly rule: string;
  readonly text: string;
  /** Faults that are left. */
  readonly episodes: number;
  readonly acts: number;
  readonly played: number;
  /** Source of a test that plays what is left. */
  readonly test: string;
}

function textOf(summary: CampaignSummary, { profile }: SimulateFlags): string {
  const {
    seeds,
    failed,
    hash,
    simulatedHours,
    worldsPerSecond,
    bookHealMs,
    quietBookHealMs: quiet,
    settledMs,
    told,
    faults,
  } = summary;
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ");
  return [
    `${seeds} worlds (${profile}), ${failed} failed, hash ${hash}`,
    `${simulatedHours} simulated hours, ${worldsPerSecond} worlds a second`,
    `told: ${list(told)}`,
    `done: ${list(faults)}`,
    bookHealMs === null ? "no book was invalid" : `books healed within ${within(bookHealMs)}`,
    quiet === null ? "no book healed after the last fault" : `after the last fault within ${within(quiet)}`,
    settledMs === null ? "no world was played" : `everything known within ${within(settledMs)} of quiet`,
    "",
  ].join("\n");
}

function within({ p50, p99, most }: Percentiles): string {
  return `${p50} ms (half), ${p99} ms (99 %), ${most} ms (all)`;
}
