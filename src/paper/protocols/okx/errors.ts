import type { RefusalCode } from "../../engine/types.ts";

/** A refusal as OKX words it; codes and HTTP statuses are those of its list of errors (docs v5, Error Code). */
export class OkxError extends Error {
  readonly code: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: string, message: string, status = 200, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

export const ALL_FAILED = "All operations failed";
export const PARTLY_FAILED = "Bulk operation partially succeeded.";

export const parameterError = (name: string): OkxError => new OkxError("51000", `Parameter ${name} error`, 400);
export const missingParameter = (name: string): OkxError =>
  new OkxError("50014", `Parameter ${name} can not be empty.`, 400);
export const malformedBody = (): OkxError => new OkxError("50002", "JSON syntax error", 400);
export const noSuchInstrument = (): OkxError =>
  new OkxError("51001", "Instrument ID, Instrument ID code, or Spread ID doesn't exist.");
export const tooManyRequests = (headers: Readonly<Record<string, string>> = {}): OkxError =>
  new OkxError(
    "50011",
    "Rate limit reached. Please refer to API documentation and throttle requests accordingly.",
    429,
    headers,
  );
export const serverError = (): OkxError => new OkxError("50026", "System error. Try again later.", 500);
export const serviceUnavailable = (): OkxError =>
  new OkxError("50001", "Service temporarily unavailable. Try again later.", 503);
export const orderUnknown = (): OkxError => new OkxError("51603", "Order does not exist");
export const marketOrderTooLarge = (): OkxError =>
  new OkxError("51202", "Market order amount exceeds the maximum amount.");

/** An order that has ended, or that there never was: 51401, 51402, 51509 and 51510 are of spread trading (docs v5). */
export function notOpen(what: "cancel" | "amend"): OkxError {
  return what === "cancel"
    ? new OkxError("51400", "Cancellation failed as the order has been filled, canceled or does not exist.")
    : new OkxError("51503", "Order modification failed as the order has been filled, canceled or does not exist.");
}

export const isBeingCanceled = (): OkxError =>
  new OkxError("51410", "Cancellation failed as the order is already in canceling status or pending settlement.");
export const tooManyAmends = (): OkxError =>
  new OkxError("51513", "Number of modification requests that are currently in progress for an order cannot exceed 3.");
/** Refusal of a feature that OKX has and this venue does not. */
export const unavailable = (): OkxError => new OkxError("50062", "This feature is currently unavailable.");

const REFUSALS: Readonly<Record<RefusalCode, readonly [code: string, text: string]>> = {
  noSuchAccount: ["50008", "User does not exist."],
  noSuchMarket: ["51001", "Instrument ID, Instrument ID code, or Spread ID doesn't exist."],
  marketHalted: ["51022", "Contract suspended."],
  noSuchOrder: ["51603", "Order does not exist"],
  orderClosed: ["51400", "Cancellation failed as the order has been filled, canceled or does not exist."],
  accountExists: ["50026", "System error. Try again later."],
  invalidPrice: ["51000", "Parameter px error"],
  invalidSize: ["51121", "Order quantity must be a multiple of the lot size."],
  sizeTooSmall: ["51020", "Your order should meet or exceed the minimum order amount."],
  sizeTooSmallForMaker: ["51020", "Your order should meet or exceed the minimum order amount."],
  sizeTooLarge: ["51101", "Order amount exceeds current maximum order amount (Cont)"],
  notionalTooSmall: ["51020", "Your order should meet or exceed the minimum order amount."],
  priceOutOfBand: ["51006", "Order price is not within the price limit"],
  duplicateClientId: ["51016", "Client order ID already exists."],
  insufficientMargin: ["51008", "Order failed. Insufficient USDT margin in account"],
  invalidReduceOnly: [
    "51169",
    "Order failed because you don't have any positions in this direction for this contract to reduce or close.",
  ],
  invalidLeverage: ["59102", "Leverage exceeds the maximum limit. Please lower the leverage."],
  invalidAmount: ["51000", "Parameter amt error"],
  liquidating: ["50022", "The account is frozen due to liquidation. Operation restricted"],
  positionSideMismatch: ["51000", "Parameter posSide error"],
  tooManyOrders: ["51174", "The number of pending orders reached the upper limit of 500 (orders)."],
  sizeBelowFilled: ["51000", "Parameter newSz error"],
  unchanged: ["51000", "Parameter newSz or newPx error"],
  leverageUnchanged: ["59102", "Leverage exceeds the maximum limit. Please lower the leverage."],
  positionsOpen: ["59000", "Setting failed. Cancel any open orders, close positions, and stop trading bots first."],
  ordersOpen: ["59000", "Setting failed. Cancel any open orders, close positions, and stop trading bots first."],
  notIsolated: ["59300", "Margin call failed. Position does not exist"],
  noPosition: ["59300", "Margin call failed. Position does not exist"],
};

export function refusal(code: RefusalCode): OkxError {
  const [own, text] = REFUSALS[code];
  return own === "51000" ? new OkxError(own, text, 400) : new OkxError(own, text);
}
