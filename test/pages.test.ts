import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "../packages/cli/src/main.ts";
import { venueSources } from "../scripts/venue-sources.ts";
import { DEFAULT_TIMINGS } from "../src/connector/connector-options.ts";
import { PerpetualConnector } from "../src/connector/perpetual-connector.ts";
import { CONNECTOR_EVENT_NAMES } from "../src/model/event.ts";
import { PROBABILITIES } from "../src/paper/read-faults.ts";
import { FakeProcess } from "./cli/fake-process.ts";

const ROOT = resolve(import.meta.dirname, "..");
const FOLDERS = [".", "docs", "docs/venues", "packages/cli"];
const RUN_MS = 40_000;
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, days: 86_400_000 };
/** Codes of classes whose errors always have a narrower one. */
const NEVER_ALONE: ReadonlySet<string> = new Set(["PERPWIRE", "TRANSPORT"]);

const PAGES = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(ROOT, folder, name)),
).map((path) => ({ path, page: relative(ROOT, path), text: readFileSync(path, "utf8") }));

function textOf(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

/** Files that are not under version control. */
const MADE_BY_USERS: ReadonlySet<string> = new Set(["conf/conf_global.yml", "conf/keys.enc.json"]);

/** Names that a page's anchors have, as GitHub makes them of its headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function brokenLinks({ path, text }: { readonly path: string; readonly text: string }): string[] {
  const links = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => target);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : resolve(dirname(path), file);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(target, "utf8")).has(anchor);
  });
}

/** First cells of the rows of the tables that follow a heading, up to the next heading of any level. */
function firstCells(page: string, heading: string): string {
  const [, section = ""] = textOf(page).split(`\n## ${heading}\n`);
  return Array.from((section.split(/\n#+ /)[0] ?? "").matchAll(/^\| (.*?) \|/gm), ([, cell = ""]) => cell).join(" ");
}

const missingIn = (text: string, names: readonly string[]): string[] =>
  names.filter((name) => !text.includes(`\`${name}\``) && !text.includes(`\`${name}=`));

describe("the pages", () => {
  it.each(PAGES)("$page links to nothing that is not there", (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it("name no script of npm that is not there", () => {
    const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Readonly<Record<string, string>> };
    const named = PAGES.filter(({ page }) => !page.startsWith("CHANGELOG")).flatMap(({ page, text }) =>
      Array.from(text.matchAll(/npm run ([\w:-]*\w)/g), ([, name = ""]) => ({ page, name })),
    );
    const ofClients = ["served", "gallery"];
    expect(named.filter(({ name }) => scripts[name] === undefined && !ofClients.includes(name))).toEqual([]);
  });

  it("name no command of perpwire that is not there", async () => {
    const process = new FakeProcess(["--help"]);
    await main({ process });
    const known = new Set(Array.from(process.out.matchAll(/^ {2}([a-z][a-z-]*) /gm), ([, name = ""]) => name));
    const named = PAGES.filter(({ page }) => !page.startsWith("CHANGELOG")).flatMap(({ page, text }) =>
      Array.from(
        text.matchAll(/(?:npx |`|\n)perpwire (?!paper (?:wallet|account))([a-z][a-z-]+)/g),
        ([, name = ""]) => ({ page, name }),
      ),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
  });

  it.each(PAGES.filter(({ page }) => !page.startsWith("CHANGELOG")))(
    "$page names no file that is not there",
    ({ text }) => {
      const named = Array.from(
        text.matchAll(/`((?:src|test|scripts|packages|conf)\/[\w./-]+|[a-z]+\/[\w/-]+\.ts)`/g),
        ([, name = ""]) => name,
      );
      const isThere = (name: string) =>
        ["", "src", "packages/cli/src"].some((folder) => existsSync(join(ROOT, folder, name)));
      expect(named.filter((name) => !isThere(name) && !MADE_BY_USERS.has(name) && !name.includes("acme"))).toEqual([]);
    },
  );

  it("list each event of a connector", () => {
    expect(missingIn(firstCells("docs/using.md", "Events"), CONNECTOR_EVENT_NAMES)).toEqual([]);
  });

  it("list each option of connect()", () => {
    const [, section = ""] = textOf("docs/using.md").split("\n## Options\n");
    const [, rules = ""] = textOf("src/connect-options.ts").split("const OPTION_RULES");
    const names = Array.from((rules.split("\n};")[0] ?? "").matchAll(/^ {2}(\w+):/gm), ([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(15);
    expect(missingIn(section.split("\n## ")[0] ?? "", names)).toEqual([]);
  });

  it("list each member of a connector", () => {
    const [, page = ""] = textOf("docs/using.md").split("\n## Members\n");
    const quoted = Array.from(page.matchAll(/`([^`]+)`/g), ([, text = ""]) => text).join(" ");
    const members = new Set<string>();
    let owner: object = PerpetualConnector.prototype;
    for (; owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
      for (const name of Object.getOwnPropertyNames(owner)) members.add(name);
    }
    const missing = [...members].filter((name) => name !== "constructor" && !new RegExp(`\\b${name}\\b`).test(quoted));
    expect(missing).toEqual([]);
  });

  it("say which venues have orders over a socket, a dead-man switch and a hedge mode", async () => {
    const [, table = ""] = textOf("docs/using.md").split("\n## What differs between venues\n");
    const rows = table.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
    const venues = rows.find((row) => row.includes("Binance")) ?? [];
    const cellOf = (name: string, venue: string) =>
      rows.find(([, first = ""]) => first.includes(name))?.[venues.indexOf(venue)] ?? "no cell";
    for (const { folder, fixtures } of await venueSources()) {
      const { capabilities, manifest } = fixtures.venueModule;
      const title = /^# (.*)$/m.exec(textOf(`docs/venues/${folder}.md`))?.[1] ?? "";
      expect([title, cellOf("orderEntry", title) !== "none"]).toEqual([title, capabilities.orderSocket]);
      expect([title, cellOf("dead-man", title) !== "none"]).toEqual([title, capabilities.deadManSwitch]);
      const hedges = manifest.positionModes.includes("hedge");
      expect([title, cellOf("position modes", title).includes("hedge")]).toEqual([title, hedges]);
    }
  });

  it("list no timing that a connector does not take", () => {
    const [, table = ""] = textOf("docs/using.md").split("| timing |");
    const named = Array.from((table.split("\n\n")[0] ?? "").matchAll(/^\| `(\w+)`/gm), ([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !(name in DEFAULT_TIMINGS))).toEqual([]);
  });

  it("give the defaults that timings have", () => {
    const [, table = ""] = textOf("docs/using.md").split("| timing |");
    const rows = Array.from((table.split("\n\n")[0] ?? "").matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm));
    const wrong = rows.filter(([, name = "", given = ""]) => {
      const wanted = [Reflect.get(DEFAULT_TIMINGS, name)].flat();
      const told = given.split(", ").map((text) => {
        const [count = "", unit = ""] = text.trim().split(" ");
        return Number(count) * (UNITS_MS[unit] ?? Number.NaN);
      });
      return String(told) !== String(wanted);
    });
    expect(wrong.map(([, name]) => name)).toEqual([]);
  });

  it("list each fault of the exchange in the box", () => {
    expect(missingIn(firstCells("docs/paper.md", "Faults"), PROBABILITIES)).toEqual([]);
  });

  it("list each code of an error", () => {
    const codes = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !/^(venues|testing|paper|simulation|checker)\b/.test(name))
      .flatMap((name) =>
        Array.from(textOf(join("src", name)).matchAll(/\bcode: "([A-Z][A-Z_]+)"/g), ([, code = ""]) => code),
      );
    expect(codes.length).toBeGreaterThan(20);
    const named = [...new Set(codes)].filter((code) => !NEVER_ALONE.has(code));
    expect(missingIn(textOf("docs/errors.md"), named)).toEqual([]);
  });
});

const PROGRAMS = ["README.md", "docs/using.md"].flatMap((page) =>
  Array.from(textOf(page).matchAll(/```ts\n(.*?)```/gs), ([, program = ""], index) => ({ page, index, program })),
);
/** The function that a page leaves to its reader. */
const STRATEGY = `
async function strategy(venue: any, runtime: any) {
  await venue.buy("BTC-USDT", { amount: "0.01", type: "market", position: "open" }).done;
  await runtime.timers.sleep(1_000);
}`;

/** Markets that a program is run on until it ends: its order rests where the price of one may have moved away from it. */
const SEEDS = [7, 8, 9];

function asSources(program: string, seed: number): string {
  const url = (path: string) => JSON.stringify(pathToFileURL(join(ROOT, "src", path)).href);
  return program
    .replace(/from "perpwire"/g, `from ${url("index.ts")}`)
    .replace(/from "perpwire\/(\w+)"/g, (_, name: string) => `from ${url(`${name}/index.ts`)}`)
    .replace("paper: true", `paper: { seed: ${seed} }`);
}

/** Resolves with whether a program ended by itself, in time; rejects where it failed. */
async function ran(file: string, cwd: string): Promise<{ readonly isEnded: boolean; readonly stderr: string }> {
  try {
    const { stderr } = await promisify(execFile)(process.execPath, [file], { cwd, timeout: RUN_MS });
    return { isEnded: true, stderr };
  } catch (error) {
    if (Reflect.get(Object(error), "killed") !== true) throw error;
    return { isEnded: false, stderr: String(Reflect.get(Object(error), "stderr")) };
  }
}

describe("the programs on the pages", () => {
  let folder = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "perpwire-pages-"));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(PROGRAMS)(
    "number $index of $page runs as it stands",
    async ({ page, index, program }) => {
      const file = join(folder, `${page.replace(/\W/g, "-")}-${index}.mts`);
      const ended: boolean[] = [];
      for (const seed of SEEDS) {
        await writeFile(file, asSources(program, seed) + (program.includes("strategy(venue") ? STRATEGY : ""));
        const { isEnded, stderr } = await ran(file, folder);
        expect(stderr).not.toContain("Error");
        ended.push(isEnded);
        if (isEnded) break;
      }
      expect(ended).toContain(true);
    },
    SEEDS.length * RUN_MS,
  );
});
