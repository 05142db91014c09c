import { ConfigError } from "../model/error.ts";
import { assertKnownName } from "../model/names.ts";
import type { PaperVenueOptions } from "./venue-options.ts";

/** Rule for a value: its requirement in words, and the check of it. */
type Rule = readonly [wanted: string, holds: (value: unknown) => boolean];

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value);
const isTime = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value >= 0;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

/** Takes any text: one that is no name is told where it is read. */
const isApi = (value: unknown): boolean =>
  typeof value === "string" ||
  (isObject(value) && isText(value.name) && typeof value.create === "function" && isObject(value.engine));

/** Looked at where it is read, which says what is wrong in it. */
const ANYTHING: Rule = ["anything", () => true];
const FLAG: Rule = ["true or false", (value) => typeof value === "boolean"];
const MONEY: Rule = ['decimal text, for example "5000"', isText];
const TIME: Rule = ["milliseconds, a number from 0 up", isTime];

const RULES: Readonly<Record<keyof PaperVenueOptions, Rule>> = {
  api: ["a name, or a definition with name, create and engine", isApi],
  host: ["text", isText],
  port: ["a whole number from 0 to 65535", (value) => isWhole(value) && Number(value) >= 0 && Number(value) <= 65_535],
  seed: ["a number or text", (value) => typeof value === "string" || Number.isFinite(value)],
  quiet: FLAG,
  flowStepMs: ["milliseconds, a number from 1 up", (value) => isTime(value) && Number(value) >= 1],
  emptyBooks: FLAG,
  fundingIntervalMs: TIME,
  accounts: ["a list", Array.isArray],
  startingBalance: MONEY,
  markets: [
    "a list of markets as in PAPER_MARKETS",
    (value) => Array.isArray(value) && value.every((market) => isObject(market) && typeof market.tick === "bigint"),
  ],
  rateLimits: ['"strict", "off" or an object', (value) => value === "strict" || value === "off" || isObject(value)],
  tradesKept: ANYTHING,
  endedOrdersKept: ANYTHING,
  endedOrdersKeptMs: TIME,
  listenKeyMs: TIME,
  binanceForcedStatuses: FLAG,
  sharedIds: FLAG,
  insuranceFund: MONEY,
  tls: ["what selfSignedIdentity makes", isObject],
  maxConnections: ["a whole number from 1 up", (value) => isWhole(value) && Number(value) >= 1],
  controlHosts: ["a list of names", Array.isArray],
  faults: ["an object", isObject],
  logger: ["an object with debug, info, warn and error", isObject],
  matchingDelayMs: [
    "two numbers of milliseconds, the least and the most",
    (value) => Array.isArray(value) && value.length === 2 && value.every(isTime),
  ],
};

/** Throws `ConfigError` for a misspelt name, which would change nothing, and for a value of another type. */
export function checkPaperOptions(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw new ConfigError("createPaperVenue() needs options", { hint: 'for example { api: "bybit" }' });
  }
  for (const [name, value] of Object.entries(options)) {
    assertKnownName(name, Object.keys(RULES), "option of the exchange in the box");
    const [wanted, holds] = RULES[name as keyof PaperVenueOptions];
    if (value === undefined || holds(value)) continue;
    const shown = typeof value === "object" && value !== null ? "of another kind" : JSON.stringify(value);
    throw new ConfigError(`${name} is ${shown}`, { hint: `it is ${wanted}` });
  }
}
