import type { PerpetualConnector } from "../../connector/perpetual-connector.ts";
import { type Decimal, ZERO } from "../../model/decimal.ts";
import { feeAmountInToken } from "../../model/fee.ts";
import type { Fill } from "../../model/fill.ts";
import type { FundingPayment } from "../../model/funding.ts";
import type { InFlightOrder } from "../../trading/in-flight-order.ts";
import type { ReplayedFill } from "./account-replay.ts";

/** A fill as the connector told it, with its fee in the quote asset. */
export interface LedgerFill extends ReplayedFill {
  readonly clientOrderId: string;
  readonly exchangeOrderId: string;
  readonly isMaker: boolean;
  readonly timestampMs: number;
}

/** How often something happened, as the connector's events told it. */
export interface DemoCounters {
  ordersPlaced: number;
  ordersFilled: number;
  ordersCanceled: number;
  ordersExpired: number;
  /** Refused by the venue, or proven never to have arrived. */
  ordersFailed: number;
  /** Refused by the connector before anything was sent. */
  ordersRefusedLocally: number;
  ordersLost: number;
  fills: number;
  fundingPayments: number;
  unknownOutcomes: number;
  gaps: number;
  booksInvalid: number;
  bookHeals: number;
  trades: number;
  externalOrders: number;
  positionAdjustments: number;
  refreshFailures: number;
}

function noCounters(): DemoCounters {
  return {
    ordersPlaced: 0,
    ordersFilled: 0,
    ordersCanceled: 0,
    ordersExpired: 0,
    ordersFailed: 0,
    ordersRefusedLocally: 0,
    ordersLost: 0,
    fills: 0,
    fundingPayments: 0,
    unknownOutcomes: 0,
    gaps: 0,
    booksInvalid: 0,
    bookHeals: 0,
    trades: 0,
    externalOrders: 0,
    positionAdjustments: 0,
    refreshFailures: 0,
  };
}

/** Everything that the connector told of the account: its handles and its events, and nothing that was asked later. */
export class DemoLedger {
  readonly counters: DemoCounters = noCounters();
  readonly orders: InFlightOrder[] = [];
  readonly fills: LedgerFill[] = [];
  readonly fundingPayments: FundingPayment[] = [];
  readonly #connector: PerpetualConnector;
  readonly #token: string;

  /** `token`: the asset that fees, funding and profit are in. Listens until the connector stops. */
  constructor(connector: PerpetualConnector, token: string) {
    this.#connector = connector;
    this.#token = token;
    this.#listen();
  }

  add(order: InFlightOrder): void {
    this.orders.push(order);
    this.counters.ordersPlaced += 1;
  }

  fillsOf(tradingPair: string): readonly LedgerFill[] {
    return this.fills.filter((fill) => fill.tradingPair === tradingPair);
  }

  fundingTotal(tradingPair: string): Decimal {
    let total: Decimal = ZERO;
    for (const payment of this.fundingPayments) {
      if (payment.tradingPair === tradingPair) total = total.plus(payment.amount);
    }
    return total;
  }

  #listen(): void {
    const connector = this.#connector;
    const { counters } = this;
    connector.on("orderFilled", (fill) => this.#addFill(fill));
    connector.on("fundingPayment", (payment) => {
      counters.fundingPayments += 1;
      this.fundingPayments.push(payment);
    });
    const count = (name: Parameters<PerpetualConnector["on"]>[0], counter: keyof DemoCounters) =>
      connector.on(name, () => {
        counters[counter] += 1;
      });
    count("orderCompleted", "ordersFilled");
    count("orderCanceled", "ordersCanceled");
    count("orderExpired", "ordersExpired");
    count("orderFailed", "ordersFailed");
    count("orderUnknown", "unknownOutcomes");
    count("orderLost", "ordersLost");
    count("gap", "gaps");
    count("bookInvalid", "booksInvalid");
    count("bookHealed", "bookHeals");
    count("trade", "trades");
    count("externalOrder", "externalOrders");
    count("positionAdjustment", "positionAdjustments");
  }

  #addFill(fill: Fill): void {
    const { fillId, clientOrderId, exchangeOrderId, tradingPair, side, price, amount, isMaker, timestampMs } = fill;
    const fee = feeAmountInToken(fill.fee, price.times(amount), this.#token);
    this.counters.fills += 1;
    this.fills.push({
      fillId,
      clientOrderId,
      exchangeOrderId,
      tradingPair,
      side,
      price,
      amount,
      fee,
      isMaker,
      timestampMs,
    });
  }
}
