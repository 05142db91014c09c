import type { Random } from "../../runtime/runtime.ts";
import { type Engine, type MarketSpec, type MarketView, type OrderView, type Side, UNIT } from "../engine/types.ts";
import type { MarketDriver } from "./market-driver.ts";
import { PricePath } from "./price-path.ts";

export interface SyntheticFlowOptions {
  /** The engine, or what a host puts in front of it to publish its events. */
  readonly engine: Pick<Engine, "execute" | "openOrders" | "openOrderCount">;
  readonly random: Random;
  readonly markets: readonly MarketSpec[];
  /** Levels a side that are filled again at every step; 120 by default. */
  readonly levels?: number;
}

const DEFAULT_LEVELS = 120;
/** Markets whose steps are done at once: 500 that all quoted in one go held all else up for 20 ms. */
const MARKETS_A_SHARE = 25;
const MAX_SHARES = 10;
/** Orders this many levels beyond the last filled one stay before they are cancelled. */
const SPARE_LEVELS = 20;
const MAKERS = ["flow:maker-1", "flow:maker-2", "flow:maker-3"] as const;
const TAKERS = ["flow:taker-1", "flow:taker-2", "flow:taker-3"] as const;

type Accounts = readonly [string, ...string[]];

/** Each market has accounts of its own: an order is held against all positions of its account. */
const accountsOf = ([first, ...others]: Accounts, { market }: MarketSpec): Accounts => [
  `${first}:${market}`,
  ...others.map((name) => `${name}:${market}`),
];
const FLOW_CASH = 1_000_000_000_000n * UNIT;

const MEAN_MOVE_MS = 500;
const MEAN_TRADE_MS = 400;
const MEAN_RESIZE_MS = 150;
/** Mean notional at the touch in quote currency; a level further out holds more. */
const MEAN_MAKER_NOTIONAL = 4_000;
const MEAN_TAKER_NOTIONAL = 2_500;
const SWEEP_EVERY = 40;
const SWEEP_FACTOR = 15;

interface Desk {
  spec: MarketSpec;
  /** Names of the accounts, made once: a new text would be hashed at each look-up. */
  readonly makers: Accounts;
  readonly takers: Accounts;
  /** Nobody can trade there else. */
  isOpen: boolean;
  readonly path: PricePath;
  movedMs: number;
  moveDueMs: number;
  tradeDueMs: number;
  resizeDueMs: number;
  /** The ladder when it was last whole: around which tick, of how many orders. */
  whole: { readonly bestBidTick: number; readonly orders: number } | undefined;
}

/**
 * A market that lives by itself: maker accounts keep a ladder of orders around a moving fair price, taker accounts
 * trade against whatever is best, theirs or a user's. A maker's new quote takes a user's order that is through the fair
 * price, as arbitrage would. The same random numbers give the same market.
 */
export class SyntheticFlow implements MarketDriver {
  readonly #engine: SyntheticFlowOptions["engine"];
  readonly #random: Random;
  readonly #levels: number;
  readonly #desks: readonly Desk[];
  readonly #shares: readonly (readonly Desk[])[];
  #nextShare = 0;

