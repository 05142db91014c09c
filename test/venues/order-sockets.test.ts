import { describe, expect, it } from "vitest";
import { Decimal } from "../../src/model/decimal.ts";
import type { OrderToPlace } from "../../src/model/order.ts";
import { derivative } from "../../src/venues/bybit/derivative.ts";
import { orderSocket as bybit } from "../../src/venues/bybit/order-socket.ts";
import { unwrapResponse } from "../../src/venues/bybit/web-utils.ts";
import { orderSocket as okx } from "../../src/venues/okx/order-socket.ts";
import { markets } from "./bybit/wire.ts";

const orderToPlace: OrderToPlace = {
  ...{ clientOrderId: "a", tradingPair: "BTC-USDT", side: "buy", type: "limit", timeInForce: "GTC", reduceOnly: false },
  ...{ amount: new Decimal("0.01"), price: new Decimal(60_000), positionAction: "open", positionMode: "oneWay" },
};

describe("an answer on a socket for orders", () => {
  it.each([{}, { header: { Traceid: "t" } }])(
    "of Bybit's that tells no time (%o) is an acceptance all the same",
    (more) => {
      const data = { orderId: "o-1", orderLinkId: "a" };
      const frame = bybit.readFrame({ reqId: "1", retCode: 0, retMsg: "OK", op: "order.create", data, ...more });
      const response = "response" in frame ? frame.response : expect.unreachable();
      const payload = unwrapResponse(response, { method: "POST", path: "/v5/order/create" });
      const placed = derivative.placeOrder(markets, orderToPlace).parse(payload);
      expect(placed).toMatchObject({ exchangeOrderId: "o-1", timestampMs: undefined });
    },
  );

  it("of Bybit's that restarts is the last one there", () => {
    const answer = (retCode: number) =>
      bybit.readFrame({ reqId: "1", retCode, retMsg: "its words", op: "order.create" });
    expect(answer(10019)).toMatchObject({ kind: "answer", id: "1", isLast: true });
    expect(answer(0)).toMatchObject({ kind: "answer", id: "1", isLast: false });
    expect(answer(110007)).toMatchObject({ kind: "answer", id: "1", isLast: false });
  });

  it("of OKX's that wants a login first is the last one there", () => {
    const answer = (code: string) => okx.readFrame({ id: "1", event: "error", code, msg: "its words" });
    expect(answer("60011")).toMatchObject({ kind: "answer", id: "1", isLast: true });
    expect(answer("60012")).toMatchObject({ kind: "answer", id: "1", isLast: false });
  });
});
