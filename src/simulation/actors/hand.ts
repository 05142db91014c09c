import type { Command, OrderView } from "../../paper/engine/types.ts";
import type { SeededRandom } from "../../runtime/simulated-random.ts";
import { closeByHand } from "../close-by-hand.ts";
import type { World } from "../world.ts";
import { Stops } from "./stops.ts";

const MARKETS = [
  { market: "BTC-USD", tick: 100_000_000n, size: 1_000_000n },
  { market: "ETH-USD", tick: 10_000_000n, size: 10_000_000n },
] as const;

/**
 * The owner of the account on the venue's website, who knows nothing of the bot: whatever is open is his to cancel,
 * amend or close, and settings are his to change. What the venue refuses is left.
 */
export class Hand {
  readonly stops: Stops;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.stops = new Stops(world);
  }

  act(kind: string, random: SeededRandom): void {
    const spec = MARKETS[random.integer(MARKETS.length)] ?? MARKETS[0];
    const { market } = spec;
    const accountId = this.#world.venue.accountId;
    const orders = this.#world.venue.engine.openOrders(accountId);
    const order = orders[random.integer(Math.max(1, orders.length))];
    switch (kind) {
      case "place":
      case "take":
        this.#place(spec, kind === "take", random);
        return;
      case "amend":
        if (order !== undefined) this.#amend(order, random);
        return;
      case "cancel":
        if (order !== undefined) this.#execute({ type: "cancelOrder", accountId, orderId: order.orderId });
        return;
      case "cancelAll":
        this.#execute({ type: "cancelAll", accountId, market });
        return;
      case "close":
        closeByHand(this.#world.venue, market);
        return;
      case "stop": {
        const [position] = this.#world.venue.engine.positions(accountId, market);
        if (position !== undefined) this.stops.place(position, BigInt(1 + random.integer(30)) * spec.tick);
        return;
      }
      case "leverage": {
        const leverage = BigInt(2 + random.integer(10)) * 100_000_000n;
        this.#execute({ type: "setLeverage", accountId, leverage, ...this.#scope(market) });
        return;
      }
      case "positionMode": {
        const mode = random.integer(2) === 0 ? "hedge" : "oneWay";
        if (this.#world.protocol.hasHedgeMode)
          this.#execute({ type: "setPositionMode", accountId, mode, ...this.#modeScope(market) });
        return;
      }
      default: {
        const mode = random.integer(2) === 0 ? "isolated" : "cross";
        if (this.#world.protocol.name !== "ftx") this.#execute({ type: "setMarginMode", accountId, mode, market });
      }
    }
  }

  /** FTX has one leverage for the whole account. */
  #scope(market: string): { readonly market?: string } {
    return this.#world.protocol.name === "ftx" ? {} : { market };
  }

  /** Bybit has a position mode for each market, the others one for the account. */
  #modeScope(market: string): { readonly market?: string } {
    return this.#world.protocol.name === "bybit" ? { market } : {};
  }

  #place({ market, tick, size }: (typeof MARKETS)[number], isTaker: boolean, random: SeededRandom): void {
    const { engine, accountId } = this.#world.venue;
    const side = random.integer(2) === 0 ? "buy" : "sell";
    const view = engine.market(market);
    const best = side === "buy" ? view?.bestBid : view?.bestAsk;
    if (best === undefined || best === null) return;
    const away = BigInt(random.integer(10)) * tick;
    const isHedged = engine.settings(accountId, market)?.positionMode === "hedge";
    this.#execute({
      type: "placeOrder",
      accountId,
      market,
      side,
      positionSide: isHedged ? (side === "buy" ? "long" : "short") : "both",
      orderType: isTaker ? "market" : "limit",
      price: isTaker ? null : side === "buy" ? best - away : best + away,
      size: size * BigInt(1 + random.integer(10)),
      timeInForce: isTaker ? "IOC" : "GTC",
      postOnly: false,
      reduceOnly: false,
      clientId: null,
    });
  }

  #amend(order: OrderView, random: SeededRandom): void {
    const { accountId, orderId, price, market } = order;
    if (price === null) return;
    const spec = MARKETS.find((candidate) => candidate.market === market) ?? MARKETS[0];
    const moved = price + BigInt(random.integer(11) - 5) * spec.tick;
    const size = random.integer(3) === 0 ? order.filled + spec.size * BigInt(1 + random.integer(8)) : null;
    const terms = { accountId, orderId, price: moved, size };
    if (this.#world.protocol.amendsReplace) this.#execute({ type: "replaceOrder", ...terms, clientId: null });
    else this.#execute({ type: "amendOrder", ...terms });
  }

  #execute(command: Command): void {
    this.#world.venue.execute(command);
  }
}
