import { DEFAULT_TIMINGS, type PerpetualConnectorOptions } from "./connector/connector-options.ts";
import { ConfigError } from "./model/error.ts";
import { splitTradingPair } from "./model/market.ts";
import { assertKnownName, nearestName } from "./model/names.ts";
import type { Credentials } from "./net/auth.ts";
import type { Runtime } from "./runtime/runtime.ts";

/** How a connector is opened. Everything of `PerpetualConnectorOptions` but the venue, which the name stands for. */
export interface ConnectOptions extends Omit<PerpetualConnectorOptions, "venue" | "runtime"> {
  /** Default: the real network, clock and disk of this process. */
  readonly runtime?: Runtime | undefined;
  /** One of the venue's domains; default the one that the connector name stands for. */
  readonly domain?: string | undefined;
  /** Another server that speaks the venue's protocol, for example a paper venue. */
  readonly restUrl?: string | undefined;
  readonly webSocketUrl?: string | undefined;
  /**
   * True: `http:` and `ws:` URLs of other machines are taken, so that whoever is on the way reads and changes everything.
   * Default false: without encryption only 127.0.0.0/8, ::1 and localhost.
   */
  readonly insecureUrls?: boolean | undefined;
  /**
   * How long a start that fails is tried again, and how long to wait until everything is ready then. Default 30 seconds,
   * or 0.1 a market where that is longer. 0 tries as `start()` does and does not wait for readiness.
   */
  readonly readyTimeoutMs?: number | undefined;
}

const OPTION_NAMES: Readonly<Record<keyof ConnectOptions, true>> = {
  tradingPairs: true,
  credentials: true,
  isTradingRequired: true,
  logger: true,
  journalPath: true,
  journalDurability: true,
  cancelOnStop: true,
  budgetCheck: true,
  riskLimits: true,
  rateLimitsSharePercentage: true,
  timings: true,
  runtime: true,
  domain: true,
  restUrl: true,
  webSocketUrl: true,
  insecureUrls: true,
  readyTimeoutMs: true,
};

const CREDENTIAL_NAMES: Readonly<Record<keyof Credentials, true>> = {
  apiKey: true,
  apiSecret: true,
  passphrase: true,
  subAccount: true,
};

/** Throws `ConfigError` for what the types forbid and a program without them may pass: a misspelt name, no pairs. */
export function checkConnectOptions(options: unknown): asserts options is ConnectOptions {
  if (typeof options !== "object" || options === null) {
    throw new ConfigError("connect() needs options", { hint: 'give at least { tradingPairs: ["BTC-USDT"] }' });
  }
  const given: Readonly<Record<string, unknown>> = { ...options };
  checkNames(given, OPTION_NAMES, "option");
  checkNames(given.timings, DEFAULT_TIMINGS, "timing");
  checkTimes({ readyTimeoutMs: given.readyTimeoutMs });
  checkTimes({ ...(given.timings as object | undefined) });
  checkTradingPairs(given.tradingPairs);
}

/** Throws `ConfigError` where key or secret is not there: often an environment variable that is not set. */
export function checkCredentials(credentials: unknown): void {
  if (credentials === undefined) return;
  if (typeof credentials !== "object" || credentials === null) {
    throw new ConfigError(`credentials are an object, not ${typeof credentials}`);
  }
  const names = Object.keys(CREDENTIAL_NAMES);
  // Programs pass the account that they keep, which may say more than what signs: only a name that is nearly right is wrong.
  for (const name of Object.keys(credentials)) {
    if (nearestName(name, names) !== undefined) assertKnownName(name, names, "credential");
  }
  const given: Readonly<Record<string, unknown>> = { ...credentials };
  for (const name of ["apiKey", "apiSecret"]) {
    if (typeof given[name] === "string" && given[name] !== "") continue;
    throw new ConfigError(`credentials.${name} is ${given[name] === "" ? "empty" : typeof given[name]}`, {
      hint: "apiKey and apiSecret are text; is an environment variable not set?",
    });
  }
}

function checkNames(given: unknown, names: object, what: string): void {
  if (given === undefined) return;
  if (typeof given !== "object" || given === null) throw new ConfigError(`${what}s are an object, not ${typeof given}`);
  for (const name of Object.keys(given)) assertKnownName(name, Object.keys(names), what);
}

function checkTimes(times: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(times)) {
    if (value === undefined) continue;
    const isGood = (time: unknown) => typeof time === "number" && time >= 0 && Number.isFinite(time);
    if (Array.isArray(value) ? value.every(isGood) : isGood(value)) continue;
    throw new ConfigError(`${name} is ${String(value)}`, { hint: "times are milliseconds, from 0 up" });
  }
}

function checkTradingPairs(tradingPairs: unknown): void {
  if (!Array.isArray(tradingPairs)) {
    const hint = 'give the markets to follow, for example tradingPairs: ["BTC-USDT"]';
    throw new ConfigError(tradingPairs === undefined ? "tradingPairs is missing" : "tradingPairs is no list", { hint });
  }
  for (const tradingPair of tradingPairs) {
    try {
      splitTradingPair(tradingPair);
    } catch (cause) {
      throw new ConfigError(`"${tradingPair}" is not a trading pair`, {
        cause,
        hint: "pairs are BASE-QUOTE, for example BTC-USD",
      });
    }
  }
}
