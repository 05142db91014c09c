import { Decimal } from "../../../../src/model/decimal.ts";
import type { Fill } from "../../../../src/model/fill.ts";
import type { InFlightOrder } from "../../../../src/trading/in-flight-order.ts";
import { check, skip } from "./checks.ts";
import type { ConformanceContext } from "./context.ts";
import { feesOf, fillsEqualHistory, fillsText, notionalOf } from "./fill-history.ts";
import type { ConformanceRow } from "./row.ts";

const noMarketOrders = ({ manifest }: Parameters<NonNullable<ConformanceRow["notHere"]>>[0]): string | undefined =>
  manifest.orderTypes.includes("market") ? undefined : "not offered: the venue has no market orders";

/** The connector's position follows its fills. */
async function positionIs(context: ConformanceContext, amount: Decimal): Promise<void> {
  await context.until(
    () => context.positionAmount().eq(amount),
    () => `the position is ${context.positionAmount().toFixed()}, the fills make ${amount.toFixed()}`,
  );
}

const fillsWhole: ConformanceRow = {
  id: "fills.full",
  group: "fills",
  name: "a filled order's fills equal the venue's history, and make its position",
  does: "buys the smallest amount at market and sells it again",
  changesAccount: true,
  notHere: noMarketOrders,
  async run(context) {
    const amount = await context.unit();
    const bought = await context.take("buy", amount);
    await positionIs(context, amount);
    const sold = await context.take("sell", amount, "close");
    await positionIs(context, new Decimal(0));
    const fills = await fillsEqualHistory(context, [bought, sold]);
    return `bought and sold: ${fillsText(fills)}; the history has the same ${fills.length} fills`;
  },
};

const PARTIAL_TRIES = 4;
const BETWEEN_TRIES_MS = 500;
/** A price that has left the order behind may not come back. */
const FIRST_FILL_MS = 1_000;
/** Share of the main session's limit that leaves room for a price that moves. */
const PARTIAL_SHARE = "0.7";

const fillsPartly: ConformanceRow = {
  id: "fills.partial",
  group: "fills",
  name: "a partly filled order keeps its part: no more, no less",
  does: "buys more than the best price offers, cancels what is left, sells what it got",
  changesAccount: true,
  async run(context) {
    for (let attempt = 1; attempt <= PARTIAL_TRIES; attempt += 1) {
      const isLast = attempt === PARTIAL_TRIES;
      const order = await buyMoreThanTheBest(context, isLast);
      if (order === undefined) {
        if (!isLast) await context.sleep(BETWEEN_TRIES_MS);
        continue;
      }
      const fills = await fillsEqualHistory(context, [order]);
      await positionIs(context, order.executedAmount);
      return `${order.executedAmount.toFixed()} of ${order.amount.toFixed()} in ${fills.length} fills, the rest canceled; the history has the same`;
    }
    skip(`none of ${PARTIAL_TRIES} orders was filled in part before it was canceled`);
  },
};

/** Undefined when the market gave all of it, or nothing; what was bought is sold again then. */
async function buyMoreThanTheBest(context: ConformanceContext, isLast: boolean): Promise<InFlightOrder | undefined> {
  const { connector, tradingPair } = context;
  await context.touch();
  const best = connector.orderBook(tradingPair).bestAsk;
  if (best === undefined) return undefined;
  const amount = context.affordable(best.price, PARTIAL_SHARE);
  const least = best.amount.plus(context.unitAt(best.price));
  if (amount.lt(least)) {
    if (!isLast) return undefined;
    const needed = least.times(best.price).div(PARTIAL_SHARE).toFixed(0);
    skip(`the best price offers ${best.amount.toFixed()}: an order beyond that takes --max-notional ${needed}`);
  }
  // Venues have to end the order where others refill the price faster than we cancel.
  const timeInForce = isLast && context.manifest.timesInForce.includes("IOC") ? "IOC" : "GTC";
  const order = context.place("buy", { amount, price: best.price, type: "limit", timeInForce, position: "open" });
  await context.accepted(order);
  await context.comesTrue(() => order.isDone || !order.executedAmount.isZero(), FIRST_FILL_MS);
  if (!order.isDone) await connector.cancel(order.clientOrderId);
  await context.ended(order);
  if (order.state !== "filled" && !order.executedAmount.isZero()) return order;
  if (!order.executedAmount.isZero()) await context.take("sell", order.executedAmount, "close");
  return undefined;
}

const MAKER_TRIES = 10;
const BOOK_PATIENCE_MS = 1_000;
/** Time that an order waits for somebody to trade, where there is no counterparty. */
const MAKER_PATIENCE_MS = 10_000;

