import { describe, expect, it } from "vitest";
import { type OrderContext, orderToPlace } from "../../src/connector/order-request.ts";
import { decimal } from "../../src/model/decimal.ts";
import { openScene } from "../../src/testing/kit/scene.ts";
import { JsonFields } from "../../src/trading/json-fields.ts";
import { decodeOrder, orderTermsText } from "../../src/trading/order-codec.ts";
import { bybitFixtures } from "../venues/bybit/fixtures.ts";

async function contextOf(
  referencePrice: string | undefined,
  marketOrders: "bounded" | "native",
): Promise<OrderContext> {
  await using scene = await openScene(bybitFixtures);
  const { manifest } = scene.venue;
  return {
    manifest: { ...manifest, marketOrders },
    market: scene.connector.markets()[0] ?? expect.unreachable("no market"),
    ...{ positionMode: "oneWay", marginMode: undefined, leverage: undefined },
    referencePrice: referencePrice === undefined ? undefined : decimal(referencePrice),
  };
}

const MARKET = { amount: "1", type: "market", position: "open" } as const;
const LIMIT = { amount: "1", price: "5000", position: "open" } as const;

describe("a market order of a venue that has none", () => {
  it("comes with the price that it was expected to trade at, and keeps it in the journal", async () => {
    const order = orderToPlace(await contextOf("5001", "bounded"), "buy", MARKET, () => "id-1");
    expect(order.referencePrice?.toFixed()).toBe("5001");
    const again = decodeOrder(JsonFields.parse(orderTermsText(order)));
    expect(again.referencePrice?.toFixed()).toBe("5001");
  });

  it("is refused while no price is known, before it takes a client order id", async () => {
    const context = await contextOf(undefined, "bounded");
    const make = () => orderToPlace(context, "buy", MARKET, () => expect.unreachable("an id was taken"));
    expect(make).toThrow(/no price is known that a market order could be bounded by/);
  });

  it("has none where the venue has market orders of its own, and limit orders never do", async () => {
    const native = orderToPlace(await contextOf("5001", "native"), "buy", MARKET, () => "id-1");
    const limit = orderToPlace(await contextOf("5001", "bounded"), "buy", LIMIT, () => "id-2");
    expect([native, limit].map((order) => "referencePrice" in order)).toEqual([false, false]);
  });
});
