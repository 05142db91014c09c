import { expect } from "vitest";
import { PaperControl } from "../../src/cli/demo/paper-control.ts";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import { decimal } from "../../src/model/decimal.ts";
import { RateLimitError } from "../../src/model/error.ts";
import { replayAccount } from "../../src/simulation/account-replay.ts";
import type { Section } from "../../src/simulation/compare-rows.ts";
import { translated } from "../../src/simulation/dialects.ts";
import type { LedgerFill, ToldLedger } from "../../src/simulation/ledger.ts";
import {
  compareCash,
  compareFills,
  compareFunding,
  compareOrders,
  comparePositions,
} from "../../src/simulation/sections.ts";
import type { VenueTruth } from "../../src/simulation/venue-truth.ts";
import { withFillsByOrder, withWholeAmends } from "../../src/simulation/whole-amends.ts";
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
  // Across a crash facts are told at least once, and told apart by their ids; within a process exactly once.
  const fills = oncePerId(stage.ledgers, ({ fills: told }) => told, fillIdentity);
  const payments = oncePerId(
    stage.ledgers,
    ({ fundingPayments: told }) => told,
    ({ paymentId }) => paymentId,
  );
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

const fillIdentity = (fill: LedgerFill): string => `${fill.tradingPair}|${fill.exchangeOrderId}|${fill.fillId}`;

function oncePerId<Fact>(
  ledgers: readonly ToldLedger[],
  factsOf: (ledger: ToldLedger) => readonly Fact[],
  idOf: (fact: Fact) => string,
): readonly Fact[] {
  for (const ledger of ledgers) {
    const ids = factsOf(ledger).map(idOf);
    expect(new Set(ids).size, "no fact is told twice by one process").toBe(ids.length);
  }
  return [...new Map(ledgers.flatMap(factsOf).map((fact) => [idOf(fact), fact])).values()];
}

/** Orders without a client id were placed behind the connector's back; those that traded are not let off. */
function ours(truth: VenueTruth): VenueTruth {
  return { ...truth, orders: truth.orders.filter(({ clientId, filled }) => clientId !== null || !filled.isZero()) };
}

/** Cancels everything, closes everything, and agrees with the venue. */
export async function settle(stage: Stage): Promise<void> {
  const report = await stage.run(stage.connector.flatten({ timeoutMs: FATE_KNOWN_MS }));
  expect(report.problems).toEqual([]);
  expect(report.isFlat).toBe(true);
  await assertAgreement(stage);
}
