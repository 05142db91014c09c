import type { PositionAdjustment, TradeUpdate } from "../model/account-update.ts";
import { Decimal, ZERO } from "../model/decimal.ts";
import type { TradeFee } from "../model/fee.ts";
import type { Fill } from "../model/fill.ts";
import type { PositionMode, PositionSide } from "../model/order.ts";
import { type Position, positionKey } from "../model/position.ts";
import { fillKey } from "../trading/fill-ledger.ts";
import type { OrderJournal } from "../trading/order-journal.ts";
import { positionSideOf, tradePosition } from "./position-estimate.ts";

/** A trade of the account, whoever made it: an order of ours, somebody else with the same account, the venue. */
export interface AccountTrade {
  /** Its identity within the account. */
  readonly tradeKey: string;
  /** Its id in the venue's cash flows, where they name it. */
  readonly sourceId: string;
  readonly tradingPair: string;
  readonly side: PositionSide;
  readonly price: Decimal;
  /** Negative for a sell. */
  readonly signedAmount: Decimal;
  readonly fee: TradeFee | undefined;
  /** What it realised, where the venue told. */
  readonly realizedPnl: Decimal | undefined;
  /** The venue made it by itself: its cash flows may not name the trade. */
  readonly isAdjustment: boolean;
  readonly timestampMs: number;
}

type Traded = Omit<Fill, "clientOrderId" | "positionAction"> & Pick<TradeUpdate, "positionAction">;

/** `held` tells what is open on a side: it decides what a trade that does not name its position closed. */
export function tradeOf(trade: Traded, mode: PositionMode, held: (side: PositionSide) => Decimal): AccountTrade {
  const { tradingPair, exchangeOrderId, fillId, price, fee, realizedPnl, timestampMs } = trade;
  const signedAmount = trade.side === "buy" ? trade.amount : trade.amount.neg();
  const opposite = trade.side === "buy" ? "short" : "long";
  const action = trade.positionAction ?? (mode === "hedge" && !held(opposite).isZero() ? "close" : "open");
  const side = positionSideOf(mode, trade.side, action);
  const tradeKey = fillKey(tradingPair, exchangeOrderId, fillId);
  const common = { tradingPair, side, price, signedAmount, fee, realizedPnl, timestampMs };
  return { tradeKey, sourceId: fillId, ...common, isAdjustment: false };
}

export function tradeOfAdjustment(adjustment: PositionAdjustment): AccountTrade {
  const { adjustmentId, tradingPair, side, price, fee, realizedPnl, timestampMs } = adjustment;
  const { amount: signedAmount, sourceId = adjustmentId } = adjustment;
  const common = { tradingPair, side, price, signedAmount, fee, realizedPnl, timestampMs };
  return { tradeKey: adjustmentId, sourceId, ...common, isAdjustment: true };
}

export interface FollowedPositionsOptions {
  readonly journal: Pick<OrderJournal, "accountFacts" | "writeAccountFact">;
  /** The position as the account knows it, also when that is flat; undefined when it never heard of one. */
  position(key: Pick<Position, "tradingPair" | "side">): Position | undefined;
}

const PREFIX = "position|";

/** Amount open and its cost: amount times entry price, both signed. */
interface Stock {
  readonly amount: Decimal;
  readonly cost: Decimal;
}

const NOTHING: Stock = { amount: ZERO, cost: ZERO };

/**
 * A position that the account told knows of trades that are told later. `before` is the position without those that
 * have come since; when it is down to `known`, what trades had told until then, none is missing any more.
 */
interface Unseen {
  /** Trades up to this time are in it already. */
  readonly untilMs: number;
  readonly before: Stock;
  readonly known: Stock;
}

interface Followed {
  readonly position: Position;
  readonly unseen?: Unseen | undefined;
}

/**
 * Positions by the trades that made them, for what each trade realised. Kept in the journal: a trade that closes may
 * come to another process than the one that opened. Whatever order trades and positions are told in, what has been
 * realised and what is open add up to what was paid and received.
 */
export class FollowedPositions {
  readonly #options: FollowedPositionsOptions;
  readonly #followed = new Map<string, Followed>();

  constructor(options: FollowedPositionsOptions) {
    this.#options = options;
    for (const [key, fields] of options.journal.accountFacts()) {
      if (!key.startsWith(PREFIX)) continue;
      const tradingPair = fields.text("tradingPair");
      const side = fields.oneOf("side", ["both", "long", "short"]);
      const position: Position = {
        ...{ tradingPair, side, marginMode: "cross", unrealizedPnl: ZERO, leverage: new Decimal(1) },
        amount: fields.decimal("amount"),
        entryPrice: fields.decimal("entryPrice"),
        timestampMs: fields.number("timestampMs"),
      };
      this.#followed.set(positionKey(tradingPair, side), { position });
    }
  }

