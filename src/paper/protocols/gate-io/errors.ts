import type { RefusalCode } from "../../engine/types.ts";

/** A refusal as Gate words it. Clients decide on the label alone; some errors of futures say `detail` for `message`. */
export class GateError extends Error {
  readonly status: number;
  readonly label: string;
  readonly textField: "message" | "detail";
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    label: string,
    message: string,
    { textField = "message", headers = {} }: Partial<Pick<GateError, "textField" | "headers">> = {},
  ) {
    super(message);
    this.status = status;
    this.label = label;
    this.textField = textField;
    this.headers = headers;
  }
}

const bad = (label: string, text: string): GateError => new GateError(400, label, text);

export const invalidParameter = (name: string): GateError =>
  bad("INVALID_PARAM_VALUE", `Invalid request parameter \`${name}\` value`);
export const missingParameter = (name: string): GateError =>
  bad("MISSING_REQUIRED_PARAM", `Missing required parameter: ${name}`);
export const malformedBody = (): GateError => bad("INVALID_REQUEST_BODY", "Invalid request body");
export const notHere = (name: string): GateError =>
  bad("INVALID_PARAM_VALUE", `\`${name}\` is not supported by the paper venue`);
export const contractNotFound = (): GateError => bad("CONTRACT_NOT_FOUND", "CONTRACT_NOT_FOUND");
export const orderNotFound = (): GateError => new GateError(404, "ORDER_NOT_FOUND", "ORDER_NOT_FOUND");
export const orderFinished = (): GateError => bad("ORDER_FINISHED", "order finished");
export const positionEmpty = (): GateError => bad("POSITION_EMPTY", "empty position");
export const tooManyRequests = (headers: Readonly<Record<string, string>> = {}): GateError =>
  new GateError(429, "TOO_MANY_REQUESTS", "Request Rate limit Exceeded", { headers });
export const serverError = (): GateError => new GateError(500, "INTERNAL", "internal server error");
export const tooBusy = (): GateError => new GateError(503, "TOO_BUSY", "system is too busy");
export const expired = (text: string): GateError => new GateError(403, "REQUEST_EXPIRED", text);

/** A post-only order that would take: it never was an order. */
export function pocImmediate(price: string, counter: string): GateError {
  const text = `order price ${price} while counter price ${counter}`;
  return new GateError(400, "ORDER_POC_IMMEDIATE", text, { textField: "detail" });
}

export const fokUnfilled = (): GateError => bad("ORDER_FOK", "fok order not fully filled");

/** Labels are Gate's, texts are in its manner. */
const REFUSALS: Readonly<Record<RefusalCode, readonly [label: string, text: string]>> = {
  noSuchAccount: ["USER_NOT_FOUND", "please transfer funds first to make futures account"],
  noSuchMarket: ["CONTRACT_NOT_FOUND", "CONTRACT_NOT_FOUND"],
  marketHalted: ["TRADE_RESTRICTED", "trading of the contract is suspended"],
  noSuchOrder: ["ORDER_NOT_FOUND", "ORDER_NOT_FOUND"],
  orderClosed: ["ORDER_FINISHED", "order finished"],
  accountExists: ["INTERNAL", "internal server error"],
  invalidPrice: ["INVALID_PRECISION", "price is not a multiple of order_price_round"],
  invalidSize: ["INVALID_PARAM_VALUE", "Invalid request parameter `size` value"],
  sizeTooSmall: ["SIZE_TOO_SMALL", "size is below order_size_min"],
  sizeTooSmallForMaker: ["SIZE_TOO_SMALL", "size is below order_size_min"],
  sizeTooLarge: ["SIZE_TOO_LARGE", "size is above order_size_max"],
  notionalTooSmall: ["SIZE_TOO_SMALL", "the value of the order is too small"],
  priceOutOfBand: ["PRICE_TOO_DEVIATED", "order price deviates too much from mark price"],
  duplicateClientId: ["INVALID_PARAM_VALUE", "Invalid request parameter `text` value"],
  insufficientMargin: ["INSUFFICIENT_AVAILABLE", "margin not enough"],
  invalidReduceOnly: ["INCREASE_POSITION", "a reduce-only order would increase the position"],
  invalidLeverage: ["LEVERAGE_TOO_HIGH", "leverage is not between leverage_min and leverage_max"],
  invalidAmount: ["INVALID_PARAM_VALUE", "Invalid request parameter `change` value"],
  liquidating: ["POSITION_IN_LIQUIDATION", "position in liquidation"],
  positionSideMismatch: ["POSITION_DUAL_MODE", "position mode does not fit"],
  tooManyOrders: ["TOO_MANY_ORDERS", "too many open orders"],
  sizeBelowFilled: ["INVALID_PARAM_VALUE", "Invalid request parameter `size` value"],
  unchanged: ["NO_CHANGE", "no change is made"],
  leverageUnchanged: ["NO_CHANGE", "no change is made"],
  positionsOpen: ["POSITION_HOLDING", "position is not empty"],
  ordersOpen: ["ORDER_PENDING", "there are pending orders"],
  notIsolated: ["POSITION_CROSS_MARGIN", "position is in cross margin"],
  noPosition: ["POSITION_EMPTY", "empty position"],
};

export function refusal(code: RefusalCode): GateError {
  return new GateError(code === "noSuchOrder" ? 404 : 400, ...REFUSALS[code]);
}
