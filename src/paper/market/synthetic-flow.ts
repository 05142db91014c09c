import type { Random } from "../../runtime/runtime.ts";
import { type Engine, type MarketSpec, type OrderView, type Side, UNIT } from "../engine/types.ts";
import type { MarketDriver } from "./market-driver.ts";
import { PricePath } from "./price-path.ts";

export interface SyntheticFlowOptions {
  /** The engine, or what a host puts in front of it to publish its events. */
  readonly engine: Pick<Engine, "execute" | "openOrders">;
  readonly random: Random;
  readonly markets: readonly MarketSpec[];
  /** Levels a side that are filled again at every step; 120 unless told. */
  readonly levels?: number;
}

const DEFAULT_LEVELS = 120;
/** Orders this many levels beyond the last filled one stay before they are cancelled. */
const SPARE_LEVELS = 20;
const MAKERS = ["flow:maker-1", "flow:maker-2", "flow:maker-3"] as const;
const TAKERS = ["flow:taker-1", "flow:taker-2", "flow:taker-3"] as const;

/** Each market has accounts of its own: an order is held against all positions of its account. */
const accountOf = (name: string, { market }: MarketSpec): string => `${name}:${market}`;
const FLOW_CASH = 1_000_000_000_000n * UNIT;

const MEAN_MOVE_MS = 500;
const MEAN_TRADE_MS = 400;
const MEAN_RESIZE_MS = 150;
/** In quote currency: the mean at the touch; a level further out holds more. */
const MEAN_MAKER_NOTIONAL = 4_000;
const MEAN_TAKER_NOTIONAL = 2_500;
const SWEEP_EVERY = 40;
const SWEEP_FACTOR = 15;

interface Desk {
  readonly spec: MarketSpec;
  readonly path: PricePath;
  movedMs: number;
  moveDueMs: number;
  tradeDueMs: number;
  resizeDueMs: number;
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

  constructor(options: SyntheticFlowOptions) {
    this.#engine = options.engine;
    this.#random = options.random;
    this.#levels = options.levels ?? DEFAULT_LEVELS;
    this.#desks = options.markets.map((spec) => ({
      spec,
      path: new PricePath(options.random, toNumber(spec.initialPrice)),
      movedMs: 0,
      moveDueMs: 0,
      tradeDueMs: 0,
      resizeDueMs: 0,
    }));
  }

  build(nowMs: number): void {
    for (const desk of this.#desks) {
      for (const name of [...MAKERS, ...TAKERS]) {
        const accountId = accountOf(name, desk.spec);
        this.#engine.execute({ type: "openAccount", accountId, cash: FLOW_CASH, retain: false }, nowMs);
      }
    }
    for (const desk of this.#desks) {
      desk.movedMs = nowMs;
      this.#setIndex(desk, nowMs);
      this.#quote(desk, [], nowMs);
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
    this.#quote(desk, this.#restingOrders(desk), nowMs);
    this.#trade(desk, nowMs);
    this.#engine.execute({ type: "advance" }, nowMs);
  }

  step(nowMs: number): void {
    for (const desk of this.#desks) {
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
    for (const desk of this.#desks) this.#quote(desk, this.#restingOrders(desk), nowMs);
    this.#engine.execute({ type: "advance" }, nowMs);
  }

  #restingOrders({ spec }: Desk): readonly OrderView[] {
    return MAKERS.flatMap((maker) => this.#engine.openOrders(accountOf(maker, spec)));
  }

  #setIndex({ spec, path }: Desk, nowMs: number): void {
    const price = BigInt(Math.round(path.index * Number(UNIT)));
    this.#engine.execute({ type: "setIndexPrice", market: spec.market, price }, nowMs);
  }

  /** Cancels what is on the wrong side of fair or too far out, and fills the empty levels. */
  #quote(desk: Desk, resting: readonly OrderView[], nowMs: number): void {
    const { spec } = desk;
    const bestBidTick = Math.floor(desk.path.fair / toNumber(spec.tick));
    const filled = { buy: new Set<number>(), sell: new Set<number>() };
    const kept: OrderView[] = [];
    for (const order of resting) {
      const tick = Number((order.price ?? 0n) / spec.tick);
      const level = order.side === "buy" ? bestBidTick - tick : tick - bestBidTick - 1;
      if (level < 0 || level >= this.#levels + SPARE_LEVELS) {
        this.#engine.execute({ type: "cancelOrder", accountId: order.accountId, orderId: order.orderId }, nowMs);
      } else {
        filled[order.side].add(level);
        kept.push(order);
      }
    }
    for (let level = 0; level < this.#levels; level++) {
      if (!filled.buy.has(level)) this.#place(desk, "buy", bestBidTick - level, level, nowMs);
      if (!filled.sell.has(level)) this.#place(desk, "sell", bestBidTick + 1 + level, level, nowMs);
    }
    if (nowMs >= desk.resizeDueMs) {
      desk.resizeDueMs = nowMs + this.#wait(MEAN_RESIZE_MS);
      this.#resize(desk, kept, nowMs);
    }
  }

  #place({ spec }: Desk, side: Side, tick: number, level: number, nowMs: number): void {
    if (tick <= 0) return;
    const price = BigInt(tick) * spec.tick;
    const size = this.#makerSize(spec, price, level);
    this.#order(accountOf(this.#pick(MAKERS), spec), spec, side, price, size, nowMs);
  }

  /** Gives one order, near the touch more often than far from it, a new size and the last place in its queue. */
  #resize({ spec }: Desk, orders: readonly OrderView[], nowMs: number): void {
    const order = orders[this.#random.integer(Math.max(1, orders.length))];
    if (order === undefined || order.price === null) return;
    const size = this.#makerSize(spec, order.price, this.#random.integer(10));
    const { accountId, orderId } = order;
    this.#engine.execute({ type: "replaceOrder", accountId, orderId, price: null, size, clientId: null }, nowMs);
  }

  #trade({ spec, path }: Desk, nowMs: number): void {
    const side = this.#random.integer(2) === 0 ? "buy" : "sell";
    const factor = this.#random.integer(SWEEP_EVERY) === 0 ? SWEEP_FACTOR : 1;
    const notional = MEAN_TAKER_NOTIONAL * factor * this.#exponential();
    const size = lots(spec, notional / path.fair, spec.minSize);
    this.#order(accountOf(this.#pick(TAKERS), spec), spec, side, null, size, nowMs);
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