  /** Signed; zero when flat. */
  held(tradingPair: string, side: PositionSide): Decimal {
    const followed = this.#followed.get(positionKey(tradingPair, side))?.position;
    return (followed ?? this.#options.position({ tradingPair, side }))?.amount ?? ZERO;
  }

  /** The account has told a position: the first word of one that no trade has told of. */
  see(position: Position): void {
    const key = positionKey(position.tradingPair, position.side);
    if (!this.#followed.has(key) && !position.amount.isZero()) this.#followed.set(key, seen(position, NOTHING));
  }

  /** A trade, once. Returns the profit or loss that it realised, without its fee. */
  apply(trade: AccountTrade): Decimal {
    const { tradingPair, side, price, signedAmount, timestampMs } = trade;
    const key = positionKey(tradingPair, side);
    const { followed, realizedPnl } = this.#before(key, this.#options.position({ tradingPair, side }), timestampMs);
    const unseen = followed?.unseen;
    if (followed !== undefined && unseen !== undefined && timestampMs <= unseen.untilMs) {
      const earlier = beforeTrade(unseen, trade);
      this.#followed.set(key, { position: followed.position, unseen: earlier.unseen });
      this.#write(key, followed.position);
      return realizedPnl.plus(earlier.realizedPnl);
    }
    const known = followed?.position;
    const leverage = known?.leverage ?? new Decimal(1);
    const traded = tradePosition(known, { tradingPair, side, price, signedAmount, leverage, timestampMs });
    this.#followed.set(key, { position: traded.position, unseen });
    this.#write(key, traded.position);
    return realizedPnl.plus(traded.realizedPnl);
  }

  #write(key: string, { tradingPair, side, amount, entryPrice, timestampMs }: Position): void {
    const facts = { tradingPair, side, amount: amount.toFixed(), entryPrice: entryPrice.toFixed(), timestampMs };
    this.#options.journal.writeAccountFact(`${PREFIX}${key}`, amount.isZero() ? undefined : facts);
  }

  /**
   * What a trade changes: the account's position, unless that is older than what was followed or has the trade; and
   * what was realised where the account has another entry price.
   */
  #before(
    key: string,
    reported: Position | undefined,
    tradeMs: number,
  ): { readonly followed: Followed | undefined; readonly realizedPnl: Decimal } {
    const followed = this.#followed.get(key);
    if (reported === undefined) return { followed, realizedPnl: ZERO };
    if (followed === undefined) {
      const first = reported.amount.isZero() ? { position: reported } : seen(reported, NOTHING);
      return { followed: first, realizedPnl: ZERO };
    }
    const { position } = followed;
    if (reported.timestampMs >= tradeMs || reported.timestampMs <= position.timestampMs) {
      return { followed, realizedPnl: ZERO };
    }
    const known = withoutUnseen(followed);
    if (!known.amount.eq(reported.amount)) return { followed: seen(reported, known), realizedPnl: ZERO };
    return { followed: { position: reported }, realizedPnl: stockOf(reported).cost.minus(known.cost) };
  }
}

function stockOf({ amount, entryPrice }: Position): Stock {
  return { amount, cost: amount.times(entryPrice) };
}

function seen(position: Position, known: Stock): Followed {
  return { position, unseen: { untilMs: position.timestampMs, before: stockOf(position), known } };
}

/** Position that would be followed if the trades that are still missing had never been. */
function withoutUnseen({ position, unseen }: Followed): Stock {
  const { amount, cost } = stockOf(position);
  if (unseen === undefined || unseen.known === NOTHING) return { amount, cost };
  const { before, known } = unseen;
  return {
    amount: amount.minus(before.amount.minus(known.amount)),
    cost: cost.minus(before.cost.minus(known.cost)),
  };
}

/** Takes a trade out of a position that has it, as if it had been the last one. */
function beforeTrade(
  { untilMs, before, known }: Unseen,
  { price, signedAmount }: AccountTrade,
): { readonly unseen: Unseen | undefined; readonly realizedPnl: Decimal } {
  const amount = before.amount.minus(signedAmount);
  const paid = signedAmount.times(price);
  const isAdding = before.amount.isNegative() === signedAmount.isNegative() && !before.amount.isZero();
  const entryPrice = before.amount.isZero() ? price : before.cost.div(before.amount);
  // One that added realised nothing, and one that reduced left the entry price as it was.
  const isTurned = isAdding && amount.isNegative() !== before.amount.isNegative();
  const cost = isTurned ? amount.times(price) : isAdding ? before.cost.minus(paid) : amount.times(entryPrice);
  const isWhole = amount.eq(known.amount);
  const realizedPnl = before.cost.minus(isWhole ? known.cost : cost).minus(paid);
  return { unseen: isWhole ? undefined : { untilMs, before: { amount, cost }, known }, realizedPnl };
}
