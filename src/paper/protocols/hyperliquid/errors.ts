import { formatAmount } from "../../engine/amount.ts";
import { divideRound } from "../../engine/arithmetic.ts";
import { type MarketView, type RefusalCode, UNIT } from "../../engine/types.ts";

/** An answer that is no JSON of the API: a malformed request, a value that the server fails at, a limit. */
export class TransportRefusal extends Error {
  readonly status: number;
  /** Text, or `null` as JSON. */
  readonly body: string;
  constructor(status: number, body: string) {
    super(`${status}: ${body}`);
    this.status = status;
    this.body = body;
  }
}

/** `{"status":"err","response":text}`: nothing of the action was done. */
export class ActionRefusal extends Error {}

/** Refusal of one order of a batch, in the words of its status. */
export class OrderRefusal extends Error {}

export const notJson = (): TransportRefusal => new TransportRefusal(400, "Failed to parse the request body as JSON");
export const malformed = (): TransportRefusal =>
  new TransportRefusal(422, "Failed to deserialize the JSON body into the target type");
export const wrongContentType = (): TransportRefusal =>
  new TransportRefusal(415, "Expected request with `Content-Type: application/json`");
/** Answer of the venue to a value that it parses and then fails at, for example an unknown coin. */
export const failsAt = (): TransportRefusal => new TransportRefusal(500, "null");
export const tooManyRequests = (): TransportRefusal => new TransportRefusal(429, "null");

export const noSuchWallet = (address: string): ActionRefusal =>
  new ActionRefusal(`User or API Wallet ${address} does not exist.`);
export const mustDeposit = (address: string): ActionRefusal =>
  new ActionRefusal(`Must deposit before performing actions. User: ${address}`);

export const neverPlaced = (asset: number): OrderRefusal =>
  new OrderRefusal(`Order was never placed, already canceled, or filled. asset=${asset}`);

/** Texts of refusals that the documents do not have are in their manner. */
const REFUSALS: Readonly<Record<RefusalCode, string>> = {
  noSuchAccount: "Must deposit before performing actions.",
  noSuchMarket: "Trading is halted: the asset is delisted.",
  marketHalted: "Trading is halted.",
  noSuchOrder: "Order was never placed, already canceled, or filled.",
  orderClosed: "Order was never placed, already canceled, or filled.",
  accountExists: "Account exists.",
  invalidPrice: "Price must be divisible by tick size.",
  invalidSize: "Order has invalid size.",
  sizeTooSmall: "Order has invalid size.",
  sizeTooSmallForMaker: "Order has invalid size.",
  sizeTooLarge: "Order value too large.",
  notionalTooSmall: "Order must have minimum value of $10.",
  priceOutOfBand: "Order price cannot be more than 80% away from the reference price",
  duplicateClientId: "Order has a cloid that another open order has.",
  insufficientMargin: "Insufficient margin to place order.",
  invalidReduceOnly: "Reduce only order would increase position.",
  invalidLeverage: "Invalid leverage value",
  invalidAmount: "Invalid amount.",
  liquidating: "Insufficient margin to place order.",
  positionSideMismatch: "Order does not fit the account's position mode.",
  tooManyOrders: "Too many open orders.",
  sizeBelowFilled: "Order has invalid size.",
  unchanged: "Nothing to change.",
  leverageUnchanged: "Nothing to change.",
  positionsOpen: "Cannot switch leverage type with open position.",
  ordersOpen: "Cannot switch leverage type with open orders.",
  notIsolated: "Position is not isolated.",
  noPosition: "No open position.",
};

export function refusalText(code: RefusalCode, market?: MarketView): string {
  if (market === undefined) return REFUSALS[code];
  const { spec, mark } = market;
  if (code === "notionalTooSmall") return `Order must have minimum value of $${formatAmount(spec.minNotional)}.`;
  if (code === "sizeTooLarge") {
    return `Order value too large. Max is $${formatAmount(divideRound(spec.maxSize * mark, UNIT))}.`;
  }
  if (code === "priceOutOfBand") {
    const percent = formatAmount(spec.priceBand * 100n);
    return `Order price cannot be more than ${percent}% away from the reference price`;
  }
  return REFUSALS[code];
}
