import { describe, expect, it } from "vitest";
import { openScene, type Scene } from "../../src/testing/kit/scene.ts";
import { binanceFixtures } from "../venues/binance/fixtures.ts";
import { bybitFixtures } from "../venues/bybit/fixtures.ts";
import { okxFixtures } from "../venues/okx/fixtures.ts";
import { changed, VENUES } from "./garbled.ts";

/** Fields that name the market of a row, and those that tell what of an order is executed. */
const MARKETS = ["market", "s", "symbol", "instId"];
const EXECUTED = ["filledSize", "z", "cumExecQty", "accFillSz"];

/** An open order that the venue, asked for it, tells as filled. */
async function filledAtVenue(scene: Scene) {
  const { order, fixture } = await scene.openOrder();
  const { configureCompletelyFilledOrderStatusResponse: status, configureFullFillTradeResponse: fills } =
    scene.fixtures;
  scene.route(status as never, fixture);
  scene.route(fills as never, fixture);
  return { order, fixture };
}

describe("a private row", () => {
  it.each(VENUES.flatMap((venue) => ["", " ", "null"].map((market) => ({ ...venue, market }))))(
    "of $venue of the market $market is not taken for another market's: the fill is asked for",
    async ({ fixtures, market }) => {
      await using scene = await openScene(fixtures);
      const { order, fixture } = await filledAtVenue(scene);
      scene.send(changed(fixtures.tradeEventForFullFillWebsocketUpdate, MARKETS, market), fixture);
      await scene.until("the fill", () => order.isDone, 5_000);
      expect([order.state, order.executedAmount.toFixed()]).toEqual(["filled", "1"]);
      expect(scene.named("unreadableRow").length).toBeGreaterThan(0);
    },
  );

  it.each(VENUES.flatMap((venue) => ["", null, undefined].map((executed) => ({ ...venue, executed }))))(
    "of $venue with $executed for what is executed is no end without a fill: the order is asked about",
    async ({ fixtures, executed }) => {
      await using scene = await openScene(fixtures);
      const { order, fixture } = await filledAtVenue(scene);
      scene.send(changed(fixtures.orderEventForCanceledOrderWebsocketUpdate, EXECUTED, executed), fixture);
      await scene.until("the end", () => order.isDone, 10_000);
      expect([order.state, order.executedAmount.toFixed()]).toEqual(["filled", "1"]);
      expect(scene.named("orderCanceled")).toEqual([]);
    },
  );
});

/** Fields that tell at which price a position was entered; FTX pushes no positions. */
const ENTRIES = ["ep", "entryPrice", "avgPx"];
const PUSHING = [
  { venue: "Binance", fixtures: binanceFixtures },
  { venue: "Bybit", fixtures: bybitFixtures },
  { venue: "OKX", fixtures: okxFixtures },
];

describe("a pushed position", () => {
  it.each(PUSHING.flatMap((venue) => ["", null, "0", "-5"].map((entry) => ({ ...venue, entry }))))(
    "of $venue that was entered at $entry is not told with an entry of zero: the positions are asked for",
    async ({ fixtures, entry }) => {
      await using scene = await openScene(fixtures);
      const { fixture } = await scene.openOrder();
      const before = scene.server.requests.length;
      scene.send(changed(fixtures.positionEventForFullFillWebsocketUpdate, ENTRIES, entry), fixture);
      await scene.world.advance(5_000);
      const open = scene.named("position").filter(({ amount }) => !amount.isZero());
      expect(open.map(({ entryPrice }) => entryPrice.toFixed())).toEqual([]);
      expect(scene.server.requests.slice(before).some(({ path }) => /position/i.test(path))).toBe(true);
    },
  );
});

describe("a pushed balance", () => {
  it.each(["", null, undefined])("of Bybit with %j for what the wallet holds is not told as zero", async (held) => {
    await using scene = await openScene(bybitFixtures);
    scene.send(changed(bybitFixtures.balanceEventWebsocketUpdate, ["walletBalance"], held));
    await scene.world.advance(5_000);
    const told = scene.named("balance").filter(({ asset }) => asset === "USDT");
    expect(told.map(({ total }) => total.toFixed())).not.toContain("0");
    expect(scene.named("unreadableRow")).toHaveLength(1);
  });
});
