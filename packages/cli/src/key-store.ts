import { createCipheriv, createDecipheriv, createHash, scryptSync } from "node:crypto";
import { AuthError, ConfigError } from "../../../src/model/error.ts";
import type { Credentials } from "../../../src/net/auth.ts";
import { credentialSpecsOf } from "./connectors.ts";

/** Servers that a key was verified with: scheme, host and port. Undefined: the venue's own server. */
export interface VerifiedServers {
  readonly rest?: string | undefined;
  readonly webSocket?: string | undefined;
}

/** A key and the servers that it is for; undefined in what was stored before servers were. */
export interface StoredKey {
  readonly credentials: Credentials;
  readonly servers: VerifiedServers | undefined;
}

/** Keys by connector name. */
export type StoredKeys = Readonly<Record<string, StoredKey>>;

/** Cost of guessing a password: scrypt takes `128 * N * r` bytes of memory for each try. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** Cost that OWASP's password storage cheat sheet asks of scrypt (128 MiB). */
export const DEFAULT_SCRYPT_COST: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };
/**
 * Bounds of the cost that a file may ask for; a cost beyond them was not written by this program. Each try takes `128 *
 * N * r` bytes and time for `N * r * p` steps: a file from elsewhere must neither exhaust this machine nor be quick to
 * guess.
 */
const MIN_SCRYPT_COST: ScryptCost = { N: 2 ** 14, r: 8, p: 1 };
const MAX_SCRYPT_MEMORY = 2 ** 28;
const MAX_SCRYPT_STEPS = 2 ** 22;
/** Far more than all connectors' keys take. */
const MAX_TEXT_LENGTH = 2 ** 20;

/** Nothing writes over a file that cannot be read. */
const MEND = "bring back a copy of it, or move it away and connect again";

const FORMAT = "perpwire-keys";
const VERSION = 1;
const KEY_BYTES = 32;
const SALT_BYTES = 32;
/** The nonce length that GCM is made for (NIST SP 800-38D, 8.2.1). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CHECK_BYTES = 32;

/** All that is stored but the ciphertext: it is authenticated with it. */
interface Head {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly kdf: { readonly name: "scrypt"; readonly salt: string } & ScryptCost;
  /** Tells a wrong password from a damaged file; as hard to guess a password from as the ciphertext itself. */
  readonly passwordCheck: string;
  readonly cipher: { readonly name: "aes-256-gcm"; readonly nonce: string };
  /** Whose keys are inside, so that a password is asked for only when it helps. */
  readonly connectors: readonly string[];
}

interface Sealed extends Head {
  readonly tag: string;
  readonly data: string;
}

export interface SealOptions {
  /** Lower-case hexadecimal digits nobody can guess. */
  randomHex(length: number): string;
  readonly cost?: ScryptCost | undefined;
}

/** The text of a key store: JSON with the scrypt parameters, the keys inside encrypted with AES-256-GCM. */
export function sealKeys(keys: StoredKeys, password: string, options: SealOptions): string {
  const cost = options.cost ?? DEFAULT_SCRYPT_COST;
  const salt = options.randomHex(SALT_BYTES * 2);
  const nonce = options.randomHex(NONCE_BYTES * 2);
  const { key, passwordCheck } = deriveKey(password, salt, cost);
  const head: Head = {
    format: FORMAT,
    version: VERSION,
    kdf: { name: "scrypt", N: cost.N, r: cost.r, p: cost.p, salt },
    passwordCheck,
    cipher: { name: "aes-256-gcm", nonce },
    connectors: Object.keys(keys).toSorted(),
  };
  const cipher = createCipheriv("aes-256-gcm", key, Buffer.from(nonce, "hex"));
  cipher.setAAD(headBytes(head));
  const content = Object.entries(keys).map(([name, { credentials, servers }]) => [name, { ...credentials, servers }]);
  const data = Buffer.concat([cipher.update(JSON.stringify(Object.fromEntries(content)), "utf8"), cipher.final()]);
  const sealed: Sealed = { ...head, tag: cipher.getAuthTag().toString("hex"), data: data.toString("base64") };
  return `${JSON.stringify(sealed, undefined, 2)}\n`;
}

/**
 * Throws `AuthError` (`WRONG_PASSWORD`) when the password is not the one it was sealed with, and `ConfigError` when the
 * text is none of a key store (`KEY_STORE`) or was changed since (`KEY_STORE_CHANGED`). `name` is what errors call it.
 */
export function openKeys(text: string, password: string, name: string): StoredKeys {
  const sealed = parseSealed(text, name);
  const { kdf, cipher, tag, data } = sealed;
  const { key, passwordCheck } = deriveKey(password, kdf.salt, kdf);
  if (passwordCheck !== sealed.passwordCheck) {
    throw new AuthError(`the password does not open ${name}`, {
      code: "WRONG_PASSWORD",
      hint: "the keys are as they were; if it is the right one, the file was damaged: bring back a copy of it",
    });
  }
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(cipher.nonce, "hex"), { authTagLength: TAG_BYTES });
  decipher.setAAD(headBytes(sealed));
  let content: string;
  try {
    decipher.setAuthTag(Buffer.from(tag, "hex"));
    content = Buffer.concat([decipher.update(data, "base64"), decipher.final()]).toString("utf8");
  } catch {
    throw new ConfigError(`${name} was changed or damaged after it was written`, {
      code: "KEY_STORE_CHANGED",
      hint: MEND,
    });
  }
  return parseKeys(content, name);
}

