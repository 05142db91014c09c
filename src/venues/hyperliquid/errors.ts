import * as model from "../../model/error.ts";
import { excerpt, isFirewallPage, isPage } from "../../net/json.ts";
import { ALLOWANCE_PAUSE_MS, VENUE } from "./constants.ts";

type Options = model.RateLimitErrorOptions;

interface ErrorRow extends Pick<Options, "outcome" | "retry" | "code" | "hint" | "retryAfterMs"> {
  /** Parts of texts, in any case. */
  readonly texts: readonly string[];
  readonly type: new (message: string, options: Options) => model.PerpwireError;
}

const { AuthError, InsufficientMarginError, NotFoundError, OrderRejectedError } = model;
const ORDER_NOT_FOUND = "ORDER_NOT_FOUND";
const TRADING_RULE = "TRADING_RULE";
export const ALLOWANCE_TEXT = "too many cumulative requests";

/**
 * The venue has texts and no codes (docs, error responses). A signature over anything but what was sent gives the address
 * of a stranger, so that the refusals of `AuthError` also stand for a wrong network. Outcome and retry are the class's
 * own (`definite` and `never` for most) unless a row says otherwise.
 */
export const ERROR_TABLE: readonly ErrorRow[] = [
  { texts: ["nonce too low", "nonce too high"], type: model.TimeSyncError, hint: "the clock of this machine is wrong" },
  // The action that had this nonce first may have been ours.
  { texts: ["duplicate nonce"], type: OrderRejectedError, outcome: "unknown" },
  {
    texts: ["does not exist", "must deposit before performing", "unable to recover signer"],
    type: AuthError,
    hint: "check the private key, that its API wallet is approved and has not expired, and the domain",
  },
  { texts: [ALLOWANCE_TEXT], type: model.RateLimitError, retryAfterMs: ALLOWANCE_PAUSE_MS },
  { texts: ["insufficient margin", "insufficient spot balance"], type: InsufficientMarginError },
  {
    texts: ["never placed, already canceled, or filled", "cannot modify canceled or filled"],
    type: NotFoundError,
    code: ORDER_NOT_FOUND,
  },
  { texts: ["already expired"], type: OrderRejectedError, hint: "the request came after its own deadline" },
  { texts: ["only post-only orders allowed"], type: OrderRejectedError, retry: "later" },
  { texts: ["divisible by tick size", "invalid price", "invalid size"], type: OrderRejectedError, code: TRADING_RULE },
  { texts: ["zero size", "minimum value of", "order value too large"], type: OrderRejectedError, code: TRADING_RULE },
  { texts: ["away from the reference price", "too far from oracle"], type: OrderRejectedError, code: TRADING_RULE },
  // The list of markets is read again after it: a market that is delisted is refused with these words too.
  { texts: ["trading is halted"], type: OrderRejectedError, code: TRADING_RULE },
  { texts: ["reduce only order would increase", "would have immediately matched"], type: OrderRejectedError },
  { texts: ["could not immediately match", "no liquidity available"], type: OrderRejectedError },
  { texts: ["invalid tp/sl price", "invalid twap"], type: OrderRejectedError },
  { texts: ["open interest", "exceed margin tier", "builder fee has not been approved"], type: OrderRejectedError },
  { texts: ["cannot switch leverage type", "invalid leverage"], type: OrderRejectedError },
  {
    texts: ["cannot set scheduled cancel time"],
    type: OrderRejectedError,
    hint: "`scheduleCancel` needs a traded volume of 1,000,000 USD, and fires ten times a day at most",
  },
  // Text as documented by its meaning, not seen live.
  {
    texts: ["scheduled cancel time must be"],
    type: OrderRejectedError,
    hint: "it was less than five seconds ahead when it arrived: choose a longer time",
  },
];

function rowOf(text: string): ErrorRow | undefined {
  const lower = text.toLowerCase();
  return ERROR_TABLE.find(({ texts }) => texts.some((part) => lower.includes(part)));
}

/**
 * Maps a failed answer to an error. A text that the table lacks proves nothing; without one the HTTP class decides. So it
 * does for the pages of proxies, which say of other things that they do not exist or have expired.
 */
export function errorOf(status: number, text: string): model.PerpwireError {
  const shown = excerpt(text);
  const options = { venue: VENUE, venueCode: status === 200 ? shown : String(status) };
  const message = status === 200 ? `Hyperliquid answered: ${shown}` : `Hyperliquid answered HTTP ${status}: ${shown}`;
  const row = status >= 500 || isPage(text) ? undefined : rowOf(text);
  if (row !== undefined) return new row.type(message, { ...options, ...row });
  if (status >= 500) return new model.VenueUnavailableError(message, options);
  if (status === 429) return new model.RateLimitError(message, options);
  if (status === 403 && isFirewallPage(text)) return new model.RateLimitError(message, { ...options, isBan: true });
  if (status === 401 || status === 403) return new AuthError(message, options);
  // A bare 404 may be a proxy's: it says nothing of an order.
  if (status === 404) return new NotFoundError(message, { ...options, outcome: "unknown" });
  // "Failed to deserialize the JSON body into the target type": what cannot be read is not done.
  const isUnread = status === 400 || status === 415 || status === 422;
  return new OrderRejectedError(message, { ...options, outcome: isUnread ? "definite" : "unknown" });
}

/** The venue looked at one order, or one cancel, of an action and refused it: whatever the text, nothing was done. */
export function refusalOf(text: string): model.PerpwireError {
  if (rowOf(text) !== undefined) return errorOf(200, text);
  const shown = excerpt(text);
  return new OrderRejectedError(`Hyperliquid answered: ${shown}`, { venue: VENUE, venueCode: shown });
}

export function orderNotFound(id: string): model.NotFoundError {
  return new NotFoundError(`Hyperliquid does not know order ${id}`, { venue: VENUE, code: ORDER_NOT_FOUND });
}

export function isOrderNotFound(error: unknown): boolean {
  return error instanceof NotFoundError && error.code === ORDER_NOT_FOUND;
}
