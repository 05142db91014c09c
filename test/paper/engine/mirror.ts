import type { Engine, EngineEvent, FillView, OrderView, PositionView, Side } from "../../../src/paper/engine/types.ts";
import { imbalance } from "./harness.ts";

/** Everything that the views show, as text. */
export function dump(engine: Engine): string {
  const accounts = engine
    .accountIds()
    .map((id) => [engine.account(id), engine.orders(id), engine.fills(id), engine.fundingPayments(id)]);
  const markets = engine
    .markets()
    .map((market) => [market, engine.book(market.spec.market, 1_000), engine.fundingRates(market.spec.market)]);
  return JSON.stringify([accounts, markets, engine.house()], (_, value) =>
    typeof value === "bigint" ? `${value}` : value,
  );
}

interface Levels {
  readonly buy: Map<bigint, bigint>;
  readonly sell: Map<bigint, bigint>;
}

/**
 * A second opinion: rebuilds orders, books, positions and cash from the events alone and compares them with the
 * engine's views. `check` throws on the first difference.
 */
export class Mirror {
  readonly #engine: Engine;
  readonly #open = new Map<number, OrderView>();
  readonly #accepted = new Map<number, OrderView>();
  readonly #books = new Map<string, Levels>();
  readonly #cash = new Map<string, bigint>();
  readonly #positions = new Map<string, bigint>();

  constructor(engine: Engine) {
    this.#engine = engine;
    for (const { spec } of engine.markets()) this.#books.set(spec.market, { buy: new Map(), sell: new Map() });
  }

  apply(events: readonly EngineEvent[]): void {
    const levels = new Set<string>();
    for (const event of events) {
      switch (event.type) {
        case "orderAccepted":
          this.#expect(!this.#accepted.has(event.order.orderId), "an order id repeats");
          this.#accepted.set(event.order.orderId, event.order);
          break;
        case "orderOpened":
        case "orderChanged":
          this.#open.set(event.order.orderId, event.order);
          break;
        case "orderClosed":
          this.#open.delete(event.order.orderId);
          this.#expect(event.order.filled <= event.order.size, "an order is filled beyond its size");
          break;
        case "fill":
          this.#applyFill(event.fill);
          break;
        case "cashChanged": {
          const cash = (this.#cash.get(event.accountId) ?? 0n) + event.change;
          this.#expect(cash === event.cash, `cash of ${event.accountId} does not follow from its changes`);
          this.#cash.set(event.accountId, cash);
          break;
        }
        case "bookLevel": {
          const key = `${event.market} ${event.side} ${event.price}`;
          this.#expect(!levels.has(key), `level ${key} is reported twice`);
          levels.add(key);
          const book = this.#books.get(event.market)![event.side];
          this.#expect(book.get(event.price) !== event.size, `level ${key} is reported and did not change`);
          if (event.size === 0n) this.#expect(book.delete(event.price), `level ${key} was not there`);
          else book.set(event.price, event.size);
          break;
        }
        default:
      }
    }
  }

  /** The maker must be the first by price, then by age, of all that rest on its side. */
  #applyFill(fill: FillView): void {
    const key = `${fill.accountId} ${fill.market}`;
    const signed = fill.side === "buy" ? fill.size : -fill.size;
    this.#positions.set(key, (this.#positions.get(key) ?? 0n) + signed);
    if (!fill.isMaker) return;
    const best = [...this.#open.values()]
      .filter((order) => order.market === fill.market && order.side === fill.side)
      .sort(byPriority)[0];
    this.#expect(best?.orderId === fill.orderId, `order ${fill.orderId} traded before order ${best?.orderId}`);
    this.#expect(best?.price === fill.price, "a maker did not get its price");
  }

  check(): void {
    this.#checkOrders();
    for (const market of this.#books.keys()) this.#checkBook(market);
    for (const market of this.#books.keys()) this.#checkPositions(market);
    for (const accountId of this.#engine.accountIds()) {
      const account = this.#engine.account(accountId)!;
      this.#expect(account.cash === (this.#cash.get(accountId) ?? 0n), `cash of ${accountId}`);
      const isFlat = account.positions.every(({ size }) => size === 0n);
      this.#expect(!isFlat || account.cash >= 0n, `${accountId} is flat and owes`);
    }
    this.#expect(imbalance(this.#engine) === 0n, "the books do not add up");
  }

  #checkOrders(): void {
    let count = 0;
    for (const accountId of this.#engine.accountIds()) {
      for (const order of this.#engine.openOrders(accountId)) {
        count += 1;
        this.#expect(this.#open.get(order.orderId) === order, `order ${order.orderId} differs from its last event`);
        this.#expect(order.filled < order.size && order.status === "open", `order ${order.orderId} is not open`);
      }
    }
    this.#expect(count === this.#open.size, "an open order is missing");
  }

  #checkBook(market: string): void {
    const book = this.#engine.book(market, 10_000);
    const [bestBid] = book.bids;
    const [bestAsk] = book.asks;
    this.#expect(!bestBid || !bestAsk || bestBid[0] < bestAsk[0], `${market} is crossed`);
    const replayed = this.#books.get(market)!;
    for (const side of ["buy", "sell"] as const) {
      const levels = side === "buy" ? book.bids : book.asks;
      this.#expect(levels.length === replayed[side].size, `${market} ${side} has levels that no event told`);
      const resting = this.#restingByPrice(market, side);
      let previous: bigint | undefined;
      for (const [price, size] of levels) {
        this.#expect(replayed[side].get(price) === size, `${market} ${side} ${price} differs from its last event`);
        this.#expect(resting.get(price) === size, `${market} ${side} ${price} is not the sum of its orders`);
        const isWorse = previous === undefined || (side === "buy" ? price < previous : price > previous);
        this.#expect(isWorse, `${market} ${side} is out of order`);
        previous = price;
      }
    }
  }

  #restingByPrice(market: string, side: Side): Map<bigint, bigint> {
    const sizes = new Map<bigint, bigint>();
    for (const order of this.#open.values()) {
      if (order.market !== market || order.side !== side || order.price === null) continue;
      sizes.set(order.price, (sizes.get(order.price) ?? 0n) + order.size - order.filled);
    }
    return sizes;
  }

