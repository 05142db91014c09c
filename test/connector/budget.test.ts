import { describe, expect, it } from "vitest";
import { InsufficientMarginError } from "../../src/model/error.ts";
import { Stage } from "../e2e/stage.ts";

const CONNECTORS = [
  "ftx_perpetual",
  "bybit_perpetual",
  "binance_perpetual",
  "okx_perpetual",
  "gate_io_perpetual",
] as const;

/** An amount whose margin at 19,900 is this share of what is available. */
function amountOf(stage: Stage, share: string): string {
  const { connector, pair, token } = stage;
  const notional = connector.availableBalance(token).times(share).times(connector.leverage(pair));
  return connector.quantizeOrderAmount(pair, notional.div(19_900)).toFixed();
}

function refusal(work: () => unknown): InsufficientMarginError | undefined {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(InsufficientMarginError);
    return error as InsufficientMarginError;
  }
  return undefined;
}

describe.each(CONNECTORS)("%s", (name) => {
  const wish = { price: "19900", position: "open" } as const;

  it("holds a batch against the balance as a whole, and sends none of it", async () => {
    await using stage = await Stage.open(name);
    const { connector, pair, venue } = stage;
    const order = { ...wish, tradingPair: pair, side: "buy", amount: amountOf(stage, "0.6") } as const;
    const error = refusal(() => connector.batchOrderCreate([order, order, order]));
    expect(error?.message).toContain("is available");
    expect(connector.inFlightOrders.size).toBe(0);
    await stage.pass(1_000);
    expect(venue.engine.openOrders(venue.accountId)).toEqual([]);
    const small = { ...order, amount: amountOf(stage, "0.3") };
    expect(connector.batchOrderCreate([small, small, small])).toHaveLength(3);
  });

  it("leaves the locks of the user's own budget checker alone", async () => {
    await using stage = await Stage.open(name);
    const { connector, pair } = stage;
    const { budgetChecker } = connector;
    const leverage = connector.leverage(pair);
    const candidate = {
      ...({ tradingPair: pair, side: "buy", type: "limit", positionAction: "open", isMaker: true, leverage } as const),
      amount: connector.quantizeOrderAmount(pair, amountOf(stage, "0.6")),
      price: connector.quantizeOrderPrice(pair, "19900"),
    };
    budgetChecker.adjustCandidateAndLockAvailableCollateral(candidate, true);
    await stage.resting("buy", "19000", "0.01");
    expect(budgetChecker.adjustCandidate(candidate, true).amount.toFixed()).toBe("0");
  });

  it("counts orders that were just sent before the venue's balance knows of them, and not twice afterwards", async () => {
    await using stage = await Stage.open(name);
    const { connector, token } = stage;
    const amount = amountOf(stage, "0.4");
    const free = connector.availableBalance(token);
    const first = stage.order("buy", { ...wish, amount });
    const margin = free.minus(connector.availableBalance(token));
    expect(margin.div(free).toNumber()).toBeCloseTo(0.4, 1);
    stage.order("buy", { ...wish, amount });
    expect(refusal(() => stage.order("buy", { ...wish, amount }))?.code).toBe("INSUFFICIENT_MARGIN");
    await stage.rests(first);
    await stage.pass(3_000);
    await stage.run(connector.refresh());
    const known = connector.availableBalance(token);
    expect(known.div(free).toNumber()).toBeCloseTo(0.2, 1);
    await stage.run(connector.cancelAll());
    await stage.pass(3_000);
    expect(connector.availableBalance(token).div(free).toNumber()).toBeCloseTo(1, 2);
  });

  it("gives back at once what an order held that the venue refused", async () => {
    await using stage = await Stage.open(name);
    const { connector, token } = stage;
    const free = connector.availableBalance(token);
    const refused = stage.order("buy", { type: "limitMaker", price: "20500", amount: amountOf(stage, "0.5") });
    expect(connector.availableBalance(token).lt(free.times("0.6"))).toBe(true);
    await stage.run(refused.done);
    await stage.pass(100);
    expect(connector.availableBalance(token).div(free).toNumber()).toBeCloseTo(1, 2);
  });

  it("counts market orders that were just sent", async () => {
    await using stage = await Stage.open(name);
    const { connector, token } = stage;
    const amount = amountOf(stage, "0.4");
    const free = connector.availableBalance(token);
    const orders = [1, 2].map(() => stage.order("buy", { type: "market", amount }));
    expect(refusal(() => stage.order("buy", { type: "market", amount }))?.code).toBe("INSUFFICIENT_MARGIN");
    await stage.run(Promise.all(orders.map((order) => order.done)));
    await stage.pass(3_000);
    expect(connector.availableBalance(token).div(free).toNumber()).toBeCloseTo(0.2, 1);
  });
});
