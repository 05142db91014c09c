import { type Decimal, ZERO } from "../model/decimal.ts";
import type { PositionSide } from "../model/order.ts";
import { JsonFields, quoted } from "../trading/json-fields.ts";
import { NOTHING, type ReportStep, type Stock, type TradeStep } from "./position-steps.ts";

/** A trade and its profit or loss, as far as the trades tell that are known now. */
export interface RealizedTrade extends TradeStep {
  readonly tradingPair: string;
  readonly isAdjustment: boolean;
  /** Estimates of it are of no use: the venue told it, with the trade or in its log. */
  readonly isTold: boolean;
  readonly realized: Decimal;
}

interface Kept {
  readonly factKey: string;
  /** Order of arrival. */
  readonly count: number;
  /** Position after it. */
  readonly after: Stock;
}

export type KeptTrade = RealizedTrade & Kept;
export type KeptStep = KeptTrade | (ReportStep & Kept & { readonly realized: Decimal });

/** Result of a step that the walk over all of them has not come to. */
export const NOT_WALKED = { stock: NOTHING, realized: ZERO } as const;
export const UNWALKED = { realized: ZERO, after: NOTHING } as const;

/** Writes a step as JSON text: a trade as a list, for one is written with each execution. */
export function stepText(tradingPair: string, side: PositionSide, step: KeptStep): string {
  const { count, timestampMs } = step;
  if (step.kind === "report") {
    const { amount, entryPrice, untilMs } = step;
    return JSON.stringify({ kind: "report", tradingPair, side, count, timestampMs, amount, entryPrice, untilMs });
  }
  const { tradeKey, sourceId, price, signedAmount, isAdjustment, isTold } = step;
  const names = `${quoted(tradingPair)},"${side}",${count},${timestampMs},${quoted(tradeKey)},${quoted(sourceId)}`;
  return `{"t":[${names},"${price.toFixed()}","${signedAmount.toFixed()}",${isAdjustment},${isTold}]}`;
}

const TRADE_FIELDS = [
  ...["tradingPair", "side", "count", "timestampMs", "tradeKey", "sourceId", "price", "signedAmount"],
  ...["isAdjustment", "isTold"],
] as const;

/** The fields of a step by name, as it is written where it is no list. */
export function stepFields(written: JsonFields): JsonFields {
  if (!written.has("t")) return written;
  const list = written.list("t");
  const named = TRADE_FIELDS.map((name, at) => [name, list[at]] as const);
  return new JsonFields({ kind: "trade", ...Object.fromEntries(named) });
}

export function stockIn(fields: JsonFields): Stock {
  return { amount: fields.decimal("amount"), entryPrice: fields.decimal("entryPrice") };
}

export function decodeStep(factKey: string, fields: JsonFields): KeptStep {
  const common = { factKey, count: fields.number("count"), timestampMs: fields.number("timestampMs"), ...UNWALKED };
  if (fields.oneOf("kind", ["trade", "report"]) === "report")
    return {
      kind: "report",
      ...stockIn(fields),
      ...common,
      untilMs: fields.number("untilMs"),
    };
  return {
    kind: "trade",
    ...common,
    tradingPair: fields.text("tradingPair"),
    tradeKey: fields.text("tradeKey"),
    sourceId: fields.text("sourceId"),
    price: fields.decimal("price"),
    signedAmount: fields.decimal("signedAmount"),
    isAdjustment: fields.flag("isAdjustment"),
    isTold: fields.flag("isTold"),
  };
}
