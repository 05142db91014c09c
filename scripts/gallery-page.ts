/**
 * Plays every scenario of the gallery on all its venues and writes docs/gallery.md; what it has of peers is kept.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { GALLERY, galleryPage, PEERS_MARK, type Played, playScenario } from "../src/simulation/gallery/index.ts";
import { argumentsOf } from "./arguments.ts";

argumentsOf(import.meta.filename, {});

const PAGE = resolve(import.meta.dirname, "../docs/gallery.md");

const played: Played[] = [];
for (const scenario of GALLERY) {
  for (const connector of scenario.connectors) played.push(await playScenario(scenario, connector));
}
const before = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "";
const [, peers = ""] = before.split(PEERS_MARK);
writeFileSync(PAGE, galleryPage(GALLERY, played, peers));
for (const { scenario, connector, holds } of played) {
  if (holds) continue;
  process.stdout.write(`${scenario.name} does not hold on ${connector}\n`);
  process.exitCode = 1;
}
