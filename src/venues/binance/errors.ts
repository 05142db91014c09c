import {
  AuthError,
  InsufficientMarginError,
  NotFoundError,
  OrderRejectedError,
  type Outcome,
  PerpwireError,
  type PerpwireErrorOptions,
  POSITION_MODE_MISMATCH,
  RateLimitError,
  type RateLimitErrorOptions,
  type Retry,
  type TimeRefusal,
  TimeSyncError,
  VenueUnavailableError,
} from "../../model/error.ts";
import { span } from "../../model/span.ts";

import { RECEIVE_WINDOW_MS } from "./constants.ts";

type ErrorType = new (message: string, options: PerpwireErrorOptions) => PerpwireError;
type ErrorRow = readonly [type: ErrorType, outcome: Outcome, retry: Retry, codes: readonly number[], hint?: string];

const LEVERAGE = "the account's leverage is limited";

/** Requests that are wrong in another way than by a filter of the market. */
const REQUESTS = [
  -1013, -1020, -1023, -1109, -1110, -1112, -1113, -1119, -1120, -1126, -1127, -4000, -4084, -4144, -4165,
];
/** Filters and lists, beside the codes of prices and quantities. */
const FILTERS = [...span(-4008, -4012), ...span(-4017, -4022), ...span(-4025, -4027), ...span(-4029, -4033)];
/** Margin type, margin of a position and multi-assets mode. */
const MARGIN_SETTINGS = [
  ...span(-4044, -4045),
  ...span(-4047, -4051),
  ...span(-4053, -4058),
  ...span(-4167, -4170),
  -4172,
];
/** Prices and kinds of conditional orders. */
const CONDITIONAL = [-4135, ...span(-4137, -4139), -4142, -4210, -4211];

/**
 * Sources: docs (error-code, general-info), and the comments of ccxt's table. -1010, -1016, -2012 and -4083 are left out:
 * their texts do not say whether anything was done.
 */
export const ERROR_TABLE: readonly ErrorRow[] = [
  [TimeSyncError, "definite", "now", [-1021, -5028]],
  [
    AuthError,
    "definite",
    "never",
    [-1002, -1011, -1022, -1099, -2014, -2015, -2017],
    "check the key, its permissions and its address list",
  ],
  [RateLimitError, "definite", "later", [-1003, -1015]],
  // "Execution status unknown": the order may exist.
  [VenueUnavailableError, "unknown", "later", [-1000, -1001, -1006, -1007]],
  // Overloaded: the request was not accepted.
  [VenueUnavailableError, "definite", "later", [-1008]],
  [NotFoundError, "definite", "never", [-2011, -2013, -1121, -1125]],
  [InsufficientMarginError, "definite", "never", [-2018, -2019, -2024, -2028]],
  [OrderRejectedError, "definite", "never", [-5022], "a post-only order at this price would take"],
  [OrderRejectedError, "definite", "never", [-5021], "a fill-or-kill order could not be filled whole"],
  [OrderRejectedError, "definite", "never", [-2022], "there is no position that this order would reduce"],
  [OrderRejectedError, "definite", "never", [-2010, -2020, -2021, -2023, -2025, -2027, -4016, -4024, -4131, -4164]],
  [OrderRejectedError, "definite", "never", [-1102, -1106, -1111, -1116, -4003, -4005, -4014, -4023, -4028, -5027]],
  [OrderRejectedError, "definite", "never", [-1100, -1115, -1117, -1130, -4001, -4002, -4004, -4013, -4015, -4120]],
  [
    OrderRejectedError,
    "definite",
    "never",
    [-1014, -1101, -1103, -1104, -1105, -1108, -1114, -1118, -1128, -1131, -1136],
  ],
  [OrderRejectedError, "definite", "never", [-2016, -2026, -4006, -4007, -4062, -4082, -4104, -4118, -4161]],
  [OrderRejectedError, "definite", "never", [-1122, -4140, -4141, -4183, -4184, -5029]],
  [OrderRejectedError, "definite", "never", [-5024, -5025, -5026, -5037, -5038, -5039, -5040, -5041, -5047]],
  [OrderRejectedError, "definite", "never", REQUESTS],
  [OrderRejectedError, "definite", "never", FILTERS],
  [OrderRejectedError, "definite", "never", MARGIN_SETTINGS],
  [OrderRejectedError, "definite", "never", CONDITIONAL],
  [OrderRejectedError, "definite", "never", [-4087, -4088], "the venue takes no such order of this account now"],
  [OrderRejectedError, "definite", "never", [-4109], "the futures account is inactive: transfer something to it first"],
  [OrderRejectedError, "definite", "never", [-4402], "the venue does not offer this in the account's region"],
  [OrderRejectedError, "definite", "never", [-4202, -4203, -4204, -4205, -4206, -4207, -4208, -4209, -4403], LEVERAGE],
  [OrderRejectedError, "definite", "later", [-4192, -4400, -4401], "for now the account may only close positions"],
  [OrderRejectedError, "definite", "later", [-5043], "another change of the order is under way"],
  [OrderRejectedError, "definite", "later", [-4531], "position mode and COIN-M's are out of step: set it again"],
  [OrderRejectedError, "definite", "never", [-4060, -4061], "the account's position mode is another"],
  [OrderRejectedError, "definite", "later", [-4067, -4068], "close every position and order of the account first"],
  // The id is in use: ours may have been accepted before an answer got lost, so only a look-up can tell.
  [OrderRejectedError, "unknown", "never", [-4116]],
];

