import { readFileSync, writeFileSync } from "node:fs";
import { Asking } from "./ask.ts";
import { CLIENTS } from "./clients.ts";
import type { Outcome } from "./outcome.ts";
import { withTable } from "./table.ts";

const PAGE = new URL("../../../docs/paper.md", import.meta.url);

// Axios asks the environment for a proxy and would send even what is for 127.0.0.1 through it.
for (const name of ["http_proxy", "https_proxy", "all_proxy"]) {
  delete process.env[name];
  delete process.env[name.toUpperCase()];
}

const served = new Map<string, ReadonlyMap<string, Outcome>>();
for (const client of CLIENTS) {
  const asking = new Asking(client);
  const outcomes = new Map<string, Outcome>();
  for (const method of asking.methods()) outcomes.set(method, await asking.ask(method));
  await asking.close();
  served.set(client.title, outcomes);
  console.log(`${client.title}: ${outcomes.size} methods, ${count(outcomes, "served")} served`);
}
writeFileSync(PAGE, withTable(readFileSync(PAGE, "utf8"), served));
// Clients keep connections open, and some have timers.
process.exit();

function count(outcomes: ReadonlyMap<string, Outcome>, outcome: Outcome): number {
  return [...outcomes.values()].filter((each) => each === outcome).length;
}
