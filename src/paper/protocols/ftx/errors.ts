import type { RefusalCode } from "../../engine/types.ts";
import { restJson, type WireObject, type WireValue } from "./wire.ts";

/** A refusal as FTX words it. Clients match the text, so the spelling is the protocol. */
export class ApiError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

export const badRequest = (message: string): ApiError => new ApiError(400, message);
export const unauthorized = (message: string): ApiError => new ApiError(401, message);
export const notFound = (message: string): ApiError => new ApiError(404, message);
export const missingParameter = (name: string): ApiError => badRequest(`Missing parameter ${name}`);
export const invalidParameter = (name: string): ApiError => badRequest(`Invalid parameter ${name}`);

const REFUSALS: Readonly<Record<RefusalCode, string>> = {
  noSuchAccount: "Not logged in",
  noSuchMarket: "No such market",
  // FTX's own words for it are not known.
  marketHalted: "Invalid market: trading is halted",
  noSuchOrder: "Order not found",
  orderClosed: "Order already closed",
  accountExists: "Internal Error",
  invalidPrice: "Invalid price",
  invalidSize: "Invalid parameter size",
  sizeTooSmall: "Size too small",
  sizeTooSmallForMaker: "Size too small for provide",
  sizeTooLarge: "Size too large",
  notionalTooSmall: "Size too small",
  priceOutOfBand: "Invalid price",
  duplicateClientId: "Duplicate client order ID",
  insufficientMargin: "Account does not have enough margin for order",
  invalidReduceOnly: "Invalid reduce-only order",
  invalidLeverage: "Invalid parameter leverage",
  invalidAmount: "Invalid parameter size",
  liquidating: "Account does not have enough margin for order",
  positionSideMismatch: "Invalid reduce-only order",
  tooManyOrders: "Too many open orders",
  sizeBelowFilled: "Size too small",
  unchanged: "Must modify either price or size",
  leverageUnchanged: "Invalid parameter leverage",
  positionsOpen: "Internal Error",
  ordersOpen: "Internal Error",
  notIsolated: "Internal Error",
  noPosition: "Internal Error",
};

export function refusal(code: RefusalCode): ApiError {
  return new ApiError(code === "noSuchOrder" || code === "noSuchMarket" ? 404 : 400, REFUSALS[code]);
}

export function successBody(result: WireValue, siblings: WireObject = {}): string {
  return restJson({ success: true, result, ...siblings });
}

export function failureBody(error: string): string {
  return restJson({ success: false, error });
}
