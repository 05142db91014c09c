import type { RefusalCode } from "../../engine/types.ts";

/** A refusal as Binance words it. Clients branch on the code and some on the text. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Texts as in Binance's error list (developers.binance.com, usds-margined-futures/error-code, as documented in 2026). */
const TEXTS = {
  [-1000]: "An unknown error occurred while processing the request.",
  [-1022]: "Signature for this request is not valid.",
  [-1023]: "Start time is greater than end time.",
  [-1111]: "Precision is over the maximum defined for this asset.",
  [-1115]: "Invalid timeInForce.",
  [-1116]: "Invalid orderType.",
  [-1117]: "Invalid side.",
  [-1120]: "Invalid interval.",
  [-1121]: "Invalid symbol.",
  [-1122]: "Invalid symbol status.",
  [-1125]:
    "This listenKey does not exist. Please use POST /fapi/v1/listenKey to recreate listenKey and use the new listenKey to build connection.",
  [-1128]: "Combination of optional parameters invalid.",
  [-2011]: "Unknown order sent.",
  [-2013]: "Order does not exist.",
  [-2019]: "Margin is insufficient.",
  [-2022]: "ReduceOnly Order is rejected.",
  [-2023]: "User in liquidation mode now.",
  [-2025]: "Reach max open order limit.",
  [-2028]: "Leverage is smaller than permitted: insufficient margin balance.",
  [-4001]: "Price less than 0.",
  [-4002]: "Price greater than max price.",
  [-4003]: "Quantity less than zero.",
  [-4004]: "Quantity less than min quantity.",
  [-4005]: "Quantity greater than max quantity.",
  [-4013]: "Price less than min price.",
  [-4014]: "Price not increased by tick size.",
  [-4015]: "Client order id length should not be more than 36 chars",
  [-4023]: "Quantity not increased by step size.",
  [-4032]: "Exceed maximum cancel order size.",
  [-4046]: "No need to change margin type.",
  [-4047]: "Margin type cannot be changed if there exists open orders.",
  [-4048]: "Margin type cannot be changed if there exists position.",
  [-4049]: "Add margin only support for isolated position.",
  [-4050]: "Cross balance insufficient.",
  [-4051]: "Isolated balance insufficient.",
  [-4054]: "Cannot add position margin: position is 0.",
  [-4059]: "No need to change position side.",
  [-4060]: "Invalid position side.",
  [-4061]: "Order's position side does not match user's setting.",
  [-4067]: "Position side cannot be changed if there exists open orders.",
  [-4068]: "Position side cannot be changed if there exists position.",
  [-4082]: "Invalid number of batch place orders.",
  [-4116]: "ClientOrderId is duplicated.",
  [-4120]: "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.",
  [-4131]: "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
  [-4161]: "Leverage reduction is not supported in Isolated Margin Mode with open positions",
  [-4165]: "Invalid time interval.",
  [-4169]: "Unable to adjust Multi-Assets Mode with insufficient margin balance in USDⓈ-M Futures",
  [-4171]: "Adjusted asset mode is currently set and does not need to be adjusted repeatedly",
  [-5021]:
    "Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history.",
  [-5022]:
    "Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history.",
  [-5026]: "Exceed maximum modify order limit.",
  [-5027]: "No need to modify the order.",
  [-5037]: "Invalid price match",
  [-5038]: "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT",
  [-5039]: "Invalid self trade prevention mode",
  [-5040]:
    "The goodTillDate timestamp must be greater than the current time plus 600 seconds and smaller than 253402300799000 (UTC 9999-12-31 23:59:59)",
  [-5041]: "No depth matches this BBO order",
  [-5043]: "A pending modification already exists for this order.",
  [-5047]: "ReduceOnly can only be sent for an order that is reduce only.",
} as const;

export type ErrorCode = keyof typeof TEXTS;

/** HTTP 400 with the code's own text. */
export function refused(code: ErrorCode): ApiError {
  return new ApiError(400, code, TEXTS[code]);
}

export function missingParameter(name: string): ApiError {
  return new ApiError(400, -1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
}

export function needlessParameter(name: string): ApiError {
  return new ApiError(400, -1106, `Parameter '${name}' sent when not required.`);
}

export function invalidParameter(name: string): ApiError {
  return new ApiError(400, -1130, `Data sent for parameter '${name}' is not valid.`);
}

export function illegalCharacters(name: string, range: string): ApiError {
  return new ApiError(400, -1100, `Illegal characters found in parameter '${name}'; legal range is '${range}'.`);
}

export function noSuchRoute(method: string, path: string): ApiError {
  return new ApiError(404, -5000, `Path ${path}, Method ${method} is invalid`);
}

const REFUSALS: Readonly<Record<RefusalCode, ErrorCode>> = {
  noSuchAccount: -1000,
  noSuchMarket: -1121,
  marketHalted: -1122,
  noSuchOrder: -2013,
  orderClosed: -2013,
  accountExists: -1000,
  invalidPrice: -4014,
  invalidSize: -4023,
  sizeTooSmall: -4004,
  sizeTooSmallForMaker: -4004,
  sizeTooLarge: -4005,
  notionalTooSmall: -4003,
  priceOutOfBand: -4002,
  duplicateClientId: -4116,
  insufficientMargin: -2019,
  invalidReduceOnly: -2022,
  invalidLeverage: -1000,
  invalidAmount: -4051,
  liquidating: -2023,
  positionSideMismatch: -4061,
  tooManyOrders: -2025,
  sizeBelowFilled: -4003,
  unchanged: -5027,
  leverageUnchanged: -1000,
  positionsOpen: -4068,
  ordersOpen: -4067,
  notIsolated: -4049,
  noPosition: -4054,
};

/** Maps a refusal of the engine to an error; `others` holds a call's own codes. */
export function refusalOf(code: RefusalCode, others: Partial<Record<RefusalCode, ErrorCode>> = {}): ApiError {
  return refused(others[code] ?? REFUSALS[code]);
}
