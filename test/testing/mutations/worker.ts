import { pathToFileURL } from "node:url";
import type { VenueModule } from "../../../src/connector/perpetual-venue.ts";
import {
  describePerpetualConnector,
  type PerpetualConnectorFixtures,
  runInProcess,
  type TestRunner,
} from "../../../src/testing/kit/index.ts";
import { binanceFixtures } from "../../venues/binance/fixtures.ts";
import { bybitFixtures } from "../../venues/bybit/fixtures.ts";
import { ftxFixtures } from "../../venues/ftx/fixtures.ts";
import { gateIoFixtures } from "../../venues/gate-io/fixtures.ts";
import { hyperliquidFixtures } from "../../venues/hyperliquid/fixtures.ts";
import { okxFixtures } from "../../venues/okx/fixtures.ts";
import type { MutatedVenue } from "./mutants.ts";
import { type LeftOut, withoutThem } from "./new-author.ts";

/** What became of one mutant: the first test that failed, or none. */
export interface Verdict {
  readonly caughtBy: string | undefined;
  /** Tests that ran; those that wait for a fixture are none. */
  readonly ran: number;
}

export interface Task {
  readonly venue: MutatedVenue;
  readonly entry: string;
  /** The test that caught this bug before: it is run by itself first. */
  readonly hint?: string | undefined;
  /** Left out of the fixtures. Default: nothing. */
  readonly leftOut?: LeftOut | undefined;
}

const FIXTURES: Readonly<Record<MutatedVenue, PerpetualConnectorFixtures>> = {
  ftx: ftxFixtures,
  bybit: bybitFixtures,
  binance: binanceFixtures,
  okx: okxFixtures,
  "gate-io": gateIoFixtures,
  hyperliquid: hyperliquidFixtures,
};

/** Without the connector's name, which every test has. */
const titleOf = (path: readonly string[]): string => path.slice(1).join(": ");

/** Runs the whole kit against one mutant, until a test fails. */
async function judge({ venue, entry, hint, leftOut = [] }: Task): Promise<Verdict> {
  const { venueModule } = (await import(pathToFileURL(entry).href)) as { readonly venueModule: VenueModule };
  const fixtures = { ...withoutThem(FIXTURES[venue], leftOut), venueModule };
  const run = async (only?: (path: readonly string[]) => boolean): Promise<Verdict> => {
    const register = (runner: TestRunner) => describePerpetualConnector(fixtures, runner);
    const results = await runInProcess(register, { stopAtFirstFailure: true, only });
    const failed = results.find(({ status }) => status === "failed");
    return { caughtBy: failed && titleOf(failed.path), ran: results.filter(({ status }) => status !== "todo").length };
  };
  const quick = hint === undefined ? undefined : await run((path) => titleOf(path) === hint);
  return quick?.caughtBy === undefined ? run() : quick;
}

/** One task at a time, from the process that has started this one. */
process.on("message", async (task: Task) => {
  try {
    process.send?.(await judge(task));
  } catch (error) {
    process.send?.({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
