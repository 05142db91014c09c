import type { Engine, EngineEvent, FillView, OrderView, PositionView, Side } from "../../../src/paper/engine/types.ts";
import { AccountMirror, expectTrue } from "./account-mirror.ts";
import { imbalance } from "./harness.ts";

/** Everything that the views show, as text. */
export function dump(engine: Engine): string {
  const accounts = engine
    .accountIds()
    .map((id) => [
      engine.account(id),
      engine.orders(id),
      engine.closedOrders(id),
      engine.openOrders(id),
      engine.fills(id),
      engine.fundingPayments(id),
      engine.markets().map(({ spec }) => [engine.settings(id, spec.market), engine.positions(id, spec.market)]),
    ]);
  const markets = engine
    .markets()
    .map((market) => [market, engine.book(market.spec.market, 1_000), engine.fundingRates(market.spec.market)]);
  return JSON.stringify([accounts, markets, engine.house(), engine.sequence()], (_, value) =>
    typeof value === "bigint" ? `${value}` : value,
  );
}

interface Levels {
  readonly buy: Map<bigint, bigint>;
  readonly sell: Map<bigint, bigint>;
}

/**
 * A second opinion: rebuilds orders and books from the events alone, accounts with `AccountMirror`, and compares them
 * with the engine's views. `check` throws on the first difference.
 */
