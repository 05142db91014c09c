import type { OrderType, VenueOrder } from "../../../../src/model/order.ts";
import type { InFlightOrder } from "../../../../src/trading/in-flight-order.ts";
import { CheckFailedError, check } from "./checks.ts";
import type { ConformanceContext } from "./context.ts";
import type { ConformanceRow } from "./row.ts";

/** Orders that wait in the book, post-only where the venue has that. */
function restingType({ manifest }: ConformanceContext): OrderType {
  return manifest.orderTypes.includes("limitMaker") ? "limitMaker" : "limit";
}

/** An order that rests far from the market, once the venue has taken it. */
async function placeResting(context: ConformanceContext, steps = 1): Promise<InFlightOrder> {
  const [price, amount] = [await context.restingPrice("buy", steps), await context.unit()];
  const order = context.place("buy", { price, amount, type: restingType(context), position: "open" });
  await context.accepted(order);
  return order;
}

/** The order as the venue lists it; fails when it does not within a few seconds, or lists other terms than were asked. */
async function listed(context: ConformanceContext, order: InFlightOrder): Promise<VenueOrder> {
  const { exchangeOrderId } = order;
  let found: VenueOrder | undefined;
  await context.until(async () => {
    const orders = await context.connector.fetchOpenOrders([context.tradingPair]);
    found = orders.find((seen) => seen.exchangeOrderId === exchangeOrderId);
    return found !== undefined;
  }, `order ${exchangeOrderId} is not among the venue's open orders`);
  if (found === undefined) throw new CheckFailedError(`order ${exchangeOrderId} is not listed`);
  const asked = context.asked(order);
  const isSame = asked?.price !== undefined && found.price?.eq(asked.price) === true && found.amount.eq(asked.amount);
  const wanted = `${order.side} ${asked?.amount} at ${asked?.price}`;
  check(isSame && found.side === order.side, `asked to ${wanted}, the venue lists ${termsOf(found)}`);
  return found;
}

function termsOf({ side, amount, price }: VenueOrder): string {
  return `${side} ${amount.toFixed()} at ${price?.toFixed() ?? "no price"}`;
}

async function unlisted(context: ConformanceContext, exchangeOrderId: string): Promise<void> {
  await context.until(async () => {
    const orders = await context.connector.fetchOpenOrders([context.tradingPair]);
    return orders.every((order) => order.exchangeOrderId !== exchangeOrderId);
  }, `order ${exchangeOrderId} still stands at the venue`);
}

/** Waits for the end of an order that was canceled, and for the venue's list to show it. */
async function gone(context: ConformanceContext, order: InFlightOrder): Promise<void> {
  await context.ended(order);
  check(order.state === "canceled", `the canceled order is ${order.state}`);
  check(order.executedAmount.isZero(), `the canceled order has ${order.executedAmount.toFixed()} executed`);
  await unlisted(context, order.exchangeOrderId ?? "");
}

const placesSeesCancels: ConformanceRow = {
  id: "orders.place",
  group: "orders",
  name: "an order is placed, seen on the stream and in the list, and canceled",
  does: "places one resting order; another session must hear of it on its stream; cancels it",
  changesAccount: true,
  async run(context) {
    const other = await context.sessions.other();
    const heard = new Map<string, number>();
    const forget = other.on("externalOrder", ({ order }) => {
      if (!heard.has(order.exchangeOrderId)) heard.set(order.exchangeOrderId, context.monotonic());
    });
    try {
      const placedMs = context.monotonic();
      const order = await placeResting(context);
      const exchangeOrderId = order.exchangeOrderId ?? "";
      const seen = await listed(context, order);
      const { kind } = context.manifest.clientOrderId;
      const hasId = kind === "none" || seen.clientOrderId === order.clientOrderId;
      check(hasId, `placed as ${order.clientOrderId}, the venue lists ${seen.clientOrderId}`);
      await context.until(() => heard.has(exchangeOrderId), "the private stream did not tell of the order");
      check(order.state === "open", `the order is ${order.state}`);
      await context.cancel(order);
      await gone(context, order);
      const heardMs = Math.round((heard.get(exchangeOrderId) ?? 0) - placedMs);
      return `order ${exchangeOrderId} (${termsOf(seen)}), on the stream after ${heardMs} ms, listed, canceled`;
    } finally {
      forget();
    }
  },
};

const amends: ConformanceRow = {
  id: "orders.amend",
  group: "orders",
  name: "an order is amended and stays one order",
  does: "places one resting order, changes its price and its amount, cancels it",
  changesAccount: true,
  notHere: ({ capabilities }) => (capabilities.amend ? undefined : "not offered: the venue cannot amend orders"),
  async run(context) {
    const order = await placeResting(context, 2);
    const before = order.exchangeOrderId;
    const price = await context.restingPrice("buy", 1);
    const amount = order.amount.plus(context.rule.minBaseAmountIncrement);
    await context.connector.amend(order.clientOrderId, { price, amount });
    await context.until(
      () => order.price?.eq(price) === true && order.amount.eq(amount),
      () => `the order still has ${order.amount.toFixed()} at ${order.price?.toFixed()}`,
    );
    const wanted = `${amount.toFixed()} at ${price.toFixed()}`;
    let terms = "";
    // An amend that the venue has taken may still wait for the matching engine.
    await context.until(
      async () => {
        const orders = await context.connector.fetchOpenOrders([context.tradingPair]);
        terms = orders.map((seen) => `${seen.amount.toFixed()} at ${seen.price?.toFixed()}`).join(" and ");
        return terms === wanted && orders[0]?.exchangeOrderId === order.exchangeOrderId;
      },
      () => `amended to ${wanted}, the venue lists ${terms || "no order"}`,
    );
    await context.cancel(order);
    await gone(context, order);
    const id = before === order.exchangeOrderId ? "kept its id" : `is now ${order.exchangeOrderId}`;
    return `order ${before} became ${terms} and ${id}`;
  },
};

