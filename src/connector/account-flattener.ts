import type { AccountRemainder, ConditionalOrder } from "../model/account-remainder.ts";
import type { Decimal } from "../model/decimal.ts";
import { ConfigError, describeError } from "../model/error.ts";
import type { Position } from "../model/position.ts";
import { isUnknownMarket } from "../net/fan-out.ts";
import type { VenueApi, VenueContext } from "../net/venue-api.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { splitAmount } from "../trading/quantize.ts";
import { AccountReading } from "./account-reading.ts";
import { type FlattenPorts, type FlattenReport, flatten, type OpenOrders } from "./flatten.ts";
import type { MarketSide } from "./market-side.ts";
import type { OrderDesk } from "./order-desk.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { execute } from "./request-executor.ts";

export interface AccountFlattenerOptions
  extends Omit<FlattenPorts, "openOrders" | "remainder" | "cancelConditional" | "closePosition"> {
  /** Calls back what waits to be sent. */
  withdrawAll(): void;
  readonly venue: PerpetualVenue;
  readonly market: MarketSide;
  readonly desk: OrderDesk;
  readonly api: VenueApi;
  readonly context: () => VenueContext;
}

/** Flattens the account by the means of its connector; nothing new is taken meanwhile. */
export class AccountFlattener {
  readonly #options: AccountFlattenerOptions;

  constructor(options: AccountFlattenerOptions) {
    this.#options = options;
  }

  /** Resolves with what is left, by the venue's own word. */
  flatten(timeoutMs: number, signal: AbortSignal): Promise<FlattenReport> {
    const ports: FlattenPorts = {
      ...this.#options,
      openOrders: () => this.#openOrders(signal),
      remainder: () => this.#remainder(signal),
      cancelConditional: (order) => this.#cancelConditional(order, signal),
      closePosition: (position) => this.#closePosition(position, signal),
    };
    const work = () => {
      // New orders are held back already: the ends that this tells make listeners place others.
      this.#options.withdrawAll();
      return flatten(ports, timeoutMs, signal);
    };
    return this.#options.desk.holdNewOrders("the account is being flattened", work);
  }

  async #openOrders(signal: AbortSignal): Promise<OpenOrders> {
    const { venue, context } = this.#options;
    const reading = new AccountReading(context(), signal);
    const orders = await venue.derivative.fetchOpenOrders(reading.context, []);
    return { orders, unseen: this.#unseenOrders(reading) };
  }

  async #remainder(signal: AbortSignal): Promise<AccountRemainder> {
    const { venue, context } = this.#options;
    const found = await venue.derivative.fetchRemainder?.({ ...context(), signal });
    if (found !== undefined) return found;
    const untold = `conditional orders and other markets: the connector ${venue.domain} cannot ask for them`;
    return { conditionalOrders: [], elsewhere: [], unseen: [untold] };
  }

  async #cancelConditional(order: ConditionalOrder, signal: AbortSignal): Promise<void> {
    const { venue, api, market } = this.#options;
    const { cancelConditionalOrder } = venue.derivative;
    if (cancelConditionalOrder === undefined) throw new ConfigError(`${venue.domain} cannot cancel conditional orders`);
    await execute(api, cancelConditionalOrder(market.markets, order), signal);
  }

  /** Market orders for the whole position, several where it is larger than one may be. */
  async #closePosition(position: Position, signal: AbortSignal): Promise<readonly InFlightOrder[]> {
    const { venue, market, desk } = this.#options;
    const { tradingPair, amount, marginMode: mode } = position;
    const price = await this.#priceOf(position, signal);
    const slices = splitAmount(market.market(tradingPair).rule, "market", amount.abs(), price);
    const marginMode = venue.manifest.marginModesSideBySide === true ? mode : undefined;
    const orders: InFlightOrder[] = [];
    // An amount that no order can hold is asked for as it is, so that the refusal names the rule.
    for (const slice of slices.length === 0 ? [amount.abs()] : slices) {
      const options = { amount: slice, type: "market", position: "close", marginMode } as const;
      try {
        orders.push(desk.createHeld(tradingPair, amount.isNegative() ? "buy" : "sell", options, price));
      } catch (error) {
        // The orders before it are under way: what is left of the position shows when they have ended.
        if (orders.length === 0) throw error;
        break;
      }
    }
    return orders;
  }

  /**
   * Price that a position is closed at, as far as known. Of a market that is not followed the venue is asked for the mark
   * price, where a market order needs a price to be bounded by: its position could not be closed.
   */
  async #priceOf({ tradingPair, amount }: Position, signal: AbortSignal): Promise<Decimal | undefined> {
    const { venue, market, context } = this.#options;
    const known = market.takerPrice(tradingPair, amount.isNegative()) ?? market.fairPrice(tradingPair);
    if (known !== undefined || venue.manifest.marketOrders !== "bounded") return known;
    const { fetchFundingInfo } = venue.orderBookDataSource;
    return (await fetchFundingInfo({ ...context(), signal }, tradingPair)).markPrice;
  }

  /** A row that cannot be read is an order all the same, and a market that was not told may have some. */
  #unseenOrders(reading: AccountReading): readonly string[] {
    const { market } = this.#options;
    const untold = [...reading.failures].filter(([pair, error]) => !isUnknownMarket(error) && !market.isGone(pair));
    return [
      ...reading.unreadInWords("order"),
      ...untold.map(([tradingPair, error]) => `the orders of ${tradingPair}: ${describeError(error)}`),
    ];
  }
}
