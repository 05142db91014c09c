import { type Decimal, ZERO } from "../../../../src/model/decimal.ts";
import type { OrderSide } from "../../../../src/model/order.ts";
import type { LedgerFill, ToldNote } from "../../../../src/simulation/ledger.ts";
import type { DemoPhase, DemoState } from "./session.ts";

export interface ViewLevel {
  readonly price: string;
  readonly amount: string;
  /** One of our orders rests at this price. */
  readonly isOurs: boolean;
}

export interface PositionView {
  /** Negative for a short. */
  readonly amount: Decimal;
  readonly entryPrice: Decimal;
  /** Unrealised profit at the middle of the book; undefined while there is none. */
  readonly unrealizedPnl: Decimal | undefined;
}

export interface MarketView {
  readonly tradingPair: string;
  /** Undefined while the book is valid. */
  readonly bookProblem: string | undefined;
  readonly bids: readonly ViewLevel[];
  readonly asks: readonly ViewLevel[];
  /** One in one-way mode, up to two in hedge mode, none while flat. */
  readonly positions: readonly PositionView[];
  readonly fundingRate: Decimal | undefined;
  readonly quotes: readonly {
    readonly side: OrderSide;
    readonly price: string;
    readonly amount: string;
    readonly state: string;
  }[];
}

/** Content of the screen at one moment. Amounts are exact; the drawing rounds them. */
export interface DemoView {
  readonly connector: string;
  readonly seed: number;
  readonly isChaos: boolean;
  readonly phase: DemoPhase;
  readonly elapsedMs: number;
  readonly durationMs: number | undefined;
  readonly markets: readonly MarketView[];
  readonly fills: readonly LedgerFill[];
  readonly notes: readonly ToldNote[];
  readonly equity: Decimal;
  /** Equity without the unrealised profit and loss of open positions. */
  readonly cash: Decimal;
  readonly available: Decimal;
  /** Gain of equity since the start, after fees and funding. */
  readonly pnl: Decimal;
  readonly leverage: Decimal;
  readonly fees: Decimal;
  readonly funding: Decimal;
  readonly orders: {
    readonly placed: number;
    readonly open: number;
    readonly filled: number;
    readonly canceled: number;
    readonly failed: number;
    readonly unknown: number;
    readonly resolved: number;
  };
  readonly fillCount: number;
  readonly fundingCount: number;
  readonly gaps: number;
  readonly bookHeals: number;
  readonly messagesPerSecond: number;
  readonly requestsPerSecond: number;
  /** NaN before the first message. */
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  /** From a request about orders to its answer; NaN before the first. */
  readonly orderP50Ms: number;
  readonly orderP99Ms: number;
  /** From the socket to the book; NaN before one was timed. */
  readonly frameP50Ms: number;
  readonly frameP99Ms: number;
}

export interface ViewContext {
  readonly connectorName: string;
  readonly seed: number;
  readonly isChaos: boolean;
  readonly durationMs: number | undefined;
  readonly phase: DemoPhase;
  readonly nowMs: number;
}

const DEPTH = 5;
const ROWS = 5;

/** Takes views of a running demo; it remembers what it needs for rates. */
export class DemoViewer {
  readonly #state: DemoState;
  readonly #messages = new Rate();
  readonly #requests = new Rate();

  constructor(state: DemoState) {
    this.#state = state;
  }