const cancelsByExchangeId: ConformanceRow = {
  id: "orders.cancel-by-exchange-id",
  group: "orders",
  name: "an order is canceled by its exchange id alone",
  does: "places one resting order and cancels it as an order that only the venue's list told of",
  changesAccount: true,
  async run(context) {
    const order = await placeResting(context);
    const { clientOrderId: _, ...seen } = await listed(context, order);
    await context.connector.cancelAtVenue(seen);
    await gone(context, order);
    return `order ${seen.exchangeOrderId} is gone, and its handle says so`;
  },
};

const cancelsByClientId: ConformanceRow = {
  id: "orders.cancel-by-client-id",
  group: "orders",
  name: "an order is canceled by its client id alone",
  does: "places one resting order and cancels it without its exchange id",
  changesAccount: true,
  notHere: ({ manifest: { clientOrderId } }) =>
    clientOrderId.kind !== "none" && clientOrderId.isQueryable
      ? undefined
      : "not offered: the venue does not find orders by their client id",
  async run(context) {
    const order = await placeResting(context);
    const { exchangeOrderId, ...seen } = await listed(context, order);
    await context.connector.cancelAtVenue({ ...seen, clientOrderId: order.clientOrderId });
    await gone(context, order);
    return `order ${exchangeOrderId} was canceled as ${order.clientOrderId}`;
  },
};

const cancelsOnlyOurs: ConformanceRow = {
  id: "orders.cancel-only-ours",
  group: "orders",
  name: "cancelling everything leaves the orders of other sessions alone",
  does: "lets another session place an order and two of its own be canceled; the other's must stay",
  changesAccount: true,
  async run(context) {
    const { connector, tradingPair } = context;
    const other = await context.sessions.other();
    const [price, amount] = [await context.restingPrice("buy", 2), await context.unit()];
    const theirs = context.placeAs(other, "buy", { price, amount, type: restingType(context), position: "open" });
    await context.accepted(theirs);
    const ours = [await placeResting(context, 1), await placeResting(context, 2)];
    const results = await connector.cancelAll();
    const refused = results.find((result) => !result.success);
    check(refused === undefined, `a cancel failed: ${refused?.error?.message}`);
    check(results.length === ours.length, `${results.length} orders were canceled, ${ours.length} are ours`);
    for (const order of ours) await gone(context, order);
    const left = await connector.fetchOpenOrders([tradingPair]);
    const isAlone = left.length === 1 && left[0]?.exchangeOrderId === theirs.exchangeOrderId;
    check(isAlone, `left at the venue: ${left.map((order) => order.exchangeOrderId).join(", ") || "nothing"}`);
    check(!theirs.isDone, `the other session's order is ${theirs.state}`);
    const canceled = await other.cancel(theirs.clientOrderId);
    check(canceled.success, `the other session could not cancel its own: ${canceled.error?.message}`);
    return `${ours.length} of ours are gone, order ${theirs.exchangeOrderId} of the other session stayed until it canceled it`;
  },
};

const ordersInBatches: ConformanceRow = {
  id: "orders.batch",
  group: "orders",
  name: "several orders are placed and canceled at once",
  does: "places two resting orders in one call and cancels them in another",
  changesAccount: true,
  async run(context) {
    const { connector } = context;
    const amount = await context.unit();
    const prices = [await context.restingPrice("buy", 1), await context.restingPrice("buy", 2)];
    const type = restingType(context);
    const orders = context.placeBatch(
      "buy",
      prices.map((price) => ({ amount, price, type, position: "open" })),
    );
    for (const order of orders) await context.accepted(order);
    for (const order of orders) await listed(context, order);
    const results = await connector.batchOrderCancel(orders.map(({ clientOrderId }) => clientOrderId));
    const refused = results.find((result) => !result.success);
    check(refused === undefined, `a cancel failed: ${refused?.error?.message}`);
    for (const order of orders) await gone(context, order);
    const { batchCreate, batchCancel } = connector.capabilities;
    return `${orders.length} orders; the venue has batches of ${
      [batchCreate ? "creates" : "", batchCancel ? "cancels" : ""].filter(Boolean).join(" and ") || "neither kind"
    }`;
  },
};

export const ORDER_ROWS: readonly ConformanceRow[] = [
  placesSeesCancels,
  amends,
  cancelsByExchangeId,
  cancelsByClientId,
  cancelsOnlyOurs,
  ordersInBatches,
];
