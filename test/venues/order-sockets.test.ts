import { describe, expect, it } from "vitest";
import { orderSocket as bybit } from "../../src/venues/bybit/order-socket.ts";
import { orderSocket as okx } from "../../src/venues/okx/order-socket.ts";

describe("an answer on a socket for orders", () => {
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
