import { wordTable } from "../../../model/word-table.ts";
import type { Command, PositionSide, Side } from "../../engine/types.ts";
import type { ProtocolContext } from "./context.ts";
import { illegalCharacters, missingParameter, needlessParameter, refused } from "./errors.ts";
import { readGoodTillDate, readLimitPrice, readPriceMatch, refuseOtherTerms } from "./order-terms.ts";
import type { Parameters } from "./parameters.ts";
import type { ListedSymbol } from "./symbols.ts";

const SIDES: Readonly<Record<string, Side>> = wordTable({ BUY: "buy", SELL: "sell" });
const POSITION_SIDES: Readonly<Record<string, PositionSide>> = wordTable({
  BOTH: "both",
  LONG: "long",
  SHORT: "short",
});
const TIMES_IN_FORCE = ["GTC", "IOC", "FOK", "GTX", "GTD"] as const;
type WireTimeInForce = (typeof TIMES_IN_FORCE)[number];
/** Types that moved to `POST /fapi/v1/algoOrder` in December 2025, which the paper venue does not serve. */
const ALGO_TYPES: ReadonlySet<string> = new Set([
  "STOP",
  "STOP_MARKET",
  "TAKE_PROFIT",
  "TAKE_PROFIT_MARKET",
  "TRAILING_STOP_MARKET",
]);
const CLIENT_ID_RANGE = "^[\\.A-Z\\:/a-z0-9_-]{1,36}$";
const CLIENT_ID = /^[.A-Z:/a-z0-9_-]+$/;
const MAX_CLIENT_ID = 36;
/** Binance's own ids for orders without one have 22 characters. */
const GENERATED_LENGTH = 22;

/** An order as the API understood it. */
export interface OrderRequest {
  readonly listed: ListedSymbol;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly type: "limit" | "market";
  readonly price: bigint | null;
  /** Part of the book that the price was taken from, where the order named no price. */
  readonly priceMatch: string | undefined;
  readonly size: bigint;
  readonly timeInForce: WireTimeInForce;
  /** Epoch milliseconds; zero unless it is good until a date. */
  readonly goodTillDateMs: number;
  readonly reduceOnly: boolean;
  /** True where `reduceOnly` was sent at all, which hedge mode forbids. */
  readonly saysReduceOnly: boolean;
  readonly clientId: string;
  readonly wantsResult: boolean;
}

/** Reads an order; throws for what is missing, misspelt or needless. */
export function readOrder(
  context: Pick<ProtocolContext, "engine" | "symbols" | "random" | "now">,
  parameters: Parameters,
): OrderRequest {
  const { symbols, random } = context;
  const listed = symbols.required(parameters);
  const side = SIDES[parameters.requiredText("side")];
  if (side === undefined) throw refused(-1117);
  const type = readType(parameters.requiredText("type"));
  refuseOtherTerms(parameters, type);
  const timeInForce = readTimeInForce(parameters, type);
  const responseType = parameters.oneOf("newOrderRespType", ["ACK", "RESULT"] as const);
  return {
    listed,
    side,
    positionSide: readPositionSide(parameters),
    type,
    price: type === "market" ? noPrice(parameters) : readLimitPrice(context, parameters, listed, side),
    priceMatch: readPriceMatch(parameters, type),
    size: readQuantity(parameters, listed),
    timeInForce,
    goodTillDateMs: readGoodTillDate(parameters, timeInForce === "GTD", context.now()),
    reduceOnly: parameters.flag("reduceOnly") ?? false,
    saysReduceOnly: parameters.flag("reduceOnly") !== undefined,
    clientId: readClientId(parameters) ?? random.hex(GENERATED_LENGTH),
    wantsResult: responseType === "RESULT",
  };
}

function readType(text: string): "limit" | "market" {
  if (ALGO_TYPES.has(text)) throw refused(-4120);
  if (text !== "LIMIT" && text !== "MARKET") throw refused(-1116);
  return text === "LIMIT" ? "limit" : "market";
}

export function readPositionSide(parameters: Parameters): PositionSide {
  const positionSide = POSITION_SIDES[parameters.text("positionSide") ?? "BOTH"];
  if (positionSide === undefined) throw refused(-4060);
  return positionSide;
}

export function readQuantity(parameters: Parameters, { quantityPrecision }: ListedSymbol): bigint {
  const size = parameters.amount("quantity", quantityPrecision);
  if (size === undefined) throw missingParameter("quantity");
  return size;
}

function noPrice(parameters: Parameters): null {
  if ((parameters.amount("price") ?? 0n) !== 0n) throw needlessParameter("price");
  return null;
}

function readTimeInForce(parameters: Parameters, type: "limit" | "market"): WireTimeInForce {
  const text = parameters.text("timeInForce");
  if (type === "market") {
    if (text !== undefined) throw needlessParameter("timeInForce");
    return "IOC";
  }
  if (text === undefined) throw missingParameter("timeInForce");
  const known = TIMES_IN_FORCE.find((value) => value === text);
  if (known === undefined) throw refused(-1115);
  return known;
}

function readClientId(parameters: Parameters): string | undefined {
  const clientId = parameters.text("newClientOrderId");
  if (clientId === undefined) return undefined;
  if (clientId.length > MAX_CLIENT_ID) throw refused(-4015);
  if (!CLIENT_ID.test(clientId)) throw illegalCharacters("newClientOrderId", CLIENT_ID_RANGE);
  return clientId;
}

export function placeCommand(accountId: string, request: OrderRequest): Command {
  const { listed, side, positionSide, type, price, size, timeInForce, reduceOnly, clientId } = request;
  return {
    type: "placeOrder",
    accountId,
    market: listed.spec.market,
    side,
    positionSide,
    orderType: type,
    price,
    size,
    timeInForce: timeInForce === "GTX" || timeInForce === "GTD" ? "GTC" : timeInForce,
    postOnly: timeInForce === "GTX",
    reduceOnly,
    clientId,
  };
}
