import { describe, expect, it } from "vitest";
import { openScene } from "../../src/testing/kit/scene.ts";
import { okxFixtures as fixtures } from "../venues/okx/fixtures.ts";

const pushed = (row: object) => ({ arg: { channel: "orders", instType: "SWAP" }, data: [row] });

/** An order of 1 BTC, which is 100 contracts of 0.01. */
async function openOrder() {
  const scene = await openScene(fixtures);
  const { order, fixture } = await scene.openOrder();
  const rowOf = (changes: object) => ({
    ...{ instType: "SWAP", instId: "BTC-USDT-SWAP", ordId: fixture.exchangeOrderId, clOrdId: order.clientOrderId },
    ...{ side: "buy", posSide: "net", ordType: "limit", px: "5000", category: "normal", reduceOnly: "false" },
    ...{ cancelSource: "", fee: "0", feeCcy: "USDT", execType: "M", tradeId: "", fillPx: "", fillSz: "0" },
    ...{ fillTime: "", fillFee: "0", fillFeeCcy: "", avgPx: "5000" },
    ...{ cTime: String(Math.floor(scene.world.now())), uTime: String(Math.floor(scene.world.now())), ...changes },
  });
  const fill = (size: string) => ({
    ...{
      tradeId: `7${size}`,
      fillPx: "5000",
      fillSz: size,
      fillTime: String(Math.floor(scene.world.now())),
      fillFee: "0",
    },
    fillFeeCcy: "USDT",
  });
  return { scene, order, rowOf, fill };
}

describe("an order that is amended below what it has filled", () => {
  it("is filled, although it has less than it executed", async () => {
    const { scene, order, rowOf, fill } = await openOrder();
    await using _ = scene;
    scene.server.sendPrivate(pushed(rowOf({ state: "partially_filled", sz: "100", accFillSz: "40", ...fill("40") })));
    await scene.until("the fill", () => order.executedAmount.eq("0.4"));
    scene.server.sendPrivate(pushed(rowOf({ state: "filled", sz: "30", accFillSz: "40" })));
    await scene.until("the end", () => order.isDone);
    expect([order.state, order.executedAmount.toFixed()]).toEqual(["filled", "0.4"]);
    expect(scene.named("unreadableRow")).toEqual([]);
  });
});
