import type { RefusalCode } from "../../engine/types.ts";
import type { WireObject } from "./wire.ts";

/** A refusal as Bybit words it; almost all of them come with HTTP status 200. */
export class BybitError extends Error {
  readonly retCode: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly result: WireObject;
  constructor(
    retCode: number,
    message: string,
    status = 200,
    headers: Readonly<Record<string, string>> = {},
    result: WireObject = {},
  ) {
    super(message);
    this.retCode = retCode;
    this.status = status;
    this.headers = headers;
    this.result = result;
  }
}

const PARAMETER_ERROR = 10_001;
export const TIME_ERROR = 10_002;
export const BAD_KEY = 10_003;
export const BAD_SIGN = 10_004;
export const TOO_MANY_VISITS = 10_006;
export const SERVER_ERROR = 10_016;
export const ORDER_NOT_FOUND = 110_001;

export const parameterError = (message: string): BybitError => new BybitError(PARAMETER_ERROR, message);
export const invalidParameter = (name: string): BybitError => parameterError(`params error: ${name} invalid`);
export const missingParameter = (name: string): BybitError => parameterError(`params error: ${name} is required`);
export const orderNotFound = (): BybitError =>
  new BybitError(ORDER_NOT_FOUND, "order not exists or too late to cancel");
export const tooManyOrders = (most: number): BybitError =>
  new BybitError(110_020, `Not allowed to have more than ${most} active orders`);

type CodeAndText = readonly [retCode: number, text: string];

/** Codes are Bybit's; texts are where the documentation or client projects quote one, else in its manner. */
const REFUSALS: Readonly<Record<RefusalCode, CodeAndText>> = {
  noSuchAccount: [BAD_KEY, "API key is invalid."],
  noSuchMarket: [PARAMETER_ERROR, "params error: symbol invalid"],
  marketHalted: [110_074, "This contract is not live"],
  noSuchOrder: [ORDER_NOT_FOUND, "order not exists or too late to cancel"],
  orderClosed: [ORDER_NOT_FOUND, "order not exists or too late to cancel"],
  accountExists: [SERVER_ERROR, "Internal server error"],
  invalidPrice: [PARAMETER_ERROR, "Price invalid"],
  invalidSize: [PARAMETER_ERROR, "Qty invalid"],
  sizeTooSmall: [PARAMETER_ERROR, "The number of contracts is below the minimum limit allowed"],
  sizeTooSmallForMaker: [PARAMETER_ERROR, "The number of contracts is below the minimum limit allowed"],
  sizeTooLarge: [PARAMETER_ERROR, "The number of contracts exceeds maximum limit allowed: too large"],
  notionalTooSmall: [110_094, "Order does not meet minimum order value"],
  priceOutOfBand: [110_003, "Order price exceeds the allowable range."],
  duplicateClientId: [110_072, "OrderLinkedID is duplicate"],
  insufficientMargin: [110_007, "ab not enough for new order"],
  invalidReduceOnly: [110_017, "Reduce-only rule not satisfied: orderQty will be truncated to zero."],
  invalidLeverage: [110_013, "cannot set leverage due to risk limit"],
  invalidAmount: [PARAMETER_ERROR, "Qty invalid"],
  liquidating: [110_007, "ab not enough for new order"],
  positionSideMismatch: [PARAMETER_ERROR, "position idx not match position mode"],
  tooManyOrders: [110_020, "Not allowed to have more than 500 active orders"],
  sizeBelowFilled: [110_064, "The number of contracts modified cannot be less than or equal to the filled quantity"],
  unchanged: [PARAMETER_ERROR, "The order remains unchanged as the parameters entered match the existing ones."],
  leverageUnchanged: [110_043, "Set leverage has not been modified."],
  positionsOpen: [110_024, "You have an existing position, so the position mode cannot be switched."],
  ordersOpen: [110_028, "You have existing open orders, so the position mode cannot be switched."],
  notIsolated: [110_015, "The position is in cross margin."],
  noPosition: [110_033, "Margin cannot be set without open position"],
};

export function refusal(code: RefusalCode): BybitError {
  return new BybitError(...REFUSALS[code]);
}
