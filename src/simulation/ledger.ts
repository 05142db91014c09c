import { positionSideOf } from "../account/position-estimate.ts";
import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import type { PositionAdjustment } from "../model/account-update.ts";
import { type Decimal, ZERO } from "../model/decimal.ts";
import { feeAmountInToken } from "../model/fee.ts";
import type { Fill } from "../model/fill.ts";
import type { FundingPayment } from "../model/funding.ts";
import { splitTradingPair, type TradingPair } from "../model/market.ts";
import type { PositionAction, PositionMode } from "../model/order.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import type { ReplayedFill } from "./account-replay.ts";

/** A fill as the connector told it, with its fee in the quote asset. */
export interface LedgerFill extends ReplayedFill {
  readonly clientOrderId: string;
  readonly exchangeOrderId: string;
  readonly isMaker: boolean;
  readonly timestampMs: number;
}

const COUNTED = {
  orderCompleted: "ordersFilled",
  orderCanceled: "ordersCanceled",
  orderExpired: "ordersExpired",
  orderFailed: "ordersFailed",
  orderUnknown: "unknownOutcomes",
  orderLost: "ordersLost",
  orderFilled: "fills",
  fundingPayment: "fundingPayments",
  gap: "gaps",
  bookInvalid: "booksInvalid",
  bookHealed: "bookHeals",
  trade: "publicTrades",
  externalOrder: "externalOrders",
  positionAdjustment: "positionAdjustments",
} as const;

type CounterName =
  | (typeof COUNTED)[keyof typeof COUNTED]
  | "ordersPlaced"
  /** Orders that the connector refused before anything was sent. */
  | "ordersRefusedLocally"
  | "amendsAsked"
  /** Refused, called back, or without an answer. */
  | "amendsFailed"
  | "refreshFailures";

/**
 * Counts of the connector's events. `ordersFailed` were refused by the venue or proven never to have arrived;
 * `unknownOutcomes` are orders whose answer was lost, so that evidence had to be found.
 */
export type ToldCounters = Record<CounterName, number>;

/** Something worth a line on the screen. */
export interface ToldNote {
  readonly timestampMs: number;
  readonly text: string;
}

const NOTES_KEPT = 50;

/** Everything that the connector told of the account: its handles and its events, and nothing that was asked later. */
export class ToldLedger {
  readonly counters: ToldCounters;
  readonly orders: InFlightOrder[] = [];
  readonly fills: LedgerFill[] = [];
  readonly fundingPayments: FundingPayment[] = [];
  /** Changes that the venue made to positions by itself. */
  readonly adjustments: PositionAdjustment[] = [];
  /** The newest last. */
  readonly notes: ToldNote[] = [];
  fees: Decimal = ZERO;
  funding: Decimal = ZERO;
  readonly #connector: PerpetualConnector;
  readonly #token: string;
  /** Fills of each market since its position was last flat, by their places. */
  readonly #sinceFlat = new Map<TradingPair, { readonly place: number; readonly positionAction: PositionAction }[]>();

  /** `token`: the asset that fees, funding and profit are in. Listens until the connector stops. */
  constructor(connector: PerpetualConnector, token: string) {
    this.#connector = connector;
    this.#token = token;
    const counted = ["ordersPlaced", "ordersRefusedLocally", "amendsAsked", "amendsFailed", "refreshFailures"] as const;
    const names = [...Object.values(COUNTED), ...counted];
    this.counters = Object.fromEntries(names.map((name) => [name, 0])) as ToldCounters;
    this.#count();
    this.#listen();
  }

  add(order: InFlightOrder): void {
    this.orders.push(order);
    this.counters.ordersPlaced += 1;
  }

  note(timestampMs: number, text: string): void {
    this.notes.push({ timestampMs, text });
    if (this.notes.length > NOTES_KEPT) this.notes.shift();
  }

