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

/** How a venue proves who asks. May be asynchronous and may sign the body. */
export interface Authenticator {
  restAuthenticate(request: PreparedRequest): PreparedRequest | Promise<PreparedRequest>;
  /** The message that logs a socket in, or undefined where the venue does it otherwise (a listen key). */
  wsAuthenticate(): unknown | Promise<unknown>;
}
