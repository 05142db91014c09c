/**
 * Conclusion that the caller may draw about the action that failed. `definite`: it did not happen, because the venue
 * refused it or no byte left this machine. `unknown`: it may have happened; only evidence from the venue can tell.
 */
export type Outcome = "definite" | "unknown";

/** Advice on repeating the same call: `never` as it stands, `now` at once, `later` after a wait. */
export type Retry = "never" | "now" | "later";

export interface PerpwireErrorOptions {
  readonly code?: string | undefined;
  readonly retry?: Retry | undefined;
  readonly outcome?: Outcome | undefined;
  readonly venue?: string | undefined;
  readonly venueCode?: string | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The `code` of a refusal that says that the market's position mode is another than the order was made for: the mode is
 * read again at once, and the next order is made for it.
 */
export const POSITION_MODE_MISMATCH = "POSITION_MODE_MISMATCH";

/**
 * The `code` for text that is no number that may be worked with: of a `ConfigError` where a program or a user gave it,
 * of a `ProtocolError` where a venue sent it.
 */
export const INVALID_NUMBER = "INVALID_NUMBER";

/** The `code` of a `ProtocolError` for what can be read and cannot be true: a fill of a negative amount, a price of zero. */
export const ABSURD_FACT = "ABSURD_FACT";

interface ErrorDefaults {
  readonly code: string;
  readonly retry: Retry;
  readonly outcome: Outcome;
}

/** Two copies of the package in one program know each other's errors by it. */
const BRAND = Symbol.for("perpwire.error");

/**
 * Code that a class defines itself. Class names would not do: some classes have no own code, and a minifier changes
 * names.
 */
function ownCodeOf(type: unknown): string | undefined {
  if (typeof type !== "function" || !Object.hasOwn(type, "defaults")) return undefined;
  return (type as typeof PerpwireError).defaults.code;
}

/** Codes of an error's class and of those that it extends, up to the root. */
function lineageOf(type: unknown): readonly string[] {
  const codes: string[] = [];
  for (let each = type; typeof each === "function"; each = Object.getPrototypeOf(each)) {
    const code = ownCodeOf(each);
    if (code !== undefined) codes.push(code);
  }
  return codes;
}

function isInstance(type: object, value: unknown): boolean {
  if (Function.prototype[Symbol.hasInstance].call(type, value)) return true;
  const code = ownCodeOf(type);
  if (code === undefined || typeof value !== "object" || value === null) return false;
  const lineage: unknown = Reflect.get(value, BRAND);
  return Array.isArray(lineage) && lineage.includes(code);
}

/**
 * The root of every error that Perpwire throws on purpose. No message ever holds a secret or a signature. `instanceof`
 * also holds for the errors of another copy of the package, by the codes of their classes.
 */
export class PerpwireError extends Error {
  static readonly defaults: ErrorDefaults = { code: "PERPWIRE", retry: "never", outcome: "definite" };

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: Classes that extend this one are asked as well.
    return isInstance(this, value);
  }

  /** A stable string to branch on. */
  readonly code: string;
  readonly retry: Retry;
  readonly outcome: Outcome;
  readonly venue: string | undefined;
  /** The venue's own code, or its text where it has no codes. */
  readonly venueCode: string | undefined;
  /** Sentence that says what would be right. */
  readonly hint: string | undefined;

  constructor(message: string, options: PerpwireErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const defaults = (new.target as typeof PerpwireError).defaults;
    this.name = new.target.name;
    this.code = options.code ?? defaults.code;
    this.retry = options.retry ?? defaults.retry;
    this.outcome = options.outcome ?? defaults.outcome;
    this.venue = options.venue;
    this.venueCode = options.venueCode;
    this.hint = options.hint;
    Object.defineProperty(this, BRAND, { value: lineageOf(new.target) });
  }
}

/** The program asked for something that cannot be: an unknown connector, pair, option or key name. */
export class ConfigError extends PerpwireError {
  static override readonly defaults: ErrorDefaults = { code: "CONFIG", retry: "never", outcome: "definite" };
}

/** The venue does not accept the key, its signature, its permissions or its address. */
export class AuthError extends PerpwireError {
  static override readonly defaults: ErrorDefaults = { code: "AUTH", retry: "never", outcome: "definite" };
}

/** The order breaks a rule, ours before sending or the venue's after. */
export class OrderRejectedError extends PerpwireError {
  static override readonly defaults: ErrorDefaults = { code: "ORDER_REJECTED", retry: "never", outcome: "definite" };
}

export class InsufficientMarginError extends OrderRejectedError {
  static override readonly defaults: ErrorDefaults = {
    code: "INSUFFICIENT_MARGIN",
    retry: "never",
    outcome: "definite",
  };
}

/** A limit that the user set forbids the order. */
export class RiskLimitError extends OrderRejectedError {
  static override readonly defaults: ErrorDefaults = { code: "RISK_LIMIT", retry: "never", outcome: "definite" };
}

