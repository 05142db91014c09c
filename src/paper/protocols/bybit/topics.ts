import type { Engine } from "../../engine/types.ts";
import { BOOK_CADENCE_MS, type BookDepth } from "./book-publishers.ts";
import { COIN, findListed } from "./market-names.ts";

const MARKET_CHANNELS = ["publicTrade", "tickers", "allLiquidation", "priceLimit"] as const;
/** Insurance fund of all contracts that settle in the coin (docs v5, ADL alert). */
const ALERT = `adlAlert.${COIN}`;

export type PublicTopic =
  | { readonly name: string; readonly channel: "orderbook"; readonly symbol: string; readonly depth: BookDepth }
  | { readonly name: string; readonly channel: (typeof MARKET_CHANNELS)[number]; readonly symbol: string }
  | { readonly name: typeof ALERT; readonly channel: "adlAlert"; readonly symbol: typeof COIN };

export type PrivateChannel = "order" | "execution" | "execution.fast" | "position" | "wallet" | "dcp";

export interface PrivateTopic {
  readonly name: string;
  readonly channel: PrivateChannel;
  /** Spot, inverse and option forms are taken and stay silent. */
  readonly isSilent: boolean;
}

/** Undefined when there is no such topic or market. */
export function readPublicTopic(engine: Engine, name: string): PublicTopic | undefined {
  if (name === ALERT) return { name, channel: "adlAlert", symbol: COIN };
  const [channel, ...rest] = name.split(".");
  const symbol = rest.at(-1) ?? "";
  if (findListed(engine, symbol) === undefined) return undefined;
  const ofMarket = MARKET_CHANNELS.find((known) => known === channel);
  if (ofMarket !== undefined && rest.length === 1) return { name, channel: ofMarket, symbol };
  const depth = rest[0] === "rpi" ? "rpi" : Number(rest[0]);
  if (channel !== "orderbook" || rest.length !== 2 || !BOOK_CADENCE_MS.has(depth)) return undefined;
  return { name, channel, symbol, depth };
}

const CATEGORIES: ReadonlySet<string> = new Set(["linear", "spot", "inverse", "option"]);
const CATEGORISED: readonly PrivateChannel[] = ["order", "execution", "execution.fast", "position"];

export function readPrivateTopic(name: string): PrivateTopic | undefined {
  if (name === "wallet" || name === "greeks") return { name, channel: "wallet", isSilent: name === "greeks" };
  if (name.startsWith("dcp.")) return { name, channel: "dcp", isSilent: name !== "dcp.future" };
  const all = CATEGORISED.find((channel) => channel === name);
  if (all !== undefined) return { name, channel: all, isSilent: false };
  const mark = name.lastIndexOf(".");
  const category = name.slice(mark + 1);
  const channel = CATEGORISED.find((known) => known === name.slice(0, mark));
  if (channel === undefined || !CATEGORIES.has(category)) return undefined;
  return { name, channel, isSilent: category !== "linear" };
}

/** All-in-one and categorised forms of one channel do not go together in one request (docs v5, private topics). */
export function mixesForms(topics: readonly PrivateTopic[]): boolean {
  return CATEGORISED.some((channel) => {
    const forms = topics.filter((topic) => topic.channel === channel).map(({ name }) => name === channel);
    return forms.includes(true) && forms.includes(false);
  });
}
