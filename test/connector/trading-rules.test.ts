import { describe, expect, it } from "vitest";
import type { OrderOptions } from "../../src/connector/order-request.ts";
import { ConfigError, OrderRejectedError } from "../../src/model/error.ts";
import { parseAmount } from "../../src/paper/engine/amount.ts";
import { PAPER_MARKETS } from "../../src/paper/market/markets.ts";
import type { BoxConnector } from "../../src/simulation/box-protocols.ts";
import { Stage } from "../e2e/stage.ts";

const WITH_A_LARGEST_MARKET_ORDER = [
  ...(["bybit_perpetual", "binance_perpetual", "okx_perpetual", "gate_io_perpetual"] as const),
];
/** OKX and Gate.io have no smallest notional. */
const HAVE_A_SMALLEST_NOTIONAL: readonly BoxConnector[] = ["bybit_perpetual", "binance_perpetual"];
const HEDGED = WITH_A_LARGEST_MARKET_ORDER;

/** The paper venue's markets with other rules; one minimum for all orders, as the three venues have it. */
function marketsWith(changes: Readonly<Record<string, string>>) {
  const amounts = Object.fromEntries(Object.entries(changes).map(([name, text]) => [name, parseAmount(text)]));
  return PAPER_MARKETS.map((market) => ({
    ...market,
    lot: market.minMakerSize,
    minSize: market.minMakerSize,
    ...amounts,
  }));
}

function refusal(work: () => unknown): OrderRejectedError | undefined {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(OrderRejectedError);
    return error as OrderRejectedError;
  }
  return undefined;
}

function configError(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error;
  }
  return undefined;
}

const openStage = (name: BoxConnector, changes: Readonly<Record<string, string>>) =>
  Stage.open(name, { venue: { markets: marketsWith(changes), startingBalance: "5000000" } });

describe.each(WITH_A_LARGEST_MARKET_ORDER)("%s, whose market orders have a largest amount of their own", (name) => {
  const rules = { maxSize: "60", maxMarketSize: "2", minSize: "0.5", minMakerSize: "0.5", lot: "0.1" };

  it("refuses a market order above it before it is sent, with the most of one order, and takes a limit order", async () => {
    await using stage = await openStage(name, rules);
    const { connector, pair } = stage;
    const error = refusal(() => stage.order("buy", { type: "market", amount: "2.1" }));
    expect(error).toMatchObject({ code: "TRADING_RULE", hint: "2 is the most of one; send several" });
    expect(error?.message).toBe(`${pair} buy order: amount 2.1 is above the largest market order, 2`);
    expect(connector.inFlightOrders.size).toBe(0);
    await stage.resting("buy", "19000", "2.1");
  });

  it("closes a larger position by several market orders, none of them below the smallest", async () => {
    await using stage = await openStage(name, rules);
    const { connector } = stage;
    await stage.run(stage.order("buy", { amount: "4.2", price: "20010" }).done);
    await stage.holds("4.2");
    const { isFlat, problems, closingOrders } = await stage.run(connector.flatten({ timeoutMs: 20_000 }));
    expect({ isFlat, problems }).toEqual({ isFlat: true, problems: [] });
    expect(closingOrders.map(({ amount }) => amount.toFixed())).toEqual(["2", "1.7", "0.5"]);
  });
});

describe.each(["ftx_perpetual", ...HEDGED] as const)("an order on %s with an option that there is not", (name) => {
  it("is refused with the nearest right name before anything is sent, alone, in a batch and as an amend", async () => {
    await using stage = await Stage.open(name, {});
    const { connector, pair } = stage;
    const terms = { amount: "0.01", price: "15000", position: "open" } as const;
    const misspelt: OrderOptions = { ...terms, ...{ reduceOnyl: true } };
    const nearest = { hint: 'did you mean "reduceOnly"?' };
    expect(configError(() => connector.buy(pair, misspelt))).toMatchObject(nearest);
    const batch = [
      { ...terms, tradingPair: pair, side: "buy" } as const,
      { ...misspelt, tradingPair: pair, side: "sell" } as const,
    ];
    expect(configError(() => connector.batchOrderCreate(batch))).toMatchObject(nearest);
    expect(connector.inFlightOrders.size).toBe(0);
    const order = await stage.resting("buy", "15000");
    const amending = connector.amend(order.clientOrderId, { price: "15001", ...{ amuont: "0.02" } });
    await expect(amending).rejects.toMatchObject({ code: "CONFIG", hint: 'did you mean "amount"?' });
    expect([order.price?.toFixed(), order.targetPrice?.toFixed()]).toEqual(["15000", "15000"]);
  });
});

describe("ftx_perpetual, which has no largest market order", () => {
  it("takes one as large as a limit order may be", async () => {
    await using stage = await Stage.open("ftx_perpetual", { venue: { startingBalance: "5000000" } });
    expect(stage.connector.tradingRule(stage.pair).maxMarketOrderSize).toBeUndefined();
    await stage.taken("buy", { amount: "40" });
    await stage.holds("40");
  });
});

describe.each(HEDGED)("%s in hedge mode", (name) => {
  it("closes what is left of a position below the smallest notional, at market and by a limit order", async () => {
    await using stage = await openStage(name, { minNotional: "100" });
    const { connector, pair } = stage;
    await stage.run(connector.setPositionMode("hedge"));
    await stage.taken("buy", { amount: "0.01" });
    await stage.holds("0.01", "long");
    const close = (amount: string, options = {}) =>
      stage.run(connector.sell(pair, { amount, type: "market", position: "close", ...options }).done);
    expect(await close("0.008")).toMatchObject({ ok: true });
    expect(await close("0.001")).toMatchObject({ ok: true });
    expect(await close("0.001", { type: "limit", price: "19990" })).toMatchObject({ ok: true });
    await stage.holds("0", "long");
    if (HAVE_A_SMALLEST_NOTIONAL.includes(name)) {
      expect(refusal(() => stage.order("buy", { amount: "0.001", price: "19000" }))?.message).toContain(
        "notional 19 is below the smallest, 100",
      );
    }
  });

  it("leaves nothing when it is flattened, however little there is", async () => {
    await using stage = await openStage(name, { minNotional: "100" });
    const { connector } = stage;
    await stage.run(connector.setPositionMode("hedge"));
    await stage.taken("buy", { amount: "0.01" });
    await stage.run(connector.sell(stage.pair, { amount: "0.009", type: "market", position: "close" }).done);
    await stage.holds("0.001", "long");
    expect(await stage.run(connector.flatten({ timeoutMs: 10_000 }))).toMatchObject({ isFlat: true, problems: [] });
  });
});
