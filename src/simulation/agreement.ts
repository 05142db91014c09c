import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import { decimal } from "../model/decimal.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { replayAccount } from "./account-replay.ts";
import type { BoxProtocol } from "./box-protocols.ts";
import { compareRows, type Difference, type Section } from "./compare-rows.ts";
import type { LedgerFill, ToldLedger } from "./ledger.ts";
import { compareCash, compareFills, compareFunding, compareHeld, compareOrders, comparePositions } from "./sections.ts";
import type { VenueTruth } from "./venue-truth.ts";
import { withFillsByOrder } from "./whole-amends.ts";
import { wholeClientId } from "./whole-client-id.ts";

/** Subject of a comparison: one connector, the reports of its processes, and the venue's record. */
export interface AgreementOptions {
  readonly connector: PerpetualConnector;
  /** One a process of the bot, oldest first. */
  readonly ledgers: readonly ToldLedger[];
  /** The venue's record, as `World.truth()` gives it. */
  readonly truth: VenueTruth;
  readonly protocol: BoxProtocol;
  readonly token: string;
  /** Units of the collateral token that the account began with. */
  readonly startingCash: string;
  /**
   * Ids of the orders that this bot asked for, where others trade on the account as well. The account's positions and
   * cash are then not what the bot's fills add up to.
   */
  readonly placed?: ReadonlySet<string> | undefined;
}

/** Every order that the connector knows. */
export function ordersOf(connector: PerpetualConnector): readonly InFlightOrder[] {
  return [...connector.inFlightOrders.values(), ...connector.lostOrders, ...connector.doneOrders];
}

/**
 * Differences between connector and venue, to the last digit: in orders, fills, funding payments, positions, and cash
 * where nothing is open. Empty when all is equal. Call it after `refresh()`.
 */
export function differencesOf(options: AgreementOptions): readonly Difference[] {
  const { connector, ledgers, protocol, token, placed } = options;
  const truth = ofBot(options.truth, placed);
  // Across a crash facts are told at least once, and told apart by their ids; within a process exactly once.
  const [fills, repeatedFills] = toldOnce(ledgers, ({ fills: told }) => told, fillIdentity);
  const [payments, repeatedPayments] = toldOnce(
    ledgers,
    ({ fundingPayments: told }) => told,
    ({ paymentId }) => paymentId,
  );
  const account = replayAccount(decimal(options.startingCash), fills, payments);
  const positions = connector.positions();
  const sections: Section[] = [
    told("fills", repeatedFills),
    told("funding payments", repeatedPayments),
    compareOrders(ordersOf(connector), fills, withFillsByOrder(truth), protocol),
    compareFills(fills, truth.fills),
    compareFunding(payments, truth.fundingPayments, protocol),
    compareFunding(connector.fundingPayments(), truth.fundingPayments, protocol),
    placed === undefined
      ? comparePositions("positions", positions, account.positions, truth.positions)
      : compareHeld("positions", positions, truth.positions),
  ];
  const { positions: held, orders } = options.truth;
  if (held.every(({ size }) => size.isZero()) && orders.every(({ status }) => status === "closed")) {
    const [total, available] = [connector.balance(token), connector.availableBalance(token)];
    const replayed = placed === undefined ? account.cash : truth.cash;
    sections.push(compareCash({ asset: token, total, available, replayed }, truth, protocol));
  }
  return sections.flatMap(({ differences }) => differences);
}

const fillIdentity = (fill: LedgerFill): string => `${fill.tradingPair}|${fill.exchangeOrderId}|${fill.fillId}`;

/** Facts by their ids, and the ids of those that one process told twice. */
function toldOnce<Fact>(
  ledgers: readonly ToldLedger[],
  factsOf: (ledger: ToldLedger) => readonly Fact[],
  idOf: (fact: Fact) => string,
): readonly [facts: readonly Fact[], repeated: readonly string[]] {
  const repeated = ledgers.flatMap((ledger) => {
    const ids = factsOf(ledger).map(idOf);
    return ids.filter((id, index) => ids.indexOf(id) !== index);
  });
  return [[...new Map(ledgers.flatMap(factsOf).map((fact) => [idOf(fact), fact])).values()], repeated];
}

function told(name: string, repeated: readonly string[]): Section {
  const rows = repeated.map((key) => ({ key, fields: { told: "twice by one process" } }));
  return compareRows(`${name} told`, rows, []);
}

/** Orders without a client id were placed behind the connector's back; those that traded are not let off. */
function ofBot(truth: VenueTruth, placed: ReadonlySet<string> | undefined): VenueTruth {
  if (placed === undefined) {
    return { ...truth, orders: truth.orders.filter(({ clientId, filled }) => clientId !== null || !filled.isZero()) };
  }
  const isOurs = ({ clientId }: { readonly clientId: string | null }) =>
    clientId !== null && placed.has(wholeClientId(clientId));
  return { ...truth, orders: truth.orders.filter(isOurs), fills: truth.fills.filter(isOurs) };
}