const fillsAsMaker: ConformanceRow = {
  id: "fills.maker",
  group: "fills",
  name: "a resting order that somebody trades with pays the maker's fee",
  does: "bids at the best price, lets the counterparty (or whoever comes) sell to it, sells what it got",
  changesAccount: true,
  notHere: ({ manifest }) =>
    manifest.orderTypes.includes("limitMaker") ? undefined : "not offered: the venue has no post-only orders",
  async run(context) {
    for (let attempt = 1; attempt <= MAKER_TRIES; attempt += 1) {
      const book = context.connector.orderBook(context.tradingPair);
      const { version } = book;
      const order = await bidAtBest(context);
      if (order === undefined) {
        // The book that was seen was older than the venue's: the next try needs a newer one.
        await context.comesTrue(() => book.version > version, BOOK_PATIENCE_MS);
        continue;
      }
      const fills = await fillsEqualHistory(context, [order]);
      const taker = fills.find((fill) => !fill.isMaker);
      check(taker === undefined, `fill ${taker?.fillId} of a post-only order is told to have taken`);
      await positionIs(context, order.executedAmount);
      return `${fillsText(fills)}, ${feeEvidence(context, fills)}`;
    }
    skip("nobody traded with the resting order");
  },
};

async function bidAtBest(context: ConformanceContext): Promise<InFlightOrder | undefined> {
  const { bid: price } = await context.touch();
  const amount = context.unitAt(price);
  const order = context.place("buy", { amount, price, type: "limitMaker", position: "open" });
  const accepted = await context.within(order.accepted, "the venue did not answer to an order");
  if (accepted.ok) await sellInto(context, order, price);
  if (!order.isDone) await context.connector.cancel(order.clientOrderId);
  await context.within(order.done, "the resting order did not end");
  return order.executedAmount.isZero() ? undefined : order;
}

/** Lets the counterparty sell through every bid down to the order's price. */
async function sellInto(context: ConformanceContext, order: InFlightOrder, price: Decimal): Promise<void> {
  const { connector, tradingPair } = context;
  const isTraded = () => order.isDone || !order.executedAmount.isZero();
  if (!context.hasCounterparty) {
    await context.comesTrue(isTraded, MAKER_PATIENCE_MS);
    return;
  }
  const counterparty = await context.sessions.counterparty();
  const book = await connector.fetchOrderBook(tradingPair);
  const ahead = book.bids().filter((level) => level.price.gte(price));
  const amount = ahead.reduce((total, level) => total.plus(level.amount), order.amount);
  const terms = { amount, price, type: "limit", timeInForce: "IOC", position: "open" } as const;
  const sale = context.placeAs(counterparty, "sell", terms);
  await context.within(sale.done, "the counterparty's order did not end");
  await context.comesTrue(isTraded, 1_000);
}

/** Fees are rounded to eight decimals by most venues. */
const FEE_ROUNDING = new Decimal("0.00000001");
const FEE_TOLERANCE = new Decimal("0.000001");

/** Checks each fee against the account's rate, where it is in the collateral. */
function feeEvidence(context: ConformanceContext, fills: readonly Fill[]): string {
  const { connector, tradingPair, collateralToken: token } = context;
  const { makerPercentFee, takerPercentFee } = connector.feeSchema(tradingPair);
  for (const fill of fills) {
    if (fill.fee.flatFees.some((fee) => fee.token !== token)) return "fees in another token, equal to the history";
    const rate = fill.isMaker ? makerPercentFee : takerPercentFee;
    const expected = fill.price.times(fill.amount).times(rate);
    const charged = feesOf([fill], token);
    const tolerance = expected.abs().times(FEE_TOLERANCE).plus(FEE_ROUNDING);
    check(
      charged.minus(expected).abs().lte(tolerance),
      `fill ${fill.fillId} paid ${charged.toFixed()} ${token}, the account's rate ${rate.toFixed()} makes ${expected.toFixed()}`,
    );
  }
  return `fees ${feesOf(fills, token).toFixed()} ${token} at the account's rate`;
}

/** Postings are rounded one by one. */
const CASH_TOLERANCE = new Decimal("0.000001");

const chargesFees: ConformanceRow = {
  id: "fills.fees",
  group: "fills",
  name: "fees are what the account's rate says and what the balance paid",
  does: "buys at market and sells again; the balance must change by prices, fees and funding, to the last digit",
  changesAccount: true,
  notHere: noMarketOrders,
  async run(context) {
    const { connector, tradingPair, collateralToken: token } = context;
    await connector.refresh();
    const before = connector.balance(token);
    const sinceMs = context.now();
    const amount = await context.unit();
    const bought = await context.take("buy", amount);
    const sold = await context.take("sell", amount, "close");
    const fills = await fillsEqualHistory(context, [bought, sold]);
    const evidence = feeEvidence(context, fills);
    const sales = fills.filter(({ side }) => side === "sell");
    const purchases = fills.filter(({ side }) => side === "buy");
    const result = notionalOf(sales).minus(notionalOf(purchases)).minus(feesOf(fills, token));
    let change = "";
    await context.until(
      async () => {
        await connector.refresh();
        const funding = connector
          .fundingPayments(tradingPair)
          .filter(({ timestampMs }) => timestampMs >= sinceMs)
          .reduce((total, payment) => total.plus(payment.amount), new Decimal(0));
        const paid = connector.balance(token).minus(before);
        const expected = result.plus(funding);
        change = `the balance changed by ${paid.toFixed()} ${token}, fills and fees make ${expected.toFixed()}`;
        return paid.minus(expected).abs().lte(CASH_TOLERANCE);
      },
      () => change,
    );
    return `${evidence}; ${change}`;
  },
};

export const FILL_ROWS: readonly ConformanceRow[] = [fillsWhole, fillsPartly, fillsAsMaker, chargesFees];
