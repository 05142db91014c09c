import { ConfigError } from "../../../../src/model/error.ts";
import { nearestName } from "../../../../src/model/names.ts";
import { connectorsOf } from "../../../../src/simulation/campaign.ts";
import {
  GALLERY,
  galleryJson,
  galleryText,
  type Played,
  playScenario,
  type Scenario,
} from "../../../../src/simulation/gallery/index.ts";
import type { Cli, OutputFlags } from "../cli.ts";

export interface GalleryFlags {
  readonly only?: string | undefined;
  readonly venue: string;
}

/** Plays the scenarios and prints each when it has been played on all its venues. */
export async function gallery(cli: Cli, flags: GalleryFlags & OutputFlags, signal: AbortSignal): Promise<void> {
  const connectors = connectorsOf(flags.venue);
  const wanted = scenariosOf(flags.only).filter((scenario) =>
    scenario.connectors.some((name) => connectors.includes(name)),
  );
  if (wanted.length === 0) throw new ConfigError(`${flags.only ?? "nothing"} is not played on ${flags.venue}`);
  const all: Played[] = [];
  for (const scenario of wanted) {
    const played: Played[] = [];
    for (const connector of scenario.connectors) {
      if (signal.aborted) return;
      if (connectors.includes(connector)) played.push(await playScenario(scenario, connector));
    }
    all.push(...played);
    if (flags.json !== true) cli.process.writeOut(`${galleryText(scenario, played)}\n`);
  }
  const failed = all.filter(({ holds }) => !holds).length;
  const checks = all.reduce((total, play) => total + play.checks.length, 0);
  cli.process.writeOut(
    flags.json === true
      ? `${JSON.stringify(galleryJson(all))}\n`
      : `bugs ${wanted.length}, plays ${all.length}, checks ${checks}: ${failed === 0 ? "all hold" : `${failed} plays do not hold`}\n`,
  );
  if (failed > 0) cli.process.setExitCode(1);
}

function scenariosOf(name: string | undefined): readonly Scenario[] {
  if (name === undefined) return GALLERY;
  const found = GALLERY.filter((scenario) => scenario.name === name || scenario.issue === name);
  if (found.length > 0) return found;
  const names = GALLERY.map((scenario) => scenario.name);
  const nearest = nearestName(name, names);
  const meant = nearest === undefined ? "" : `did you mean "${nearest}"? `;
  throw new ConfigError(`the gallery has no "${name}"`, { hint: `${meant}there are ${names.join(", ")}` });
}