/** The venue refused to look at the request because there were too many. */
export class RateLimitError extends PerpwireError {
  static override readonly defaults: ErrorDefaults = { code: "RATE_LIMIT", retry: "later", outcome: "definite" };
  /** Wait in milliseconds that the venue states or documents. */
  readonly retryAfterMs: number | undefined;
  /** Time until when the venue said that it goes on, epoch milliseconds of the venue. */
  readonly retryAtMs: number | undefined;
  /** True when the venue blocks the whole address, rather than one limit being used up. */
  readonly isBan: boolean;
  constructor(message: string, options: RateLimitErrorOptions = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
    this.retryAtMs = options.retryAtMs;
    this.isBan = options.isBan ?? false;
  }
}

export interface RateLimitErrorOptions extends PerpwireErrorOptions {
  readonly retryAfterMs?: number | undefined;
  readonly retryAtMs?: number | undefined;
  readonly isBan?: boolean | undefined;
}

/** The venue does not know the order, market or coin. */
export class NotFoundError extends PerpwireError {
  static override readonly defaults: ErrorDefaults = { code: "NOT_FOUND", retry: "never", outcome: "definite" };
}

/** The venue answered that it cannot answer: 5xx, maintenance, "please retry". */
export class VenueUnavailableError extends PerpwireError {
  static override readonly defaults: ErrorDefaults = { code: "VENUE_UNAVAILABLE", retry: "later", outcome: "unknown" };
}

/** Time of the venue as far as a refusal for our clock tells it. */
export interface TimeRefusal {
  /** Time of the refusal by the venue's clock, epoch milliseconds. */
  readonly serverTimeMs?: number | undefined;
  /** The request's timestamp was ahead of it by at least this. */
  readonly aheadMs?: number | undefined;
  /** The request's timestamp was behind it by more than this. */
  readonly behindMs?: number | undefined;
}

/** The venue says that our clock is off: synchronise and try once more. */
export class TimeSyncError extends PerpwireError {
  static override readonly defaults: ErrorDefaults = { code: "TIME_SYNC", retry: "now", outcome: "definite" };
  readonly refusal: TimeRefusal;
  constructor(message: string, options: PerpwireErrorOptions & { readonly refusal?: TimeRefusal | undefined } = {}) {
    super(message, options);
    this.refusal = options.refusal ?? {};
  }
}

/** The network failed. `bytesMayHaveLeft` decides the outcome: false proves that the venue saw nothing. */
export class TransportError extends PerpwireError {
  static override readonly defaults: ErrorDefaults = { code: "TRANSPORT", retry: "later", outcome: "unknown" };
  readonly bytesMayHaveLeft: boolean;
  constructor(message: string, options: PerpwireErrorOptions & { readonly bytesMayHaveLeft: boolean }) {
    super(message, { ...options, outcome: options.bytesMayHaveLeft ? "unknown" : "definite" });
    this.bytesMayHaveLeft = options.bytesMayHaveLeft;
  }
}

/** Proof that nothing was sent: it waited too long, was called back, or no place was left in the queue. */
export class NotSentError extends PerpwireError {
  static override readonly defaults: ErrorDefaults = { code: "NOT_SENT", retry: "never", outcome: "definite" };
}

/** The book broke its continuity rule and is being healed: it cannot be read until it equals the venue's again. */
export class BookInvalidError extends PerpwireError {
  static override readonly defaults: ErrorDefaults = { code: "BOOK_INVALID", retry: "later", outcome: "definite" };
}

/** The venue sent something that does not fit its documented format. */
export class ProtocolError extends PerpwireError {
  static override readonly defaults: ErrorDefaults = { code: "PROTOCOL", retry: "later", outcome: "unknown" };
}

/** The journal cannot be written, or another process or connector holds it. New orders stop; what was sent stays known. */
export class JournalError extends PerpwireError {
  static override readonly defaults: ErrorDefaults = { code: "JOURNAL", retry: "later", outcome: "definite" };
}

/** The caller's `AbortSignal` fired. Never logged as a fault. */
export class AbortError extends PerpwireError {
  static override readonly defaults: ErrorDefaults = { code: "ABORT", retry: "never", outcome: "definite" };
  constructor(message = "aborted", options: PerpwireErrorOptions = {}) {
    super(message, options);
    this.name = "AbortError";
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AbortError();
}

/** The outcome of a failed action; an error that is not ours proves nothing. */
export function outcomeOf(error: unknown): Outcome {
  return error instanceof PerpwireError ? error.outcome : "unknown";
}

/** One line for a log or a terminal, with the hint, without the stack. */
export function describeError(error: unknown): string {
  if (error instanceof PerpwireError)
    return error.hint === undefined ? error.message : `${error.message}; ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
