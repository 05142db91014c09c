import { describe, expect, it } from "vitest";
import { parseAmount } from "../../../src/paper/engine/amount.ts";
import { createEngine } from "../../../src/paper/engine/engine.ts";
import type { Engine, Placement } from "../../../src/paper/engine/types.ts";
import { PAPER_MARKETS } from "../../../src/paper/index.ts";
import type { MatchingQueue } from "../../../src/paper/protocols/matching-queue.ts";
import { OrderIntake } from "../../../src/paper/protocols/order-intake.ts";

const MARKET = "BTC-USD";
const order = (price: string, size: string): Placement => ({
  ...({ type: "placeOrder", accountId: "a", market: MARKET, side: "buy", orderType: "limit" } as const),
  ...({ price: parseAmount(price), size: parseAmount(size), timeInForce: "GTC" } as const),
  ...{ postOnly: false, reduceOnly: false, clientId: null },
});

function engineWith(cash: string): Engine {
  const fees = { makerFee: 0n, takerFee: 0n, fundingDivisor: 24n, defaultLeverage: parseAmount("10") };
  const engine = createEngine({ markets: PAPER_MARKETS, startMs: 0, ...fees });
  engine.execute({ type: "openAccount", accountId: "a", cash: parseAmount(cash), retain: true }, 0);
  return engine;
}

describe("an order that waits for its turn", () => {
  it("is held against the margin of all open orders without a look at any of them", () => {
    const engine = engineWith("10000");
    for (let count = 0; count < 400; count += 1) engine.execute(order("19000", "0.01"), 0);
    const blind: Engine = {
      ...engine,
      openOrders: () => {
        throw new Error("all open orders were listed");
      },
    };
    const sized = (size: string): Placement => order("19000", size);
    // At mark 20,000 and leverage 10 an account of 10,000 carries 5 BTC, of which 4 are on order.
    expect(blind.check(sized("1"), { waiting: [] })).toBeNull();
    expect(blind.check(sized("1.001"), { waiting: [] })).toBe("insufficientMargin");
    expect(blind.check(sized("0.6"), { waiting: [sized("0.5")] })).toBe("insufficientMargin");
  });
});

describe("the orders that a gateway took", () => {
  it("are counted by market, and wait until the engine has seen them", () => {
    const engine = engineWith("1000000");
    const tasks: (() => void)[] = [];
    let id = 0;
    const intake: OrderIntake<number> = new OrderIntake<number>({
      queue: { push: (task: () => void) => tasks.push(task) } as unknown as MatchingQueue,
      nextOrderId: () => {
        id += 1;
        return id;
      },
      ...{ lastPrice: () => null, hasAccount: () => true, onRefused: () => undefined, now: () => 0 },
      apply: (command) => engine.execute(command, 0),
      publish: (events) => {
        for (const event of events) if ("order" in event) intake.observe(event.order);
      },
    });
    const counts = () => [intake.waiting("a").length, intake.openCount("a", MARKET), intake.open("a").length];
    const orders = ["19000", "18000", "0.5"].map((price) => intake.place(order(price, "0.01")));
    expect(counts()).toEqual([3, 3, 3]);
    tasks.shift()?.();
    expect(counts()).toEqual([2, 3, 3]);
    for (const task of tasks.splice(0)) task();
    // The third one's price is no multiple of the tick: the engine refuses it.
    expect(counts()).toEqual([0, 2, 2]);
    const [first] = orders;
    if (first !== undefined) intake.cancel(first);
    for (const task of tasks.splice(0)) task();
    expect(counts()).toEqual([0, 1, 1]);
    expect(intake.openCount("a", "ETH-USD")).toBe(0);
  });
});
