import { describe, expect, it } from "vitest";
import type { Engine, MarketView } from "../../../src/paper/engine/types.ts";
import { marketLookup } from "../../../src/paper/protocols/market-lookup.ts";

function engineOf(bases: readonly string[]) {
  const views = bases.map((base) => ({ spec: { market: `${base}-USD`, base } }) as MarketView);
  const asked = { lists: 0 };
  const engine = {
    markets() {
      asked.lists += 1;
      return views;
    },
    market: (name: string) => views.find(({ spec }) => spec.market === name),
  } as unknown as Engine;
  return { engine, asked, views };
}

describe("markets by their names at the venue", () => {
  it("are listed once, however often one is looked up: a list of 550 took a third of a run", () => {
    const { engine, asked, views } = engineOf(["BTC", "ETH", "SOL"]);
    const lookup = marketLookup(({ spec }) => `${spec.base}USDT`);
    for (let count = 0; count < 5; count += 1) {
      expect(lookup.find(engine, "ETHUSDT")).toBe(views[1]);
      expect(lookup.find(engine, "ETH-USD")).toBeUndefined();
      expect([lookup.indexOf(engine, "SOLUSDT"), lookup.indexOf(engine, "__proto__")]).toEqual([2, undefined]);
      expect([lookup.at(engine, 0), lookup.at(engine, 3), lookup.at(engine, -1)]).toEqual([
        views[0],
        undefined,
        undefined,
      ]);
    }
    expect(asked.lists).toBe(1);
  });

  it("are those of the engine that is asked", () => {
    const lookup = marketLookup(({ spec }) => spec.base);
    const [one, other] = [engineOf(["BTC"]), engineOf(["ETH", "BTC"])];
    expect(lookup.indexOf(one.engine, "BTC")).toBe(0);
    expect(lookup.indexOf(other.engine, "BTC")).toBe(1);
  });
});
