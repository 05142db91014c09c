import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type PaperVenue, PROTOCOL_NAMES, type ProtocolName } from "../../src/paper/index.ts";
import { boxOf, newestFirst, place } from "./box.ts";
import { type Cost, workedUs } from "./cost.ts";

const KEPT = 10_000;
const AT_ONCE = 1_000;

/** A box whose account has `count` orders that were placed and canceled; what it wants to tell of them is told. */
async function boxWithEndedOrders(api: ProtocolName, count: number) {
  const box = await boxOf(api, { endedOrdersKept: KEPT });
  const end = async (orders: number): Promise<void> => {
    for (let left = orders; left > 0; left -= AT_ONCE) {
      for (let order = 0; order < Math.min(left, AT_ONCE); order += 1) placeAndCancel(box.venue);
      await box.world.advance(100);
    }
  };
  const before = await usedBytes();
  await end(count);
  return { ...box, before, end };
}

function placeAndCancel(venue: PaperVenue): void {
  place(venue);
  const { accountId } = venue;
  for (const orderId of newestFirst(venue)) venue.execute({ type: "cancelOrder", accountId, orderId });
}

async function usedBytes(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // A box that was stopped before goes with the second collection.
  for (let round = 0; round < 2; round += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

/** Those beyond the 10,000 and an eighth that are kept fall out. */
const memory = (api: ProtocolName): Cost => ({
  what: `box, ${api}: memory, ended orders of which 10,000 are kept`,
  unit: "MB",
  sizes: [1_000, 10_000, 100_000],
  async prepare(size) {
    const { venue, world, before } = await boxWithEndedOrders(api, size);
    const after = await usedBytes();
    await world.run(venue.stop());
    return { measure: () => (after - before) / 1e6 };
  },
});

const time = (api: ProtocolName): Cost => ({
  what: `box, ${api}: one more order that ends, ended orders`,
  unit: "us an order",
  sizes: [1_000, 10_000, 100_000],
  async prepare(size) {
    const { venue, world, end } = await boxWithEndedOrders(api, size);
    const measure = async (): Promise<number> => {
      const startUs = workedUs();
      await end(AT_ONCE);
      return (workedUs() - startUs) / AT_ONCE;
    };
    return { measure, end: () => world.run(venue.stop()) };
  },
});

export const endedOrderCosts: readonly Cost[] = PROTOCOL_NAMES.flatMap((api) => [memory(api), time(api)]);
