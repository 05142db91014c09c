import { describe, expect, it } from "vitest";
import { Stage, VENUE_NAMES } from "../e2e/stage.ts";

/** On Hyperliquid the body says what is asked. */
const POSITIONS = /\/(positions|position\/list|positionRisk)(\?| |$)|"type":"clearinghouseState"/;

/** Calls back for each question about positions that the bot asks. */
function onPositionsAsked(stage: Stage, listener: (count: number) => void): () => number {
  let count = 0;
  stage.raw.network.faults = {
    onHttpRequest: ({ url, body }) => {
      if (!POSITIONS.test(`${url} ${body}`)) return undefined;
      count += 1;
      listener(count);
      return undefined;
    },
  };
  return () => count;
}

describe.each(VENUE_NAMES)("a refresh on %s", (name) => {
  it("asks again for a market that a fill overtook, and resolves when the answer was taken", async () => {
    await using stage = await Stage.open(name);
    await stage.resting("buy", "20000", "0.02");
    await stage.pass(5_000);
    stage.raw.network.latency = { minMs: 60, maxMs: 60 };
    let isHit = false;
    const askedAfterFill: boolean[] = [];
    let isFilled = false;
    stage.connector.once("orderFilled", () => {
      isFilled = true;
    });
    onPositionsAsked(stage, () => {
      askedAfterFill.push(isFilled);
      // The fill is told while the answer, which may or may not know of it, is under way.
      if (!isHit) stage.trade("sell", "0.02");
      isHit = true;
    });
    await stage.run(stage.connector.refresh());
    expect(askedAfterFill[0]).toBe(false);
    expect(askedAfterFill.at(-1)).toBe(true);
    const [position] = stage.venue.truth().positions;
    expect(stage.connector.position(stage.pair)?.amount.toFixed()).toBe(position?.size);
  });

  it("is shared by those who call together and begins anew for whoever comes later", async () => {
    await using stage = await Stage.open(name);
    await stage.pass(5_000);
    const asked = onPositionsAsked(stage, () => undefined);
    const { connector } = stage;
    const alone = asked();
    await stage.run(connector.refresh());
    const each = asked() - alone;
    const before = asked();
    await stage.run(Promise.all([connector.refresh(), connector.refresh(), connector.refresh()]));
    expect(asked() - before).toBe(each);
    const first = connector.refresh();
    await stage.pass(5);
    const beforeLate = asked();
    await stage.run(connector.refresh());
    expect(asked() - beforeLate).toBeGreaterThanOrEqual(each);
    await stage.run(first);
  });
});

describe("a refresh", () => {
  it("that fills overtake without end says so in time", async () => {
    await using stage = await Stage.open("ftx_perpetual", { venue: { rateLimits: "off" } });
    const { connector } = stage;
    stage.raw.network.latency = { minMs: 50, maxMs: 50 };
    await stage.resting("buy", "20000", "1");
    onPositionsAsked(stage, () => stage.trade("sell", "0.001"));
    await expect(stage.run(connector.refresh())).rejects.toMatchObject({ code: "OVERTAKEN", retry: "later" });
    stage.raw.network.faults = {};
    await stage.run(connector.refresh());
  });
});