export class Mirror {
  readonly #engine: Engine;
  readonly #open = new Map<number, OrderView>();
  readonly #accepted = new Map<number, OrderView>();
  readonly #books = new Map<string, Levels>();
  /** When each open order took its place in its queue. */
  readonly #places = new Map<number, number>();
  readonly #accounts: AccountMirror;
  #nextPlace = 1;
  #sequence = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#accounts = new AccountMirror(engine);
    for (const { spec } of engine.markets()) this.#books.set(spec.market, { buy: new Map(), sell: new Map() });
  }

  /** The events of one command; `sequence` is what the engine's was then, where it has gone on since. */
  apply(events: readonly EngineEvent[], sequence: number = this.#engine.sequence()): void {
    const levels = new Set<string>();
    const isChange = events.length > 0 && events.every(({ type }) => type !== "refused");
    this.#sequence += isChange ? 1 : 0;
    expectTrue(sequence === this.#sequence, "the sequence does not count the batches");
    this.#accounts.startBatch();
    for (const event of events) {
      this.#accounts.apply(event);
      switch (event.type) {
        case "orderAccepted":
          expectTrue(!this.#accepted.has(event.order.orderId), "an order id repeats");
          this.#accepted.set(event.order.orderId, event.order);
          break;
        case "orderOpened":
          this.#places.set(event.order.orderId, this.#nextPlace++);
          this.#open.set(event.order.orderId, event.order);
          break;
        case "orderAmended":
          this.#applyAmendment(event.order);
          break;
        case "orderChanged":
          this.#open.set(event.order.orderId, event.order);
          break;
        case "orderClosed":
          this.#open.delete(event.order.orderId);
          expectTrue(event.order.filled <= event.order.size, "an order is filled beyond its size");
          break;
        case "fill":
          this.#applyFill(event.fill);
          break;
        case "bookLevel": {
          const key = `${event.market} ${event.side} ${event.price}`;
          expectTrue(!levels.has(key), `level ${key} is reported twice`);
          levels.add(key);
          const book = this.#books.get(event.market)![event.side];
          expectTrue(book.get(event.price) !== event.size, `level ${key} is reported and did not change`);
          if (event.size === 0n) expectTrue(book.delete(event.price), `level ${key} was not there`);
          else book.set(event.price, event.size);
          break;
        }
        default:
      }
    }
  }

  /** The maker must be the first by price, then by age, of all that rest on its side. */
  #applyFill(fill: FillView): void {
    if (!fill.isMaker) return;
    const best = [...this.#open.values()]
      .filter((order) => order.market === fill.market && order.side === fill.side)
      .sort((one, other) => this.#byPriority(one, other))[0];
    expectTrue(best?.orderId === fill.orderId, `order ${fill.orderId} traded before order ${best?.orderId}`);
    expectTrue(best?.price === fill.price, "a maker did not get its price");
  }

  /** Only an order that does nothing but shrink keeps its place. */
  #applyAmendment(order: OrderView): void {
    const before = this.#open.get(order.orderId);
    if (before === undefined) throw new Error(`order ${order.orderId} is amended and not open`);
    const isSame = order.price === before.price && order.size === before.size;
    expectTrue(!isSame && order.filled === before.filled, `order ${order.orderId} is amended in nothing`);
    const isShrunk = order.price === before.price && order.size < before.size;
    if (!isShrunk) this.#places.set(order.orderId, this.#nextPlace++);
    this.#open.set(order.orderId, order);
  }

  check(): void {
    this.#accounts.check();
    this.#checkOrders();
    for (const market of this.#books.keys()) this.#checkBook(market);
    for (const market of this.#books.keys()) this.#checkPositions(market);
    expectTrue(imbalance(this.#engine) === 0n, "the books do not add up");
  }

  #checkOrders(): void {
    let count = 0;
    for (const accountId of this.#engine.accountIds()) {
      for (const order of this.#engine.openOrders(accountId)) {
        count += 1;
        expectTrue(this.#open.get(order.orderId) === order, `order ${order.orderId} differs from its last event`);
        expectTrue(order.filled < order.size && order.status === "open", `order ${order.orderId} is not open`);
      }
    }
    expectTrue(count === this.#open.size, "an open order is missing");
  }

  #checkBook(market: string): void {
    const book = this.#engine.book(market, 10_000);
    const [bestBid] = book.bids;
    const [bestAsk] = book.asks;
    expectTrue(!bestBid || !bestAsk || bestBid[0] < bestAsk[0], `${market} is crossed`);
    const replayed = this.#books.get(market)!;
    for (const side of ["buy", "sell"] as const) {
      const levels = side === "buy" ? book.bids : book.asks;
      expectTrue(levels.length === replayed[side].size, `${market} ${side} has levels that no event told`);
      const resting = this.#restingByPrice(market, side);
      let previous: bigint | undefined;
      for (const [price, size] of levels) {
        expectTrue(replayed[side].get(price) === size, `${market} ${side} ${price} differs from its last event`);
        expectTrue(resting.get(price) === size, `${market} ${side} ${price} is not the sum of its orders`);
        const isWorse = previous === undefined || (side === "buy" ? price < previous : price > previous);
        expectTrue(isWorse, `${market} ${side} is out of order`);
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
      for (const position of this.#engine.account(accountId)!.positions) {
        if (position.market !== market) continue;
        this.#checkOpenSizes(accountId, position);
        total += position.size;
        if (position.size > 0n) long += position.size;
      }
    }
    for (const { market: name, size } of this.#engine.house().insurancePositions) {
      if (name !== market) continue;
      total += size;
      if (size > 0n) long += size;
    }
    expectTrue(total === 0n, `positions on ${market} do not sum to zero`);
    expectTrue(this.#engine.market(market)!.openInterest === long, `open interest of ${market}`);
  }

  #checkOpenSizes(accountId: string, { market, side, size, openBuySize, openSellSize }: PositionView): void {
    const open = { buy: 0n, sell: 0n };
    const reducing = { buy: 0n, sell: 0n };
    for (const order of this.#engine.openOrders(accountId, market)) {
      if (order.positionSide !== side) continue;
      const isClosing = side !== "both" && (side === "long") === (order.side === "sell");
      open[order.side] += order.size - order.filled;
      if (order.reduceOnly || isClosing) reducing[order.side] += order.size - order.filled;
    }
    expectTrue(reducing.sell <= (size > 0n ? size : 0n), `${accountId} has reducing sells beyond its position`);
    expectTrue(reducing.buy <= (size < 0n ? -size : 0n), `${accountId} has reducing buys beyond its position`);
    expectTrue(open.buy === openBuySize, `open buys of ${accountId}`);
    expectTrue(open.sell === openSellSize, `open sells of ${accountId}`);
  }

  #byPriority(one: OrderView, other: OrderView): number {
    if (one.price !== other.price) {
      const isBetter = (one.price ?? 0n) > (other.price ?? 0n) === (one.side === "buy");
      return isBetter ? -1 : 1;
    }
    return (this.#places.get(one.orderId) ?? 0) - (this.#places.get(other.orderId) ?? 0);
  }
}
