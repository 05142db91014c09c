import type { PaperOptions } from "./connect-paper.ts";
import { DEFAULT_TIMINGS, type PerpetualConnectorOptions } from "./connector/connector-options.ts";
import { AuthError, ConfigError } from "./model/error.ts";
import { splitTradingPair, type TradingPair } from "./model/market.ts";
import { assertKnownName, nearestName } from "./model/names.ts";
import type { CredentialSpec } from "./net/auth.ts";
import { isShare } from "./net/rate-limit.ts";
import type { Runtime } from "./runtime/runtime.ts";

/**
 * Options of opening a connector: everything of `PerpetualConnectorOptions` but the venue, which the name stands for.
 */
export interface ConnectOptions
  extends Omit<PerpetualConnectorOptions, "venue" | "runtime" | "companion" | "bookThreads"> {
  /** Default: the real network, clock and disk of this process. */
  readonly runtime?: Runtime | undefined;
  /** One of the venue's domains; default the one that the connector name stands for. */
  readonly domain?: string | undefined;
  /** Another server that speaks the venue's protocol, for example a paper venue. */
  readonly restUrl?: string | undefined;
  readonly webSocketUrl?: string | undefined;
  /**
   * True: `http:` and `ws:` URLs of other machines are taken, so that whoever is on the way reads and changes everything.
   * Default false: without encryption only 127.0.0.0/8, ::1, localhost, and all hosts of a simulated network.
   */
  readonly insecureUrls?: boolean | undefined;
  /**
   * True: the exchange in the box starts in this process, on a free port of the loopback address, and the connector trades
   * there with a funded key of the box's own until it is stopped, which ends the box as well. `credentials` are left aside
   * then: nothing of them leaves. An object has options of the box, for example `{ seed: 7, startingBalance: "5000" }`.
   */
  readonly paper?: boolean | PaperOptions | undefined;
  /**
   * Time that a failing start is tried again, and time to wait until everything is ready after it. Default 30 seconds,
   * or 0.1 a market where that is longer. 0 tries as `start()` does and does not wait for readiness.
   */
  readonly readyTimeoutMs?: number | undefined;
  /**
   * Number of worker threads that the order books are dealt to, 0 to 16: each has sockets of its own, reads and checks the
   * messages of its markets, and writes their books to shared memory, from which this thread copies them. Limits of the
   * venue are counted together. Default 0: this thread does all of it. Only for the package's own connectors, in real
   * time.
   */
  readonly bookThreads?: number | undefined;
}

