import { describe, expect, it } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import { OrderRejectedError, type PerpwireError } from "../../src/model/error.ts";
import { parseAmount } from "../../src/paper/engine/amount.ts";
import { PAPER_MARKETS } from "../../src/paper/market/markets.ts";
import type { BoxConnector } from "../../src/simulation/box-protocols.ts";
import { Stage } from "../e2e/stage.ts";

const CONNECTORS = [
  "ftx_perpetual",
  "bybit_perpetual",
  "binance_perpetual",
  "okx_perpetual",
  "gate_io_perpetual",
] as const;
const RULES_PATH = {
  ftx_perpetual: "/markets",
  bybit_perpetual: "/v5/market/instruments-info",
  binance_perpetual: "/fapi/v1/exchangeInfo",
  okx_perpetual: "/api/v5/public/instruments",
  gate_io_perpetual: "/futures/usdt/contracts",
  hyperliquid_perpetual: "/info",
} as const;

/** A venue that can change its rules while it runs, and counts how often they were asked for. */
async function begin(name: BoxConnector) {
  const markets = PAPER_MARKETS.map((market) => ({
    ...market,
    lot: market.minMakerSize,
    minSize: market.minMakerSize,
  }));
  const stage = await Stage.open(name, {
    venue: { markets },
    runtime: (runtime) => ({
      ...runtime,
      http: {
        ...runtime.http,
        request: (request) => {
          if (new URL(request.url).pathname.endsWith(RULES_PATH[name])) seen.push(request.url);
          return runtime.http.request(request);
        },
        close: () => runtime.http.close(),
      },
    }),
  });
  const change = (changes: Readonly<Record<string, string>>) => {
    const amounts = Object.fromEntries(Object.entries(changes).map(([rule, text]) => [rule, parseAmount(text)]));
    Object.assign(markets[0]!, amounts);
  };
  seen.length = 0;
  return { stage, change };
}

const seen: string[] = [];

function refusal(work: () => unknown): PerpwireError | undefined {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(OrderRejectedError);
    return error as OrderRejectedError;
  }
  return undefined;
}

describe.each(CONNECTORS)("%s, whose rules change while it runs", (name) => {
  it("fails the first order on the old tick with the venue's word, and refuses the next one itself", async () => {
    const { stage, change } = await begin(name);
    await using _ = stage;
    change({ tick: "10" });
    const first = await stage.run(stage.order("buy", { price: "19001" }).done);
    expect(first).toMatchObject({ ok: false, state: "failed", error: { code: "TRADING_RULE", venue: name } });
    await stage.pass(1_000);
    expect(seen).toHaveLength(1);
    const error = refusal(() => stage.order("buy", { price: "19001" }));
    expect(error).toMatchObject({ code: "TRADING_RULE", venue: undefined });
    expect(error?.message).toContain("price 19001 is not a multiple of the tick 10");
    expect(stage.connector.quantizeOrderPrice(stage.pair, "19001").toFixed()).toBe("19000");
    await stage.resting("buy", "19000");
  });

  it("learns a new step and a new smallest order the same way", async () => {
    const { stage, change } = await begin(name);
    await using _ = stage;
    const wish = { type: "limitMaker", price: "19000" } as const;
    // A step of Gate.io is a contract, whose size does not change while it trades.
    const hasSteps = name !== "gate_io_perpetual";
    for (const [changes, amount, rule] of [
      ...(hasSteps ? ([[{ lot: "0.01" }, "0.055", "is not a multiple of the step 0.01"]] as const) : []),
      [{ minSize: "0.05", minMakerSize: "0.05" }, "0.02", "is below the smallest"],
    ] as const) {
      change(changes);
      const failed = await stage.run(stage.order("buy", { ...wish, amount }).done);
      expect(failed).toMatchObject({ ok: false, error: { code: "TRADING_RULE", venue: name } });
      await stage.pass(5_000);
      expect(refusal(() => stage.order("buy", { ...wish, amount }))?.message).toContain(rule);
    }
  });

  it("reads them once however many orders are refused at a time, and not again and again", async () => {
    const { stage, change } = await begin(name);
    await using _ = stage;
    change({ tick: "10" });
    const orders = Array.from({ length: 8 }, (_, index) => stage.order("buy", { price: String(19_001 + index) }));
    const ends = await stage.run(Promise.all(orders.map((order) => order.done)));
    expect(ends.map(({ state }) => state)).toEqual(orders.map(() => "failed"));
    await stage.pass(60_000);
    // Orders that waited for a rate limit were refused after the first reading.
    expect(seen.length).toBeLessThanOrEqual(2);
  });

  it("has them in force when fetchTradingRules resolves, and leaves live orders and books alone", async () => {
    const { stage, change } = await begin(name);
    await using _ = stage;
    const { connector, pair } = stage;
    const order = await stage.resting("buy", "19001");
    const book = connector.orderBook(pair);
    change({ tick: "10" });
    const rules = await stage.run(connector.fetchTradingRules());
    expect(rules.get(pair)?.minPriceIncrement.toFixed()).toBe("10");
    expect(refusal(() => stage.order("buy", { price: "19002" }))?.message).toContain("the tick 10");
    expect([order.state, book.isValid, connector.ready]).toEqual(["open", true, true]);
    expect(connector.orderBook(pair)).toBe(book);
    expect((await stage.run(connector.cancel(order.clientOrderId))).success).toBe(true);
    expect(order.price?.eq(decimal("19001"))).toBe(true);
  });

  it("holds what was asked while an answer was under way against an answer from after it", async () => {
    const { stage, change } = await begin(name);
    await using _ = stage;
    const first = stage.connector.fetchTradingRules();
    await stage.until("the first question", () => seen.length > 0);
    const second = stage.connector.fetchTradingRules();
    const third = stage.connector.fetchTradingRules();
    await stage.run(first);
    change({ tick: "10" });
    await stage.run(Promise.all([second, third]));
    expect(seen).toHaveLength(2);
    expect(stage.connector.tradingRule(stage.pair).minPriceIncrement.toFixed()).toBe("10");
  });
});

describe.each(CONNECTORS)("an amend on %s that the venue refuses for a rule", (name) => {
  it("makes the rules be read again, and leaves the order as it was", async () => {
    const { stage, change } = await begin(name);
    await using _ = stage;
    const order = await stage.resting("buy", "19000");
    change({ tick: "10" });
    const refused = await stage.run(
      stage.connector.amend(order.clientOrderId, { price: "19001" }).then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    expect(refused).toMatchObject({ code: "TRADING_RULE" });
    await stage.pass(1_000);
    expect(seen).toHaveLength(1);
    expect(order.price?.toFixed()).toBe("19000");
  });
});
