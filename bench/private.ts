import type { PrivateSetup } from "./private/arms.ts";
import { executionFeed, type PrivateVenue } from "./private/frames.ts";
import type { Result } from "./report.ts";
import { inTurn } from "./rounds.ts";

export interface PrivateOptions {
  readonly venue: PrivateVenue;
  readonly passes: number;
}

const OPEN_ORDERS = 100;
const FRAMES = 2_000;

const OWN = "ledger, journal, account and event, each fill told once";

/** From the bytes of a private frame of one fill to the event that tells it. */
export async function benchPrivate({ venue, passes }: PrivateOptions): Promise<Result> {
  const setup: PrivateSetup = { venue, openOrders: OPEN_ORDERS };
  const version = venue === "ftx" ? "2.1.71" : "4.5.84";
  const contenders = [
    { name: "perpwire, in memory", key: "perpwire", arm: "perpwire", note: OWN, setup },
    { name: "perpwire, WAL journal", key: "perpwireWal", arm: "perpwireWal", note: `${OWN}; on disk`, setup },
    {
      name: `ccxt ${version} (pro)`,
      key: "ccxt",
      arm: "ccxt",
      note: "last thousand trades; no ledger, no journal",
      setup,
    },
    { name: "JSON.parse alone", key: "jsonParse", arm: "jsonParse", note: "bytes to text to objects, dropped" },
  ];
  const figures = await inTurn({
    module: new URL("./private/arms.ts", import.meta.url).href,
    ...{ contenders, passes, units: FRAMES },
    input: executionFeed(venue, OPEN_ORDERS, FRAMES),
  });
  const name = `${venue}, from an execution frame to its event`;
  return {
    name,
    work: `${FRAMES} frames of one fill a pass, ${OPEN_ORDERS} open orders`,
    unit: "us a frame",
    passes,
    figures,
  };
}
