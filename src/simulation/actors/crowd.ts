import type { Command, OrderView } from "../../paper/engine/types.ts";
import type { SeededRandom } from "../../runtime/simulated-random.ts";
import type { World } from "../world.ts";

const ACCOUNT = "crowd@example.com";
const TAKER = "crowd-taker@example.com";
const UNIT = 100_000_000n;
const RICH = 1_000_000_000n * UNIT;
const LEVELS = 6;
/** Quotes of the crowd on a market at a time. */
const MAX_QUOTES = 24;

interface CrowdMarket {
  readonly market: string;
  readonly tick: bigint;
  /** The smallest size that the crowd trades. */
  readonly size: bigint;
  fair: bigint;
}

/** Everybody else at the venue: they quote around a price that wanders, take, and take back. */
export class Crowd {
  readonly #world: World;
  readonly #markets: CrowdMarket[];
  readonly #quotes = new Map<string, number[]>();

  constructor(world: World) {
    this.#world = world;
    this.#markets = [
      { market: "BTC-USD", tick: UNIT, size: UNIT / 100n, fair: 20_000n * UNIT },
      { market: "ETH-USD", tick: UNIT / 10n, size: UNIT / 10n, fair: 1_500n * UNIT },
    ];
  }

  /** Opens its accounts and fills the books. */
  open(): void {
    for (const accountId of [ACCOUNT, TAKER]) {
      this.#execute({ type: "openAccount", accountId, cash: RICH, retain: false });
    }
    this.fillBooks();
  }

  /** Puts quotes on both sides of every market. */
  fillBooks(): void {
    for (const market of this.#markets) this.#fill(market);
  }

  act(kind: string, random: SeededRandom): void {
    const market = this.#markets[random.integer(this.#markets.length)];
    if (market === undefined) return;
    if (kind === "quote") this.#quote(market, random);
    else if (kind === "take") this.#take(market, random);
    else if (kind === "cancel") this.#cancel(market, random);
    else this.#drift(market, random);
  }

  /** The price of a market moves at once by so many thousandths, with the index and the quotes. */
  jump(index: number, thousandths: number): void {
    const market = this.#markets[index % this.#markets.length];
    if (market === undefined) return;
    const moved = (market.fair * BigInt(1_000 + thousandths)) / 1_000n;
    market.fair = moved - (moved % market.tick);
    this.#execute({ type: "cancelAll", accountId: ACCOUNT, market: market.market });
    this.#quotes.set(market.market, []);
    this.#world.venue.setPrice(market.market, market.fair);
    this.#fill(market);
  }

  #fill(market: CrowdMarket): void {
    for (let level = 1; level <= LEVELS; level += 1) {
      const away = BigInt(level * 3) * market.tick;
      this.#rest(market, "buy", market.fair - away, market.size * BigInt(20 * level));
      this.#rest(market, "sell", market.fair + away, market.size * BigInt(20 * level));
    }
  }

  #quote(market: CrowdMarket, random: SeededRandom): void {
    const side = random.integer(2) === 0 ? "buy" : "sell";
    const away = BigInt(1 + random.integer(30)) * market.tick;
    const size = market.size * BigInt(1 + random.integer(40));
    this.#rest(market, side, side === "buy" ? market.fair - away : market.fair + away, size);
  }

  #rest(market: CrowdMarket, side: "buy" | "sell", price: bigint, size: bigint): void {
    const placed = this.#place(market, ACCOUNT, side, price, size);
    if (placed === undefined) return;
    const quotes = this.#quotes.get(market.market) ?? [];
    quotes.push(placed);
    this.#quotes.set(market.market, quotes);
    while (quotes.length > MAX_QUOTES) this.#withdraw(quotes.shift());
  }

  #take(market: CrowdMarket, random: SeededRandom): void {
    const side = random.integer(2) === 0 ? "buy" : "sell";
    this.#place(market, TAKER, side, null, market.size * BigInt(1 + random.integer(30)));
  }

  #cancel(market: CrowdMarket, random: SeededRandom): void {
    const quotes = this.#quotes.get(market.market) ?? [];
    // A book with one empty side would leave the bots nothing to do.
    if (quotes.length <= LEVELS * 2) return;
    const [orderId] = quotes.splice(random.integer(quotes.length), 1);
    this.#withdraw(orderId);
  }

  #drift(market: CrowdMarket, random: SeededRandom): void {
    market.fair += BigInt(random.integer(9) - 4) * market.tick;
    this.#world.venue.execute({ type: "setIndexPrice", market: market.market, price: market.fair });
    this.#fill({ ...market, size: market.size / 4n });
  }

  #withdraw(orderId: number | undefined): void {
    if (orderId !== undefined) this.#execute({ type: "cancelOrder", accountId: ACCOUNT, orderId });
  }

  /** The next price away from the other side that keeps to the tick of the day. */
  #priceOf(market: string, side: "buy" | "sell", price: bigint): bigint {
    const tick = this.#world.venue.engine.market(market)?.spec.tick ?? 1n;
    const beyond = price % tick;
    return beyond === 0n || side === "buy" ? price - beyond : price - beyond + tick;
  }

  #place(
    { market }: CrowdMarket,
    accountId: string,
    side: "buy" | "sell",
    price: bigint | null,
    size: bigint,
  ): number | undefined {
    const events = this.#execute({
      type: "placeOrder",
      accountId,
      market,
      side,
      orderType: price === null ? "market" : "limit",
      price: price === null ? null : this.#priceOf(market, side, price),
      size,
      timeInForce: price === null ? "IOC" : "GTC",
      postOnly: false,
      reduceOnly: false,
      clientId: null,
    });
    const rests = (order: OrderView) => order.status === "open" && order.accountId === accountId;
    for (const event of events) if (event.type === "orderOpened" && rests(event.order)) return event.order.orderId;
    return undefined;
  }

  #execute(command: Command) {
    return this.#world.venue.execute(command);
  }
}
