import { Decimal, decimal } from "../../../../src/model/decimal.ts";
import type { FundingPayment } from "../../../../src/model/funding.ts";
import type { PositionMode } from "../../../../src/model/order.ts";
import { check, skip } from "./checks.ts";
import type { ConformanceContext } from "./context.ts";
import { fillsEqualHistory } from "./fill-history.ts";
import type { ConformanceRow } from "./row.ts";

/** The first of these that is not set is tried; every market of every venue has them. */
const LEVERAGES = ["3", "2"] as const;

const changesLeverage: ConformanceRow = {
  id: "account.leverage",
  group: "account",
  name: "the leverage changes there and back, and the venue says so",
  does: "sets another leverage, reads it in another session, and sets the old one again",
  changesAccount: true,
  async run(context) {
    const { connector, tradingPair } = context;
    const before = (await context.sessions.refreshedOther()).leverage(tradingPair);
    const after = decimal(LEVERAGES.find((leverage) => !before.eq(leverage)) ?? LEVERAGES[0]);
    const set = async (leverage: Decimal) => {
      await context.connector.setLeverage(tradingPair, leverage);
    };
    context.restore.set("the leverage", () => set(before));
    await set(after);
    await leverageIs(context, after);
    await set(before);
    await leverageIs(context, before);
    context.restore.delete("the leverage");
    const scope = connector.manifest.leverageScope === "account" ? "the whole account" : tradingPair;
    return `${before.toFixed()} to ${after.toFixed()} and back, on ${scope}`;
  },
};

async function leverageIs(context: ConformanceContext, leverage: Decimal): Promise<void> {
  const { connector, tradingPair } = context;
  const other = await context.sessions.refreshedOther();
  for (const [who, told] of [
    ["the session that set it", connector.leverage(tradingPair)],
    ["another session", other.leverage(tradingPair)],
  ] as const) {
    check(told.eq(leverage), `set to ${leverage.toFixed()}, ${who} reads ${told.toFixed()}`);
  }
}

const oneModeOnly: ConformanceRow["notHere"] = ({ manifest }) =>
  manifest.positionModes.length > 1 ? undefined : `not offered: the venue knows ${manifest.positionModes.join()} only`;

const changesPositionMode: ConformanceRow = {
  id: "account.position-mode",
  group: "account",
  name: "the position mode changes there and back, and hedge mode holds both legs",
  does: "sets the other mode, opens and closes a long and a short at once, and sets the old mode again",
  changesAccount: true,
  notHere: oneModeOnly,
  async run(context) {
    const { connector } = context;
    const open = await connector.fetchOpenOrders([]);
    if (open.length > 0) skip(`the account has ${open.length} open orders on other markets: venues refuse the change`);
    const before = connector.positionMode;
    const there: PositionMode = before === "oneWay" ? "hedge" : "oneWay";
    context.restore.set("the position mode", () => context.connector.setPositionMode(before));
    await connector.setPositionMode(there);
    await modeIs(context, there);
    const legs = there === "hedge" ? await holdsBothLegs(context) : "";
    await connector.setPositionMode(before);
    await modeIs(context, before);
    const back = before === "hedge" ? await holdsBothLegs(context) : "";
    context.restore.delete("the position mode");
    return `${before} to ${there} and back${legs}${back}`;
  },
};

async function modeIs(context: ConformanceContext, mode: PositionMode): Promise<void> {
  await using fresh = await context.sessions.withCredentials(context.credentials);
  await fresh.start();
  for (const [who, told] of [
    ["the session that set it", context.connector.positionMode],
    ["a new session", fresh.positionMode],
  ] as const) {
    check(told === mode, `set to ${mode}, ${who} reads ${told}`);
  }
}

async function holdsBothLegs(context: ConformanceContext): Promise<string> {
  const { connector, tradingPair } = context;
  const amount = await context.unit();
  const opened = [await context.take("buy", amount), await context.take("sell", amount)];
  await connector.refresh();
  const legs = [connector.position(tradingPair, "long"), connector.position(tradingPair, "short")];
  const isBoth = legs[0]?.amount.eq(amount) === true && legs[1]?.amount.eq(amount.neg()) === true;
  check(isBoth, `the legs are ${legs.map((leg) => leg?.amount.toFixed() ?? "none").join(" and ")}`);
  const closed = [await context.take("sell", amount, "close"), await context.take("buy", amount, "close")];
  await connector.refresh();
  const left = context.positions().length;
  check(left === 0, `${left} legs are left after both were closed`);
  await fillsEqualHistory(context, [...opened, ...closed]);
  return `, ${amount.toFixed()} long and short at once`;
}

/** A settlement that is further away is not waited for. */
const MAX_TO_WAIT_MS = 60_000;
const SETTLEMENT_SLACK_MS = 10_000;
const POLL_MS = 1_000;
const BOOKED_MS = 250;
/** Share of the main session's limit: a rate of a millionth must still move a digit. */
const FUNDING_SHARE = "0.3";
/** Mark prices move between the payment and our look at them. */
const MARK_TOLERANCE = "0.05";
const DAY_MS = 86_400_000;

