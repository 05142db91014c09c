import { divideRound } from "../../engine/arithmetic.ts";
import { type EngineEvent, type FillView, type FundingPaymentView, UNIT } from "../../engine/types.ts";
import { decimalText, type WireObject } from "./wire.ts";

/** Trades of liquidations that are known as such, the latest. */
const MAX_LIQUIDATIONS = 10_000;

/** A change of an account's money that is neither a trade nor funding. */
export interface LedgerUpdate {
  readonly timeMs: number;
  readonly delta: WireObject;
}

export interface FundingSums {
  /** Positive where it was paid. */
  readonly allTime: bigint;
  readonly sinceOpen: bigint;
  readonly sinceChange: bigint;
}

interface Holding {
  size: bigint;
  allTime: bigint;
  sinceOpen: bigint;
  sinceChange: bigint;
}

interface Facts {
  readonly holdings: Map<string, Holding>;
  readonly updates: LedgerUpdate[];
  /** USDC beside the perpetuals' collateral. */
  spot: bigint;
  volume: bigint;
}

/** A liquidation as the other side of its trades is told of it. */
export interface LiquidationTrade {
  readonly accountId: string;
  readonly mark: bigint;
  readonly isBackstop: boolean;
}

/**
 * Facts about accounts that the engine does not keep: positions before each fill, sums of funding, money beside the
 * collateral.
 */
export class AccountFacts {
  readonly #accounts = new Map<string, Facts>();
  /** Positions before fills, by the engine's number of the fill. */
  readonly #starts = new Map<number, bigint>();
  readonly #fillsOf = new Map<number, number[]>();
  readonly #liquidations = new Map<number, LiquidationTrade>();
  readonly #has: (accountId: string) => boolean;
  readonly #now: () => number;
  /** Change of cash that is being made at this moment. */
  #making: WireObject | undefined;

  constructor(has: (accountId: string) => boolean, now: () => number) {
    this.#has = has;
    this.#now = now;
  }

  /** Oldest first. */
  updates(accountId: string): readonly LedgerUpdate[] {
    return this.#of(accountId).updates;
  }

  spot(accountId: string): bigint {
    return this.#of(accountId).spot;
  }

  addSpot(accountId: string, amount: bigint): void {
    this.#of(accountId).spot += amount;
  }

  /** Volume traded since the beginning, in USDC. */
  volume(accountId: string): bigint {
    return this.#of(accountId).volume;
  }

  startOf({ fillId }: FillView): bigint {
    return this.#starts.get(fillId) ?? 0n;
  }

  liquidationOf({ tradeId }: FillView): LiquidationTrade | undefined {
    return this.#liquidations.get(tradeId);
  }

  funding(accountId: string, market: string): FundingSums {
    return this.#holding(accountId, market);
  }

  /** Lets changes of cash that `work` makes be told as this. */
  making<T>(delta: WireObject, work: () => T): T {
    this.#making = delta;
    try {
      return work();
    } finally {
      this.#making = undefined;
    }
  }

  record(events: readonly EngineEvent[]): void {
    for (const event of events) {
      if (event.type === "fill") this.#fill(event.fill);
      else if (event.type === "fundingPaid") this.#pay(event.payment);
      else if (event.type === "ordersForgotten") this.#forget(event.orderIds);
      else if (event.type === "cashChanged" && event.reason === "deposit" && this.#has(event.accountId)) {
        this.note(event.accountId, this.#making ?? transferOf(event.change));
      }
    }
  }

  note(accountId: string, delta: WireObject): void {
    this.#of(accountId).updates.push({ timeMs: this.#now(), delta });
  }

  #fill(fill: FillView): void {
    const { accountId, market, side, size, price, tradeId, liquidation, mark, takeover } = fill;
    if (liquidation) this.#noteLiquidation(tradeId, { accountId, mark, isBackstop: takeover });
    if (!this.#has(accountId)) return;
    const holding = this.#holding(accountId, market);
    this.#starts.set(fill.fillId, holding.size);
    const known = this.#fillsOf.get(fill.orderId);
    if (known === undefined) this.#fillsOf.set(fill.orderId, [fill.fillId]);
    else known.push(fill.fillId);
    const before = holding.size;
    holding.size += side === "buy" ? size : -size;
    holding.sinceChange = 0n;
    if (before === 0n || holding.size === 0n || before > 0n !== holding.size > 0n) holding.sinceOpen = 0n;
    this.#of(accountId).volume += divideRound(price * size, UNIT);
  }

  #noteLiquidation(tradeId: number, trade: LiquidationTrade): void {
    this.#liquidations.set(tradeId, trade);
    const [oldest] = this.#liquidations.keys();
    if (this.#liquidations.size > MAX_LIQUIDATIONS && oldest !== undefined) this.#liquidations.delete(oldest);
  }

  #pay({ accountId, market, amount }: FundingPaymentView): void {
    if (!this.#has(accountId)) return;
    const holding = this.#holding(accountId, market);
    holding.allTime -= amount;
    holding.sinceOpen -= amount;
    holding.sinceChange -= amount;
  }

  #forget(orderIds: ReadonlySet<number>): void {
    for (const orderId of orderIds) {
      for (const fillId of this.#fillsOf.get(orderId) ?? []) this.#starts.delete(fillId);
      this.#fillsOf.delete(orderId);
    }
  }

  #holding(accountId: string, market: string): Holding {
    const { holdings } = this.#of(accountId);
    const holding = holdings.get(market) ?? { size: 0n, allTime: 0n, sinceOpen: 0n, sinceChange: 0n };
    holdings.set(market, holding);
    return holding;
  }

  #of(accountId: string): Facts {
    const facts = this.#accounts.get(accountId) ?? { holdings: new Map(), updates: [], spot: 0n, volume: 0n };
    this.#accounts.set(accountId, facts);
    return facts;
  }
}

function transferOf(change: bigint): WireObject {
  return change >= 0n
    ? { type: "deposit", usdc: decimalText(change) }
    : { type: "withdraw", usdc: decimalText(-change), fee: "0.0" };
}
