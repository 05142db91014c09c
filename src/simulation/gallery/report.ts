import { BOX_PROTOCOLS } from "../box-protocols.ts";
import type { Check } from "./check.ts";
import type { Played, Scenario } from "./scenario.ts";

const WIDTH = 100;

/** Text in lines of at most 100 characters, each after `indent`. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    if (line.length + word.length + 1 > WIDTH && line !== indent) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}

function venuesText(played: readonly Played[]): string {
  return played.map(({ connector }) => BOX_PROTOCOLS[connector].name).join(", ");
}

/** Measurements, one line for each figure; figures that are the same on all venues are told once. */
function figures(played: readonly Played[]): string[] {
  const names = [...new Set(played.flatMap(({ checks }) => checks.map(({ what }) => what)))];
  return names.map((name) => {
    const rows = played.flatMap(({ connector, checks }) =>
      checks.filter(({ what }) => what === name).map((check) => ({ api: BOX_PROTOCOLS[connector].name, check })),
    );
    const isFailed = rows.some(({ check }) => !check.holds);
    const seen = [...new Set(rows.map(({ check }) => check.seen))];
    const wanted = [...new Set(rows.map(({ check }) => check.wanted))];
    const shown = seen.length === 1 ? (seen[0] ?? "") : rows.map(({ api, check }) => `${api} ${check.seen}`).join(", ");
    const isPlain = seen.length === 1 && seen[0] === wanted[0];
    return `${isFailed ? "WRONG " : ""}${name}: ${shown}${isPlain ? "" : ` (wanted: ${wanted.join(", ")})`}`;
  });
}

/** Renders a scenario's results on all its venues for a terminal. */
export function galleryText(scenario: Scenario, played: readonly Played[]): string {
  const { issue, title, url, story, original, limits, name } = scenario;
  const holds = played.every((play) => play.holds);
  return [
    `${issue}: ${title}`,
    `  ${url}   (${name}; played on ${venuesText(played)})`,
    ...wrapped(`What happened: ${story}`, "  "),
    ...wrapped(`What it did: ${original}`, "  "),
    "  What Perpwire does:",
    ...figures(played).flatMap((line) => wrapped(line, "    ")),
    ...(limits === undefined ? [] : wrapped(`What is left: ${limits}`, "  ")),
    ...played.flatMap(({ connector, error }) => (error === undefined ? [] : [`  ERROR on ${connector}: ${error}`])),
    `  Verdict: ${holds ? "holds" : "DOES NOT HOLD"}`,
    "",
  ].join("\n");
}

export interface GalleryRow {
  readonly name: string;
  readonly issue: string;
  readonly url: string;
  readonly title: string;
  readonly connector: string;
  readonly holds: boolean;
  readonly checks: readonly Check[];
  readonly simulatedMs: number;
  readonly hash: string;
  readonly error: string | null;
}

/** One row for each scenario and venue. */
export function galleryJson(played: readonly Played[]): readonly GalleryRow[] {
  return played.map(({ scenario, connector, holds, checks, simulatedMs, hash, error }) => {
    const { name, issue, url, title } = scenario;
    return { name, issue, url, title, connector, holds, checks, simulatedMs, hash, error: error ?? null };
  });
}

const HEAD = `# The gallery of historical bugs

These are bugs that users and maintainers of other projects reported in public, reproduced in a simulated world: the exchange in
the box, our unchanged connectors, a network between them, and virtual time. The name of a bug is its seed, so that every run is
the same. What a thread reports is summarised in our words; what Perpwire does is measured in the run and compared with what it
should do.

\`\`\`sh
npm run gallery                                # all of them, in less than a minute
npm run gallery -- --only dns-outage           # one
npm run gallery -- --venue okx --json          # on one venue, one JSON line
npm run gallery:page                           # writes this page
\`\`\`

The exit code is 1 when a check does not hold. The figures here are those of the last \`npm run gallery:page\`; a test plays every
scenario and fails when the page differs from what it finds.

A scenario shows that Perpwire, on the exchange in the box, survives one fault that hurt others. It does not show that the other
project still has the bug: most were fixed, as their threads say. How another library behaves under some of these faults today is
[at the end](#peers).
`;

/** Mark on the page; everything below it is written by \`npm run gallery --prefix test/clients\`. */
export const PEERS_MARK = "<!-- peers -->";

/** The page of all scenarios; \`played\` has each on all its venues. */
export function galleryPage(scenarios: readonly Scenario[], played: readonly Played[], peers: string): string {
  const rows = scenarios.map(({ issue, url, title, name }) => {
    const plays = played.filter(({ scenario }) => scenario.name === name);
    const verdict = plays.every(({ holds }) => holds) ? "holds" : "does not hold";
    return `| [${issue}](${url}) | ${title} | ${venuesText(plays)} | ${verdict} |`;
  });
  const sections = scenarios.map((scenario) => {
    const { issue, url, title, story, original, limits, name } = scenario;
    const plays = played.filter((play) => play.scenario.name === name);
    return [
      `## ${title}`,
      "",
      `[${issue}](${url}), \`${name}\`, on ${venuesText(plays)}.`,
      "",
      ...wrapped(`**What happened.** ${story}`, ""),
      "",
      ...wrapped(`**What it did.** ${original}`, ""),
      "",
      "**What Perpwire does.**",
      "",
      ...figures(plays).map((line) => `- ${line}`),
      ...(limits === undefined ? [] : ["", ...wrapped(`**What is left.** ${limits}`, "")]),
      "",
    ].join("\n");
  });
  const table = ["| told in | bug | played on | |", "|---|---|---|---|", ...rows].join("\n");
  return [HEAD, table, "", ...sections, PEERS_MARK, "", peers.trim(), ""].join("\n");
}
