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
  /** As the venue's cash flows name it, where they do. */
  readonly sourceId: string;
  readonly tradingPair: string;
  readonly side: PositionSide;
  readonly price: Decimal;
  /** Negative for a sell. */
  readonly signedAmount: Decimal;
  readonly fee: TradeFee | undefined;
  /** The venue made it by itself: its cash flows may not name the trade. */
  readonly isAdjustment: boolean;
  readonly timestampMs: number;
}

type Traded = Omit<Fill, "clientOrderId" | "positionAction"> & Pick<TradeUpdate, "positionAction">;

/** `held` tells what is open on a side: it decides what a trade that does not name its position closed. */
export function tradeOf(trade: Traded, mode: PositionMode, held: (side: PositionSide) => Decimal): AccountTrade {
  const { tradingPair, exchangeOrderId, fillId, price, fee, timestampMs } = trade;
  const signedAmount = trade.side === "buy" ? trade.amount : trade.amount.neg();
  const opposite = trade.side === "buy" ? "short" : "long";
  const action = trade.positionAction ?? (mode === "hedge" && !held(opposite).isZero() ? "close" : "open");
  const side = positionSideOf(mode, trade.side, action);
  const tradeKey = fillKey(tradingPair, exchangeOrderId, fillId);
  const common = { tradingPair, side, price, signedAmount, fee, timestampMs };
  return { tradeKey, sourceId: fillId, ...common, isAdjustment: false };
}

export function tradeOfAdjustment(adjustment: PositionAdjustment): AccountTrade {
  const { adjustmentId, tradingPair, side, price, amount: signedAmount, fee, timestampMs } = adjustment;
  const common = { tradingPair, side, price, signedAmount, fee, timestampMs };
  return { tradeKey: adjustmentId, sourceId: adjustmentId, ...common, isAdjustment: true };
}

export interface FollowedPositionsOptions {
  readonly journal: Pick<OrderJournal, "accountFacts" | "writeAccountFact">;
  /** The position as the account knows it, also when that is flat; undefined when it never heard of one. */
  position(key: Pick<Position, "tradingPair" | "side">): Position | undefined;
}

const PREFIX = "position|";

/**
 * Positions by the trades that made them, for what each trade realised. Kept in the journal: a trade that closes may come
 * to another process than the one that opened.
 */
export class FollowedPositions {
  readonly #options: FollowedPositionsOptions;
  readonly #positions = new Map<string, Position>();

  constructor(options: FollowedPositionsOptions) {
    this.#options = options;
    for (const [key, fields] of options.journal.accountFacts()) {
      if (!key.startsWith(PREFIX)) continue;
      const tradingPair = fields.text("tradingPair");
      const side = fields.oneOf("side", ["both", "long", "short"]);
      this.#positions.set(positionKey(tradingPair, side), {
        ...{ tradingPair, side, marginMode: "cross", unrealizedPnl: ZERO, leverage: new Decimal(1) },
        amount: fields.decimal("amount"),
        entryPrice: fields.decimal("entryPrice"),
        timestampMs: fields.number("timestampMs"),
      });
    }
  }

  /** Signed; zero when flat. */
  held(tradingPair: string, side: PositionSide): Decimal {
    const followed = this.#positions.get(positionKey(tradingPair, side));
    return (followed ?? this.#options.position({ tradingPair, side }))?.amount ?? ZERO;
  }

  /** The account has told a position: trades that come late are held against the first word of it, not the last. */
  see(position: Position): void {
    const key = positionKey(position.tradingPair, position.side);
    if (!this.#positions.has(key) && !position.amount.isZero()) this.#positions.set(key, position);
  }

  /** A trade, once. Returns the profit or loss that it realised, without its fee. */
  apply({ tradingPair, side, price, signedAmount, timestampMs }: AccountTrade): Decimal {
    const key = positionKey(tradingPair, side);
    const known = this.#before(key, this.#options.position({ tradingPair, side }), timestampMs);
    const leverage = known?.leverage ?? new Decimal(1);
    const traded = tradePosition(known, { tradingPair, side, price, signedAmount, leverage, timestampMs });
    const { position } = traded;
    this.#positions.set(key, position);
    const facts = { amount: position.amount.toFixed(), entryPrice: position.entryPrice.toFixed() };
    this.#options.journal.writeAccountFact(
      `${PREFIX}${key}`,
      position.amount.isZero() ? undefined : { tradingPair, side, ...facts, timestampMs: position.timestampMs },
    );
    return traded.realizedPnl;
  }

  /** The position that a trade changes: the account's, unless it is older than what was followed or has the trade. */
  #before(key: string, reported: Position | undefined, tradeMs: number): Position | undefined {
    const followed = this.#positions.get(key);
    if (reported === undefined || followed === undefined) return followed ?? reported;
    return reported.timestampMs < tradeMs && reported.timestampMs > followed.timestampMs ? reported : followed;
  }
}
