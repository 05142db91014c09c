/** Default passphrase of a key: OKX has one beside key and secret, the other protocols do not ask for it. */
export const PAPER_PASSPHRASE = "Paper-Pass-1";

/** Headers in which a request of each protocol, and of the control API, names its key. */
const KEY_HEADERS = [
  "paper-key",
  "ftx-key",
  "ftxus-key",
  "x-bapi-api-key",
  "x-mbx-apikey",
  "ok-access-key",
  "key",
] as const;

/** An API key of a user. Its sub-accounts trade and hold collateral apart from the main account. */
export interface ApiKey {
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Passphrase for protocols that have one; `PAPER_PASSPHRASE` when absent. */
  readonly passphrase?: string | undefined;
  /** The user's name; keys with the same name share accounts. */
  readonly username: string;
  readonly subaccounts: readonly string[];
  /** The one sub-account that the key may use. */
  readonly onlySubaccount?: string | undefined;
}

/** Identity of a caller: the key, and the account of the engine that the call is about. */
export interface Login {
  readonly apiKey: string;
  readonly accountId: string;
  /** A number for the account; FTX's `accountIdentifier`, the user id elsewhere. */
  readonly identifier: number;
  /** `user`, or `user/sub-account`. */
  readonly username: string;
}

export type LoginRefusal = "noSuchKey" | "otherSubaccountOnly" | "noSuchSubaccount";

const FIRST_IDENTIFIER = 7_001;

export function engineAccountId(username: string, subaccount: string | undefined): string {
  return subaccount === undefined ? username : `${username}/${subaccount}`;
}

/** Directory of the API keys and the accounts of the engine that they reach, whatever the protocol. */
export class AccountDirectory {
  readonly #keys = new Map<string, ApiKey>();
  /** Other names of a key, such as a protocol's own. */
  readonly #aliases = new Map<string, ApiKey>();
  readonly #identifiers = new Map<string, number>();

  constructor(keys: readonly ApiKey[]) {
    for (const key of keys) {
      this.#keys.set(key.apiKey, key);
      for (const subaccount of [undefined, ...key.subaccounts]) {
        const accountId = engineAccountId(key.username, subaccount);
        if (!this.#identifiers.has(accountId)) {
          this.#identifiers.set(accountId, FIRST_IDENTIFIER + this.#identifiers.size);
        }
      }
    }
  }

  /** The engine's accounts, main ones before their sub-accounts. */
  accountIds(): readonly string[] {
    return [...this.#identifiers.keys()];
  }

  has(accountId: string): boolean {
    return this.#identifiers.has(accountId);
  }

  /** Number of the account; 0 when it is not found. */
  identifier(accountId: string): number {
    return this.#identifiers.get(accountId) ?? 0;
  }

  key(apiKey: string): ApiKey | undefined {
    return this.#keys.get(apiKey);
  }

  /** Lists the keys in the order in which they were given. */
  keys(): readonly ApiKey[] {
    return [...this.#keys.values()];
  }

  /** Lets a key be named by what else its client calls itself, for example an address, in lower case. The first one of a name stays. */
  alias(name: string, { apiKey }: ApiKey): void {
    const key = this.#keys.get(apiKey);
    if (key !== undefined && !this.#aliases.has(name)) this.#aliases.set(name, key);
  }

  /** Finds a key for the control API: by the key itself or by an alias of it. */
  named(name: string): ApiKey | undefined {
    return this.#keys.get(name) ?? this.#aliases.get(name.toLowerCase());
  }

  /** Tells that a request names a known key; its signature is not checked here. */
  isNamedBy(headers: Readonly<Record<string, string>>): boolean {
    return KEY_HEADERS.some((name) => this.#keys.has(headers[name] ?? ""));
  }

  /** Logs in for protocols where the caller chooses the sub-account. */
  login(apiKey: string, subaccount: string | undefined): Login | { readonly refused: LoginRefusal } {
    const key = this.#keys.get(apiKey);
    if (key === undefined) return { refused: "noSuchKey" };
    if (key.onlySubaccount !== undefined && subaccount !== key.onlySubaccount) {
      return { refused: "otherSubaccountOnly" };
    }
    const accountId = engineAccountId(key.username, subaccount);
    const identifier = this.#identifiers.get(accountId);
    if (identifier === undefined) return { refused: "noSuchSubaccount" };
    return { apiKey, accountId, identifier, username: accountId };
  }

  /**
   * Logs in for protocols where a key belongs to one account: its only sub-account if it has one, else the main
   * account.
   */
  loginOf(apiKey: string): Login | undefined {
    const login = this.login(apiKey, this.#keys.get(apiKey)?.onlySubaccount);
    return "refused" in login ? undefined : login;
  }
}
