import { describe, expect, onTestFinished, test } from "vitest";
import type { PositionMode } from "../../src/model/order.ts";
import { BOX_PROTOCOLS, type BoxConnector } from "../../src/simulation/box-protocols.ts";
import { closeByHand } from "../../src/simulation/close-by-hand.ts";
import { Findings } from "../../src/simulation/findings.ts";
import { ToldWatch } from "../../src/simulation/told-watch.ts";
import { World } from "../../src/simulation/world.ts";

const MODES = (Object.keys(BOX_PROTOCOLS) as BoxConnector[]).flatMap((name): readonly [BoxConnector, PositionMode][] =>
  name === "ftx_perpetual" || name === "hyperliquid_perpetual"
    ? [[name, "oneWay"]]
    : [
        [name, "oneWay"],
        [name, "hedge"],
      ],
);

/** A short that was closed while all pushes were lost, before another leverage was set by hand. */
async function closedUnseen(connector: BoxConnector, positionMode: PositionMode, heard: "push" | "poll") {
  const world = await World.open({ connector, seed: 4, venue: { emptyBooks: true } });
  onTestFinished(() => world.close());
  const { venue } = world;
  const { accountId, trader } = venue;
  trader.order({ market: "BTC-USD", side: "sell", size: "5", price: "20005" });
  trader.order({ market: "BTC-USD", side: "buy", size: "5", price: "19995" });
  const watches: ToldWatch[] = [];
  const own = await world.connect({ onCreated: (created) => void watches.push(new ToldWatch(created)) });
  const [tradingPair = ""] = world.tradingPairs;
  await world.run(own.setPositionMode(positionMode));
  await world.run(own.sell(tradingPair, { amount: "1", type: "market", position: "open" }).done);
  await world.run(own.refresh());
  const amounts: string[] = [];
  own.on("position", ({ amount }) => void amounts.push(amount.toFixed()));
  venue.faults.set({ dropFrame: 1 });
  closeByHand(venue, "BTC-USD");
  await world.advance(500);
  expect(amounts).toEqual([]);
  venue.faults.set({});
  const scope = BOX_PROTOCOLS[connector].name === "ftx" ? {} : { market: "BTC-USD" };
  venue.execute({ type: "setLeverage", accountId, leverage: 300_000_000n, ...scope });
  if (heard === "push") await world.advance(500);
  else await world.run(own.refresh());
  const findings = new Findings(() => world.elapsedMs());
  for (const watch of watches) watch.check("bot", findings);
  const shown =
    own
      .positions()
      .find((position) => position.tradingPair === tradingPair)
      ?.amount.toFixed() ?? "0";
  return { amounts, findings: findings.all.map(({ text }) => text), shown };
}

describe.each(MODES)("%s in %s mode", (name, positionMode) => {
  test("tells last of a position what is so, when a push says that it is closed and has another leverage", async () => {
    const { amounts, findings, shown } = await closedUnseen(name, positionMode, "push");
    expect(findings).toEqual([]);
    if (amounts.length > 0) expect(amounts.at(-1)).toBe(shown);
  });

  test("tells last of a position that it is closed, when it is asked for", async () => {
    const { amounts, findings, shown } = await closedUnseen(name, positionMode, "poll");
    expect([findings, amounts.at(-1), shown]).toEqual([[], "0", "0"]);
  });
});
