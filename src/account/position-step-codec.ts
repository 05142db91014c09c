import { type Decimal, ZERO } from "../model/decimal.ts";
import type { PositionSide } from "../model/order.ts";
import { type JsonFields, quoted } from "../trading/json-fields.ts";
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

/** Writes a step as JSON text, in half of the time that its amounts take as objects. */
export function stepText(tradingPair: string, side: PositionSide, step: KeptStep): string {
  const { count, timestampMs } = step;
  const at = `"tradingPair":${quoted(tradingPair)},"side":"${side}","count":${count},"timestampMs":${timestampMs}`;
  if (step.kind === "report") {
    const { amount, entryPrice, untilMs } = step;
    const stock = `"amount":"${amount.toFixed()}","entryPrice":"${entryPrice.toFixed()}"`;
    return `{"kind":"report",${at},${stock},"untilMs":${JSON.stringify(untilMs)}}`;
  }
  const { tradeKey, sourceId, price, signedAmount, isAdjustment, isTold } = step;
  const names = `"tradeKey":${quoted(tradeKey)},"sourceId":${quoted(sourceId)}`;
  const terms = `"price":"${price.toFixed()}","signedAmount":"${signedAmount.toFixed()}"`;
  return `{"kind":"trade",${at},${names},${terms},"isAdjustment":${isAdjustment},"isTold":${isTold}}`;
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
