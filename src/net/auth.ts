/** A request ready to leave: the query is in the URL, the body is text, and both are what a signature is made over. */
export interface PreparedRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With the query, exactly as it will be sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Key and secret of an account, and the sub-account within it. Never logged. */
export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly subAccount?: string | undefined;
  readonly passphrase?: string | undefined;
}

/** What an authenticator signs with besides the credentials. */
export interface SigningContext {
  /** A time that the venue's clock has reached for certain, epoch milliseconds. */
  now(): number;
  /** The venue's time is at most twice this later than `now`, milliseconds; 0 where it is left out. */
  uncertaintyMs?(): number;
}

const NEGLIGIBLE_MS = 250;
const LONGEST_WIDENING_MS = 4_000;

/**
 * For how long a request says that it is valid. It is signed with the earliest time that the venue's can be: what that
 * may be too early is added, so that a request has as long to arrive as if the time were known.
 */
export function receiveWindowMs(usualMs: number, context: SigningContext): number {
  const earlyMs = 2 * (context.uncertaintyMs?.() ?? 0);
  return earlyMs <= NEGLIGIBLE_MS ? usualMs : usualMs + Math.ceil(Math.min(earlyMs, LONGEST_WIDENING_MS));
}

/** How a venue proves who asks. May be asynchronous and may sign the body. */
export interface Authenticator {
  restAuthenticate(request: PreparedRequest): PreparedRequest | Promise<PreparedRequest>;
  /** The message that logs a socket in, or undefined where the venue does it otherwise (a listen key). */
  wsAuthenticate(): unknown | Promise<unknown>;
}
