import { wordTable } from "../../../model/word-table.ts";
import type { Engine } from "../../engine/types.ts";
import { isObject, textOf } from "../json-fields.ts";
import { BOOK_CHANNELS, type BookChannel } from "./books.ts";
import { candleChannel } from "./candles.ts";
import { findIndex, findListed, SWAP } from "./instruments.ts";
import type { WireObject } from "./wire.ts";

export type DataChannel =
  | "trades"
  | "tickers"
  | "mark-price"
  | "index-tickers"
  | "funding-rate"
  | "open-interest"
  | "price-limit";
/** Channels of a whole product: what changes is told, and nothing at first. */
export type ProductChannel = "instruments" | "liquidation-orders" | "status";
/**
 * Channel of candles of trades, the mark or the index, on the socket for business: `candle1m`,
 * `mark-price-candle1Dutc`.
 */
export type CandleChannel = `candle${string}` | `mark-price-candle${string}` | `index-candle${string}`;
export type PublicChannel = BookChannel | DataChannel | ProductChannel | CandleChannel;
export type SocketKind = "public" | "private" | "business";
export type PrivateChannel = "orders" | "positions" | "account" | "balance_and_position";

export interface PublicTopic {
  readonly access: "public";
  readonly key: string;
  readonly channel: PublicChannel;
  /**
   * Name as on the wire: `BTC-USDT-SWAP`, or `BTC-USDT` for the index; the type of the product where the topic is of a
   * whole one.
   */
  readonly instId: string;
  /** The engine's name; empty where it is of a whole product. */
  readonly market: string;
  readonly arg: WireObject;
}

export interface PrivateTopic {
  readonly access: "private";
  readonly key: string;
  readonly channel: PrivateChannel;
  readonly arg: WireObject;
  /** True for a product other than swaps: there is nothing to send. */
  readonly isSilent: boolean;
  readonly instId: string | undefined;
  readonly instFamily: string | undefined;
  readonly ccy: string | undefined;
  /** Interval at which it is sent without an event; 0 for never. */
  readonly repeatMs: number;
}

export type Topic = PublicTopic | PrivateTopic;

const DATA_CHANNELS: readonly DataChannel[] = [
  "trades",
  "tickers",
  "mark-price",
  "index-tickers",
  "funding-rate",
  "open-interest",
  "price-limit",
];
const PRODUCT_CHANNELS: readonly ProductChannel[] = ["instruments", "liquidation-orders", "status"];
const PRIVATE_CHANNELS: readonly PrivateChannel[] = ["orders", "positions", "account", "balance_and_position"];
/** Channels that want an `instType`. */
const TYPED: ReadonlySet<PrivateChannel> = new Set(["orders", "positions"]);
/**
 * Intervals that `updateInterval` may ask for; without it `USUAL_INTERVAL_MS` applies (docs v5, account, positions).
 */
const INTERVALS_MS: Readonly<Record<string, ReadonlySet<number>>> = wordTable({
  account: new Set([0]),
  positions: new Set([0, 2_000, 3_000, 4_000]),
});
const USUAL_INTERVAL_MS = 5_000;
const NAMED = ["instType", "instFamily", "instId", "ccy"] as const;

/** Undefined when there is no such channel or instrument, or when it is on another socket. */
export function readTopic(engine: Engine, kind: SocketKind, given: unknown): Topic | undefined {
  if (!isObject(given)) return undefined;
  const named = Object.fromEntries(
    NAMED.flatMap((name) => (typeof given[name] === "string" && given[name] !== "" ? [[name, given[name]]] : [])),
  );
  const arg = { channel: textOf(given.channel), ...named };
  if (kind === "private") return privateTopic(engine, arg, given.extraParams);
  return kind === "public" ? publicTopic(engine, arg) : candleTopic(engine, arg);
}

type Arg = Readonly<Record<string, string>> & { readonly channel: string };

/** Key of a public channel: names beside the instrument's change nothing. */
export const keyOf = (channel: PublicChannel, instId: string): string => `${channel} ${instId}`;

function topicOf(channel: PublicChannel, instId: string, market: string, arg: Arg): PublicTopic {
  return { access: "public", key: keyOf(channel, instId), channel, instId, market, arg };
}

function candleTopic(engine: Engine, arg: Arg): PublicTopic | undefined {
  const rules = candleChannel(arg.channel);
  const instId = arg.instId ?? "";
  const market = rules?.kind === "index" ? findIndex(engine, instId) : findListed(engine, instId);
  if (rules === undefined || market === undefined) return undefined;
  return topicOf(arg.channel as CandleChannel, instId, market.spec.market, arg);
}

/** All but that of the venue's state want a product. */
function productTopic(channel: ProductChannel, arg: Arg): PublicTopic | undefined {
  if (channel !== "status" && arg.instType === undefined) return undefined;
  return topicOf(channel, arg.instType ?? "", "", arg);
}

function publicTopic(engine: Engine, arg: Arg): PublicTopic | undefined {
  const product = PRODUCT_CHANNELS.find((known) => known === arg.channel);
  if (product !== undefined) return productTopic(product, arg);
  const channel = bookChannel(arg.channel) ?? DATA_CHANNELS.find((known) => known === arg.channel);
  const instId = arg.instId ?? "";
  const market = channel === "index-tickers" ? findIndex(engine, instId) : findListed(engine, instId);
  if (channel === undefined || market === undefined) return undefined;
  return topicOf(channel, instId, market.spec.market, arg);
}

function bookChannel(name: string): BookChannel | undefined {
  return (Object.keys(BOOK_CHANNELS) as BookChannel[]).find((known) => known === name);
}

function privateTopic(engine: Engine, arg: Arg, extraParams: unknown): PrivateTopic | undefined {
  const channel = PRIVATE_CHANNELS.find((known) => known === arg.channel);
  if (channel === undefined) return undefined;
  const { instType, instId, instFamily, ccy } = arg;
  if (TYPED.has(channel) && instType === undefined) return undefined;
  const isSilent = instType !== undefined && instType !== SWAP && instType !== "ANY";
  if (!isSilent && instId !== undefined && findListed(engine, instId) === undefined) return undefined;
  const repeatMs = readInterval(INTERVALS_MS[channel], extraParams);
  return { access: "private", key: JSON.stringify(arg), channel, arg, isSilent, instId, instFamily, ccy, repeatMs };
}

/** `extraParams` is JSON in text: `"{\"updateInterval\":\"0\"}"`. */
function readInterval(intervals: ReadonlySet<number> | undefined, extraParams: unknown): number {
  if (intervals === undefined) return 0;
  if (typeof extraParams !== "string") return USUAL_INTERVAL_MS;
  try {
    const asked: unknown = JSON.parse(extraParams);
    const interval = isObject(asked) ? Number(asked.updateInterval) : Number.NaN;
    return intervals.has(interval) ? interval : USUAL_INTERVAL_MS;
  } catch {
    return USUAL_INTERVAL_MS;
  }
}