/** The setting was so already: -4059 position mode, -4046 margin type. */
export const ALREADY_SO: ReadonlySet<number> = new Set([-4059, -4046]);

/** A rule of the market that the order breaks: whether it trades, precision, price, quantity, notional, count of orders. */
const RULE_CODES: ReadonlySet<number | undefined> = new Set([
  ...[-1122, -4140, -4141],
  ...[-1111, -2025, -4002, -4004, -4005, -4013, -4014, -4023, -4164, -5029],
]);

const VENUE = "binance_perpetual";
const ROWS = new Map(ERROR_TABLE.flatMap((row) => row[3].map((code) => [code, row] as const)));

/** The order was made for another position mode; -1106 names whatever parameter it did not want. */
function isOfAnotherMode(code: number | undefined, text: string): boolean {
  return code === -4060 || code === -4061 || (code === -1106 && /reduceonly|positionside/i.test(text));
}

/**
 * 403: the firewall in front of the venue; 418: the address is banned, for two minutes to three days (docs,
 * general-info). Where no header says until when, the text does: "IP(1.2.3.4) banned until 1513693008350".
 */
function banOf(status: number, text: string): RateLimitErrorOptions {
  const until = /banned until (\d{13})\b/.exec(text)?.[1];
  if (until !== undefined) return { isBan: true, retryAtMs: Number(until) };
  return { isBan: status === 403 || status === 418 };
}

/** The two texts of -1021 (docs, error-code); the window is at least the usual one. */
function timeRefusal(text: string): { readonly refusal: TimeRefusal } {
  if (/ahead of the server/i.test(text)) return { refusal: { aheadMs: 1_000 } };
  return { refusal: /outside of the recvWindow/i.test(text) ? { behindMs: RECEIVE_WINDOW_MS } : {} };
}

/** Maps a failed response to an error. A code that the table lacks is judged by its HTTP class. */
export function errorOf(status: number, code: number | undefined, text: string): PerpwireError {
  const row = code === undefined ? undefined : ROWS.get(code);
  const venueCode = code === undefined ? undefined : String(code);
  const message = `Binance answered ${status}${code === undefined ? "" : ` (${code})`}: ${text}`;
  const options = { venue: VENUE, venueCode, code: RULE_CODES.has(code) ? "TRADING_RULE" : undefined };
  const ban = banOf(status, text);
  if (row !== undefined) {
    const [Type, outcome, retry, , hint] = row;
    const mismatch = isOfAnotherMode(code, text) ? { code: POSITION_MODE_MISMATCH } : {};
    return new Type(message, { ...options, ...ban, ...timeRefusal(text), ...mismatch, outcome, retry, hint });
  }
  if (status === 403 || status === 418 || status === 429) return new RateLimitError(message, { ...options, ...ban });
  if (status === 401 || status === 451) return new AuthError(message, options);
  // 408: the backend did not answer in time; 503 without -1008 says that the execution status is unknown.
  if (status === 408 || status >= 500) return new VenueUnavailableError(message, options);
  return new OrderRejectedError(message, { ...options, outcome: "unknown" });
}

const hasCode = (error: unknown, code: number): boolean =>
  error instanceof PerpwireError && error.venue === VENUE && error.venueCode === String(code);
export const isOrderNotFoundDuringStatusUpdateError = (error: unknown): boolean => hasCode(error, -2013);
/** "Unknown order sent": it has ended, or was never there. */
export const isOrderNotFoundDuringCancelationError = (error: unknown): boolean => hasCode(error, -2011);
