import { AuthError, ConfigError, JournalError } from "../../../src/model/error.ts";
import type { Cli } from "./cli.ts";
import { connectorsIn, openKeys, type StoredKey, type StoredKeys, sealKeys } from "./key-store.ts";
import { warnWhenOthersCanRead } from "./private-files.ts";
import { stoppable } from "./stop-signal.ts";

export const DEFAULT_KEYS_PATH = "conf/keys.enc.json";
export const PASSWORD_VARIABLE = "PERPWIRE_PASSWORD";

const MIN_PASSWORD_LENGTH = 8;
/** The code of a new password that will not do. */
const REFUSED = "PASSWORD_REFUSED";
const KEY_FILE_MODE = 0o600;
/** Attempts to type a password. */
const ATTEMPTS = 3;
const LOCK_RETRY_MS = 50;
/** Another process holds the lock for as long as it takes to open and seal a store: about a second. */
const LOCK_TIMEOUT_MS = 15_000;

export interface KeyRingRequest {
  readonly keysPath?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An opened key store that takes more keys. */
export interface KeyRing {
  readonly name: string;
  readonly keys: StoredKeys;
  /**
   * Adds to what the file holds by then, at once or not at all. Throws `ConfigError` when another process keeps the file
   * (`KEY_STORE_LOCKED`), `AuthError` when it was sealed with another password since.
   */
  put(connector: string, key: StoredKey): Promise<void>;
}

/**
 * The store, opened, when there are keys of the connector in it; undefined when there are none: then no password is asked
 * for. Throws `AuthError` for a wrong password, `ConfigError` for a store that cannot be read.
 */
export async function openKeysOf(cli: Cli, connector: string, request: KeyRingRequest): Promise<KeyRing | undefined> {
  const { files } = await cli.runtime();
  const { path, name } = placeOf(cli, request);
  if (request.keysPath === undefined && !(await files.exists(path))) return undefined;
  const text = await files.readText(path);
  if (!connectorsIn(text, name).includes(connector)) return undefined;
  await warnWhenOthersCanRead(cli, path, name);
  return keyRing(cli, request, await unlock(cli, text, name, request.signal));
}

/** Opens the store, or prepares a new one. Asks for the password; for that of a new one twice. Throws as above. */
export async function openKeyRing(cli: Cli, request: KeyRingRequest): Promise<KeyRing> {
  const { files } = await cli.runtime();
  const { path, name } = placeOf(cli, request);
  if (!(await files.exists(path))) {
    return keyRing(cli, request, { keys: {}, password: await askNewPassword(cli, name, request.signal) });
  }
  const text = await files.readText(path);
  // Reading the names finds a file that is no key store before anybody types a password.
  connectorsIn(text, name);
  await warnWhenOthersCanRead(cli, path, name);
  return keyRing(cli, request, await unlock(cli, text, name, request.signal));
}

interface Unlocked {
  readonly keys: StoredKeys;
  readonly password: string;
}

function keyRing(cli: Cli, request: KeyRingRequest, { keys, password }: Unlocked): KeyRing {
  const { path, name } = placeOf(cli, request);
  const put = async (connector: string, key: StoredKey): Promise<void> => {
    const { files, random } = await cli.runtime();
    // A second name of the same file would have a second lock.
    const store = await files.realPath(path);
    await withLock(cli, store, name, request.signal, async () => {
      const before = (await files.exists(store)) ? reopened(await files.readText(store), password, name) : {};
      const sealed = sealKeys({ ...before, [connector]: key }, password, { randomHex: (length) => random.hex(length) });
      await files.writeText(store, sealed, KEY_FILE_MODE);
    });
  };
  return { name, keys, put };
}

function reopened(text: string, password: string, name: string): StoredKeys {
  try {
    return openKeys(text, password, name);
  } catch (error) {
    if (!isWrongPassword(error)) throw error;
    throw new AuthError(`${name} was sealed with another password meanwhile`, {
      code: "WRONG_PASSWORD",
      hint: "nothing was stored; try again with that one",
    });
  }
}

/** Two processes that each write what they have read lose the key that the other one wrote. */
async function withLock(
  cli: Cli,
  path: string,
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<void>,
): Promise<void> {
  const { clock, timers, journals } = await cli.runtime();
  const deadlineMs = clock.monotonic() + LOCK_TIMEOUT_MS;
  for (;;) {
    let lock: ReturnType<typeof journals.open>;
    try {
      // The system frees the lock of a journal when its process ends, however it ends.
      lock = journals.open(`${path}.lock`);
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      if (error.code !== "JOURNAL_LOCKED") throw unlockable(name, `${path}.lock`, error);
      if (clock.monotonic() > deadlineMs) {
        throw new ConfigError(`another process keeps ${name} locked`, {
          code: "KEY_STORE_LOCKED",
          hint: "nothing was stored; try again when it has ended",
        });
      }
      await timers.sleep(LOCK_RETRY_MS, signal);
      continue;
    }
    try {
      await work();
    } finally {
      lock.close();
    }
    return;
  }
}

/** The lock is a journal for the way in which systems free it, which nobody needs to know who has to mend it. */
function unlockable(name: string, lock: string, error: JournalError): ConfigError {
  const reason = error.message.slice(error.message.lastIndexOf(": ") + 2);
  return new ConfigError(`${name} cannot be locked by ${lock}: ${reason}`, {
    code: "KEY_STORE_LOCK",
    hint: "nothing was stored; its folder must be writable, and the lock, which holds nothing, may be removed",
    cause: error,
  });
}

function placeOf(cli: Cli, { keysPath }: KeyRingRequest): { readonly path: string; readonly name: string } {
  if (keysPath !== undefined) return { path: keysPath, name: keysPath };
  return { path: `${cli.process.workingDirectory}/${DEFAULT_KEYS_PATH}`, name: DEFAULT_KEYS_PATH };
}

async function unlock(cli: Cli, text: string, name: string, signal: AbortSignal | undefined): Promise<Unlocked> {
  return askAgain(cli, async () => {
    const password = await askPassword(cli, `password of ${name}: `, signal);
    return { keys: openKeys(text, password, name), password };
  });
}

async function askNewPassword(cli: Cli, name: string, signal: AbortSignal | undefined): Promise<string> {
  return askAgain(cli, async () => {
    const password = await askPassword(cli, `new password for ${name}: `, signal);
    if (password.length < MIN_PASSWORD_LENGTH) {
      const hint = "white space around a password is not counted";
      throw new ConfigError(`the password is too short, ${MIN_PASSWORD_LENGTH} characters are the least`, {
        ...{ code: REFUSED, hint },
      });
    }
    // Bytes that are no UTF-8 are all read as this one character: every other such password would open the store.
    if (password.includes("\ufffd")) {
      throw new ConfigError("the password is not UTF-8", {
        code: REFUSED,
        hint: "type it in a terminal that writes UTF-8",
      });
    }
    // A typing error that nobody sees would lock the keys away.
    if (isTyped(cli) && (await askSecret(cli, "the same again: ", signal)) !== password) {
      throw new ConfigError("the two passwords are not the same", { code: REFUSED, hint: "nothing was stored" });
    }
    return password;
  });
}

/** Whoever types goes on typing: what follows a refused password must not be read as something else. */
async function askAgain<T>(cli: Cli, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const isRefusal = isWrongPassword(error) || (error instanceof ConfigError && error.code === REFUSED);
      if (!isRefusal || !isTyped(cli) || attempt === ATTEMPTS) throw error;
      await cli.process.dropTyped();
      cli.process.writeError(`perpwire: ${error.message}; try again\n`);
    }
  }
}

function isWrongPassword(error: unknown): error is AuthError {
  return error instanceof AuthError && error.code === "WRONG_PASSWORD";
}

function isTyped(cli: Cli): boolean {
  return configuredPassword(cli) === undefined && cli.process.isInputTerminal;
}

/** Password from the environment; a variable of white space alone is as good as none. */
function configuredPassword(cli: Cli): string | undefined {
  return cli.process.environment[PASSWORD_VARIABLE]?.trim() || undefined;
}

/** White space around a password is no part of it, wherever it comes from: a file or a shell adds a line end. */
async function askPassword(cli: Cli, prompt: string, signal: AbortSignal | undefined): Promise<string> {
  const password = configuredPassword(cli) ?? (await askSecret(cli, prompt, signal));
  if (password === "") {
    throw new ConfigError("the key store needs its password", { hint: `type it, or set ${PASSWORD_VARIABLE}` });
  }
  cli.secrets.add(password);
  return password;
}

/** One line that does not show, without white space around it; empty when there is none. */
export async function askSecret(cli: Cli, prompt: string, signal: AbortSignal | undefined): Promise<string> {
  const answer = cli.process.readSecret(prompt, signal);
  return ((await (signal === undefined ? answer : stoppable(signal, answer))) ?? "").trim();
}