/** The connectors whose keys are inside. Nothing vouches for it before the store is opened. */
export function connectorsIn(text: string, name: string): readonly string[] {
  return parseSealed(text, name).connectors;
}

function deriveKey(password: string, salt: string, { N, r, p }: ScryptCost) {
  const maxmem = 256 * N * r;
  // The same password typed on another keyboard may be composed otherwise.
  const derived = scryptSync(password.normalize("NFC"), Buffer.from(salt, "hex"), KEY_BYTES * 2, { N, r, p, maxmem });
  const passwordCheck = createHash("sha256").update(derived.subarray(KEY_BYTES)).digest("hex");
  return { key: derived.subarray(0, KEY_BYTES), passwordCheck };
}

function headBytes({ format, version, kdf, passwordCheck, cipher, connectors }: Head): Buffer {
  const { N, r, p, salt } = kdf;
  return Buffer.from(JSON.stringify([format, version, kdf.name, N, r, p, salt, passwordCheck, cipher, connectors]));
}

type Fields = Readonly<Record<string, unknown>>;

function parseSealed(text: string, name: string): Sealed {
  const fields = text.length > MAX_TEXT_LENGTH ? undefined : asFields(parseJson(text));
  if (fields?.format !== FORMAT) throw notAStore(name, "it is no key store, or was damaged");
  if (isCount(fields.version, VERSION + 1)) {
    throw notAStore(name, `its format version ${fields.version} is not known`, "update perpwire");
  }
  const kdf = asFields(fields.kdf);
  const cost = costOf(kdf);
  const cipher = asFields(fields.cipher);
  const { passwordCheck, connectors, tag, data } = fields;
  const isWhole =
    fields.version === VERSION &&
    kdf?.name === "scrypt" &&
    isHex(kdf.salt, SALT_BYTES) &&
    cost !== undefined &&
    cipher?.name === "aes-256-gcm" &&
    isHex(cipher.nonce, NONCE_BYTES) &&
    isHex(passwordCheck, CHECK_BYTES) &&
    isHex(tag, TAG_BYTES) &&
    typeof data === "string" &&
    Array.isArray(connectors) &&
    connectors.every((connector) => typeof connector === "string");
  if (!isWhole) throw notAStore(name, "a field of it is missing or wrong");
  return {
    format: FORMAT,
    version: VERSION,
    kdf: { name: "scrypt", ...cost, salt: String(kdf.salt) },
    passwordCheck: String(passwordCheck),
    cipher: { name: "aes-256-gcm", nonce: String(cipher.nonce) },
    connectors,
    tag: String(tag),
    data,
  };
}

function costOf({ N, r, p }: Fields = {}): ScryptCost | undefined {
  const least = MIN_SCRYPT_COST;
  if (!isCount(N, least.N) || !isCount(r, least.r) || !isCount(p, least.p)) return undefined;
  const isBounded = 128 * N * r <= MAX_SCRYPT_MEMORY && N * r * p <= MAX_SCRYPT_STEPS;
  return isBounded && Number.isInteger(Math.log2(N)) ? { N, r, p } : undefined;
}

function isCount(value: unknown, least: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least;
}

function isHex(value: unknown, bytes: number): value is string {
  return typeof value === "string" && value.length === bytes * 2 && /^[0-9a-f]*$/.test(value);
}

function parseKeys(content: string, name: string): StoredKeys {
  const keys: Record<string, StoredKey> = {};
  for (const [connector, value] of Object.entries(asFields(parseJson(content)) ?? {})) {
    const { servers, ...texts } = asFields(value) ?? {};
    const credentials = Object.fromEntries(
      Object.entries(texts).flatMap(([field, text]) => (typeof text === "string" ? [[field, text]] : [])),
    );
    // A later version may ask for more than was stored: what is missing is told where it is needed.
    const [first, second] = credentialSpecsOf(connector).filter(({ isRequired }) => isRequired);
    if ([first, second].some((spec) => spec !== undefined && credentials[spec.name] === undefined)) {
      throw notAStore(name, `the keys of ${connector} are not whole`);
    }
    keys[connector] = { credentials, servers: serversOf(asFields(servers)) };
  }
  return keys;
}

function serversOf(servers: Fields | undefined): VerifiedServers | undefined {
  return servers && { rest: textOf(servers.rest), webSocket: textOf(servers.webSocket) };
}

function parseJson(text: string): unknown {
  try {
    // Editors put a byte order mark before text that they save.
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}

function asFields(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function notAStore(name: string, what: string, hint = MEND): ConfigError {
  return new ConfigError(`${name} cannot be read: ${what}`, { code: "KEY_STORE", hint });
}
