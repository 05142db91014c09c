import type { MarketView, Placement, PositionSide, Side } from "../../engine/types.ts";
import type { BybitContext } from "./context.ts";
import { BybitError, invalidParameter, missingParameter, parameterError, refusal } from "./errors.ts";
import { minimumSize, requireMarket } from "./market-names.ts";
import type { Parameters } from "./parameters.ts";
import { heldPrice } from "./price-limits.ts";

const LINK_ID = /^[A-Za-z0-9_-]{1,36}$/;
const LEGS: readonly PositionSide[] = ["both", "long", "short"];
const DEEPEST_LEVEL = 5;

/**
 * Reads the terms of an order. Throws Bybit's refusal, also for terms that this venue does not support: none is dropped
 * in silence.
 */
export function readPlacement(context: BybitContext, parameters: Parameters, accountId: string): Placement {
  const market = requireMarket(context.engine, parameters.required("symbol"));
  const direction = parameters.oneOf("side", ["Buy", "Sell"]);
  const kind = parameters.oneOf("orderType", ["Limit", "Market"]);
  if (direction === undefined) throw missingParameter("side");
  if (kind === undefined) throw missingParameter("orderType");
  refuseWhatIsNotHere(parameters);
  const side = direction === "Buy" ? "buy" : "sell";
  const price = kind === "Limit" ? readPrice(context, parameters, { accountId, market, side }) : null;
  const timeInForce = parameters.oneOf("timeInForce", ["GTC", "IOC", "FOK", "PostOnly", "RPI"]) ?? "GTC";
  if (timeInForce === "RPI") throw new BybitError(110_119, "RPI orders are for market makers only.");
  const isMaker = timeInForce === "PostOnly";
  const clientId = parameters.text("orderLinkId") ?? null;
  if (clientId !== null && !LINK_ID.test(clientId)) throw parameterError("OrderLinkedID invalid");
  const positionSide = LEGS[parameters.integer("positionIdx") ?? 0];
  if (positionSide === undefined) throw invalidParameter("positionIdx");
  const placement = {
    type: "placeOrder",
    accountId,
    market: market.spec.market,
    side,
    positionSide,
    orderType: kind === "Limit" ? "limit" : "market",
    price,
    timeInForce: kind === "Market" ? "IOC" : isMaker ? "GTC" : timeInForce,
    postOnly: kind === "Limit" && isMaker,
    reduceOnly: parameters.flag("reduceOnly") || parameters.flag("closeOnTrigger"),
    clientId,
    isPriceBandKept: true,
  } as const;
  const size = readSize(context, parameters, placement);
  if (size < minimumSize(market) && !placement.reduceOnly) throw refusal("sizeTooSmall");
  return { ...placement, size };
}

/**
 * Reads the price as asked for, or that of a level of the book (`bboSideType`, `bboLevel`), within the price limits.
 */
function readPrice(
  context: BybitContext,
  parameters: Parameters,
  order: { readonly accountId: string; readonly market: MarketView; readonly side: Side },
): bigint {
  const from = parameters.oneOf("bboSideType", ["Queue", "Counterparty"]);
  const price = from === undefined ? parameters.amount("price") : levelPrice(context, parameters, order, from);
  if (price === undefined) throw missingParameter("price");
  return heldPrice(context, order, price);
}

function levelPrice(
  { engine }: BybitContext,
  parameters: Parameters,
  { market, side }: { readonly market: MarketView; readonly side: Side },
  from: "Queue" | "Counterparty",
): bigint {
  const level = parameters.integer("bboLevel") ?? 1;
  if (level < 1 || level > DEEPEST_LEVEL) throw invalidParameter("bboLevel");
  const { bids, asks } = engine.book(market.spec.market, DEEPEST_LEVEL);
  const levels = (side === "buy") === (from === "Queue") ? bids : asks;
  const price = levels[level - 1]?.[0];
  if (price === undefined) throw parameterError("params error: the book has no such level");
  return price;
}

/** A quantity of 0 closes the whole position, when it is reduce-only and close-on-trigger (docs v5, create-order). */
function readSize({ engine }: BybitContext, parameters: Parameters, placement: Omit<Placement, "size">): bigint {
  const size = parameters.amount("qty");
  if (size === undefined) throw missingParameter("qty");
  if (size !== 0n || !parameters.flag("reduceOnly") || !parameters.flag("closeOnTrigger")) return size;
  const leg = engine
    .positions(placement.accountId, placement.market)
    .find((position) => position.side === placement.positionSide);
  const open = leg?.size ?? 0n;
  if (open === 0n) throw refusal("invalidReduceOnly");
  return open < 0n ? -open : open;
}

const CONDITIONAL = ["triggerPrice", "takeProfit", "stopLoss", "tpLimitPrice", "slLimitPrice"] as const;

/** Conditional orders, take profit and stop loss are not on this venue; an order that does without would be worse. */
export function refuseConditional(parameters: Parameters): void {
  for (const name of CONDITIONAL) {
    const value = parameters.amount(name);
    if (value !== undefined && value !== 0n) throw notHere(name);
  }
}

/** `smpType` "CancelMaker" is what the matching engine does anyhow. */
function refuseWhatIsNotHere(parameters: Parameters): void {
  refuseConditional(parameters);
  if ((parameters.amount("slippageTolerance") ?? 0n) !== 0n) throw notHere("slippageTolerance");
  const smpType = parameters.oneOf("smpType", ["None", "CancelMaker", "CancelTaker", "CancelBoth"]) ?? "None";
  if (smpType === "CancelTaker" || smpType === "CancelBoth") throw notHere(`smpType ${smpType}`);
}

const notHere = (name: string): BybitError => parameterError(`${name} is not supported by the paper venue`);