  constructor(options: SyntheticFlowOptions) {
    this.#engine = options.engine;
    this.#random = options.random;
    this.#levels = options.levels ?? DEFAULT_LEVELS;
    this.#desks = options.markets.map((spec) => ({
      spec,
      makers: accountsOf(MAKERS, spec),
      takers: accountsOf(TAKERS, spec),
      isOpen: true,
      path: new PricePath(options.random, toNumber(spec.initialPrice)),
      movedMs: 0,
      moveDueMs: 0,
      tradeDueMs: 0,
      resizeDueMs: 0,
      whole: undefined,
    }));
    const shares = Math.min(MAX_SHARES, Math.max(1, Math.ceil(this.#desks.length / MARKETS_A_SHARE)));
    this.#shares = Array.from({ length: shares }, (_, share) =>
      this.#desks.filter((_desk, place) => place % shares === share),
    );
  }

  get shares(): number {
    return this.#shares.length;
  }

  build(nowMs: number): void {
    for (const desk of this.#desks) {
      for (const accountId of [...desk.makers, ...desk.takers]) {
        this.#engine.execute({ type: "openAccount", accountId, cash: FLOW_CASH, retain: false }, nowMs);
      }
    }
    for (const desk of this.#desks) {
      desk.movedMs = nowMs;
      this.#setIndex(desk, nowMs);
      this.#quote(desk, nowMs);
      this.#trade(desk, nowMs);
    }
    this.step(nowMs);
  }

  /** Moves a market to a price at once: its makers quote there, and take what is in their way. */
  jumpTo(market: string, price: bigint, nowMs: number): void {
    const desk = this.#desks.find(({ spec }) => spec.market === market);
    if (desk === undefined) return;
    desk.path.jumpTo(toNumber(price));
    desk.movedMs = nowMs;
    this.#setIndex(desk, nowMs);
    if (desk.isOpen) {
      this.#quote(desk, nowMs);
      this.#trade(desk, nowMs);
    }
    this.#engine.execute({ type: "advance" }, nowMs);
  }

  /** Trades by these rules from now on, or not at all while the market is not open. */
  changeMarket({ spec, status }: Pick<MarketView, "spec" | "status">): void {
    const desk = this.#desks.find((one) => one.spec.market === spec.market);
    if (desk === undefined) return;
    desk.spec = spec;
    desk.isOpen = status === "trading";
    desk.whole = undefined;
  }

  step(nowMs: number): void {
    this.#stepDesks(this.#desks, nowMs);
    this.#engine.execute({ type: "advance" }, nowMs);
  }

  stepShare(nowMs: number): void {
    const desks = this.#shares[this.#nextShare] ?? [];
    this.#nextShare = (this.#nextShare + 1) % this.#shares.length;
    this.#stepDesks(desks, nowMs);
    if (this.#nextShare === 0) this.#engine.execute({ type: "advance" }, nowMs);
  }

  #stepDesks(desks: readonly Desk[], nowMs: number): void {
    for (const desk of desks) {
      if (!desk.isOpen) continue;
      if (nowMs >= desk.moveDueMs) {
        desk.moveDueMs = nowMs + this.#wait(MEAN_MOVE_MS);
        desk.path.move(nowMs - desk.movedMs);
        desk.movedMs = nowMs;
        this.#setIndex(desk, nowMs);
      }
      if (nowMs >= desk.tradeDueMs) {
        desk.tradeDueMs = nowMs + this.#wait(MEAN_TRADE_MS);
        this.#trade(desk, nowMs);
      }
    }
    for (const desk of desks) if (desk.isOpen) this.#quote(desk, nowMs);
  }

  #restingOrders({ makers }: Desk): readonly OrderView[] {
    return makers.flatMap((maker) => this.#engine.openOrders(maker));
  }

  #setIndex({ spec, path }: Desk, nowMs: number): void {
    const price = BigInt(Math.round(path.index * Number(UNIT)));
    this.#engine.execute({ type: "setIndexPrice", market: spec.market, price }, nowMs);
  }

  #restingCount({ makers }: Desk): number {
    let count = 0;
    for (const maker of makers) count += this.#engine.openOrderCount(maker);
    return count;
  }

  /** Keeps the ladder around the fair price. One that is whole, and was not traded with, is not looked through. */
  #quote(desk: Desk, nowMs: number): void {
    const bestBidTick = Math.floor(desk.path.fair / toNumber(desk.spec.tick));
    const isResizeDue = nowMs >= desk.resizeDueMs;
    const isWhole = desk.whole?.bestBidTick === bestBidTick && desk.whole.orders === this.#restingCount(desk);
    const kept = isWhole ? undefined : this.#refill(desk, bestBidTick, nowMs);
    if (!isResizeDue) return;
    desk.resizeDueMs = nowMs + this.#wait(MEAN_RESIZE_MS);
    const at = this.#random.integer(Math.max(1, kept?.length ?? desk.whole?.orders ?? 0));
    this.#resize(desk, kept === undefined ? this.#restingOrderAt(desk, at) : kept[at], nowMs);
  }

  /** Finds the resting order at a place, counted through the makers in their order. */
  #restingOrderAt({ makers }: Desk, place: number): OrderView | undefined {
    let before = 0;
    for (const accountId of makers) {
      const count = this.#engine.openOrderCount(accountId);
      if (place < before + count) return this.#engine.openOrders(accountId)[place - before];
      before += count;
    }
    return undefined;
  }

  /**
   * Cancels what is on the wrong side of fair or too far out, and fills the empty levels. Returns the orders that were
   * there before and stay.
   */
  #refill(desk: Desk, bestBidTick: number, nowMs: number): readonly OrderView[] {
    const tick = Number(desk.spec.tick);
    const deepest = this.#levels + SPARE_LEVELS;
    const filled = { buy: new Uint8Array(deepest), sell: new Uint8Array(deepest) };
    const kept: OrderView[] = [];
    for (const order of this.#restingOrders(desk)) {
      // Price and tick are whole numbers that a double holds exactly.
      const at = Math.floor(Number(order.price) / tick);
      const level = order.side === "buy" ? bestBidTick - at : at - bestBidTick - 1;
      if (level < 0 || level >= deepest) {
        this.#engine.execute({ type: "cancelOrder", accountId: order.accountId, orderId: order.orderId }, nowMs);
      } else {
        filled[order.side][level] = 1;
        kept.push(order);
      }
    }
    let orders = kept.length;
    for (let level = 0; level < this.#levels; level++) {
      if (filled.buy[level] === 0) orders += this.#place(desk, "buy", bestBidTick - level, level, nowMs);
      if (filled.sell[level] === 0) orders += this.#place(desk, "sell", bestBidTick + 1 + level, level, nowMs);
    }
    // A quote that was refused, or traded at once, is tried again at the next step.
    desk.whole = this.#restingCount(desk) === orders ? { bestBidTick, orders } : undefined;
    return kept;
  }

  /** Places a quote; returns how many orders that are. */
  #place({ spec, makers }: Desk, side: Side, tick: number, level: number, nowMs: number): number {
    if (tick <= 0) return 0;
    const price = BigInt(tick) * spec.tick;
    const size = this.#makerSize(spec, price, level);
    this.#order(this.#pick(makers), spec, side, price, size, nowMs);
    return 1;
  }

  /** Gives an order a new size and the last place in its queue. */
  #resize({ spec }: Desk, order: OrderView | undefined, nowMs: number): void {
    if (order === undefined || order.price === null) return;
    const size = this.#makerSize(spec, order.price, this.#random.integer(10));
    const { accountId, orderId } = order;
    this.#engine.execute({ type: "replaceOrder", accountId, orderId, price: null, size, clientId: null }, nowMs);
  }

  #trade({ spec, path, takers }: Desk, nowMs: number): void {
    const side = this.#random.integer(2) === 0 ? "buy" : "sell";
    const factor = this.#random.integer(SWEEP_EVERY) === 0 ? SWEEP_FACTOR : 1;
    const notional = MEAN_TAKER_NOTIONAL * factor * this.#exponential();
    const size = lots(spec, notional / path.fair, spec.minSize);
    this.#order(this.#pick(takers), spec, side, null, size, nowMs);
  }

  #order(accountId: string, spec: MarketSpec, side: Side, price: bigint | null, size: bigint, nowMs: number): void {
    this.#engine.execute(
      {
        type: "placeOrder",
        accountId,
        market: spec.market,
        side,
        orderType: price === null ? "market" : "limit",
        price,
        size,
        timeInForce: price === null ? "IOC" : "GTC",
        postOnly: false,
        reduceOnly: false,
        clientId: null,
      },
      nowMs,
    );
  }

  #makerSize(spec: MarketSpec, price: bigint, level: number): bigint {
    const notional = MEAN_MAKER_NOTIONAL * (1 + level / 10) * (0.2 + 1.6 * this.#random.float());
    return lots(spec, notional / toNumber(price), spec.minMakerSize);
  }

  #pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.#random.integer(items.length)] ?? items[0];
  }

  #wait(meanMs: number): number {
    return meanMs * this.#exponential();
  }

  #exponential(): number {
    return Math.min(5, -Math.log(1 - this.#random.float()));
  }
}

/** A size on the lot grid, within the market's limits. */
function lots({ lot, maxSize }: MarketSpec, amount: number, least: bigint): bigint {
  const size = BigInt(Math.round(amount / toNumber(lot))) * lot;
  return size < least ? least : size > maxSize ? maxSize : size;
}

function toNumber(amount: bigint): number {
  return Number(amount) / Number(UNIT);
}
