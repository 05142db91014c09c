import { expect } from "vitest";
import { replayAccount } from "../../src/cli/demo/account-replay.ts";
import { translated } from "../../src/cli/demo/dialects.ts";
import { PaperControl, type VenueOrderTruth, type VenueTruth } from "../../src/cli/demo/paper-control.ts";
import type { Section } from "../../src/cli/demo/reconcile.ts";
import { compareCash, compareFills, compareFunding, compareOrders, comparePositions } from "../../src/cli/demo/rows.ts";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import { decimal, sum } from "../../src/model/decimal.ts";
import { RateLimitError } from "../../src/model/error.ts";
import type { Stage } from "./stage.ts";

/** What the venue's engine knows of the account, in the connector's names. */
export async function truthOf(stage: Stage): Promise<VenueTruth> {
  const { http, venue, dialect } = stage;
  const truth = await stage.run(new PaperControl(http, venue.control, venue.apiKey).truth());
  return withWholeAmends(translated(truth, dialect));
}

/** An order or amendment whose answer was lost is given up after the 30 s in which FTX still takes it. */
const FATE_KNOWN_MS = 120_000;

const RATE_LIMIT_MS = 2_000;
const AMENDMENT = /-a\d+$/;

/**
 * On FTX an amendment is a new order with an id of its own; here it stays one order: its legs' fills together, at the
 * price and under the id of the last leg. A leg that the matching engine refused, because the one before it had ended,
 * adds nothing.
 */
function withWholeAmends(truth: VenueTruth): VenueTruth {
  const base = (clientId: string | null) => clientId?.replace(AMENDMENT, "") ?? null;
  const legs = Map.groupBy(truth.orders, ({ clientId, orderId }) => base(clientId) ?? orderId);
  const fills = truth.fills.map((fill) => ({ ...fill, clientId: base(fill.clientId) }));
  return { ...truth, orders: [...legs.values()].map(wholeOf), fills };
}

function wholeOf(legs: readonly VenueOrderTruth[]): VenueOrderTruth {
  const taken = legs.filter(({ reason }) => reason !== "orderClosed");
  const [last, lastTaken] = [legs.at(-1), taken.at(-1)];
  if (last === undefined || lastTaken === undefined) throw new Error("an order without a leg that was taken");
  const earlier = sum(taken.slice(0, -1).map(({ filled }) => filled));
  return {
    ...lastTaken,
    orderId: last.orderId,
    price: last.price,
    clientId: last.clientId?.replace(AMENDMENT, "") ?? null,
    size: earlier.plus(lastTaken.size),
    filled: earlier.plus(lastTaken.filled),
    filledCost: sum(taken.map(({ filledCost }) => filledCost)),
  };
}

export function ordersOf(connector: PerpetualConnector) {
  return [...connector.inFlightOrders.values(), ...connector.lostOrders, ...connector.doneOrders];
}

/** After a bad day requests that were held up arrive together, and the venue may find them too many. */
async function refresh(stage: Stage): Promise<void> {
  try {
    await stage.run(stage.connector.refresh());
  } catch (error) {
    if (!(error instanceof RateLimitError)) throw error;
    await stage.pass(RATE_LIMIT_MS);
    await stage.run(stage.connector.refresh());
  }
}

/**
 * Connector and venue agree to the last digit, on every order, fill, funding payment and position; where the account is
 * flat, on the cash as well. Asks the venue for everything first.
 */
export async function assertAgreement(stage: Stage): Promise<void> {
  const { connector, dialect, token } = stage;
  await refresh(stage);
  const positions = connector.positions();
  const truth = ours(await truthOf(stage));
  const fills = stage.ledgers.flatMap((ledger) => ledger.fills);
  const payments = stage.ledgers.flatMap((ledger) => ledger.fundingPayments);
  const account = replayAccount(decimal("100000"), fills, payments);
  const sections: Section[] = [
    compareOrders(ordersOf(connector), fills, withFillsByOrder(truth), dialect),
    compareFills(fills, truth.fills),
    compareFunding(payments, truth.fundingPayments, dialect),
    compareFunding(connector.fundingPayments(), truth.fundingPayments, dialect),
    comparePositions("positions", positions, account.positions, truth.positions),
  ];
  if (positions.length === 0 && connector.inFlightOrders.size === 0) {
    const [total, available] = [connector.balance(token), connector.availableBalance(token)];
    sections.push(compareCash({ asset: token, total, available, replayed: account.cash }, truth, dialect));
  }
  expect(sections.flatMap(({ differences }) => differences)).toEqual([]);
}

/** Orders without a client id were placed behind the connector's back; those that traded are not let off. */
function ours(truth: VenueTruth): VenueTruth {
  return { ...truth, orders: truth.orders.filter(({ clientId, filled }) => clientId !== null || !filled.isZero()) };
}

/** Fills of all legs of an amended order under its last id, as its row is. */
function withFillsByOrder(truth: VenueTruth): VenueTruth {
  const ids = new Map(truth.orders.map(({ clientId, orderId }) => [clientId, orderId]));
  return { ...truth, fills: truth.fills.map((fill) => ({ ...fill, orderId: ids.get(fill.clientId) ?? fill.orderId })) };
}

/** Cancels everything, closes everything, and agrees with the venue. */
export async function settle(stage: Stage): Promise<void> {
  const report = await stage.run(stage.connector.flatten({ timeoutMs: FATE_KNOWN_MS }));
  expect(report.problems).toEqual([]);
  expect(report.isFlat).toBe(true);
  await assertAgreement(stage);
}