const paysFunding: ConformanceRow = {
  id: "account.funding",
  group: "account",
  name: "funding is booked at settlement, once, as the venue's history has it",
  does: "holds a position through a settlement within a minute, else compares the payments of the last day",
  changesAccount: true,
  notHere: ({ manifest }) =>
    manifest.orderTypes.includes("market") ? undefined : "not offered: the venue has no market orders",
  async run(context) {
    const { connector, tradingPair } = context;
    const dueMs = connector.fundingInfo(tradingPair).nextFundingTimestampMs;
    if (dueMs - context.now() > MAX_TO_WAIT_MS) return comparesPayments(context, dueMs);
    const { ask } = await context.touch();
    const share = context.kind === "paper" ? context.affordable(ask, FUNDING_SHARE) : context.unitAt(ask);
    const amount = Decimal.max(share, context.unitAt(ask));
    const told: FundingPayment[] = [];
    const forget = connector.on("fundingPayment", (payment) => told.push(payment));
    try {
      const sinceMs = context.now();
      await context.take("buy", amount);
      const payment = await nextPayment(context, sinceMs, dueMs);
      if (payment === undefined)
        skip("no funding was booked in two intervals: the rate is zero, or the market is still");
      await context.take("sell", amount, "close");
      const again = told.filter(({ paymentId }) => paymentId === payment.paymentId).length;
      check(again === 1, `the payment was told ${again} times`);
      await isInHistory(context, [payment], sinceMs);
      return `${payment.amount.toFixed()} ${payment.asset} on ${amount.toFixed()}, told once${plausible(context, payment, amount)}`;
    } finally {
      forget();
    }
  },
};

/** The first one on the market that is booked after `sinceMs`; the venue is asked, for not all of them announce it. */
async function nextPayment(
  context: ConformanceContext,
  sinceMs: number,
  dueMs: number,
): Promise<FundingPayment | undefined> {
  const { connector, tradingPair } = context;
  // A settlement may be under way already, at the old time and before our order: the one after it counts then.
  const untilMs = Math.max(dueMs, context.now()) + SETTLEMENT_SLACK_MS;
  // Most venues announce it; the others are asked, but not before it can be booked.
  const waitMs = dueMs + BOOKED_MS - context.now();
  if (waitMs > 0) await context.sleep(waitMs);
  const booked = () =>
    connector
      .fundingPayments(tradingPair)
      .find(({ timestampMs, amount }) => timestampMs >= sinceMs && !amount.isZero());
  for (;;) {
    const payment = booked();
    if (payment !== undefined || context.now() > untilMs) return payment;
    await connector.refresh();
    if (booked() === undefined) await context.sleep(POLL_MS);
  }
}

/** Longs pay where the rate is above zero: the amount is rate times position times mark, with the sign turned. */
function plausible(context: ConformanceContext, payment: FundingPayment, position: Decimal): string {
  const { rate, amount } = payment;
  if (rate === undefined || rate.isZero()) return ", in the history";
  const { markPrice } = context.connector.fundingInfo(context.tradingPair);
  const expected = rate.times(position).times(markPrice).neg();
  const distance = amount.minus(expected).abs();
  check(
    distance.lte(expected.abs().times(MARK_TOLERANCE).plus("0.00000001")),
    `funding of ${amount.toFixed()} at the rate ${rate.toFixed()}: about ${expected.toFixed()} is due`,
  );
  return ` at the rate ${rate.toFixed()}, in the history`;
}

async function isInHistory(
  context: ConformanceContext,
  payments: readonly FundingPayment[],
  sinceMs: number,
): Promise<number> {
  const rows = await context.connector.fetchFundingHistory(sinceMs - POLL_MS, [context.tradingPair]);
  const text = ({ amount, asset, timestampMs }: FundingPayment) => `${amount.toFixed()} ${asset} at ${timestampMs}`;
  const byId = new Map(rows.map((row) => [row.paymentId, text(row)]));
  for (const payment of payments) {
    const row = byId.get(payment.paymentId);
    check(row === text(payment), `${text(payment)} was booked, the history has ${row ?? "no such payment"}`);
  }
  return rows.length;
}

async function comparesPayments(context: ConformanceContext, dueMs: number): Promise<string> {
  const { connector, tradingPair } = context;
  await connector.refresh();
  const sinceMs = context.startedAtMs - DAY_MS + MAX_TO_WAIT_MS;
  const payments = connector.fundingPayments(tradingPair).filter(({ timestampMs }) => timestampMs >= sinceMs);
  const count = await isInHistory(context, payments, sinceMs);
  check(count === payments.length, `the history has ${count} payments of the last day, ${payments.length} are booked`);
  if (count > 0) return `${count} payments of the last day, as in the history`;
  const minutes = Math.round((dueMs - context.now()) / MAX_TO_WAIT_MS);
  skip(`the next settlement is ${minutes} minutes away, and the account paid none in the last day`);
}

export const ACCOUNT_ROWS: readonly ConformanceRow[] = [changesLeverage, changesPositionMode, paysFunding];
