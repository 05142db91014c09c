import { AuthError } from "../model/error.ts";
import type { Nonces } from "./nonces.ts";

/** A request ready to leave: the query is in the URL, the body is text, and both are what a signature is made over. */
export interface PreparedRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** URL with the query, exactly as it will be sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** One of the texts that prove who asks, as a venue's manifest names it. */
export interface CredentialSpec {
  /**
   * Name in camel case, for example `apiKey`. In the configuration it is `<connector>_api_key`, in the environment the
   * same in capitals.
   */
  readonly name: string;
  /** Label for people: `API key`. */
  readonly label: string;
  /** Shown nowhere, and asked for without echo. */
  readonly isSecret: boolean;
  readonly isRequired: boolean;
  /** True where it tells which account is traded on: a journal belongs to one account. */
  readonly namesAccount: boolean;
}

/** Texts by the names that the manifest of the venue gives them. Never logged. */
export type Credentials = Readonly<Record<string, string | undefined>>;

export const API_KEY: CredentialSpec = {
  ...{ name: "apiKey", label: "API key", isSecret: true, isRequired: true, namesAccount: true },
};
export const API_SECRET: CredentialSpec = {
  ...{ name: "apiSecret", label: "API secret", isSecret: true, isRequired: true, namesAccount: false },
};
/** Chosen when the key was made. */
export const PASSPHRASE: CredentialSpec = {
  ...{ name: "passphrase", label: "passphrase", isSecret: true, isRequired: true, namesAccount: false },
};
/** The account within the login. */
export const SUB_ACCOUNT: CredentialSpec = {
  ...{ name: "subAccount", label: "sub-account", isSecret: false, isRequired: false, namesAccount: true },
};

/** The account's number, which private subscriptions of some venues name. */
export const USER_ID: CredentialSpec = {
  ...{ name: "userId", label: "user id", isSecret: false, isRequired: true, namesAccount: true },
};
/** Key of the account, or of a program that it has approved: whoever holds it signs. */
export const PRIVATE_KEY: CredentialSpec = {
  ...{ name: "privateKey", label: "private key", isSecret: true, isRequired: true, namesAccount: false },
};
/** The account that trades, whoever signs for it. */
export const ACCOUNT_ADDRESS: CredentialSpec = {
  ...{ name: "accountAddress", label: "account's address", isSecret: false, isRequired: true, namesAccount: true },
};
/** A sub-account or a vault that is traded in the account's name. */
export const VAULT_ADDRESS: CredentialSpec = {
  ...{ name: "vaultAddress", label: "sub-account's or vault's address", isSecret: false, isRequired: false },
  namesAccount: true,
};

/** Credentials that most venues ask for. */
export const KEY_AND_SECRET: readonly CredentialSpec[] = [API_KEY, API_SECRET];
export const KEY_AND_ADDRESSES: readonly CredentialSpec[] = [PRIVATE_KEY, ACCOUNT_ADDRESS, VAULT_ADDRESS];

/** A credential's name in the configuration: `api_key` for `apiKey`. */
export function credentialSuffix({ name }: Pick<CredentialSpec, "name">): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A credential that has to be there. Throws `AuthError` where it is not. */
export function requiredCredential(credentials: Credentials, { name, label }: CredentialSpec): string {
  const value = credentials[name];
  if (value !== undefined && value !== "") return value;
  throw new AuthError(`the ${label} is missing`, {
    code: "CREDENTIALS_MISSING",
    hint: `give credentials.${name}, or <connector>_${credentialSuffix({ name })} in the configuration`,
  });
}

/** Chooses those of the given texts that a venue asks for. */
export function chosenCredentials(specs: readonly CredentialSpec[], given: Credentials): Credentials {
  return Object.fromEntries(specs.flatMap(({ name }) => (given[name] === undefined ? [] : [[name, given[name]]])));
}

/** Fields that tell the account without opening it, for venues whose requests name it; undefined where nothing does. */
export function accountFields(
  specs: readonly CredentialSpec[],
  credentials: Credentials | undefined,
): Readonly<Record<string, string>> | undefined {
  const fields = specs.flatMap(({ name, isSecret }): [string, string][] => {
    const value = credentials?.[name];
    return isSecret || value === undefined ? [] : [[name, value]];
  });
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

/** Values that an authenticator signs with besides the credentials. */
export interface SigningContext {
  /** A time that the venue's clock has reached for certain, epoch milliseconds. */
  now(): number;
  /** The venue's time is at most twice this later than `now`, milliseconds; 0 where it is left out. */
  uncertaintyMs?(): number;
  /** Nonces for venues that take each nonce of a key once: shared by all connectors of the process. */
  readonly nonces?: Nonces | undefined;
}

const NEGLIGIBLE_MS = 250;
const MAX_WIDENING_MS = 4_000;

/**
 * Computes the time for which a request says that it is valid. It is signed with the earliest possible time of the
 * venue. The window is longer by the error of that time, so that a request has as long to arrive as if the time were
 * known.
 */
export function receiveWindowMs(usualMs: number, context: SigningContext): number {
  const earlyMs = 2 * (context.uncertaintyMs?.() ?? 0);
  return earlyMs <= NEGLIGIBLE_MS ? usualMs : usualMs + Math.ceil(Math.min(earlyMs, MAX_WIDENING_MS));
}

/** Signer of a venue's requests and logins. May be asynchronous and may sign the body. */
export interface Authenticator {
  restAuthenticate(request: PreparedRequest): PreparedRequest | Promise<PreparedRequest>;
  /**
   * The message that logs a socket in, or undefined where the venue does it otherwise (a listen key). `challenge`: the
   * venue's message that the login has to answer; the first call has none, and what it makes asks for one.
   */
  wsAuthenticate(challenge?: unknown): unknown | Promise<unknown>;
  /**
   * Signs one message that subscribes private channels, or ends that, where the venue wants each signed by itself (Gate.io).
   */
  signFrame?(message: unknown): unknown | Promise<unknown>;
  /** The message that logs in a socket for orders, where other sockets have none (Gate.io). */
  wsAuthenticateForOrders?(): unknown | Promise<unknown>;
  /** Signs one message that carries an order, where the venue wants each signed by itself (Binance). */
  signOrderFrame?(message: unknown): unknown | Promise<unknown>;
}
