import * as model from "../../model/error.ts";
import { isFirewallPage } from "../../net/json.ts";
import { VENUE } from "./constants.ts";

type Options = model.RateLimitErrorOptions & { readonly refusal?: model.TimeRefusal | undefined };

interface ErrorRow extends Pick<Options, "outcome" | "retry" | "code" | "hint"> {
  readonly labels: readonly string[];
  readonly type: new (message: string, options: Options) => model.PerpwireError;
}

const { AuthError, InsufficientMarginError, NotFoundError, OrderRejectedError, VenueUnavailableError } = model;
const ORDER_NOT_FOUND = "ORDER_NOT_FOUND";
const TRADING_RULE = "TRADING_RULE";

/** Label of an order on a connection that is not logged in, or not any more. */
export const LOGIN_LOST = "AUTHENTICATION_FAILED";

/** Label of a request that changes nothing: success of a setting, and the refusal of an amend. */
export const NO_CHANGE = "NO_CHANGE";

const ACCOUNT_HINT = "check what the key and the account may do, and the key's list of addresses";

/**
 * Gate.io's `label`s (docs, error list); a batch has them by row. Outcome and retry are the class's own (`definite` and
 * `never` for most) unless a row says otherwise.
 */
export const ERROR_TABLE: readonly ErrorRow[] = [
  {
    labels: ["REQUEST_EXPIRED"],
    type: model.TimeSyncError,
    hint: "the clock of this machine differs from the venue's",
  },
  {
    labels: ["INVALID_KEY", "INVALID_SIGNATURE", "INVALID_CREDENTIALS", "MISSING_REQUIRED_HEADER"],
    type: AuthError,
    hint: "check key, secret and domain: testnet has keys of its own",
  },
  { labels: [LOGIN_LOST], type: AuthError, hint: "check key, secret and domain" },
  { labels: ["IP_FORBIDDEN", "READ_ONLY", "FORBIDDEN", "ACCOUNT_LOCKED"], type: AuthError, hint: ACCOUNT_HINT },
  { labels: ["TOO_MANY_REQUESTS"], type: model.RateLimitError },
  { labels: ["INTERNAL", "SERVER_ERROR", "TOO_BUSY"], type: VenueUnavailableError },
  // Order has ended, or was never there, or was forgotten since: only its status and its fills tell.
  {
    labels: ["ORDER_NOT_FOUND", "CLIENT_ID_NOT_FOUND", "ORDER_FINISHED", "ORDER_CLOSED", "ORDER_CANCELLED"],
    type: NotFoundError,
    code: ORDER_NOT_FOUND,
  },
  { labels: ["CONTRACT_NOT_FOUND", "POSITION_NOT_FOUND", "POSITION_EMPTY", "ORDER_NOT_OWNED"], type: NotFoundError },
  {
    labels: ["INSUFFICIENT_AVAILABLE", "BALANCE_NOT_ENOUGH", "MARGIN_BALANCE_NOT_ENOUGH", "INITIAL_MARGIN_TOO_LOW"],
    type: InsufficientMarginError,
  },
  { labels: ["RISK_LIMIT_EXCEEDED"], type: InsufficientMarginError, hint: "the market's risk limit does not allow it" },
  { labels: ["ORDER_POC_IMMEDIATE", "POC_FILL_IMMEDIATELY"], type: OrderRejectedError, hint: "it would have taken" },
  {
    labels: ["ORDER_FOK", "FOK_NOT_FILL", "CONTRACT_NO_COUNTER", "ORDER_BOOK_NOT_FOUND"],
    type: OrderRejectedError,
    hint: "the book holds too little for it",
  },
  {
    labels: ["PRICE_TOO_DEVIATED", "PRICE_THRESHOLD_EXCEEDED", "SIZE_TOO_LARGE", "SIZE_TOO_SMALL", "INVALID_PRECISION"],
    type: OrderRejectedError,
    code: TRADING_RULE,
  },
  { labels: ["CONTRACT_IN_DELISTING"], type: OrderRejectedError, code: TRADING_RULE, hint: "it can only be closed" },
  { labels: ["TRADE_RESTRICTED"], type: OrderRejectedError, code: TRADING_RULE, hint: "the market is not trading now" },
  { labels: ["PRICE_OVER_LIQUIDATION", "PRICE_OVER_BANKRUPT", "LIQUIDATE_IMMEDIATELY"], type: OrderRejectedError },
  { labels: ["INCREASE_POSITION", "REDUCE_EXCEEDED", "TOO_MANY_ORDERS"], type: OrderRejectedError },
  {
    labels: ["POSITION_IN_LIQUIDATION", "POSITION_IN_CLOSE"],
    type: OrderRejectedError,
    retry: "later",
    hint: "the position is being closed",
  },
  { labels: ["POSITION_DUAL_MODE"], type: OrderRejectedError, code: model.POSITION_MODE_MISMATCH },
  {
    labels: ["POSITION_HOLDING", "ORDER_PENDING"],
    type: OrderRejectedError,
    hint: "close every position and cancel every order first",
  },
  { labels: ["POSITION_CROSS_MARGIN"], type: OrderRejectedError, hint: "a cross position has no margin of its own" },
  { labels: ["LEVERAGE_TOO_HIGH", "LEVERAGE_TOO_LOW", "RISK_LIMIT_TOO_HIGH"], type: OrderRejectedError },
  // Spellings of both kinds are in use.
  { labels: ["RISK_LIMIT_TOO_lOW", "RISK_LIMIT_TOO_LOW", NO_CHANGE], type: OrderRejectedError },
  {
    labels: ["USER_NOT_FOUND"],
    type: OrderRejectedError,
    hint: "the account has no futures wallet yet: move USDT to the futures account once",
  },
  {
    labels: [
      "INVALID_PARAM_VALUE",
      "INVALID_ARGUMENT",
      "INVALID_REQUEST_BODY",
      "MISSING_REQUIRED_PARAM",
      "BAD_REQUEST",
    ],
    type: OrderRejectedError,
  },
  { labels: ["INVALID_PROTOCOL"], type: OrderRejectedError },
];

