import { describe, expect, it } from "vitest";
import { InsufficientMarginError } from "../../src/model/error.ts";
import { Stage } from "../e2e/stage.ts";

const CONNECTORS = ["ftx_perpetual", "bybit_perpetual", "binance_perpetual", "okx_perpetual"] as const;

/** An amount whose margin at 19,900 is this share of what is available. */
function amountOf(stage: Stage, share: string): string {
  const { connector, pair, token } = stage;
  const notional = connector.availableBalance(token).times(share).times(connector.getLeverage(pair));
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
    const leverage = connector.getLeverage(pair);
    const candidate = {
      ...({ tradingPair: pair, side: "buy", type: "limit", positionAction: "open", isMaker: true, leverage } as const),
      amount: connector.quantizeOrderAmount(pair, amountOf(stage, "0.6")),
      price: connector.quantizeOrderPrice(pair, "19900"),
    };
    budgetChecker.adjustCandidateAndLockAvailableCollateral(candidate, true);
    await stage.resting("buy", "19000", "0.01");
    expect(budgetChecker.adjustCandidate(candidate, true).amount.toFixed()).toBe("0");
  });
});
