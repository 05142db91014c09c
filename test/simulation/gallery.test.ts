import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  GALLERY,
  galleryPage,
  galleryText,
  PEERS_MARK,
  type Played,
  playScenario,
} from "../../src/simulation/gallery/index.ts";

const SOURCE = readFileSync(resolve(import.meta.dirname, "../../docs/gallery.md"), "utf8");
const PAGE = SOURCE.replace(/\s+/g, " ");

const PLAYS = GALLERY.flatMap((scenario) =>
  scenario.connectors.map((connector) => ({ scenario, connector, title: `${scenario.issue}: ${scenario.title}` })),
);

const plays = new Map<string, Promise<Played>>();

/** Each is played once, whichever test asks first. */
function playOf({ scenario, connector }: Pick<(typeof PLAYS)[number], "scenario" | "connector">): Promise<Played> {
  const key = `${scenario.name} ${connector}`;
  const played = plays.get(key) ?? playScenario(scenario, connector);
  plays.set(key, played);
  return played;
}

describe("the gallery of historical bugs", () => {
  it.each(PLAYS)("$title – is not so here ($connector)", async ({ scenario, connector }) => {
    const played = await playOf({ scenario, connector });
    expect(played.error).toBeUndefined();
    expect(played.checks.filter(({ holds }) => !holds)).toEqual([]);
    expect(played.checks.length).toBeGreaterThan(2);
    for (const { what } of played.checks) expect(PAGE).toContain(what);
  });

  it("has a page that tells what is played", () => {
    for (const { name, issue, url, title, story, original, limits = "" } of GALLERY) {
      for (const text of [name, issue, url, title, story, original, limits]) expect(PAGE).toContain(text);
    }
    expect(PAGE).not.toMatch(/WRONG|does not hold \|/);
  });

  it("has a page with the figures of this version: npm run gallery:page writes it", async () => {
    const played: Played[] = [];
    for (const play of PLAYS) played.push(await playOf(play));
    const [, peers = ""] = SOURCE.split(PEERS_MARK);
    expect(galleryPage(GALLERY, played, peers)).toBe(SOURCE);
  }, 120_000);

  it("names each scenario once, with its thread", () => {
    expect(new Set(GALLERY.map(({ name }) => name)).size).toBe(GALLERY.length);
    for (const { url } of GALLERY) expect(url).toMatch(/^https:\/\/github\.com\/[^/]+\/[^/]+\/(issues|pull)\/\d+$/);
  });

  it("plays a scenario the same each time", async () => {
    const scenario = GALLERY.find(({ name }) => name === "lost-diff");
    if (scenario === undefined) expect.unreachable("the scenario is there");
    const [first, second] = [
      await playScenario(scenario, "okx_perpetual"),
      await playScenario(scenario, "okx_perpetual"),
    ];
    expect(first.hash).toBe(second.hash);
    expect(first.checks).toEqual(second.checks);
  });

  it("says that a scenario does not hold when one of its checks does not, or it throws", async () => {
    const [scenario] = GALLERY;
    if (scenario === undefined) expect.unreachable("there is a scenario");
    const wrong: typeof scenario = { ...scenario, play: async (stage) => stage.equal("a figure", 1, 2) };
    const played = await playScenario(wrong, "ftx_perpetual");
    expect(played.holds).toBe(false);
    expect(galleryText(scenario, [played])).toContain("WRONG a figure: 1 (wanted: 2)");
    expect(galleryText(scenario, [played])).toContain("DOES NOT HOLD");
    const broken = await playScenario(
      { ...scenario, play: () => Promise.reject(new Error("no venue")) },
      "ftx_perpetual",
    );
    expect([broken.holds, broken.error?.includes("no venue")]).toEqual([false, true]);
    const empty = await playScenario({ ...scenario, play: () => Promise.resolve() }, "ftx_perpetual");
    expect(empty.holds).toBe(false);
  });
});
