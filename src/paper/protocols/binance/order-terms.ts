import { wordTable } from "../../../model/word-table.ts";
import type { Side } from "../../engine/types.ts";
import type { ProtocolContext } from "./context.ts";
import { ApiError, missingParameter, needlessParameter, refused } from "./errors.ts";
import type { Parameters } from "./parameters.ts";
import type { ListedSymbol } from "./symbols.ts";

/** Levels of the book whose price an order may take: of the other side, or of its own. */
const PRICE_MATCHES: Readonly<Record<string, readonly [side: "other" | "own", level: number]>> = wordTable({
  OPPONENT: ["other", 1],
  OPPONENT_5: ["other", 5],
  QUEUE: ["own", 1],
  QUEUE_5: ["own", 5],
  QUEUE_10: ["own", 10],
  QUEUE_20: ["own", 20],
});

/** Prices of conditional orders, which an ordinary one does not have. */
const PRICES_OF_OTHERS = ["stopPrice", "activationPrice", "callbackRate", "activatePrice"];

/** Refuses terms that an ordinary order cannot have or this venue does not support: a term is never dropped. */
export function refuseOtherTerms(parameters: Parameters, type: "limit" | "market"): void {
  if (parameters.flag("closePosition") === true) {
    const text = `Target strategy invalid for orderType ${type.toUpperCase()},closePosition true`;
    throw new ApiError(400, -4136, text);
  }
  for (const name of PRICES_OF_OTHERS) if ((parameters.amount(name) ?? 0n) !== 0n) throw needlessParameter(name);
  if (parameters.flag("priceProtect") === true) throw needlessParameter("priceProtect");
  // The one mode that the matching engine has, which is the venue's own default.
  if ((parameters.text("selfTradePreventionMode") ?? "EXPIRE_MAKER") !== "EXPIRE_MAKER") throw refused(-5039);
}

/** Shortest time to the date of an order, and the last date (docs, New-Order, goodTillDate). */
const MIN_AHEAD_MS = 600_000;
const END_OF_DATES_MS = 253_402_300_799_000;

/** Date of an order that is good until then, cut to the second; zero for any other, which has none. */
export function readGoodTillDate(parameters: Parameters, isGoodTillDate: boolean, nowMs: number): number {
  const dateMs = parameters.integer("goodTillDate");
  if (!isGoodTillDate) {
    if ((dateMs ?? 0) !== 0) throw needlessParameter("goodTillDate");
    return 0;
  }
  if (dateMs === undefined) throw missingParameter("goodTillDate");
  if (dateMs <= nowMs + MIN_AHEAD_MS || dateMs >= END_OF_DATES_MS) throw refused(-5040);
  return Math.floor(dateMs / 1_000) * 1_000;
}

/** Reads the setting in place of a price; undefined where the order has a price of its own. */
export function readPriceMatch(parameters: Parameters, type: "limit" | "market"): string | undefined {
  const priceMatch = parameters.text("priceMatch") ?? "NONE";
  if (priceMatch === "NONE") return undefined;
  if (type === "market") throw refused(-5038);
  if (PRICE_MATCHES[priceMatch] === undefined) throw refused(-5037);
  if (parameters.text("price") !== undefined) throw needlessParameter("price");
  return priceMatch;
}

/** Price of a limit order, its own or that of a level of the book. Throws -5041 where the book has no such level. */
export function readLimitPrice(
  context: Pick<ProtocolContext, "engine">,
  parameters: Parameters,
  listed: ListedSymbol,
  side: Side,
): bigint {
  const priceMatch = readPriceMatch(parameters, "limit");
  if (priceMatch === undefined) {
    const price = parameters.amount("price", listed.pricePrecision);
    if (price === undefined) throw missingParameter("price");
    return price;
  }
  const [from, level] = PRICE_MATCHES[priceMatch] ?? ["own", 1];
  const { bids, asks } = context.engine.book(listed.spec.market, level);
  const levels = (side === "buy") === (from === "own") ? bids : asks;
  const price = levels[level - 1]?.[0];
  if (price === undefined) throw refused(-5041);
  return price;
}