  #count(): void {
    for (const [event, counter] of Object.entries(COUNTED) as [keyof typeof COUNTED, CounterName][]) {
      this.#connector.on(event, () => {
        this.counters[counter] += 1;
      });
    }
  }

  #listen(): void {
    const connector = this.#connector;
    connector.on("orderFilled", (fill) => this.#addFill(fill));
    connector.on("positionModeChanged", ({ tradingPair, positionMode }) => this.#moveLegs(tradingPair, positionMode));
    // A market that a liquidation has made flat is told by its position alone.
    connector.on("position", ({ tradingPair }) => {
      if (this.#isFlat(tradingPair)) this.#sinceFlat.delete(tradingPair);
    });
    connector.on("positionAdjustment", (adjustment) => void this.adjustments.push(adjustment));
    connector.on("fundingPayment", (payment) => {
      this.fundingPayments.push(payment);
      this.funding = this.funding.plus(payment.amount);
      const sign = payment.amount.gt(0) ? "+" : "";
      this.note(payment.timestampMs, `${baseOf(payment)} funding ${sign}${payment.amount.toFixed()}`);
    });
    connector.on("orderUnknown", (order) => this.note(order.timestampMs, `${baseOf(order)} ${order.side} answer lost`));
    connector.on("orderFailed", (order) =>
      this.note(order.timestampMs, `${baseOf(order)} ${order.side} failed ${order.error.code}`),
    );
    connector.on("orderLost", (order) => this.note(order.timestampMs, `${baseOf(order)} ${order.side} lost`));
    connector.on("gap", ({ timestampMs, reason }) => this.note(timestampMs, `account gap: ${reason}`));
    connector.on("bookInvalid", (book) => this.note(book.timestampMs, `${baseOf(book)} book: ${book.reason}`));
    connector.on("bookHealed", (book) =>
      this.note(book.timestampMs, `${baseOf(book)} book healed, ${Math.round(book.healMs)} ms`),
    );
  }

  #addFill(fill: Fill): void {
    const { fillId, clientOrderId, exchangeOrderId, tradingPair, side, price, amount, isMaker, timestampMs } = fill;
    const fee = feeAmountInToken(fill.fee, price.times(amount), this.#token);
    const positionSide = positionSideOf(this.#modeOf(fill), side, fill.positionAction);
    const identity = { fillId, clientOrderId, exchangeOrderId, tradingPair, side, positionSide };
    this.fees = this.fees.plus(fee);
    const place = this.fills.push({ ...identity, price, amount, fee, isMaker, timestampMs }) - 1;
    const { positionAction } = fill;
    const known = this.#sinceFlat.get(tradingPair);
    if (this.#isFlat(tradingPair)) this.#sinceFlat.delete(tradingPair);
    else if (known === undefined) this.#sinceFlat.set(tradingPair, [{ place, positionAction }]);
    else known.push({ place, positionAction });
  }

  /** A market that was delisted while the program did not run has no mode: its orders were of one. */
  #modeOf({ tradingPair, clientOrderId }: Fill): PositionMode {
    const isGone = this.#connector.goneTradingPairs.includes(tradingPair);
    const own = isGone ? this.#connector.order(clientOrderId)?.positionMode : undefined;
    return own ?? this.#connector.positionModeOf(tradingPair);
  }

  #isFlat(market: TradingPair): boolean {
    return this.#connector.positions().every(({ tradingPair, amount }) => tradingPair !== market || amount.isZero());
  }

  /**
   * A venue changes the mode of flat markets alone: what filled since, before the change was told, was of the new mode.
   * Gate.io takes orders of the mode before, for they name no leg.
   */
  #moveLegs(market: TradingPair | undefined, mode: PositionMode): void {
    for (const [tradingPair, fills] of this.#sinceFlat) {
      if (market !== undefined && market !== tradingPair) continue;
      for (const { place, positionAction } of fills) {
        const fill = this.fills[place];
        if (fill === undefined) continue;
        this.fills[place] = { ...fill, positionSide: positionSideOf(mode, fill.side, positionAction) };
      }
    }
  }
}

function baseOf({ tradingPair }: { readonly tradingPair: string }): string {
  return splitTradingPair(tradingPair)[0];
}