/** Rule for a value: its requirement in words, and the check of it. */
interface Rule {
  readonly wanted: string;
  readonly holds: (value: unknown) => boolean;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isTime = (value: unknown): boolean => typeof value === "number" && value >= 0 && Number.isFinite(value);

const ANYTHING: Rule = { wanted: "anything", holds: () => true };
const FLAG: Rule = { wanted: "true or false", holds: (value) => typeof value === "boolean" };
const TEXT: Rule = { wanted: "text", holds: (value) => typeof value === "string" && value !== "" };
const TIME: Rule = { wanted: "milliseconds, a number from 0 up", holds: isTime };
const SETTINGS: Rule = { wanted: "an object", holds: isObject };
const oneOf = (...names: readonly string[]): Rule => ({
  wanted: names.map((name) => `"${name}"`).join(" or "),
  holds: (value) => typeof value === "string" && names.includes(value),
});
const withMethods = (...names: readonly string[]): Rule => ({
  wanted: `an object with ${names.join(", ")}`,
  holds: (value) => isObject(value) && names.every((name) => typeof value[name] === "function"),
});

/** Each thread has connections of its own, of which venues take some hundreds of an address. */
const MAX_BOOK_THREADS = 16;
/** Some kilobytes each, and each start reads them all. */
const MAX_DONE_ORDERS_KEPT = 100_000;

/** Pairs, credentials, timings and risk limits are looked at by themselves. */
const OPTION_RULES: Readonly<Record<keyof ConnectOptions, Rule>> = {
  tradingPairs: ANYTHING,
  credentials: ANYTHING,
  isTradingRequired: FLAG,
  logger: withMethods("debug", "info", "warn", "error"),
  journalPath: TEXT,
  journalDurability: oneOf("process", "power"),
  doneOrdersKept: {
    wanted: `a whole number from 1 to ${MAX_DONE_ORDERS_KEPT}`,
    holds: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_DONE_ORDERS_KEPT,
  },
  cancelOnStop: FLAG,
  budgetCheck: FLAG,
  riskLimits: SETTINGS,
  feeOverrides: SETTINGS,
  cancelLostOrders: FLAG,
  rateLimitsSharePercentage: { wanted: "a number above 0, up to 100", holds: isShare },
  sharedRateLimits: { wanted: "new SharedRateLimits()", holds: withMethods("throttlerFor").holds },
  orderEntry: oneOf("rest", "socket"),
  timings: SETTINGS,
  runtime: SETTINGS,
  domain: TEXT,
  restUrl: TEXT,
  webSocketUrl: TEXT,
  insecureUrls: FLAG,
  paper: {
    wanted: "true, false or an object with options of the exchange in the box",
    holds: (value) => typeof value === "boolean" || isObject(value),
  },
  readyTimeoutMs: TIME,
  bookThreads: {
    wanted: `a whole number from 0 to ${MAX_BOOK_THREADS}`,
    holds: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_BOOK_THREADS,
  },
};

const PAIRS_HINT = 'give the markets to follow, for example connect("bybit_perpetual", { tradingPairs: ["BTC-USDT"] })';

/**
 * Throws `ConfigError` for what the types forbid and a program without them may pass: a misspelt name, a value of another
 * type, no pairs.
 */
export function checkConnectOptions(options: unknown): asserts options is ConnectOptions {
  if (!isObject(options)) throw new ConfigError("connect() needs options", { hint: PAIRS_HINT });
  for (const [name, value] of Object.entries(options)) checkOption(name, value);
  checkTimings(options.timings);
  if (isObject(options.paper)) checkPaper(options.paper);
  checkPairList(options.tradingPairs);
  const isOnPaper = options.paper !== undefined && options.paper !== false;
  const elsewhere = ["restUrl", "webSocketUrl"].find((name) => options[name] !== undefined);
  if (isOnPaper && elsewhere !== undefined) {
    const hint = "paper starts a server of its own in this process: leave one of the two out";
    throw new ConfigError(`paper and ${elsewhere} exclude each other`, { hint });
  }
}

function checkOption(name: string, value: unknown): void {
  assertKnownName(name, Object.keys(OPTION_RULES), "option");
  const { wanted, holds } = OPTION_RULES[name as keyof ConnectOptions];
  if (value === undefined || holds(value)) return;
  throw new ConfigError(`${name} is ${textOf(value)}`, { hint: `it is ${wanted}` });
}

/** Options of the paper account that are the connector's; the box looks at its own. */
function checkPaper({ hasAccount }: Readonly<Record<string, unknown>>): void {
  if (hasAccount === undefined || typeof hasAccount === "boolean") return;
  throw new ConfigError(`paper.hasAccount is ${textOf(hasAccount)}`, { hint: "it is true or false" });
}

/** A value as a program would write it; of an object nothing is shown. */
function textOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function checkTimings(timings: unknown): void {
  for (const [name, value] of Object.entries({ ...(timings as object | undefined) })) {
    assertKnownName(name, Object.keys(DEFAULT_TIMINGS), "timing");
    if (value === undefined) continue;
    const isPair = name === "resolutionBackOffMs";
    if (isPair ? Array.isArray(value) && value.length === 2 && value.every(isTime) : isTime(value)) continue;
    const hint = isPair ? "it is two numbers of milliseconds, the first and the longest wait" : `it is ${TIME.wanted}`;
    throw new ConfigError(`${name} is ${textOf(value)}`, { hint });
  }
}

/** Throws `ConfigError` for a misspelt credential, `AuthError` for a missing one: often a variable that is not set. */
export function checkCredentials(credentials: unknown, specs: readonly CredentialSpec[]): void {
  if (credentials === undefined) return;
  if (!isObject(credentials)) {
    throw new ConfigError(`credentials are ${credentials === null ? "null" : `a ${typeof credentials}`}`, {
      hint: `they are an object: { ${specs
        .filter(({ isRequired }) => isRequired)
        .map(({ name }) => name)
        .join(", ")} }`,
    });
  }
  const names = specs.map(({ name }) => name);
  const needed = specs.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  // Programs pass the account that they keep, which may say more than what signs: only a name that is nearly right is wrong.
  for (const name of Object.keys(credentials)) {
    if (nearestName(name, names) !== undefined) assertKnownName(name, names, "credential");
  }
  for (const name of needed) {
    const value = credentials[name];
    if (typeof value === "string" && value.trim() !== "") continue;
    const state = typeof value === "string" ? "empty" : value === undefined ? "undefined" : "no text";
    throw new AuthError(`credentials.${name} is ${state}`, {
      code: "CREDENTIALS_MISSING",
      hint: `${needed.join(", ")} are needed; is a variable of the environment, or a line of the configuration, not set?`,
    });
  }
  for (const name of names) {
    const value = credentials[name];
    if (value === undefined || typeof value === "string") continue;
    throw new ConfigError(`credentials.${name} is no text`, { hint: "credentials are text" });
  }
}

function checkPairList(tradingPairs: unknown): void {
  if (Array.isArray(tradingPairs)) return;
  const message = tradingPairs === undefined ? "tradingPairs is missing" : "tradingPairs is no list";
  throw new ConfigError(message, { hint: PAIRS_HINT });
}

/** Throws `ConfigError` for what is no `BASE-QUOTE`; `example` is a pair of the venue. */
export function checkTradingPairs(tradingPairs: readonly TradingPair[], example: TradingPair): void {
  for (const tradingPair of tradingPairs) {
    try {
      splitTradingPair(tradingPair);
    } catch (cause) {
      const hint = pairHint(tradingPair, example);
      throw new ConfigError(`"${String(tradingPair)}" is not a trading pair`, { cause, hint });
    }
  }
}

/** Pairs as venues and other clients write them: `BTCUSDT`, `BTC/USDT:USDT`, `BTC_USDT`. */
function pairHint(tradingPair: unknown, example: TradingPair): string {
  const found = /^([A-Z0-9]{1,30}?)[/_]?(USDT|USDC|USD)(:[A-Z]{3,5})?$/i.exec(String(tradingPair));
  if (found === null) return `pairs are BASE-QUOTE, for example ${example}`;
  return `pairs are BASE-QUOTE; did you mean ${found[1]}-${found[2]}?`;
}
