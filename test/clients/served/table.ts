import type { Outcome } from "./outcome.ts";

/** What became of each method of a client, by the client's name and version. */
export type Served = ReadonlyMap<string, ReadonlyMap<string, Outcome>>;

const START = "<!-- served: written by `npm run served` in test/clients -->";
const END = "<!-- end of served -->";
const LAST: readonly Outcome[] = ["ended by the client", "nothing sent", "not there"];

/** The page with what is served between its two marks. */
export function withTable(page: string, served: Served): string {
  const [before, after] = [page.indexOf(START), page.indexOf(END)];
  if (before === -1 || after < before) throw new Error(`the page has not "${START}" and "${END}"`);
  const sections = [...served].map(([title, outcomes]) => section(title, outcomes));
  return `${page.slice(0, before + START.length)}\n\n${sections.join("\n")}\n${page.slice(after)}`;
}

/** Long lists of what is not there are folded, so that the rest can be read. */
function section(title: string, outcomes: ReadonlyMap<string, Outcome>): string {
  const groups = [...Map.groupBy([...outcomes.keys()].toSorted(), (method) => outcomes.get(method) as Outcome)];
  const rank = (outcome: Outcome) => (outcome === "served" ? -1 : LAST.indexOf(outcome) + 1);
  groups.sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b, "en", { numeric: true }));
  const rows = groups.filter(([outcome]) => outcome !== "not there");
  const folded = groups.filter(([outcome]) => outcome === "not there");
  return [
    `**${title}**, ${outcomes.size} methods`,
    "",
    "| | | |",
    "|---|---|---|",
    ...rows.map(([outcome, methods]) => `| ${outcome} | ${methods.length} | ${named(methods)} |`),
    "",
    ...folded.flatMap(([outcome, methods]) => [
      `<details><summary>${outcome}: ${methods.length}</summary>`,
      "",
      named(methods),
      "",
      "</details>",
      "",
    ]),
  ].join("\n");
}

const named = (methods: readonly string[]) => methods.map((method) => `\`${method}\``).join(" ");

/** What the page says. */
export function readTable(page: string): Served {
  const text = page.slice(page.indexOf(START) + START.length, page.indexOf(END));
  return new Map(
    text.split(/^(?=\*\*)/m).flatMap((part) => {
      const title = /^\*\*(.+)\*\*/.exec(part)?.[1];
      return title === undefined ? [] : [[title, readSection(part)] as const];
    }),
  );
}

function readSection(text: string): ReadonlyMap<string, Outcome> {
  const lists = text.matchAll(/^(?:\| ([^|]+) \| \d+ \| |<details><summary>([^:]+): \d+<\/summary>\n\n)(.*)$/gm);
  return new Map(
    [...lists].flatMap(([, row, folded, names = ""]) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, method = ""]) => [method, (row ?? folded) as Outcome] as const),
    ),
  );
}
