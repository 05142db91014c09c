import { ConfigError } from "../model/error.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Random, TlsIdentity } from "../runtime/runtime.ts";
import { parseAmount } from "./engine/amount.ts";
import { type EngineConfig, type MarketSpec, UNIT } from "./engine/types.ts";
import type { FaultConfig } from "./faults.ts";
import { PAPER_MARKETS } from "./market/markets.ts";
import type { ApiKey } from "./protocols/accounts.ts";
import type { RateLimits } from "./protocols/ftx/rate-limit.ts";
import {
  type ProtocolDefinition,
  type ProtocolEntry,
  type ProtocolName,
  protocolEntries,
} from "./protocols/protocols.ts";

/** An API key of the paper venue and the accounts that it reaches: the main one and its sub-accounts. */
export interface PaperAccount {
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Passphrase for OKX, which wants one with each request; `PAPER_PASSPHRASE` by default. */
  readonly passphrase?: string | undefined;
  /** `desk@example.com` by default; keys with the same name share their accounts. */
  readonly username?: string | undefined;
  readonly subaccounts?: readonly string[] | undefined;
  /** The one sub-account that the key may use. */
  readonly onlySubaccount?: string | undefined;
  /** USD that each of its accounts starts with, as decimal text; the venue's `startingBalance` by default. */
  readonly startingBalance?: string | undefined;
}

export interface PaperVenueOptions {
  /**
   * The wire protocol that the venue speaks; `all` are on the same port, over the same books and accounts. A definition is
   * one from outside of the package.
   */
  readonly api: ProtocolName | "all" | ProtocolDefinition;
  /** `127.0.0.1` by default. */
  readonly host?: string | undefined;
  /** 0, the default, lets the system choose. */
  readonly port?: number | undefined;
  /**
   * Decides the market, the faults and the generated keys; chance does where it is absent. Whoever knows the seed knows
   * the keys: give `accounts` where others can reach the venue.
   */
  readonly seed?: number | string | undefined;
  /** A full book that nobody moves, for tests that want to know the next price. */
  readonly quiet?: boolean | undefined;
  /**
   * Step of the simulated order flow, milliseconds; 50 by default. Each market has at most one move of its price, one
   * trade and one new quote a step, so that a longer step makes a slower market that costs less to run.
   */
  readonly flowStepMs?: number | undefined;
  /** No synthetic accounts at all: books are empty until somebody quotes. */
  readonly emptyBooks?: boolean | undefined;
  /** An hour by default. */
  readonly fundingIntervalMs?: number | undefined;
  /** One with a generated key by default. */
  readonly accounts?: readonly PaperAccount[] | undefined;
  /** USD, as decimal text; `"100000"` by default. */
  readonly startingBalance?: string | undefined;
  /**
   * `PAPER_MARKETS` by default; with the step of orders that may rest for all orders where the venue speaks a protocol
   * that knows no other.
   */
  readonly markets?: readonly MarketSpec[] | undefined;
  /** `strict`, the default, has each protocol's own limits; numbers are for FTX alone. */
  readonly rateLimits?: "strict" | "off" | RateLimits | undefined;
  /** Public trades that each market remembers at least, and up to twice as many; 10,000 by default. */
  readonly tradesKept?: number | undefined;
  /**
   * Ended orders that each account remembers, with their fills: the latest ones. Older ones are forgotten in portions
   * of an eighth of the number, and are then no longer listed. 100,000 by default.
   */
  readonly endedOrdersKept?: number | undefined;
  /**
   * Time that each account remembers an ended order, with its fills, milliseconds; up to an eighth longer. An order is
   * forgotten by this or by `endedOrdersKept`, whichever comes first, and by the latter alone by default. A protocol
   * whose history is shorter tells it for that shorter time only.
   */
  readonly endedOrdersKeptMs?: number | undefined;
  /** Life of a Binance listen key after it was made or extended, milliseconds; an hour by default. */
  readonly listenKeyMs?: number | undefined;
  /**
   * Binance's executions of the venue itself have the statuses `NEW_INSURANCE` and `NEW_ADL`, which are no longer
   * documented and still seen; `FILLED` and `PARTIALLY_FILLED` by default.
   */
  readonly binanceForcedStatuses?: boolean | undefined;
  /**
   * Ids are counted for each market by itself where the protocol names them with their market, so that those of two
   * markets are the same: of orders and trades on Binance, of trades on OKX. FTX and Bybit have ids of the whole venue.
   */
  readonly sharedIds?: boolean | undefined;
  /**
   * USD that the insurance fund starts with, as decimal text. Where it is told, winners are deleveraged while the fund is
   * worth less than nothing; else it goes below zero.
   */
  readonly insuranceFund?: string | undefined;
  /** The venue then speaks `https` and `wss` alone; `selfSignedIdentity` makes one. */
  readonly tls?: TlsIdentity | undefined;
  /** TCP connections at once, 1,024 by default; further ones are dropped. */
  readonly maxConnections?: number | undefined;
  /** Names under which the control API may be called, beside those of this machine and `host`. */
  readonly controlHosts?: readonly string[] | undefined;
  readonly faults?: FaultConfig | undefined;
  /**
   * Logger for bugs of the venue that a client only sees as a 500 or a closed connection; standard error by default.
   */
  readonly logger?: Logger | undefined;
  /** Time that an accepted order or cancel waits for the matching engine; 1 to 5 ms by default. */
  readonly matchingDelayMs?: readonly [least: number, most: number] | undefined;
}

