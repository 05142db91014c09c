import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import { NO_FEE } from "../../src/model/fee.ts";
import type { Fill } from "../../src/model/fill.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { fillKey } from "../../src/trading/fill-ledger.ts";
import { JournalUpkeep } from "../../src/trading/journal-upkeep.ts";
import { OrderJournal } from "../../src/trading/order-journal.ts";

const DAY_MS = 86_400_000;
const HISTORY_MS = 10 * DAY_MS;

function open(runtime: Runtime, path: string) {
  const store = runtime.journals.open(path);
  const { random } = runtime;
  return {
    store,
    journal: new OrderJournal({ store, connectorName: "test", accountKey: "a", random, logger: SILENT_LOGGER }),
  };
}

const fill = (id: number, timestampMs: number): Fill => ({
  fillId: `f${id}`,
  clientOrderId: `c${id}`,
  exchangeOrderId: `e${id}`,
  tradingPair: "BTC-USD",
  side: "buy",
  positionAction: "open",
  price: decimal("20000.1"),
  amount: decimal("0.01"),
  fee: NO_FEE,
  isMaker: true,
  timestampMs,
});

const keyOf = ({ tradingPair, exchangeOrderId, fillId }: Fill) => fillKey(tradingPair, exchangeOrderId, fillId);

describe("a journal that is kept up", () => {
  it("does not grow with history, and knows everything that the venue can still be asked for", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const runtime = world.runtime();
    const { journal, store } = open(runtime, "j");
    const horizonMs = () => runtime.clock.now() - HISTORY_MS;
    const { timers } = runtime;
    const upkeep = new JournalUpkeep({ journal, timers, logger: SILENT_LOGGER, horizonMs });
    const { signal } = new AbortController();
    let most = 0;
    const fills: Fill[] = [];
    for (let id = 0; id < 600; id += 1) {
      const own = fill(id, runtime.clock.now());
      fills.push(own);
      journal.batch(() => {
        journal.writeFill(keyOf(own), own);
        journal.forgetOrder(own.clientOrderId);
      });
      await world.advance(DAY_MS / 10);
      if (id % 3 === 0) await world.run(upkeep.prune(signal));
      most = Math.max(most, store.entries("test.a.fillKeys").length);
    }
    const askable = fills.filter(({ timestampMs }) => timestampMs >= horizonMs());
    expect(askable.length).toBeGreaterThan(50);
    expect(askable.every((own) => journal.hasFill(keyOf(own)))).toBe(true);
    expect(most).toBeLessThan(130);
  });

  it("is pruned in small pieces, between which others have their turn", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const runtime = world.runtime();
    const { journal, store } = open(runtime, "j");
    journal.batch(() => {
      for (let id = 0; id < 2_000; id += 1) {
        const own = fill(id, 1_000 + id);
        journal.writeFill(keyOf(own), own);
        journal.forgetOrder(own.clientOrderId);
      }
    });
    const upkeep = new JournalUpkeep({
      ...{ journal, timers: runtime.timers, logger: SILENT_LOGGER },
      horizonMs: () => runtime.clock.now() - HISTORY_MS,
    });
    const left: number[] = [];
    const look = () => {
      left.push(store.entries("test.a.fillKeys").length);
      if (left.at(-1) !== 0) runtime.timers.after(5, look);
    };
    look();
    await world.run(upkeep.prune(new AbortController().signal));
    expect(left.at(-1)).toBe(0);
    expect(left.filter((rows) => rows > 0 && rows < 2_000).length).toBeGreaterThan(3);
  });

  it("keeps the fills of an order that is followed, however old they are", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { journal } = open(world.runtime(), "j");
    const own = fill(1, 1_000);
    journal.writeFill(keyOf(own), own);
    journal.pruneFills(5_000, "", 100);
    expect(journal.hasFill(keyOf(own))).toBe(true);
    world.kill("main");
    const { store } = open(world.runtime(), "j");
    expect(store.entries("test.a.fills")).toHaveLength(1);
  });

  it("becomes a small file again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "perpwire-journal-"));
    try {
      const path = join(folder, "j.db");
      const runtime = nodeRuntime();
      const { journal, store } = open(runtime, path);
      for (let from = 0; from < 10_000; from += 1_000) {
        journal.batch(() => {
          for (let id = from; id < from + 1_000; id += 1) {
            const own = fill(id, 1_000);
            journal.writeFill(keyOf(own), own);
            journal.forgetOrder(own.clientOrderId);
          }
        });
      }
      for (let after: string | undefined = ""; after !== undefined; ) after = journal.pruneFills(5_000, after, 500);
      while (journal.compact());
      store.close();
      expect((await stat(path)).size).toBeLessThan(100_000);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
