import { wordTable } from "../../../model/word-table.ts";
import { INTERVALS } from "./kline-routes.ts";
import type { ListedSymbol, SymbolTable } from "./symbols.ts";

/** The three places that market data and user data are served from since April 2026. */
export type Place = "public" | "market" | "private";

export type StreamKind =
  | "depth"
  | "partialDepth"
  | "trade"
  | "bookTicker"
  | "aggTrade"
  | "markPrice"
  | "ticker"
  | "miniTicker"
  | "forceOrder"
  | "kline"
  | "continuousKline";

export interface Stream {
  /** Name as on the wire. */
  readonly key: string;
  readonly kind: StreamKind;
  readonly place: Place;
  /** The symbols that it is about; `isList` says that one message has them all. */
  readonly symbols: readonly ListedSymbol[];
  readonly isList: boolean;
  /** Interval at which it sends; 0 means at once. */
  readonly everyMs: number;
  /** Levels of a partial book. */
  readonly levels: number;
  /** Interval of candles, such as `1m`. */
  readonly interval: string;
}

const PUBLIC_KINDS: ReadonlySet<StreamKind> = new Set<StreamKind>(["depth", "partialDepth", "trade", "bookTicker"]);
const USUAL_DEPTH_MS = 250;
const MARK_PRICE_MS = 3_000;
const TICKER_MS = 2_000;
const ALL_TICKERS_MS = 1_000;
/** Every best quote at once, since 2023-12-20. */
const ALL_QUOTES_MS = 5_000;
/** Time in which only the latest liquidation of a symbol is told. */
const LIQUIDATIONS_MS = 1_000;
const KLINE_MS = 250;
const KLINE = /^kline_(\w+)$/;
const CONTINUOUS_KLINE = /^([^@]+)_perpetual@continuousKline_(\w+)$/;

const DEPTH = /^depth(5|10|20)?(?:@(100|250|500)ms)?$/;
/** The book with orders of retail price improvement, of which none is taken here: it is the other one. */
const RPI_DEPTH = "rpiDepth@500ms";
const RPI_DEPTH_MS = 500;
const MARK_PRICE = /^markPrice(@1s)?$/;
const ALL_MARK_PRICES = /^!markPrice@arr(@1s)?$/;

/** Parses the name of a stream; undefined where the venue has no such stream. Symbols are in lower case. */
export function parseStream(name: string, table: SymbolTable): Stream | undefined {
  if (name.startsWith("!")) return parseAll(name, table.all());
  const [, pair = "", interval = ""] = CONTINUOUS_KLINE.exec(name) ?? [];
  if (pair !== "") return parseKline(name, "continuousKline", interval, table.find(pair.toUpperCase()));
  const at = name.indexOf("@");
  const symbol = name.slice(0, at);
  const listed = at > 0 && symbol === symbol.toLowerCase() ? table.find(symbol.toUpperCase()) : undefined;
  return listed === undefined ? undefined : parseOne(name, name.slice(at + 1), listed);
}

function stream(name: string, kind: StreamKind, symbols: readonly ListedSymbol[], rest: Partial<Stream> = {}): Stream {
  const place = PUBLIC_KINDS.has(kind) ? "public" : "market";
  return { key: name, kind, place, symbols, isList: false, everyMs: 0, levels: 0, interval: "", ...rest };
}

function parseKline(name: string, kind: StreamKind, interval: string, listed: ListedSymbol | undefined) {
  if (listed === undefined || !INTERVALS.has(interval)) return undefined;
  return stream(name, kind, [listed], { everyMs: KLINE_MS, interval });
}

function parseOne(name: string, type: string, listed: ListedSymbol): Stream | undefined {
  const depth = DEPTH.exec(type);
  if (depth !== null) {
    const [, levels, everyMs = USUAL_DEPTH_MS] = depth;
    const kind = levels === undefined ? "depth" : "partialDepth";
    return stream(name, kind, [listed], { levels: Number(levels ?? 0), everyMs: Number(everyMs) });
  }
  const markPrice = MARK_PRICE.exec(type);
  if (markPrice !== null) return stream(name, "markPrice", [listed], { everyMs: markPriceMs(markPrice[1]) });
  const [, interval] = KLINE.exec(type) ?? [];
  if (interval !== undefined) return parseKline(name, "kline", interval, listed);
  switch (type) {
    case "trade":
    case "aggTrade":
    case "bookTicker":
      return stream(name, type, [listed]);
    case RPI_DEPTH:
      return stream(name, "depth", [listed], { everyMs: RPI_DEPTH_MS });
    case "forceOrder":
      return stream(name, type, [listed], { everyMs: LIQUIDATIONS_MS });
    case "ticker":
    case "miniTicker":
      return stream(name, type, [listed], { everyMs: TICKER_MS });
    default:
      return undefined;
  }
}

function parseAll(name: string, symbols: readonly ListedSymbol[]): Stream | undefined {
  const markPrices = ALL_MARK_PRICES.exec(name);
  if (markPrices !== null) {
    return stream(name, "markPrice", symbols, { everyMs: markPriceMs(markPrices[1]), isList: true });
  }
  switch (name) {
    case "!bookTicker":
      return stream(name, "bookTicker", symbols, { everyMs: ALL_QUOTES_MS });
    case "!forceOrder@arr":
      return stream(name, "forceOrder", symbols, { everyMs: LIQUIDATIONS_MS });
    case "!ticker@arr":
      return stream(name, "ticker", symbols, { everyMs: ALL_TICKERS_MS, isList: true });
    case "!miniTicker@arr":
      return stream(name, "miniTicker", symbols, { everyMs: ALL_TICKERS_MS, isList: true });
    default:
      return undefined;
  }
}

function markPriceMs(second: string | undefined): number {
  return second === undefined ? MARK_PRICE_MS : 1_000;
}

/** Requests in a connection's target. */
export interface Target {
  readonly place: Place;
  /** Messages come as `{"stream":…,"data":…}`. */
  readonly isWrapped: boolean;
  /** Streams or, on the private place, listen keys. */
  readonly names: readonly string[];
  /** The user events that are wanted; all when absent. */
  readonly events: ReadonlySet<string> | undefined;
}

const TARGET = /^\/(public|market|private)\/(ws|stream)(?:\/([^?]*))?(?:\?(.*))?$/;
const PLACES: Readonly<Record<string, Place>> = wordTable({ public: "public", market: "market", private: "private" });

/**
 * `/public/ws/btcusdt@depth`, `/market/stream?streams=a/b`, `/private/ws?listenKey=K&events=A/B`, `/private/ws/K`. ccxt
 * ends its paths with a number of its own, which means nothing. Undefined for the legacy paths without a place.
 */
export function parseTarget(target: string): Target | undefined {
  const match = TARGET.exec(target);
  const place = PLACES[match?.[1] ?? ""];
  if (match === null || place === undefined) return undefined;
  const [, , mode, tail = "", query = ""] = match;
  const parameters = new URLSearchParams(query);
  const tailNames = decode(tail)
    .split("/")
    .filter((name) => !/^\d*$/.test(name));
  const streams = (parameters.get("streams") ?? "").split("/").filter((name) => name !== "");
  const listenKey = parameters.get("listenKey") ?? "";
  const events = parameters.get("events");
  return {
    place,
    isWrapped: mode === "stream",
    names: [...tailNames, ...streams, ...(listenKey === "" ? [] : [listenKey])],
    events: events === null || events === "" ? undefined : new Set(events.split("/")),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
