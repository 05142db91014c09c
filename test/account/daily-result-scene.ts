import { type AccountTrade, tradeOf } from "../../src/account/account-trade.ts";
import { DailyResult, type DailyResultOptions } from "../../src/account/daily-result.ts";
import type { CashFlow } from "../../src/model/cash-flow.ts";
import { decimal, ONE, ZERO } from "../../src/model/decimal.ts";
import { flatFee } from "../../src/model/fee.ts";
import type { Fill } from "../../src/model/fill.ts";
import type { PositionMode } from "../../src/model/order.ts";
import { type Position, positionKey } from "../../src/model/position.ts";
import type { DecodeFields, DecodeText } from "../../src/trading/journal-tables.ts";
import { JsonFields } from "../../src/trading/json-fields.ts";

export const PAIR = "BTC-USD";
export const DAY_MS = 86_400_000;
export const NOON_MS = 19_000 * DAY_MS + DAY_MS / 2;

export function fill(side: Fill["side"], amount: string, price: string, changes: Partial<Fill> = {}): Fill {
  return {
    fillId: "f",
    clientOrderId: "c",
    exchangeOrderId: "e",
    tradingPair: PAIR,
    side,
    positionAction: "open",
    price: decimal(price),
    amount: decimal(amount),
    fee: flatFee("USD", ZERO),
    isMaker: false,
    timestampMs: NOON_MS,
    ...changes,
  };
}

export function scene() {
  const cursors = new Map<string, string>();
  const account = new Map<string, Position & { readonly untilMs: number }>();
  const facts = new Map<string, string>();
  const prices = new Map([["USD", ONE]]);
  const journal = {
    readCursor: <T>(name: string, decode: DecodeText<T>) => {
      const text = cursors.get(name);
      return text === undefined ? undefined : decode(text, name);
    },
    setCursor: (name: string, value: string) => void cursors.set(name, value),
    accountFacts: <T>(prefix: string, decode: DecodeFields<T>) =>
      [...facts]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, text]) => decode(JsonFields.parse(text), key.slice(prefix.length))),
    writeAccountFact: (key: string, text: string | undefined) =>
      void (text === undefined ? facts.delete(key) : facts.set(key, text)),
    batch: <T>(work: () => T) => work(),
  };
  const create = (options: Partial<DailyResultOptions> = {}) =>
    new DailyResult({
      journal,
      position: ({ tradingPair, side }) => account.get(positionKey(tradingPair, side)),
      priceOf: (token) => prices.get(token),
      ...options,
    });
  /** What the account says, of a time. */
  const report = (
    amount: string,
    entryPrice: string,
    timestampMs: number,
    side: Position["side"] = "both",
    untilMs = timestampMs,
  ) => {
    account.set(positionKey(PAIR, side), { ...position(amount, entryPrice, timestampMs), side, untilMs });
  };
  return { cursors, facts, prices, create, report, result: create() };
}

export function position(amount: string, entryPrice: string, timestampMs: number): Position {
  const rest = { marginMode: "cross" as const, unrealizedPnl: ZERO, leverage: decimal("10"), timestampMs };
  return { tradingPair: PAIR, side: "both", amount: decimal(amount), entryPrice: decimal(entryPrice), ...rest };
}

let trades = 0;
/** A fill that the ledger has counted, with an id of its own. */
export function applyFill(result: DailyResult, counted: Fill, mode: PositionMode): void {
  trades += 1;
  result.applyTrade(tradeIn(result, { ...counted, fillId: `f${trades}` }, mode), { isCounted: true });
}

export const tradeIn = (result: DailyResult, counted: Fill, mode: PositionMode = "oneWay"): AccountTrade =>
  tradeOf(counted, mode, (side) => result.held(counted.tradingPair, side));

export const at = (result: DailyResult, nowMs = NOON_MS) => result.resultAt(nowMs).toFixed();

export const cashFlow = (
  cashFlowId: string,
  kind: CashFlow["kind"],
  amount: string,
  more: Partial<CashFlow> = {},
): CashFlow => ({
  ...{ cashFlowId, kind, tradingPair: PAIR, asset: "USD", amount: decimal(amount), timestampMs: NOON_MS },
  ...more,
});
export const SOON_MS = NOON_MS + 10_000;
export const DAY_START_MS = NOON_MS - DAY_MS / 2;

/** A venue that tells its cash flows; its rows are read as they are there at a time. */
export function loggedScene() {
  const known = scene();
  const options = { hasCashFlows: true };
  const result = known.create(options);
  const read = (rows: readonly CashFlow[], askedAtMs = SOON_MS, of = result) => {
    const sinceMs = of.cashFlowsSince(askedAtMs, "poll");
    const listed = rows.filter(({ timestampMs }) => timestampMs >= sinceMs);
    of.applyCashFlows(listed, sinceMs, askedAtMs);
  };
  const close = (fillId: string, price: string, changes: Partial<Fill> = {}) => {
    const closing = fill("sell", "1", price, { fillId, fee: flatFee("USD", decimal("0.1")), ...changes });
    result.applyTrade(tradeIn(result, closing));
  };
  return { ...known, result, read, close, restart: () => known.create(options) };
}