  view(context: ViewContext): DemoView {
    const { connector, ledger, markets, startingBalance, startedMs, token } = this.#state;
    const { counters } = ledger;
    const metrics = connector.metrics();
    const elapsedMs = context.nowMs - startedMs;
    const balance = connector.balances().find(({ asset }) => asset === token);
    const [cash, equity] = [balance?.cash ?? ZERO, balance?.equity ?? ZERO];
    const messages = Object.values(metrics.messages).reduce((total, count) => total + count, 0);
    const unknown = metrics.orders?.unknown ?? 0;
    return {
      connector: context.connectorName,
      seed: context.seed,
      isChaos: context.isChaos,
      phase: context.phase,
      elapsedMs,
      durationMs: context.durationMs,
      markets: markets.map(({ tradingPair }) => this.#market(tradingPair)),
      fills: ledger.fills.slice(-ROWS).reverse(),
      notes: ledger.notes.slice(-ROWS).reverse(),
      equity,
      cash,
      available: connector.availableBalance(token),
      pnl: equity.minus(startingBalance),
      leverage: connector.leverage(markets[0]?.tradingPair ?? ""),
      fees: ledger.fees,
      funding: ledger.funding,
      orders: {
        placed: counters.ordersPlaced,
        open: metrics.orders?.active ?? 0,
        filled: counters.ordersFilled,
        canceled: counters.ordersCanceled + counters.ordersExpired,
        failed: counters.ordersFailed,
        unknown,
        resolved: counters.unknownOutcomes - unknown - (metrics.orders?.lost ?? 0),
      },
      fillCount: counters.fills,
      fundingCount: counters.fundingPayments,
      gaps: counters.gaps,
      bookHeals: counters.bookHeals,
      messagesPerSecond: this.#messages.at(context.nowMs, messages),
      requestsPerSecond: this.#requests.at(context.nowMs, metrics.requests.requests),
      latencyP50Ms: metrics.books.latencyMs.p50,
      latencyP99Ms: metrics.books.latencyMs.p99,
      orderP50Ms: metrics.orderRoundTripMs.p50,
      orderP99Ms: metrics.orderRoundTripMs.p99,
      frameP50Ms: metrics.books.frameToBookMs.p50,
      frameP99Ms: metrics.books.frameToBookMs.p99,
    };
  }

  #market(tradingPair: string): MarketView {
    const { connector } = this.#state;
    const { rule } = connector.market(tradingPair);
    const [priceDigits, amountDigits] = [rule.minPriceIncrement, rule.minBaseAmountIncrement].map((step) =>
      step.decimalPlaces(),
    );
    const book = connector.orderBook(tradingPair);
    const quotes = [...connector.inFlightOrders.values()].flatMap((order) => {
      const { side, price, amount, executedAmount, state } = order;
      if (order.tradingPair !== tradingPair || price === undefined) return [];
      return [
        { side, price: price.toFixed(priceDigits), amount: amount.minus(executedAmount).toFixed(amountDigits), state },
      ];
    });
    const positions = connector.positions().filter((position) => position.tradingPair === tradingPair);
    const levels = (side: OrderSide) =>
      (side === "buy" ? book.bids(DEPTH) : book.asks(DEPTH)).map(({ price, amount }) => ({
        price: price.toFixed(priceDigits),
        amount: amount.toFixed(amountDigits),
        isOurs: quotes.some((quote) => quote.side === side && quote.price === price.toFixed(priceDigits)),
      }));
    const middle = book.isValid ? book.midPrice() : undefined;
    return {
      tradingPair,
      bookProblem: book.isValid ? undefined : (book.invalidReason ?? "not there yet"),
      bids: book.isValid ? levels("buy") : [],
      asks: book.isValid ? levels("sell") : [],
      positions: positions.map(({ amount, entryPrice }) => {
        return { amount, entryPrice, unrealizedPnl: middle?.minus(entryPrice).times(amount) };
      }),
      fundingRate: this.#fundingRate(tradingPair),
      quotes,
    };
  }

  #fundingRate(tradingPair: string): Decimal | undefined {
    const { connector } = this.#state;
    return connector.status().fundingInfo === true ? connector.fundingInfo(tradingPair).rate : undefined;
  }
}

const RATE_WINDOW_MS = 2_000;

/** Rate of a counter over the last two seconds, per second. */
class Rate {
  readonly #samples: { readonly atMs: number; readonly count: number }[] = [];

  at(nowMs: number, count: number): number {
    this.#samples.push({ atMs: nowMs, count });
    while ((this.#samples[1]?.atMs ?? nowMs) <= nowMs - RATE_WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0];
    if (oldest === undefined || oldest.atMs === nowMs) return 0;
    return ((count - oldest.count) * 1_000) / (nowMs - oldest.atMs);
  }
}