const DEFAULT_USERNAME = "desk@example.com";
const TRADER_USERNAME = "trader@example.com";
const TRADER_BALANCE = 100_000_000n * UNIT;
const KEY_LENGTH = 40;

export interface VenueAccount extends ApiKey {
  readonly cash: bigint;
}

/** Fees and funding are those of the venue's first protocol. */
export function engineConfig(options: PaperVenueOptions, startMs: number): EngineConfig {
  const { fundingIntervalMs } = options;
  if (fundingIntervalMs !== undefined && !(fundingIntervalMs >= 1)) {
    throw new ConfigError(`fundingIntervalMs is ${fundingIntervalMs}`, { hint: "it is at least 1" });
  }
  const entries = protocolEntries(options.api);
  const markets = options.markets ?? defaultMarkets(entries);
  return {
    markets: fundingIntervalMs === undefined ? markets : markets.map((spec) => ({ ...spec, fundingIntervalMs })),
    ...entries[0].engine,
    ...(options.tradesKept === undefined ? {} : { tradesKept: kept("tradesKept", options.tradesKept) }),
    ...(options.endedOrdersKept === undefined
      ? {}
      : { endedOrdersKept: kept("endedOrdersKept", options.endedOrdersKept) }),
    ...(options.endedOrdersKeptMs === undefined ? {} : { endedOrdersKeptMs: options.endedOrdersKeptMs }),
    ...(options.insuranceFund === undefined
      ? {}
      : { insuranceFund: readBalance(options.insuranceFund, "the insurance fund"), autoDeleverage: true }),
    defaultLeverage: 10n * UNIT,
    clientIdsTaken: clientIdsTaken(entries),
    startMs,
  };
}

/**
 * Chooses a rule for client ids. Where protocols differ, no protocol refuses an id that one of them takes again once
 * its order is closed.
 */
function clientIdsTaken(entries: readonly ProtocolEntry[]): ProtocolEntry["clientIdsTaken"] {
  if (entries.every((entry) => entry.clientIdsTaken === "never")) return "never";
  return entries.some((entry) => entry.clientIdsTaken !== "ever") ? "whileOpen" : "ever";
}

function defaultMarkets(entries: readonly ProtocolEntry[]): readonly MarketSpec[] {
  const [first, ...others] = entries;
  if (first?.markets !== undefined && others.length === 0) return first.markets;
  if (!entries.some(({ stepIsSmallestOrder }) => stepIsSmallestOrder)) return PAPER_MARKETS;
  return PAPER_MARKETS.map((spec) => ({ ...spec, lot: spec.minMakerSize, minSize: spec.minMakerSize }));
}

/** The users' accounts, and the trader's as the last. */
export function accountsOf(options: PaperVenueOptions, random: Random): readonly VenueAccount[] {
  const generated = () => ({ apiKey: random.hex(KEY_LENGTH), apiSecret: random.hex(KEY_LENGTH) });
  const startingBalance = options.startingBalance ?? "100000";
  const users = (options.accounts ?? [generated()]).map(
    (account: PaperAccount): VenueAccount => ({
      apiKey: account.apiKey,
      apiSecret: account.apiSecret,
      passphrase: account.passphrase,
      username: account.username ?? DEFAULT_USERNAME,
      subaccounts: account.subaccounts ?? [],
      onlySubaccount: account.onlySubaccount,
      cash: readBalance(account.startingBalance ?? startingBalance),
    }),
  );
  return [...users, { ...generated(), username: TRADER_USERNAME, subaccounts: [], cash: TRADER_BALANCE }];
}

function readBalance(text: string, name = "the starting balance"): bigint {
  try {
    const balance = parseAmount(text);
    if (balance >= 0n) return balance;
  } catch (cause) {
    throw new ConfigError(`${name} "${text}" is not a decimal number`, { cause });
  }
  throw new ConfigError(`the starting balance is ${text}`, { hint: "it is zero or more" });
}

function kept(name: "tradesKept" | "endedOrdersKept", count: number): number {
  if (Number.isInteger(count) && count > 0) return count;
  throw new ConfigError(`${name} is ${count}`, { hint: "it is a whole number from 1 up" });
}
