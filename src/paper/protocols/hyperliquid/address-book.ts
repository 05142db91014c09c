import { type AccountDirectory, type ApiKey, engineAccountId } from "../accounts.ts";
import { ActionRefusal } from "./errors.ts";
import { addressOfKey, digestOfText } from "./signing.ts";

const ADDRESS = /^0x[0-9a-f]{40}$/i;
const PRIVATE_KEY = /^0x[0-9a-f]{64}$/i;
const ADDRESS_DIGITS = 40;
const NAME_LENGTH = 16;
/** API wallets of an account beside one without a name (docs, nonces and API wallets). */
const MAX_NAMED = 3;

/** Whom a signature may speak for. */
export interface Signer {
  readonly address: string;
  /** The engine's name of the main account. */
  readonly master: string;
  /** The one account that it may trade, where it is bound to a sub-account. */
  readonly only: string | undefined;
  /** An API wallet: it trades, and neither moves money nor approves others. */
  readonly isAgent: boolean;
  readonly name: string;
  /** Epoch milliseconds; null without end. */
  readonly validUntil: number | null;
}

export type Role =
  | { readonly role: "user" | "missing" }
  | { readonly role: "agent"; readonly user: string }
  | { readonly role: "subAccount"; readonly master: string };

/**
 * The key that signs for a paper API key: the secret itself where that is one of 32 bytes in hexadecimal, else one that
 * follows from key and secret, keccak-256 of `perpwire paper wallet <apiKey>:<apiSecret>`.
 */
function privateKeyOf({ apiKey, apiSecret }: ApiKey): string {
  return PRIVATE_KEY.test(apiSecret) ? apiSecret : digestOfText(`perpwire paper wallet ${apiKey}:${apiSecret}`);
}

/**
 * Accounts by address, and who may sign for them. The first key of a user is the account's own, whose address is the
 * account's; further keys are API wallets of it. An API key that is an address names the account by it. A sub-account's
 * address follows from its name, as it has no key.
 */
export class AddressBook {
  readonly #accounts = new Map<string, string>();
  readonly #addresses = new Map<string, string>();
  /** Main accounts of sub-accounts. */
  readonly #masters = new Map<string, string>();
  readonly #signers = new Map<string, Signer>();
  readonly #isTaken: (address: string) => boolean;

  constructor(directory: AccountDirectory) {
    for (const key of directory.keys()) this.#add(directory, key);
    this.#isTaken = (address) => this.#signers.has(address) || this.#accounts.has(address);
  }

  #add(directory: AccountDirectory, key: ApiKey): void {
    const { apiKey, username, subaccounts, onlySubaccount } = key;
    const signer = addressOfKey(privateKeyOf(key));
    const address = this.#addresses.get(username) ?? (ADDRESS.test(apiKey) ? apiKey.toLowerCase() : signer);
    this.#know(username, address);
    directory.alias(address, key);
    for (const name of subaccounts) {
      const accountId = engineAccountId(username, name);
      this.#know(accountId, subAccountAddress(accountId));
      this.#masters.set(accountId, username);
    }
    const only = onlySubaccount === undefined ? undefined : engineAccountId(username, onlySubaccount);
    const isAgent = signer !== address;
    this.#signers.set(signer, {
      address: signer,
      master: username,
      only,
      isAgent,
      name: apiKey.slice(0, NAME_LENGTH),
      validUntil: null,
    });
  }

  #know(accountId: string, address: string): void {
    this.#addresses.set(accountId, address);
    this.#accounts.set(address, accountId);
  }

  /** Credentials by the names that a connector has for them. */
  credentialsOf(key: ApiKey): Readonly<Record<string, string>> {
    const { username, onlySubaccount } = key;
    const login = { accountAddress: this.addressOf(username), privateKey: privateKeyOf(key) };
    if (onlySubaccount === undefined) return login;
    return { ...login, vaultAddress: this.addressOf(engineAccountId(username, onlySubaccount)) };
  }

  /** The engine's name; undefined for an address that is no account. */
  accountOf(address: string): string | undefined {
    return this.#accounts.get(address.toLowerCase());
  }

  /**
   * Address of an account that the engine has; one that nobody has a key of has an address that follows from its name.
   */
  addressOf(accountId: string): string {
    return this.#addresses.get(accountId) ?? subAccountAddress(accountId);
  }

  signer(address: string, nowMs: number): Signer | undefined {
    const signer = this.#signers.get(address);
    return signer?.validUntil != null && signer.validUntil <= nowMs ? undefined : signer;
  }

  /** Agents with a name. */
  agentsOf(accountId: string): readonly Signer[] {
    return [...this.#signers.values()].filter(
      ({ master, isAgent, name }) => master === accountId && isAgent && name !== "",
    );
  }

  subAccountsOf(master: string): readonly string[] {
    return [...this.#masters].flatMap(([accountId, main]) => (main === master ? [accountId] : []));
  }

  roleOf(address: string): Role {
    const accountId = this.accountOf(address);
    const signer = this.#signers.get(address.toLowerCase());
    if (accountId === undefined) {
      return signer === undefined ? { role: "missing" } : { role: "agent", user: this.addressOf(signer.master) };
    }
    const master = this.#masters.get(accountId);
    return master === undefined ? { role: "user" } : { role: "subAccount", master: this.addressOf(master) };
  }

  /** Drops the API wallet that had the name before, or had none either; returns its address. */
  approve(master: string, address: string, name: string, validUntil: number | null): string | undefined {
    if (this.#isTaken(address)) throw new ActionRefusal("Extra agent already used.");
    const others = [...this.#signers.values()].filter((signer) => signer.master === master && signer.isAgent);
    const old = others.find((signer) => signer.name === name);
    const named = others.filter((signer) => signer.name !== "");
    if (old === undefined && name !== "" && named.length >= MAX_NAMED)
      throw new ActionRefusal("Too many extra agents.");
    if (old !== undefined) this.#signers.delete(old.address);
    this.#signers.set(address, { address, master, only: undefined, isAgent: true, name, validUntil });
    return old?.address;
  }
}

function subAccountAddress(accountId: string): string {
  return `0x${digestOfText(`perpwire paper account ${accountId}`).slice(-ADDRESS_DIGITS)}`;
}
