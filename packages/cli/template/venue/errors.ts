import {
  AuthError,
  InsufficientMarginError,
  NotFoundError,
  OrderRejectedError,
  type PerpwireError,
  RateLimitError,
  type RateLimitErrorOptions,
  TimeSyncError,
  VenueUnavailableError,
} from "../../../../src/model/error.ts";
import { isFirewallPage } from "../../../../src/net/json.ts";
import { DISPLAY_NAME, VENUE } from "./constants.ts";

type Options = RateLimitErrorOptions;

interface ErrorRow extends Pick<Options, "outcome" | "retry" | "code" | "hint"> {
  readonly codes: readonly string[];
  readonly type: new (message: string, options: Options) => PerpwireError;
}

const ORDER_NOT_FOUND = "ORDER_NOT_FOUND";

// CHECK: every code of the venue's page of errors. Outcome and retry are the class's own unless a row says otherwise.
export const ERROR_TABLE: readonly ErrorRow[] = [
  // <clock>
  { codes: ["1001"], type: TimeSyncError, hint: "the clock of this machine differs from the venue's" },
  // </clock>
  { codes: ["1002", "1003"], type: AuthError, hint: "check key and secret, and what the key may do" },
  { codes: ["1004"], type: RateLimitError },
  { codes: ["1005"], type: VenueUnavailableError },
  { codes: ["2001"], type: NotFoundError, code: ORDER_NOT_FOUND },
  { codes: ["2002"], type: InsufficientMarginError },
  { codes: ["2003", "2004", "2005"], type: OrderRejectedError },
  // The id exists: ours may have been accepted before an answer got lost, so only a look-up can tell.
  { codes: ["2006"], type: OrderRejectedError, outcome: "unknown" },
];

const ROWS = new Map(ERROR_TABLE.flatMap((row) => row.codes.map((code) => [code, row] as const)));

/** Maps a failed answer to an error. A code that the table lacks proves nothing; without one the HTTP class decides. */
export function errorOf(status: number, code: string | undefined, text: string, retryAfterMs?: number): PerpwireError {
  const options = { venue: VENUE, venueCode: code ?? String(status), retryAfterMs };
  const message = `${DISPLAY_NAME} answered ${code ?? `HTTP ${status}`}: ${text}`;
  const row = code === undefined ? undefined : ROWS.get(code);
  if (row !== undefined) return new row.type(message, { ...options, ...row });
  if (status === 429) return new RateLimitError(message, options);
  if (status === 403 && isFirewallPage(text)) return new RateLimitError(message, { ...options, isBan: true });
  if (status === 401 || status === 403) return new AuthError(message, options);
  // A bare 404 may be a proxy's: it says nothing of an order.
  if (status === 404) return new NotFoundError(message, { ...options, outcome: "unknown" });
  // "Not Implemented" stays so: the venue's box says it of whatever is not written there yet.
  if (status === 501) return new VenueUnavailableError(message, { ...options, retry: "never" });
  if (status >= 500) return new VenueUnavailableError(message, options);
  return new OrderRejectedError(message, { ...options, outcome: "unknown" });
}

export function isOrderNotFound(error: unknown): boolean {
  return error instanceof NotFoundError && error.code === ORDER_NOT_FOUND;
}
