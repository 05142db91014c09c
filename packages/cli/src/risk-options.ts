import { type Command, Option } from "commander";
import { ConfigError } from "../../../src/model/error.ts";
import type { RiskLimits } from "../../../src/trading/risk-limits.ts";

/** Limits as text: of flags, of the environment or of the configuration. */
export interface RiskLimitTexts {
  readonly maxOrderNotional?: string | undefined;
  readonly maxMarketNotional?: string | undefined;
  /** `PAIR=AMOUNT`, several apart by commas. */
  readonly maxPosition?: string | undefined;
  readonly maxOpenOrders?: string | undefined;
  readonly priceCollar?: string | undefined;
  /** `10/1000ms` or `10/1s`. */
  readonly maxOrderRate?: string | undefined;
  readonly maxDailyLoss?: string | undefined;
}

/** Suffixes that follow `<connector>_` in a key of the configuration, and the limit that each sets. */
export const RISK_SUFFIXES = {
  max_order_notional: "maxOrderNotional",
  max_market_notional: "maxMarketNotional",
  max_position: "maxPosition",
  max_open_orders: "maxOpenOrders",
  price_collar: "priceCollar",
  max_order_rate: "maxOrderRate",
  max_daily_loss: "maxDailyLoss",
} as const satisfies Readonly<Record<string, keyof RiskLimitTexts>>;

export function addRiskOptions(command: Command): Command {
  const limit = (flags: string, description: string) => new Option(flags, description).helpGroup("Risk limits:");
  const addPosition = (text: string, before: string | undefined) => joined(before, text);
  return command
    .addOption(limit("--max-order-notional <amount>", "largest order, quote units"))
    .addOption(limit("--max-market-notional <amount>", "largest position and open orders of a market, quote units"))
    .addOption(
      limit("--max-position <pair=amount>", "largest position, base units; may be repeated").argParser(addPosition),
    )
    .addOption(limit("--max-open-orders <number>", "most orders of this journal that are open at a time"))
    .addOption(limit("--price-collar <fraction>", "furthest from the mark price on the costly side: 0.05 is 5 %"))
    .addOption(limit("--max-order-rate <orders/time>", "most orders of one process in a time, for example 10/1000ms"))
    .addOption(limit("--max-daily-loss <amount>", "no new positions after such a loss in a UTC day, quote units"));
}

/**
 * A flag wins over a configured limit; a position limit only over that of the same pair. Throws `ConfigError` for text
 * that is no limit; amounts are checked where they are used.
 */
export function riskLimitsOf(flags: RiskLimitTexts, configured: RiskLimitTexts): RiskLimits | undefined {
  const text = (name: keyof RiskLimitTexts): string | undefined => flags[name] ?? configured[name];
  const maxPosition = joined(configured.maxPosition, flags.maxPosition);
  const openOrders = text("maxOpenOrders");
  const rate = text("maxOrderRate");
  const limits: RiskLimits = {
    maxOrderNotional: text("maxOrderNotional"),
    maxMarketNotional: text("maxMarketNotional"),
    maxPosition: maxPosition === undefined ? undefined : positionsOf(maxPosition),
    maxOpenOrders: openOrders === undefined ? undefined : countOf("maxOpenOrders", openOrders),
    priceCollar: text("priceCollar"),
    maxOrderRate: rate === undefined ? undefined : rateOf(rate),
    maxDailyLoss: text("maxDailyLoss"),
  };
  return Object.values(limits).every((value) => value === undefined) ? undefined : limits;
}

function joined(first: string | undefined, second: string | undefined): string | undefined {
  return first === undefined || second === undefined ? (first ?? second) : `${first},${second}`;
}

function positionsOf(text: string): Readonly<Record<string, string>> {
  const entries = text.split(",").map((entry): readonly [string, string] => {
    const [, pair, amount] = /^([^=\s-]+-[^=\s]+)=(\S+)$/.exec(entry.trim()) ?? [];
    if (pair === undefined || amount === undefined) throw noLimit("maxPosition", entry, "it is like BTC-USD=0.5");
    return [pair, amount];
  });
  return Object.fromEntries(entries);
}

function countOf(name: keyof RiskLimitTexts, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw noLimit(name, text, "it is a whole number");
  return Number(text);
}

function rateOf(text: string): RiskLimits["maxOrderRate"] {
  const [, orders, time, unit] = /^(\d{1,9})\/(\d{1,9})(ms|s)$/.exec(text) ?? [];
  if (orders === undefined || time === undefined) throw noLimit("maxOrderRate", text, "it is like 10/1000ms");
  return { orders: Number(orders), intervalMs: Number(time) * (unit === "s" ? 1_000 : 1) };
}

function noLimit(name: keyof RiskLimitTexts, text: string, hint: string): ConfigError {
  return new ConfigError(`risk limit ${name}: "${text}" is none`, { code: "RISK_LIMIT_TEXT", hint });
}
