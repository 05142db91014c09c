import * as model from "../../model/error.ts";
import { span } from "../../model/span.ts";
import { isFirewallPage, isPage } from "../../net/json.ts";
import { IP_BAN_MS, VENUE } from "./constants.ts";

type Options = model.RateLimitErrorOptions & { readonly refusal?: model.TimeRefusal | undefined };

interface ErrorRow extends Pick<Options, "outcome" | "retry" | "code" | "hint"> {
  readonly codes: readonly number[];
  readonly type: new (message: string, options: Options) => model.PerpwireError;
}

const { AuthError, InsufficientMarginError, NotFoundError, OrderRejectedError, RateLimitError } = model;
const ORDER_NOT_FOUND = "ORDER_NOT_FOUND";

/** Codes for a request that changes nothing: 110025 the position mode, 110043 the leverage. */
export const ALREADY_SO: ReadonlySet<number> = new Set([110025, 110043]);
export const TOO_MANY_VISITS = 10006;

/** Texts about price or amount: code 10001 is said of every wrong parameter. */
const RULE_TEXT =
  /\b(qty|quantity|price) (is )?invalid|invalid (order )?(qty|quantity|price)|number of contracts|(min|max)imum (limit|order)|(tick|lot) ?size|qty ?step/i;
const WRONG_PARAMETER = 10001;

/** A price out of range, a contract that is not live, the minimum notional. */
const RULE_CODES: ReadonlySet<number | undefined> = new Set([110003, 110074, 110094]);

/** True when a refusal names a rule of the market. */
function isAboutRule(retCode: number | undefined, text: string): boolean {
  return RULE_CODES.has(retCode) || (retCode === WRONG_PARAMETER && RULE_TEXT.test(text));
}

const CHECK_KEY =
  "check key and secret, and their domain; accounts of regional sites have hosts of their own, which URLs can name";

/** Refusals by what they are about (docs, error page). */
const UNCHANGED = [110026, 110027, 34040];
const SETTINGS = [110031, 110033, 110037, 110041, 110048, 110049, 110050, 110071, 110075, 100028, 3400045];
const TRIGGERS = [...span(110054, 110061), 110092, 110093];
const LIMITS = [110039, 110085, 110086, 110087, 110088, 110089, 110090, 3400139];
const PRICE_LIMITS = [30208, 30209, 110120, 110121];
const TERMS = [110123, 110124, 110125];
const CLOSED_TO_US = [110066, ...span(110067, 110070), 110119, 110131, 110132, 170346];
const OTHER_CODES = [110035, 110064, 110073, 110076, 110077, 110078, 110080, 110082, 110083, 3100197, 3200320, 3200403];
const OTHERS = [
  ...[...span(30133, 30136), ...span(110095, 110113), ...span(110115, 110118), ...span(110135, 110137)],
  ...OTHER_CODES,
];

/**
 * Bybit's `retCode`s (docs, error page); a batch has them by row. Outcome and retry are the class's own (`definite` and
 * `never` for most) unless a row says otherwise.
 */
