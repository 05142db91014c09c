import { expect, it } from "vitest";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import { decimal } from "../../src/model/decimal.ts";
import { Findings } from "../../src/simulation/findings.ts";
import { planOf, ToldLedger, World } from "../../src/simulation/index.ts";
import { Judge } from "../../src/simulation/judge.ts";

/** The rules that are broken when a connector tells `told` in the place of some of its words. */
async function judged(told: (connector: PerpetualConnector) => Readonly<Record<string, unknown>>) {
  await using world = await World.open({ connector: "bybit_perpetual", seed: 1, venue: { startingBalance: "100000" } });
  const findings = new Findings(() => world.elapsedMs());
  const ledgers: ToldLedger[] = [];
  const onCreated = (created: PerpetualConnector) => void ledgers.push(new ToldLedger(created, world.token));
  const connector = await world.connect({ onCreated });
  const { clientOrderId } = connector.buy("BTC-USDT", { amount: "0.02", price: "15000", position: "open" });
  await world.advance(2_000);
  const words = told(connector);
  const lying = new Proxy(connector, {
    get: (target, name) => {
      const value: unknown = name in words ? words[name as string] : Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const bot = { host: "bot", connector: lying, ledgers, placed: new Set([clientOrderId]), add: () => {} };
  const compared: string[] = [];
  await new Judge({
    plan: planOf({ connector: "bybit_perpetual", seed: 1, profile: "calm" }),
    world,
    bots: [bot as never],
    findings,
    fillBooks: () => {},
    advanceTo: (elapsedMs) => world.advance(elapsedMs - world.elapsedMs()),
    onCompared: (when) => void compared.push(when),
  }).judge();
  expect(compared).toEqual(["after the quiet", "after flatten"]);
  return [...new Set(findings.all.map(({ rule }) => rule))];
}

it("finds nothing wrong with a connector that tells what is so", async () => {
  expect(await judged(() => ({}))).toEqual([]);
});

it("does not wait for figures that are wrong after a refresh and right after the next one", async () => {
  const rules = await judged((connector) => {
    let refreshes = 0;
    return {
      refresh: async () => {
        refreshes += 1;
        await connector.refresh();
      },
      get dailyResult() {
        return refreshes < 2 ? { result: decimal("7"), isComplete: true } : connector.dailyResult;
      },
    };
  });
  expect(rules).toEqual(["the day's result equals the venue's cash flows"]);
});

it("finds out that an order of others is not shown, or shown and gone", async () => {
  const order = { tradingPair: "BTC-USDT", side: "buy", amount: decimal("1"), price: decimal("15000") };
  expect(await judged(() => ({ externalOrders: () => [order] }))).toEqual(["orders of others are shown"]);
});
