import { describe, expect, it } from "vitest";
import { recordEvents } from "../../src/testing/kit/recording.ts";
import { beginPaperRun, PAIR, type PaperRun, ready } from "../support/paper-run.ts";

/** Everything that a connector tells the program around it, counted. */
function watch(run: PaperRun) {
  const events = recordEvents(run.connector);
  const results: string[] = [];
  const settled = (what: string) => () => void results.push(what);
  const told = () => ({
    events: events.length,
    lines: run.logger.text.length,
    output: run.world.standardError("connector"),
    results: [...results],
  });
  return { settled, told };
}

describe("a connector that is killed by a journal write", () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("tells nothing from there on, after %i writes", async (writes) => {
    const run = await beginPaperRun(writes + 1);
    const { world, connector, venue } = run;
    const { settled, told } = watch(run);
    await ready(run);
    world.killAfterWrites("connector", writes);
    let atDeath: ReturnType<typeof told> | undefined;
    const lookAtDeath = () => {
      if (atDeath === undefined && !world.isAlive("connector")) atDeath = told();
    };
    for (const side of ["buy", "sell"] as const) {
      const order = connector[side](PAIR, { amount: "0.02", type: "market", position: "open" });
      lookAtDeath();
      void order.accepted.then(settled("accepted"));
      void order.done.then(settled("done"));
      void connector.cancel(order.clientOrderId).then(settled("cancel"), settled("cancel"));
      void (async () => {
        for await (const _ of order.fills()) settled("fill")();
      })();
      for (let step = 0; step < 600; step += 1) {
        await world.advance(1);
        lookAtDeath();
      }
    }
    expect(world.isAlive("connector")).toBe(false);
    void connector.flatten().then(settled("flatten"), settled("flatten"));
    void connector.stop().then(settled("stop"), settled("stop"));
    venue.trader.order({ market: PAIR, side: "buy", size: "0.05" });
    await world.advance(60_000);
    expect(told()).toEqual(atDeath);
  });

  it("sends nothing more", async () => {
    const run = await beginPaperRun(1);
    const { world, connector, venue } = run;
    await ready(run);
    const requests: string[] = [];
    world.killAfterWrites("connector", 0);
    world.network.faults.onHttpRequest = ({ url }) => void requests.push(url);
    world.network.faults.onFrame = (direction, text) => {
      if (direction === "toServer") requests.push(text);
      return undefined;
    };
    connector.buy(PAIR, { amount: "0.02", type: "market", position: "open" });
    expect(world.isAlive("connector")).toBe(false);
    await world.advance(60_000);
    expect(requests).toEqual([]);
    expect(venue.truth().orders).toEqual([]);
  });
});

describe("a connector that is killed by one of its listeners", () => {
  it("calls none of those that come after it", async () => {
    const run = await beginPaperRun(1);
    const { world, connector } = run;
    await ready(run);
    const ghosts: string[] = [];
    connector.on("trade", () => world.kill("connector"));
    connector.on("trade", () => ghosts.push("trade"));
    const book = connector.orderBook(PAIR);
    book.onUpdate(() => world.isAlive("connector") || ghosts.push("book"));
    run.venue.trader.order({ market: PAIR, side: "buy", size: "0.05" });
    await world.advance(5_000);
    expect(world.isAlive("connector")).toBe(false);
    expect(ghosts).toEqual([]);
  });
});
