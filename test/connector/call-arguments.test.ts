import { describe, expect, it } from "vitest";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import { ConfigError } from "../../src/model/error.ts";
import { beginPaperRun, end, PAIR, ready } from "../support/paper-run.ts";

const ORDER = { amount: "0.01", price: "15000", position: "open" } as const;

/** As a program without types calls it. */
const untyped = (connector: PerpetualConnector) =>
  connector as unknown as Record<string, (...args: unknown[]) => unknown>;

describe("a program without types", () => {
  it.each([
    ["buy", [PAIR], "an order needs an object, not undefined"],
    ["batchOrderCreate", [], "the orders of a batch are a list, not undefined"],
    [
      "batchOrderCreate",
      [{ tradingPair: PAIR, side: "buy", ...ORDER }],
      "the orders of a batch are a list, not an object",
    ],
    ["batchOrderCreate", [[undefined]], "an order needs an object, not undefined"],
    ["batchOrderCreate", [[{ tradingPair: PAIR, side: "Buy", ...ORDER }]], 'there is no side of an order "Buy"'],
    ["on", ["orderFilled"], 'the listener of "orderFilled" is no function but undefined'],
    ["once", ["orderFilled", "x"], 'the listener of "orderFilled" is no function but a string'],
  ])("is told at once what %s wants of %j", async (method, args, message) => {
    const run = await beginPaperRun(1);
    await ready(run);
    expect(() => untyped(run.connector)[method]?.(...args)).toThrow(message);
    expect(() => untyped(run.connector)[method]?.(...args)).toThrow(ConfigError);
    await run.world.advance(1_000);
    expect(run.venue.truth().orders).toEqual([]);
    expect(run.connector.inFlightOrders.size).toBe(0);
    await end(run);
  });

  it("is told that an order is canceled and amended by its id, and the order stays", async () => {
    const run = await beginPaperRun(1);
    await ready(run);
    const order = run.connector.buy(PAIR, ORDER);
    await run.world.run(order.accepted);
    const { cancel, batchOrderCancel, amend } = run.connector;
    const call = (work: unknown, ...args: unknown[]) =>
      run.world.run((work as (...args: unknown[]) => Promise<unknown>).call(run.connector, ...args));
    const message = "a client order id is text, not an object";
    await expect(call(cancel, order)).rejects.toThrow(message);
    await expect(call(batchOrderCancel, [order])).rejects.toThrow(message);
    await expect(call(batchOrderCancel, order.clientOrderId)).rejects.toThrow(
      "client order ids are a list, not a string",
    );
    await expect(call(amend, order, { price: "15001" })).rejects.toThrow(message);
    await expect(call(amend, order.clientOrderId)).rejects.toThrow("an amend needs an object, not undefined");
    expect(order.state).toBe("open");
    await end(run);
  });

  it.each(["x", Number.NaN, -1, null])("flattens and waits for no time of %j", async (timeoutMs) => {
    const run = await beginPaperRun(1);
    await ready(run);
    const { connector, world } = run;
    const wrong = { timeoutMs: timeoutMs as number };
    const message = `timeoutMs is ${typeof timeoutMs === "string" ? '"x"' : timeoutMs}`;
    await expect(world.run(connector.flatten(wrong))).rejects.toThrow(message);
    await expect(world.run(connector.cancelAll(timeoutMs as number))).rejects.toThrow(message);
    if (timeoutMs !== null) await expect(world.run(connector.waitUntilReady(wrong))).rejects.toThrow(message);
    await end(run);
  });
});