export const ERROR_TABLE: readonly ErrorRow[] = [
  { codes: [10002, -1], type: model.TimeSyncError, hint: "the clock of this machine differs from the venue's" },
  { codes: [10003, 10004, 10007, 33004], type: AuthError, hint: CHECK_KEY },
  { codes: [10005, 10024, 10027, 10028], type: AuthError, hint: "check what the key and the account may do" },
  { codes: [10008, 10010], type: AuthError, hint: "check the key's list of addresses, and for a ban" },
  { codes: [10009], type: AuthError, hint: "the venue does not serve the region of this machine's address" },
  { codes: [TOO_MANY_VISITS, 10018, 10403, 10429], type: RateLimitError },
  // Code of the socket for orders: it is restarting and "does not accept new request" (docs, websocket trade
  // guideline).
  { codes: [10019], type: model.VenueUnavailableError, outcome: "definite", retry: "later" },
  { codes: [10404], type: OrderRejectedError },
  { codes: [10000, 10016], type: model.VenueUnavailableError },
  // Words of "high load" and "being processed, try again", in a body with HTTP 200; what was asked for may have happened.
  { codes: [429, 110079, 110114], type: model.VenueUnavailableError },
  { codes: [110001, 110008, 110010, 170213], type: NotFoundError, code: ORDER_NOT_FOUND },
  { codes: [110004, 110006, 110007, 110012, 110014, 110044, 110045], type: InsufficientMarginError },
  { codes: [110047, 110051, 110052, 110053], type: InsufficientMarginError },
  // The id exists: ours may have been accepted before an answer got lost, so only a look-up can tell.
  { codes: [10014, 110030, 110072], type: OrderRejectedError, outcome: "unknown" },
  // The order changed while it was being replaced.
  { codes: [40004], type: OrderRejectedError, outcome: "unknown" },
  { codes: [110024], type: OrderRejectedError, hint: "close the market's positions, then switch the position mode" },
  { codes: [110028], type: OrderRejectedError, hint: "cancel the market's orders, then switch the position mode" },
  { codes: [110029], type: OrderRejectedError, hint: "only USDT perpetuals have hedge mode" },
  { codes: [10001, 10017, 10029, 30228, 110003, 110005, 110009, 110011, 110013, 110015], type: OrderRejectedError },
  { codes: [110016, 110017, 110018, 110019, 110020, 110021, 110022, 110023, 110032], type: OrderRejectedError },
  { codes: [110034, 110036, 110038, 110040, 110042, 110046, 110062, 110063, 110065], type: OrderRejectedError },
  { codes: [110074, 110094], type: OrderRejectedError },
  { codes: UNCHANGED, type: OrderRejectedError },
  { codes: SETTINGS, type: OrderRejectedError },
  { codes: TRIGGERS, type: OrderRejectedError },
  { codes: LIMITS, type: OrderRejectedError, hint: "the position's risk limit, leverage or size does not allow it" },
  { codes: PRICE_LIMITS, type: OrderRejectedError, hint: "the price is beyond the market's price limit" },
  { codes: TERMS, type: OrderRejectedError, hint: "the account has terms to agree to, on the venue's site" },
  {
    codes: CLOSED_TO_US,
    type: OrderRejectedError,
    hint: "the market or this kind of order is not open to the account",
  },
  { codes: OTHERS, type: OrderRejectedError },
];

const ROWS = new Map(ERROR_TABLE.flatMap((row) => row.codes.map((code) => [code, row] as const)));

/** Refusals with a code that is of any parameter, 10001: "position idx not match position mode". */
const ANOTHER_MODE = /position ?idx(?:(?!position ?idx).)*(?:not match|position mode)/i;

/** "... req_timestamp[1704067207013],server_timestamp[1704067205615],recv_window[5000]" (as users reported it). */
function timeRefusal(text: string): model.TimeRefusal {
  const serverTimeMs = /server_timestamp\[(\d{13})\]/.exec(text)?.[1];
  return serverTimeMs === undefined ? {} : { serverTimeMs: Number(serverTimeMs) };
}

/**
 * Maps a failed answer to an error. A `retCode` that the table lacks proves nothing; without one the HTTP class
 * decides.
 */
export function errorOf(status: number, retCode: number | undefined, text: string, retryAfterMs?: number) {
  const code = isAboutRule(retCode, text) ? "TRADING_RULE" : undefined;
  const options = { venue: VENUE, venueCode: String(retCode ?? status), retryAfterMs, code };
  const message = `Bybit answered ${retCode ?? `HTTP ${status}`}: ${text}`;
  const row = retCode === undefined ? undefined : ROWS.get(retCode);
  const mismatch = ANOTHER_MODE.test(text) ? { code: model.POSITION_MODE_MISMATCH } : {};
  if (row !== undefined) return new row.type(message, { ...options, ...row, ...mismatch, refusal: timeRefusal(text) });
  if (status >= 500) return new model.VenueUnavailableError(message, options);
  if (status === 403 && /too frequent/i.test(text))
    return new RateLimitError(message, { ...options, isBan: true, retryAfterMs: IP_BAN_MS });
  if (status === 403 && isFirewallPage(text)) return new RateLimitError(message, { ...options, isBan: true });
  if (status === 429) return new RateLimitError(message, options);
  if (status === 401 || status === 403) return new AuthError(message, options);
  // Bybit says so itself of a path that is not there; the page of a proxy says nothing of an order.
  if (status === 404) return new NotFoundError(message, isPage(text) ? { ...options, outcome: "unknown" } : options);
  return new OrderRejectedError(message, { ...options, outcome: status === 400 ? "definite" : "unknown" });
}

/** Error of an order that neither the open nor the closed orders list: both answer an empty list instead of a code. */
export function orderNotFound(id: string): model.NotFoundError {
  return new NotFoundError(`Bybit lists no order ${id}, open or closed`, { venue: VENUE, code: ORDER_NOT_FOUND });
}

export function isOrderNotFound(error: unknown): boolean {
  return error instanceof NotFoundError && error.code === ORDER_NOT_FOUND;
}
