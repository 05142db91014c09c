import { wordTable } from "../../../model/word-table.ts";
import type { BookName } from "./books.ts";
import { candleSource } from "./candles.ts";
import type { GateContext } from "./context.ts";
import { findContract, findListed } from "./contracts.ts";

/**
 * Delay from a change to the push of each channel of contracts, milliseconds; tickers are sent whether anything changed
 * or not.
 */
const CADENCES_MS = wordTable({ trades: 0, tickers: 1_000, book_ticker: 10, public_liquidates: 500 });
const CANDLE_CADENCE_MS = 1_000;
const LEGACY_CADENCE_MS = 250;
const LEGACY_DEPTHS: readonly string[] = ["1", "5", "10", "20", "50", "100"];

/** Public channel that somebody listens to, of one contract. */
export interface PublicTopic {
  readonly access: "public";
  readonly key: string;
  /** Name without `futures.`. */
  readonly channel: string;
  readonly contract: string;
  readonly cadenceMs: number;
  /** View of a book, of the channels of books. */
  readonly book?: BookName;
  /** Levels a side, of the oldest channel of books. */
  readonly depth?: number;
  /** Name and interval of candles. */
  readonly candle?: { readonly name: string; readonly interval: string };
}

/** Topics of a request, or the text of its refusal: one contract that is unknown fails all of them. */
export type Topics = readonly PublicTopic[] | string;

const PUBLIC = { access: "public" } as const;

const unknown = (name: string): string => `unknown currency pair: ${name}`;

export function readTopics(context: GateContext, channel: string, payload: readonly string[]): Topics | undefined {
  const cadenceMs = CADENCES_MS[channel];
  if (cadenceMs !== undefined) return ofContracts(context, channel, payload, cadenceMs);
  switch (channel) {
    case "order_book_update":
      return updateTopic(context, payload);
    case "obu":
      return secondFormTopics(context, payload);
    case "order_book":
      return legacyTopic(context, payload);
    case "candlesticks":
      return candleTopic(context, payload);
    default:
      return undefined;
  }
}

function ofContracts({ engine }: GateContext, channel: string, names: readonly string[], cadenceMs: number): Topics {
  if (names.length === 0) return "payload is empty";
  const wrong = names.find((name) => findListed(engine, name) === undefined);
  if (wrong !== undefined) return unknown(wrong);
  return names.map((contract) => ({ ...PUBLIC, key: `${channel} ${contract}`, channel, contract, cadenceMs }));
}

const CADENCE_TEXTS = wordTable({ "100ms": 100, "20ms": 20 });
const DEPTHS = wordTable({ "100": 100, "50": 50, "20": 20 });

/** 20 ms only goes with 20 levels. */
function updateTopic({ engine }: GateContext, [contract = "", cadence = "", level]: readonly string[]): Topics {
  if (findListed(engine, contract) === undefined) return unknown(contract);
  const cadenceMs = CADENCE_TEXTS[cadence];
  if (cadenceMs === undefined) return `unknown frequency: ${cadence}`;
  const depth = DEPTHS[level ?? (cadenceMs === 20 ? "20" : "100")];
  if (depth === undefined || (cadenceMs === 20 && depth !== 20)) return `unknown level: ${level}`;
  const book: BookName = { channel: "order_book_update", contract, depth, cadenceMs };
  const key = `order_book_update ${contract} ${depth} ${cadenceMs}`;
  return [{ ...PUBLIC, key, channel: book.channel, contract, cadenceMs, book }];
}

const SECOND_FORM_MS = wordTable({ "400": 100, "50": 20 });

function secondFormTopics({ engine }: GateContext, names: readonly string[]): Topics {
  if (names.length === 0) return "payload is empty";
  const topics: PublicTopic[] = [];
  for (const name of names) {
    const [, contract = "", level = ""] = /^ob\.(\w+)\.(\d+)$/.exec(name) ?? [];
    const cadenceMs = SECOND_FORM_MS[level];
    if (cadenceMs === undefined || findListed(engine, contract) === undefined) return unknown(name);
    const book: BookName = { channel: "obu", contract, depth: Number(level), cadenceMs };
    topics.push({ ...PUBLIC, key: `obu ${contract} ${level}`, channel: "obu", contract, cadenceMs, book });
  }
  return topics;
}

function legacyTopic({ engine }: GateContext, [contract = "", level = "20"]: readonly string[]): Topics {
  if (findListed(engine, contract) === undefined) return unknown(contract);
  if (!LEGACY_DEPTHS.includes(level)) return `unknown level: ${level}`;
  const key = `order_book ${contract} ${level}`;
  return [{ ...PUBLIC, key, channel: "order_book", contract, cadenceMs: LEGACY_CADENCE_MS, depth: Number(level) }];
}

function candleTopic(context: GateContext, [interval = "", name = ""]: readonly string[]): Topics {
  const source = candleSource(context, name, interval);
  if (source === undefined) return unknown(name);
  const contract = name.replace(/^(mark|index)_/, "");
  const key = `candlesticks ${interval}_${name}`;
  const candle = { name, interval };
  return [{ ...PUBLIC, key, channel: "candlesticks", contract, cadenceMs: CANDLE_CADENCE_MS, candle }];
}

/** Channels of an account; of the last two nothing is told here. */
const PRIVATE_CHANNELS: ReadonlySet<string> = new Set([
  ...["orders", "usertrades", "positions", "balances", "liquidates", "auto_deleverages", "autoorders"],
  ...["position_closes", "reduce_risk_limits"],
]);

/** Private channel that somebody listens to: of one contract, by the engine's name of it, or all. */
export interface PrivateTopic {
  readonly access: "private";
  readonly key: string;
  readonly channel: string;
  readonly market: string | undefined;
}

export type Topic = PublicTopic | PrivateTopic;

export const isPrivate = (channel: string): boolean => PRIVATE_CHANNELS.has(channel);

/** The payload is a user id, which stands for nothing in `positions`, and a contract or `!all`. */
export function readPrivateTopic(
  { engine }: GateContext,
  channel: string,
  [user, contract = "!all"]: readonly string[],
  userId: number,
): PrivateTopic | string {
  if (user === undefined) return "payload is empty";
  if (channel !== "positions" && user !== String(userId)) return `invalid user id: ${user}`;
  const market = contract === "!all" || channel === "balances" ? undefined : findContract(engine, contract);
  if (market === undefined && contract !== "!all" && channel !== "balances") return unknown(contract);
  return { access: "private", key: `${channel} ${contract}`, channel, market: market?.spec.market };
}
