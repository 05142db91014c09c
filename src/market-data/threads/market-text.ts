import { Decimal } from "../../model/decimal.ts";
import type { Market, TradingRule } from "../../model/market.ts";

/** A market as it crosses threads: amounts are text, for an object of a class would come without it. */
export interface MarketText extends Omit<Market, "rule"> {
  readonly rule: Readonly<Record<string, unknown>>;
}

const AMOUNT = "amount";

export function textOfMarket({ rule, ...market }: Market): MarketText {
  const entries = Object.entries(rule).map(([name, value]) => [
    name,
    value instanceof Decimal ? { [AMOUNT]: value.toFixed() } : value,
  ]);
  return { ...market, rule: Object.fromEntries(entries) };
}

export function marketOfText({ rule, ...market }: MarketText): Market {
  const entries = Object.entries(rule).map(([name, value]) => {
    const amount = typeof value === "object" && value !== null ? Reflect.get(value, AMOUNT) : undefined;
    return [name, typeof amount === "string" ? new Decimal(amount) : value];
  });
  return { ...market, rule: Object.fromEntries(entries) as unknown as TradingRule };
}