const ROWS = new Map(ERROR_TABLE.flatMap((row) => row.labels.map((label) => [label, row] as const)));

/** Texts about price or amount: `INVALID_PARAM_VALUE` is said of every wrong parameter. */
const RULE_TEXT = /\b(size|price)\b/i;

/** Fields of a failed answer besides its label. */
export interface Failure {
  readonly status: number;
  readonly label?: string | undefined;
  readonly text: string;
  readonly retryAfterMs?: number | undefined;
  /** The venue's time of the answer, epoch milliseconds. */
  readonly serverTimeMs?: number | undefined;
}

/**
 * Maps a failed answer to an error: by its label alone, without one by the HTTP class. An unknown label proves nothing.
 */
export function errorOf({ status, label, text, retryAfterMs, serverTimeMs }: Failure): model.PerpwireError {
  const isAboutRule = label === "INVALID_PARAM_VALUE" && RULE_TEXT.test(text);
  const options = { venue: VENUE, venueCode: label ?? String(status), retryAfterMs };
  const message = `Gate.io answered ${label ?? `HTTP ${status}`}: ${text}`;
  const row = label === undefined ? undefined : ROWS.get(label);
  const code = isAboutRule ? TRADING_RULE : row?.code;
  if (row !== undefined) return new row.type(message, { ...options, ...row, code, refusal: { serverTimeMs } });
  if (status >= 500) return new VenueUnavailableError(message, options);
  if (status === 403 && isFirewallPage(text)) return new model.RateLimitError(message, { ...options, isBan: true });
  if (status === 429) return new model.RateLimitError(message, options);
  if (label === undefined && (status === 401 || status === 403)) return new AuthError(message, options);
  // A bare 404 may be a proxy's: it says nothing of an order.
  if (label === undefined && status === 404) return new NotFoundError(message, { ...options, outcome: "unknown" });
  const isRefused = label === undefined && status === 400;
  return new OrderRejectedError(message, { ...options, outcome: isRefused ? "definite" : "unknown" });
}

export function isOrderNotFound(error: unknown): boolean {
  return error instanceof NotFoundError && error.code === ORDER_NOT_FOUND;
}
