import {
  AuthError,
  InsufficientMarginError,
  NotFoundError,
  OrderRejectedError,
  type Outcome,
  PerpwireError,
  type PerpwireErrorOptions,
  RateLimitError,
  type Retry,
  VenueUnavailableError,
} from "../../model/error.ts";

import { isFirewallPage } from "../../net/json.ts";

/** FTX had no error codes: the text is matched. Sources: docs (400, 401, rate-limits pages), ccxt's table, issues. */
interface ErrorRow {
  readonly text: RegExp;
  readonly type: new (message: string, options: PerpwireErrorOptions) => PerpwireError;
  readonly outcome: Outcome;
  readonly retry: Retry;
}

const definite = (text: RegExp, type: ErrorRow["type"], retry: Retry = "never"): ErrorRow => ({
  text,
  type,
  outcome: "definite",
  retry,
});
const unknown = (text: RegExp): ErrorRow => ({ text, type: VenueUnavailableError, outcome: "unknown", retry: "later" });

export const ERROR_TABLE: readonly ErrorRow[] = [
  // The clock cannot be read from this venue, so a wrong timestamp is the user's to mend, not ours to retry.
  definite(/Timestamp too far from current time/i, AuthError),
  definite(
    /Not logged in|Invalid login credentials|Only have permissions for|Not authorized for subaccount|No such subaccount/i,
    AuthError,
  ),
  definite(/does not have enough margin|Not enough balances|does not have enough balances/i, InsufficientMarginError),
  definite(/^(Order not found|No such (market|future|coin|order))/i, NotFoundError),
  definite(/Order already closed|Order already queued for cancell?ation/i, OrderRejectedError),
  definite(/Do not send more than|Slow down|Cannot send more than/i, RateLimitError, "later"),
  unknown(/Please (re)?try|Try again|Internal (server )?error|unexpected error|took too long/i),
  // The id exists: ours may have been accepted before an answer got lost, so only a look-up can tell.
  { text: /Duplicate client order ID/i, type: OrderRejectedError, outcome: "unknown", retry: "never" },
  definite(/^(Size too|Invalid |Missing parameter|Trigger price|Not approved)/i, OrderRejectedError),
  definite(/reduce-only|Post-?only|price band/i, OrderRejectedError),
];

/** Words of FTX about a size or a price that its market does not take, or a market that does not trade. */
const RULE_TEXT = /^Size too (small|large)|^Invalid (price|market|parameter (size|price))|(size|price) increment/i;

const VENUE = "ftx_perpetual";

/** Maps a failed response to an error. A text that the table lacks is judged by its HTTP class. */
export function errorOf(status: number, text: string): PerpwireError {
  const code = status < 500 && RULE_TEXT.test(text) ? "TRADING_RULE" : undefined;
  const options = { venue: VENUE, venueCode: text, code };
  const message = `FTX answered ${status}: ${text}`;
  // "Invalid Signature" and its like are about the key, whatever else the text looks like (docs, 401-unauthorized).
  if (status === 401 || status === 403) return new AuthError(message, options);
  const row = ERROR_TABLE.find((candidate) => candidate.text.test(text));
  const isBelieved = status < 500 || row?.outcome === "unknown";
  if (row !== undefined && isBelieved)
    return new row.type(message, { ...options, outcome: row.outcome, retry: row.retry });
  return errorOfStatus(status, message, options);
}

function errorOfStatus(status: number, message: string, options: PerpwireErrorOptions): PerpwireError {
  if (status === 429) return new RateLimitError(message, options);
  if (status === 404) return new NotFoundError(message, options);
  if (status >= 500) return new VenueUnavailableError(message, options);
  return new OrderRejectedError(message, { ...options, outcome: "unknown" });
}

/**
 * Maps a response without the venue's envelope by its status alone: the pages of proxies say of other things that they
 * were not found.
 */
export function errorOfPage(status: number, page: string): PerpwireError {
  const options = { venue: VENUE, venueCode: String(status) };
  const message = `FTX answered ${status}: ${page}`;
  if (status === 403 && isFirewallPage(page)) return new RateLimitError(message, { ...options, isBan: true });
  if (status === 401 || status === 403) return new AuthError(message, options);
  return errorOfStatus(status, message, status === 404 ? { ...options, outcome: "unknown" } : options);
}

/** The clock cannot be read from this venue, but this machine's may have been put right meanwhile. */
export function isRequestExceptionRelatedToTimeSynchronizer(error: unknown): boolean {
  return error instanceof AuthError && /Timestamp too far from current time/i.test(error.venueCode ?? "");
}

/** Recognises the limit of order placement alone: cancels and polls may go on. */
export const isOrdersLimit = (text: string): boolean => /Do not send more than \d+ orders per/i.test(text);

export function isOrderNotFound(error: unknown): boolean {
  return error instanceof NotFoundError && /order not found/i.test(error.venueCode ?? "");
}

/** The order had ended already, or its cancel is under way: its status tells which. */
export function isOrderClosed(error: unknown): boolean {
  return error instanceof PerpwireError && /Order already (closed|queued)/i.test(error.venueCode ?? "");
}
