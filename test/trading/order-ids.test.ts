import { describe, expect, it } from "vitest";
import { ClientOrderIdFactory } from "../../src/trading/client-order-id.ts";
import { amendClientOrderId, amendSequence, originalClientOrderId } from "../../src/trading/order-ids.ts";

let counter = 0;
const factory = (rule: ConstructorParameters<typeof ClientOrderIdFactory>[0]["rule"]) =>
  new ClientOrderIdFactory({ rule, instanceId: "00ff00ff00ff00ff", nextCounter: () => ++counter });
const HEX = factory({ kind: "hex128", isQueryable: true });
const UUID = factory({ kind: "uuid", isQueryable: true });
const TEXT = factory({ kind: "text", maxLength: 36, prefix: "pw", isQueryable: true });

describe("the client order id of an amend", () => {
  it.each([
    ["text", TEXT.next()],
    ["128 bits", HEX.next()],
    ["a UUID", UUID.next()],
  ])("of %s names the order and the amend", (_, order) => {
    const ids = [1, 2, 300].map((sequence) => amendClientOrderId(order, sequence));
    expect(new Set([order, ...ids]).size).toBe(4);
    expect(ids.map(originalClientOrderId)).toEqual([order, order, order]);
    expect(ids.map((id) => amendSequence(order, id))).toEqual([1, 2, 300]);
    expect(amendSequence(order, order)).toBeUndefined();
    expect(amendSequence(order, undefined)).toBeUndefined();
    expect(originalClientOrderId(order)).toBe(order);
  });

  it("is one that a venue of 128 bits takes, also for the millionth amend", () => {
    const order = HEX.next();
    expect(amendClientOrderId(order, 1_000_000)).toMatch(/^0x[0-9a-f]{32}$/);
    expect(amendSequence(order, amendClientOrderId(order, 1_000_000))).toBe(1_000_000);
    expect(HEX.isOwn(amendClientOrderId(order, 1))).toBe(true);
  });

  it("is a UUID where the order's is one", () => {
    const amended = amendClientOrderId(UUID.next(), 100_000);
    expect(amended).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(UUID.isOwn(amended)).toBe(true);
  });

  it.each([HEX, UUID])("of one order is none of another's", (ids) => {
    const [one, other] = [ids.next(), ids.next()];
    expect(amendSequence(other, amendClientOrderId(one, 1))).toBeUndefined();
  });
});
