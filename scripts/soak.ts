/**
 * Looks whether anything grows in a program that runs for long. First simulated days: a connector on a slow market in
 * virtual time, with an order every ten minutes, polls, funding and a line that breaks; the heap after its last day against
 * that after its first, and the size of its journal. Then real minutes: 2,000 frames of book data a second over a real
 * socket; the heap must stay flat, and what is read must not fall behind what is sent. The heap is the data in it: compiled
 * code is left out.
 *
 *   npm run soak [-- --days 30] [--minutes 10] [--frames 2000] [--connector okx_perpetual] [--seed 1]
 *
 * `--days 0` and `--minutes 0` leave one of the two out. Exit code 1 when the heap has grown by more than a tenth, or the
 * lag has grown.
 */
import { InvalidArgumentError } from "commander";
import { wholeNumber } from "../packages/cli/src/arguments.ts";
import { BOX_PROTOCOLS, type BoxConnector } from "../src/simulation/box-protocols.ts";
import { argumentsOf, chosenOf, mistaken, readFlag } from "./arguments.ts";
import { soakDays } from "./soak/days.ts";
import { soakSocket } from "./soak/socket.ts";

const values = argumentsOf(import.meta.filename, {
  days: { type: "string", default: "30" },
  minutes: { type: "string", default: "10" },
  frames: { type: "string", default: "2000" },
  connector: { type: "string", multiple: true, default: Object.keys(BOX_PROTOCOLS) },
  seed: { type: "string", default: "1" },
});
// One day has no later one to hold its heap against.
const days = readFlag("days", values.days, (text) => {
  if (!/^\d{1,5}$/.test(text) || Number(text) === 1)
    throw new InvalidArgumentError("It is 0 or a whole number from 2 up.");
  return Number(text);
});
const minutes = readFlag("minutes", values.minutes, (text) => {
  if (!/^\d{1,5}(\.\d+)?$/.test(text)) throw new InvalidArgumentError("It is a number from 0 up.");
  return Number(text);
});
const frames = readFlag("frames", values.frames, wholeNumber(1));
const seed = readFlag("seed", values.seed, wholeNumber(0));
const connectors = chosenOf("connector", values.connector, Object.keys(BOX_PROTOCOLS) as BoxConnector[]);
if (days === 0 && minutes === 0) mistaken("nothing is left to do without days and without minutes");
const results: boolean[] = [];
if (days > 0) {
  for (const name of connectors) results.push(await soakDays(name, days, seed));
}
if (minutes > 0) results.push(await soakSocket(minutes, frames));
const failed = results.filter((isFlat) => !isFlat).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
