import * as model from "../../model/error.ts";
import { isFirewallPage } from "../../net/json.ts";
import { wireText } from "../../net/wire.ts";
import { VENUE } from "./constants.ts";

type Options = model.RateLimitErrorOptions;

interface ErrorRow extends Pick<Options, "outcome" | "retry" | "code" | "hint" | "retryAfterMs"> {
  readonly codes: readonly number[];
  readonly type: new (message: string, options: Options) => model.PerpwireError;
}

const { AuthError, InsufficientMarginError, NotFoundError, OrderRejectedError, VenueUnavailableError } = model;
const ORDER_NOT_FOUND = "ORDER_NOT_FOUND";
/** Limits count in windows of two seconds and no header says what is left of one. */
const RATE_LIMIT_WINDOW_MS = 2_000;

/** Codes that follow on each other, both ends included. */
function series(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/**
 * OKX's `code`s and, of the rows of an order's answer, `sCode`s (docs, error code). Outcome and retry are the class's
 * own (`definite` and `never` for most) unless a row says otherwise.
 */
export const ERROR_TABLE: readonly ErrorRow[] = [
  { codes: [50102, 50112], type: model.TimeSyncError, hint: "the clock of this machine differs from the venue's" },
  { codes: [50101, 50103, 50106, 50107, 50111, 50113, 50119], type: AuthError, hint: "check key, secret and domain" },
  { codes: [50108, 50109], type: AuthError, hint: "check key, secret and domain" },
  { codes: [50104, 50105], type: AuthError, hint: "check the key's passphrase" },
  {
    codes: [50030, 50035, 50110, 50114, 50118, 50120, 50121],
    type: AuthError,
    hint: "check the key's permissions and addresses",
  },
  {
    codes: [50007, 50008, 50009, 50010, 50012, 50027, 50029, 50041],
    type: AuthError,
    hint: "ask OKX about the account",
  },
  { codes: [50051, 50059, 50060, 50100, 51009, 51024, 59113], type: AuthError, hint: "ask OKX about the account" },
  { codes: [50011, 50040, 50061, 51113], type: model.RateLimitError, retryAfterMs: RATE_LIMIT_WINDOW_MS },
  // "Does not indicate success or failure of order": 50004 comes with status 400; a cancel that timed out is 51412.
  { codes: [50001, 50004, 50013, 50026, 51054, 51149, 51412], type: VenueUnavailableError },
  // "API endpoint is inactive or unavailable": nothing was done.
  { codes: [50005], type: VenueUnavailableError, outcome: "definite" },
  // Codes of the order book are 51400, 51503 and 51603 alone; the others are of spread trading.
  { codes: [51400, 51401, 51402, 51405, 51503, 51509, 51510, 51603], type: NotFoundError, code: ORDER_NOT_FOUND },
  { codes: [51001, 51012, 51014, 51015], type: NotFoundError, hint: "the venue does not list it" },
  {
    codes: [51008, 51119, 51127, 51131, 51502, 51736, 51764, 59103, 59104, 59106, 59108, 59109, 59200, 59201],
    type: InsufficientMarginError,
  },
  // The id is in use: ours may have been accepted before an answer got lost, so only a look-up can tell.
  { codes: [50071, 51011, 51016, 51065], type: OrderRejectedError, outcome: "unknown" },
  { codes: [51010], type: OrderRejectedError, hint: "swaps need the account mode for futures, or a higher one" },
  { codes: [51039, 51041], type: OrderRejectedError, hint: "a portfolio margin account has neither leverage nor legs" },
  { codes: [50072], type: OrderRejectedError, hint: "this account mode has no isolated margin" },
  { codes: [51410], type: OrderRejectedError, retry: "later", hint: "the order is being canceled already" },
  { codes: [51513], type: OrderRejectedError, retry: "later", hint: "three amends of the order are on their way" },
  { codes: [50036, 50037], type: OrderRejectedError, hint: "the request came after its own deadline" },
  { codes: [50033, 50052, 51155, 54072], type: OrderRejectedError, hint: "the account may not trade this market" },
  {
    codes: [51162, 51163, 59000, 59100, 59101, 59107],
    type: OrderRejectedError,
    hint: "close positions and orders first",
  },
  {
    codes: [51021, 51022, 51027, 51028, 51029, 51030, 51110, 51124, 51404, 51508, 54094],
    type: OrderRejectedError,
    hint: "the market is not trading now",
  },
  // Requests that are wrong, and what is frozen for a while.
  { codes: [50000, 50002, 50006, 50014, 50015, 50016, 50024, 50025, 50032, 50038, 50039], type: OrderRejectedError },
  { codes: [50044, 50046, 50115, 50122, 51000, 51002, 51003, 51026, 51071, 51130], type: OrderRejectedError },
  { codes: [50017, 50018, 50019, 50020, 50021, 50022, 50023, 50028, 50062, 50064, 50075], type: OrderRejectedError },
  // Codes of the socket for orders: not logged in, or a message that is wrong.
  { codes: [60011, 60012, 60013, 60016, 60019], type: OrderRejectedError },
  // Sizes, prices, counts and reduce-only.
  { codes: [51004, 51005, 51006, 51007, 51017, 51018, 51019, 51020, 51023, 51025, 51031], type: OrderRejectedError },
  { codes: [51033, 51100, 51101, 51102, 51103, 51104, 51105, 51106, 51107, 51108, 51109], type: OrderRejectedError },
  { codes: [51111, 51112, 51115, 51116, 51117, 51118, 51120, 51121, 51122, 51125, 51126], type: OrderRejectedError },
  { codes: [51128, 51129, 51132, 51133, 51134, 51135, 51136, 51137, 51138, 51139, 51148], type: OrderRejectedError },
  { codes: [51156, 51159, 51166, 51169, 51170, 51171, 51174, 51185, 51186, 51187], type: OrderRejectedError },
  {
    codes: [51201, 51202, 51203, 51204, 51205, 51206, 51324, 54008, 54009, 54011, 54051, 54073],
    type: OrderRejectedError,
  },
  // Cancels and amends.
  { codes: [51403, 51406, 51407, 51408, 51409, 51500, 51501, 51506, 51511, 51521, 51522], type: OrderRejectedError },
  // Prices and kinds of conditional orders.
  {
    codes: [51046, 51047, 51051, ...series(51090, 51096), 51098, 51099, ...series(51250, 51265)],
    type: OrderRejectedError,
  },
  { codes: [...series(51267, 51280), 51325, ...series(51327, 51330)], type: OrderRejectedError },
  // Settings.
  { codes: [59001, 59102, 59105, 59128, 59216, 59300, 59301], type: OrderRejectedError },
];

/**
 * Price limit, smallest, largest and step of an order, and its value; that the contract is not launched yet, suspended,
 * expired, delivered or settled.
 */
const RULE_CODES: ReadonlySet<string | undefined> = new Set([
  ...["51021", "51022", "51027", "51028", "51029"],
  "51005",
  "51006",
  "51007",
  "51020",
  "51101",
  "51120",
  "51121",
  "51202",
  "51203",
]);

/**
 * True when a refusal names a rule of the market; 51000 is said of every wrong parameter, price and size among them.
 */
function isAboutRule(code: string | undefined, text: string): boolean {
  return RULE_CODES.has(code) || (code === "51000" && /\b(newPx|px|newSz|sz)\b/.test(text));
}

const ROWS = new Map(ERROR_TABLE.flatMap((row) => row.codes.map((code) => [String(code), row] as const)));

/** Refusals with a code that is of any parameter, 51000: "Parameter posSide error". */
const ANOTHER_MODE = /posSide/;

/** Maps a failed answer to an error. A code that the table lacks proves nothing; without one the HTTP class decides. */
export function errorOf(status: number, code: string | undefined, text: string): model.PerpwireError {
  const ruleCode = isAboutRule(code, text) ? "TRADING_RULE" : undefined;
  const options = { venue: VENUE, venueCode: code ?? String(status), code: ruleCode };
  const message = `OKX answered ${code ?? `HTTP ${status}`}: ${text}`;
  const row = code === undefined ? undefined : ROWS.get(code);
  const mismatch = code === "51000" && ANOTHER_MODE.test(text) ? { code: model.POSITION_MODE_MISMATCH } : {};
  if (row !== undefined) return new row.type(message, { ...options, ...row, ...mismatch });
  if (status >= 500) return new VenueUnavailableError(message, options);
  if (status === 429) return new model.RateLimitError(message, options);
  if (status === 403 && code === undefined && isFirewallPage(text)) {
    return new model.RateLimitError(message, { ...options, isBan: true });
  }
  if (status === 401 || status === 403) return new AuthError(message, options);
  // A bare 404 may be a proxy's: it says nothing of an order.
  if (status === 404) return new NotFoundError(message, { ...options, outcome: "unknown" });
  return new OrderRejectedError(message, { ...options, outcome: "unknown" });
}

/** It does not exist, or has ended: what a cancel is told then. */
export function isOrderNotFound(error: unknown): boolean {
  return error instanceof NotFoundError && error.code === ORDER_NOT_FOUND;
}

/**
 * Recognises a failed login on the socket: the key, its signature, its passphrase or its time was refused, a field of
 * the login was empty (60027), or the venue failed for the moment (63999). A repeated login (60031) is none: the first
 * one stands (docs, error code, WebSocket).
 */
export const isLoginError = (code: unknown): boolean => /^(600(0[1-79]|22|24|27|32)|63999)$/.test(wireText(code));
