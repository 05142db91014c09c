import { ConfigError } from "../model/error.ts";
import type { Credentials } from "../net/auth.ts";
import type { Cli } from "./cli.ts";
import { connectorsIn, openKeys, type StoredKeys, sealKeys } from "./key-store.ts";
import { stoppable } from "./stop-signal.ts";

export const DEFAULT_KEYS_PATH = "conf/keys.enc.json";
export const PASSWORD_VARIABLE = "PERPWIRE_PASSWORD";

const LEAST_PASSWORD_LENGTH = 8;
const KEY_FILE_MODE = 0o600;

export interface KeyRingRequest {
  readonly keysPath?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The keys of a connector in the encrypted store, or undefined when it has none: then no password is asked for. Throws
 * `AuthError` for a wrong password, `ConfigError` for a store that cannot be read.
 */
export async function readStoredKeys(
  cli: Cli,
  connector: string,
  request: KeyRingRequest,
): Promise<Credentials | undefined> {
  const { files } = await cli.runtime();
  const { path, name } = placeOf(cli, request);
  if (request.keysPath === undefined && !(await files.exists(path))) return undefined;
  const text = await files.readText(path);
  if (!connectorsIn(text, name).includes(connector)) return undefined;
  const password = await askPassword(cli, `password of ${name}: `, request.signal);
  const keys = openKeys(text, password, name);
  return Object.hasOwn(keys, connector) ? keys[connector] : undefined;
}

/** An opened key store that takes more keys. */
export interface KeyRing {
  readonly name: string;
  /** Writes at once, or leaves the file as it was. */
  put(connector: string, credentials: Credentials): Promise<void>;
}

/** Opens the store, or prepares a new one. Asks for the password; for that of a new one twice. Throws as above. */
export async function openKeyRing(cli: Cli, request: KeyRingRequest): Promise<KeyRing> {
  const { files, random } = await cli.runtime();
  const { path, name } = placeOf(cli, request);
  const exists = await files.exists(path);
  const text = exists ? await files.readText(path) : undefined;
  // What is no key store is found out before anybody types a password.
  if (text !== undefined) connectorsIn(text, name);
  const password = await (exists
    ? askPassword(cli, `password of ${name}: `, request.signal)
    : askNewPassword(cli, name, request.signal));
  const keys: StoredKeys = text === undefined ? {} : openKeys(text, password, name);
  const put = (connector: string, credentials: Credentials): Promise<void> => {
    const sealed = sealKeys({ ...keys, [connector]: credentials }, password, {
      randomHex: (length) => random.hex(length),
    });
    return files.writeText(path, sealed, KEY_FILE_MODE);
  };
  return { name, put };
}

function placeOf(cli: Cli, { keysPath }: KeyRingRequest): { readonly path: string; readonly name: string } {
  if (keysPath !== undefined) return { path: keysPath, name: keysPath };
  return { path: `${cli.process.workingDirectory}/${DEFAULT_KEYS_PATH}`, name: DEFAULT_KEYS_PATH };
}

async function askPassword(cli: Cli, prompt: string, signal: AbortSignal | undefined): Promise<string> {
  const password = cli.process.environment[PASSWORD_VARIABLE] || (await askSecret(cli, prompt, signal));
  if (password === "") {
    throw new ConfigError("the key store needs its password", { hint: `type it, or set ${PASSWORD_VARIABLE}` });
  }
  cli.secrets.add(password);
  return password;
}

async function askNewPassword(cli: Cli, name: string, signal: AbortSignal | undefined): Promise<string> {
  const password = await askPassword(cli, `new password for ${name}: `, signal);
  if (password.length < LEAST_PASSWORD_LENGTH) {
    throw new ConfigError("the password is too short", { hint: `give at least ${LEAST_PASSWORD_LENGTH} characters` });
  }
  // A typing error that nobody sees would lock the keys away.
  const isTyped = !cli.process.environment[PASSWORD_VARIABLE] && cli.process.isInputTerminal;
  if (isTyped && (await askSecret(cli, "the same again: ", signal)) !== password) {
    throw new ConfigError("the two passwords are not the same", { hint: "nothing was stored; try again" });
  }
  return password;
}

/** One line that does not show; empty when there is none. */
export async function askSecret(cli: Cli, prompt: string, signal: AbortSignal | undefined): Promise<string> {
  const answer = cli.process.readSecret(prompt, signal);
  return ((await (signal === undefined ? answer : stoppable(signal, answer))) ?? "").trim();
}
