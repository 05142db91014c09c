import { Decimal } from "../../../../src/model/decimal.ts";
import {
  describeError,
  InsufficientMarginError,
  OrderRejectedError,
  RiskLimitError,
} from "../../../../src/model/error.ts";
import { check } from "./checks.ts";
import type { ConformanceRow } from "./row.ts";

/** Through the other side of the book, so that a market that moves on does not make it rest after all. */
const THROUGH = new Decimal("0.002");

const refusesCrossingMaker: ConformanceRow = {
  id: "refusals.post-only",
  group: "refusals",
  name: "a post-only order that would trade ends without a fill",
  does: "places a post-only order through the best price of the other side; it must not trade",
  changesAccount: true,
  notHere: ({ manifest }) =>
    manifest.orderTypes.includes("limitMaker") ? undefined : "not offered: the venue has no post-only orders",
  async run(context) {
    const { ask } = await context.touch();
    const { connector, tradingPair } = context;
    const price = connector.quantizeOrderPrice(tradingPair, ask.times(THROUGH.plus(1)));
    const order = context.place("buy", { amount: context.unitAt(ask), price, type: "limitMaker", position: "open" });
    const result = await context.within(order.done, "the post-only order neither ended nor was refused");
    check(order.executedAmount.isZero(), `it traded ${order.executedAmount.toFixed()}`);
    check(context.fillsOf(order).length === 0, "it has fills");
    check(result.state !== "lost", "the venue could not tell what became of it");
    const words = result.ok ? (result.reason ?? "no reason told") : describeError(result.error);
    return `${result.state}: ${words}`;
  },
};

const refusesUnsoundOrders: ConformanceRow = {
  id: "refusals.before-sending",
  group: "refusals",
  name: "an order below the minimum, or off the tick, is refused before it is sent",
  does: "asks for an order of half a step and for one half a tick off; neither may leave",
  changesAccount: false,
  async run(context) {
    const { connector, tradingPair, rule } = context;
    const price = await context.restingPrice("buy");
    const amount = await context.unit();
    const { minBaseAmountIncrement: step, minPriceIncrement: tick } = rule;
    const attempts = [
      ["an order of half a step", { price, amount: step.div(2) }],
      ["an order half a tick off", { price: price.plus(tick.div(2)), amount }],
    ] as const;
    const before = connector.inFlightOrders.size;
    const words: string[] = [];
    for (const [what, terms] of attempts) {
      const refusal = refusalOf(() => context.place("buy", { ...terms, position: "open" }));
      check(refusal !== undefined, `${what} was sent`);
      const isOurs = refusal instanceof OrderRejectedError && refusal.venue === undefined;
      check(isOurs, `${what}: ${describeError(refusal)}`);
      words.push(describeError(refusal));
    }
    check(connector.inFlightOrders.size === before, "a refused order is tracked");
    const atVenue = await connector.fetchOpenOrders([tradingPair]);
    check(atVenue.length === 0, `${atVenue.length} orders stand at the venue after that`);
    return words.join("; ");
  },
};

function refusalOf(attempt: () => unknown): unknown {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error;
  }
}

const keepsToTheBudget: ConformanceRow = {
  id: "refusals.budget",
  group: "refusals",
  name: "an order beyond the budget of the run is refused before it is sent",
  does: "asks for an order worth more than --max-notional; it may not leave",
  changesAccount: false,
  async run(context) {
    const price = await context.restingPrice("buy");
    const amount = context.affordable(price, "1.5").plus(context.rule.minBaseAmountIncrement);
    const refusal = refusalOf(() => context.place("buy", { price, amount, position: "open" }));
    check(refusal !== undefined, `an order over ${amount.toFixed()} at ${price.toFixed()} was sent`);
    // An account that cannot pay for it is told so first.
    const isOurs = refusal instanceof RiskLimitError || refusal instanceof InsufficientMarginError;
    check(isOurs && refusal.venue === undefined, `it was refused by something else: ${describeError(refusal)}`);
    return describeError(refusal);
  },
};

export const REFUSAL_ROWS: readonly ConformanceRow[] = [refusesCrossingMaker, refusesUnsoundOrders, keepsToTheBudget];
