import type { PerpetualConnector } from "../../connector/perpetual-connector.ts";
import type { TradingPair } from "../../model/market.ts";
import type { OrderSide } from "../../model/order.ts";
import { parseAmount } from "../../paper/index.ts";
import type { FrameDirection } from "../../runtime/simulated.ts";
import type { InFlightOrder } from "../../trading/in-flight-order.ts";
import { differencesOf, ordersOf } from "../agreement.ts";
import type { BoxConnector } from "../box-protocols.ts";
import { closeByHand } from "../close-by-hand.ts";
import { ToldLedger } from "../ledger.ts";
import { World, type WorldConnectOptions, type WorldOptions } from "../world.ts";
import type { Check } from "./check.ts";

export const BTC = "BTC-USD";
export const ETH = "ETH-USD";
const STARTING_CASH = "100000";
const STEP_MS = 50;
const PATIENCE_MS = 180_000;

/** Stage of a scenario: a world, the reports of its connectors, and the measurements. */
export class Stage {
  readonly world: World;
  readonly checks: Check[] = [];
  /** One a process, oldest first. */
  readonly ledgers: ToldLedger[] = [];

  private constructor(world: World) {
    this.world = world;
  }

  static async open(
    scenario: Pick<WorldOptions, "venue"> & { readonly name: string },
    connector: BoxConnector,
  ): Promise<Stage> {
    const venue = { emptyBooks: true, startingBalance: STARTING_CASH, ...scenario.venue };
    return new Stage(await World.open({ connector, seed: scenario.name, venue }));
  }

  /** The connector's name of BTC's market. */
  get pair(): TradingPair {
    return this.world.tradingPairs[0] ?? "";
  }

  get otherPair(): TradingPair {
    return this.world.tradingPairs[1] ?? "";
  }

  async connect(options: WorldConnectOptions = {}): Promise<PerpetualConnector> {
    const { onCreated, ...rest } = options;
    return this.world.connect({
      ...rest,
      onCreated: (connector) => {
        this.ledgers.push(new ToldLedger(connector, this.world.token));
        onCreated?.(connector);
      },
    });
  }

  /** Small quotes on both sides of a market, a tick from each other, around a price. */
  quote(market: string = BTC, levels = 5, size = "2"): void {
    const [middle, tick] = market === BTC ? [20_000, 1] : [1_500, 0.1];
    for (let level = 1; level <= levels; level += 1) {
      const away = level * tick;
      this.trade("buy", size, String(Number((middle - away).toFixed(1))), market);
      this.trade("sell", size, String(Number((middle + away).toFixed(1))), market);
    }
  }

  /** An order of the venue's other users: at market without a price. */
  trade(side: OrderSide, size: string, price?: string, market: string = BTC): void {
    this.world.venue.trader.order({ market, side, size, ...(price === undefined ? {} : { price }) });
  }

  /** The owner's own hand on the website: closes a position at market. */
  closeByHand(market: string): void {
    closeByHand(this.world.venue, market);
  }

  async place(
    connector: PerpetualConnector,
    side: OrderSide,
    amount: string,
    price?: string,
    position: "open" | "close" = "open",
    pair: TradingPair = this.pair,
  ): Promise<InFlightOrder> {
    const terms = price === undefined ? ({ type: "market" } as const) : { price };
    const options = { amount, position, ...terms };
    const order = side === "buy" ? connector.buy(pair, options) : connector.sell(pair, options);
    this.ledgers.at(-1)?.add(order);
    await this.world.run<unknown>(price === undefined ? order.done : order.accepted);
    return order;
  }

  async until(condition: () => boolean, limitMs: number = PATIENCE_MS): Promise<boolean> {
    const untilMs = this.world.elapsedMs() + limitMs;
    while (!condition()) {
      if (this.world.elapsedMs() >= untilMs) return false;
      await this.world.advance(STEP_MS);
    }
    return true;
  }

  pass(ms: number): Promise<void> {
    return this.world.advance(ms);
  }

  /** Loses the next frame of that kind to a client; tells how many were lost. */
  loseFrames(most: number, isOne: (text: string) => boolean): () => number {
    let lost = 0;
    this.world.machines.network.faults.onFrame = (direction: FrameDirection, text: string) => {
      if (direction !== "toClient" || lost === most || !isOne(text)) return undefined;
      lost += 1;
      return "drop";
    };
    return () => lost;
  }

  /** Names do not resolve and connections are gone, until it is called back; counts what could not be sent. */
  cutNames(): { readonly failed: () => number; readonly end: () => void } {
    const { network } = this.world.machines;
    let failed = 0;
    network.resetConnections("bot");
    network.faults = {
      onHttpRequest: () => {
        failed += 1;
        return { kind: "unresolved" };
      },
      onConnect: () => "unresolved",
    };
    const end = (): void => {
      network.faults = {};
    };
    return { failed: () => failed, end };
  }

  /** The venue's levels that a connector's book has not, and the other way round; all of them while it is invalid. */
  bookDifferences(connector: PerpetualConnector, market: string = BTC, depth = 20): number {
    const pair = market === BTC ? this.pair : this.otherPair;
    const venue = this.world.venue.engine.book(market, depth);
    const truth = new Set([...venue.bids, ...venue.asks].map(([price, size]) => `${price} ${size}`));
    const book = connector.orderBook(pair);
    if (!book.isValid) return truth.size;
    const own = [...book.bids(depth), ...book.asks(depth)].map(
      ({ price, amount }) => `${parseAmount(price.toFixed())} ${parseAmount(amount.toFixed())}`,
    );
    const missing = own.filter((level) => !truth.has(level)).length;
    return missing + [...truth].filter((level) => !own.includes(level)).length;
  }

  /** Compares everything that was told with the venue's own record, to the last digit. */
  async agree(connector: PerpetualConnector, options: { readonly isShared?: boolean } = {}): Promise<void> {
    await this.world.run(connector.refresh());
    const { protocol, token } = this.world;
    const placed = new Set(this.ledgers.flatMap(({ orders }) => orders.map(({ clientOrderId }) => clientOrderId)));
    const differences = differencesOf({
      connector,
      ledgers: this.ledgers,
      truth: this.world.truth(),
      protocol,
      token,
      startingCash: STARTING_CASH,
      placed: options.isShared === true ? placed : undefined,
    });
    const seen = differences.length === 0 ? "0" : `${differences.length}: ${JSON.stringify(differences[0])}`;
    this.#check("differences from the venue's own record", seen, "0", differences.length === 0);
  }

  /** Orders that a connector follows: not ended, in whatever state. */
  followed(connector: PerpetualConnector): number {
    return ordersOf(connector).filter(({ isDone, state }) => !isDone || state === "lost").length;
  }

  /** Different fills that all processes told. */
  get fillsTold(): number {
    return new Set(this.ledgers.flatMap(({ fills }) => fills.map(({ fillId, tradingPair }) => tradingPair + fillId)))
      .size;
  }

  equal(what: string, seen: string | number | boolean, wanted: string | number | boolean): void {
    this.#check(what, String(seen), String(wanted), String(seen) === String(wanted));
  }

  atLeast(what: string, seen: number, least: number): void {
    this.#check(what, String(Math.round(seen)), `at least ${least}`, seen >= least);
  }

  atMost(what: string, seen: number, most: number): void {
    this.#check(what, String(Math.round(seen)), `at most ${most}`, seen <= most);
  }

  #check(what: string, seen: string, wanted: string, holds: boolean): void {
    this.checks.push({ what, seen, wanted, holds });
  }
}
