import { formatAmount, parseAmount } from "../../../src/paper/engine/amount.ts";
import { createEngine } from "../../../src/paper/engine/engine.ts";
import type {
  Command,
  Engine,
  EngineConfig,
  EngineEvent,
  MarketSpec,
  OrderView,
  PositionSide,
  PositionView,
  Side,
} from "../../../src/paper/engine/types.ts";

export const u = parseAmount;
export const HOUR_MS = 3_600_000;
export const START_MS = 1_000 * HOUR_MS;

export const BTC: MarketSpec = {
  base: "BTC",
  quote: "USD",
  market: "BTC-USD",
  tick: u("0.5"),
  lot: u("0.001"),
  minSize: u("0.001"),
  minMakerSize: u("0.01"),
  maxSize: u("1000"),
  minNotional: u("0.1"),
  priceBand: u("0.5"),
  maintenanceFraction: u("0.03"),
  maxLeverage: u("20"),
  fundingIntervalMs: HOUR_MS,
  initialPrice: u("100"),
};

export const ETH: MarketSpec = { ...BTC, base: "ETH", market: "ETH-USD", tick: u("0.01"), initialPrice: u("10") };

export const CONFIG: EngineConfig = {
  markets: [BTC, ETH],
  makerFee: u("0.0002"),
  takerFee: u("0.0007"),
  defaultLeverage: u("10"),
  fundingDivisor: 24n,
  startMs: START_MS,
};

export const NO_FEES = { makerFee: 0n, takerFee: 0n };

export interface Placing {
  readonly price?: string;
  readonly market?: string;
  readonly timeInForce?: "GTC" | "IOC" | "FOK";
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
  readonly clientId?: string;
  readonly positionSide?: PositionSide;
}

/** An engine with short words around it. Time stands still unless `at` is told. */
export class Desk {
  readonly engine: Engine;
  nowMs = START_MS;

  constructor(config: Partial<EngineConfig> = {}) {
    this.engine = createEngine({ ...CONFIG, ...config });
  }

  do(command: Command): readonly EngineEvent[] {
    return this.engine.execute(command, this.nowMs);
  }

  open(...accountIds: string[]): void {
    for (const accountId of accountIds) this.do({ type: "openAccount", accountId, cash: u("10000") });
  }

  /** A limit order, or a market order where no price is given. */
  place(accountId: string, side: Side, size: string, placing: Placing = {}): readonly EngineEvent[] {
    const { price, market, timeInForce, postOnly, reduceOnly, clientId, positionSide } = placing;
    return this.do({
      type: "placeOrder",
      accountId,
      market: market ?? "BTC-USD",
      side,
      orderType: price === undefined ? "market" : "limit",
      price: price === undefined ? null : u(price),
      size: u(size),
      timeInForce: timeInForce ?? "GTC",
      postOnly: postOnly ?? false,
      reduceOnly: reduceOnly ?? false,
      clientId: clientId ?? null,
      ...(positionSide === undefined ? {} : { positionSide }),
    });
  }

  advance(nowMs: number = this.nowMs): readonly EngineEvent[] {
    this.nowMs = nowMs;
    return this.do({ type: "advance" });
  }

  index(price: string, market = "BTC-USD"): readonly EngineEvent[] {
    return this.do({ type: "setIndexPrice", market, price: u(price) });
  }

  bids(market = "BTC-USD"): string[] {
    return this.engine.book(market, 100).bids.map(showLevel);
  }

  asks(market = "BTC-USD"): string[] {
    return this.engine.book(market, 100).asks.map(showLevel);
  }

  position(accountId: string, market = "BTC-USD") {
    const found = this.engine.account(accountId)?.positions.find((position) => position.market === market);
    if (found === undefined) throw new Error(`${accountId} has no position on ${market}`);
    return found;
  }

  leg(accountId: string, side: PositionSide, market = "BTC-USD"): PositionView {
    const found = this.engine.positions(accountId, market).find((position) => position.side === side);
    if (found === undefined) throw new Error(`${accountId} has no ${side} position on ${market}`);
    return found;
  }

  amend(accountId: string, orderId: number, change: { price?: string; size?: string }): readonly EngineEvent[] {
    const price = change.price === undefined ? null : u(change.price);
    const size = change.size === undefined ? null : u(change.size);
    return this.do({ type: "amendOrder", accountId, orderId, price, size });
  }

  cash(accountId: string): string {
    return formatAmount(this.engine.account(accountId)!.cash);
  }
}

function showLevel([price, size]: readonly [bigint, bigint]): string {
  return `${formatAmount(size)} @ ${formatAmount(price)}`;
}

export function of<Type extends EngineEvent["type"]>(
  events: readonly EngineEvent[],
  type: Type,
): Extract<EngineEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<EngineEvent, { type: Type }> => event.type === type);
}

export function types(events: readonly EngineEvent[]): string[] {
  return events.map((event) => event.type);
}

export function acceptedOrder(events: readonly EngineEvent[]): OrderView {
  const [accepted] = of(events, "orderAccepted");
  if (accepted === undefined) throw new Error(`no order accepted: ${JSON.stringify(types(events))}`);
  return accepted.order;
}

/** `filled user ...`: why orders closed, in order. */
export function closeReasons(events: readonly EngineEvent[]): (string | null)[] {
  return of(events, "orderClosed").map(({ order }) => order.closeReason);
}

/** `size @ price` of every fill that made liquidity, in order. */
export function makerFills(events: readonly EngineEvent[]): string[] {
  return of(events, "fill")
    .filter(({ fill }) => fill.isMaker)
    .map(({ fill }) => `${fill.accountId} ${showLevel([fill.price, fill.size])}`);
}

export function refusalOf(events: readonly EngineEvent[]): string | undefined {
  return of(events, "refused")[0]?.code;
}

/** What the books owe: zero, exactly, at 1e-16. See `HouseView`. */
export function imbalance(engine: Engine): bigint {
  const house = engine.house();
  let cash = house.insurance + house.fees - house.deposits;
  let cost = 0n;
  for (const position of house.insurancePositions) cost += position.cost;
  for (const accountId of engine.accountIds()) {
    const account = engine.account(accountId)!;
    cash += account.cash;
    for (const position of account.positions) cost += position.cost;
  }
  return cash * 100_000_000n + house.residue - cost;
}