  #checkPositions(market: string): void {
    let total = 0n;
    let long = 0n;
    for (const accountId of this.#engine.accountIds()) {
      const position = this.#engine.account(accountId)!.positions.find((found) => found.market === market);
      const size = position?.size ?? 0n;
      this.#expect(size === (this.#positions.get(`${accountId} ${market}`) ?? 0n), `position of ${accountId}`);
      this.#expect(size !== 0n || (position?.cost ?? 0n) === 0n, `${accountId} is flat and has a cost`);
      this.#checkOpenSizes(accountId, market, position);
      total += size;
      if (size > 0n) long += size;
    }
    for (const { market: name, size } of this.#engine.house().insurancePositions) {
      if (name !== market) continue;
      total += size;
      if (size > 0n) long += size;
    }
    this.#expect(total === 0n, `positions on ${market} do not sum to zero`);
    this.#expect(this.#engine.market(market)!.openInterest === long, `open interest of ${market}`);
  }

  #checkOpenSizes(accountId: string, market: string, position: PositionView | undefined): void {
    const open = { buy: 0n, sell: 0n };
    const reducing = { buy: 0n, sell: 0n };
    for (const order of this.#engine.openOrders(accountId, market)) {
      open[order.side] += order.size - order.filled;
      if (order.reduceOnly) reducing[order.side] += order.size - order.filled;
    }
    const size = position?.size ?? 0n;
    this.#expect(reducing.sell <= (size > 0n ? size : 0n), `${accountId} has reduce-only sells beyond its position`);
    this.#expect(reducing.buy <= (size < 0n ? -size : 0n), `${accountId} has reduce-only buys beyond its position`);
    this.#expect(open.buy === (position?.openBuySize ?? 0n), `open buys of ${accountId}`);
    this.#expect(open.sell === (position?.openSellSize ?? 0n), `open sells of ${accountId}`);
  }

  #expect(isTrue: boolean, message: string): void {
    if (!isTrue) throw new Error(message);
  }
}

function byPriority(one: OrderView, other: OrderView): number {
  if (one.price !== other.price) {
    const isBetter = (one.price ?? 0n) > (other.price ?? 0n) === (one.side === "buy");
    return isBetter ? -1 : 1;
  }
  return one.orderId - other.orderId;
}
