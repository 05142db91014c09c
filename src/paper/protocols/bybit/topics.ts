import type { Engine } from "../../engine/types.ts";
import { BOOK_CADENCE_MS, type BookDepth } from "./book-publishers.ts";
import { COIN, findListed } from "./market-names.ts";

const MARKET_CHANNELS = ["publicTrade", "tickers", "allLiquidation", "priceLimit"] as const;
/** Insurance fund of all contracts that settle in the coin (docs v5, ADL alert). */
const ALERT = `adlAlert.${COIN}`;

/** Public topic; its key is its name on the wire. */
export type PublicTopic = { readonly access: "public"; readonly key: string } & (
  | { readonly channel: "orderbook"; readonly symbol: string; readonly depth: BookDepth }
  | { readonly channel: (typeof MARKET_CHANNELS)[number]; readonly symbol: string }
  | { readonly channel: "adlAlert"; readonly symbol: typeof COIN }
);

export type PrivateChannel = "order" | "execution" | "execution.fast" | "position" | "wallet" | "dcp";

/** Private topic; its key is its name on the wire. */
export interface PrivateTopic {
  readonly access: "private";
  readonly key: string;
  readonly channel: PrivateChannel;
  /** Spot, inverse and option forms are taken and stay silent. */
  readonly isSilent: boolean;
}

export type Topic = PublicTopic | PrivateTopic;

/** Undefined when there is no such topic or market. */
export function readPublicTopic(engine: Engine, key: string): PublicTopic | undefined {
  const topic = { access: "public", key } as const;
  if (key === ALERT) return { ...topic, channel: "adlAlert", symbol: COIN };
  const [channel, ...rest] = key.split(".");
  const symbol = rest.at(-1) ?? "";
  if (findListed(engine, symbol) === undefined) return undefined;
  const ofMarket = MARKET_CHANNELS.find((known) => known === channel);
  if (ofMarket !== undefined && rest.length === 1) return { ...topic, channel: ofMarket, symbol };
  const depth = rest[0] === "rpi" ? "rpi" : Number(rest[0]);
  if (channel !== "orderbook" || rest.length !== 2 || !BOOK_CADENCE_MS.has(depth)) return undefined;
  return { ...topic, channel, symbol, depth };
}

const CATEGORIES: ReadonlySet<string> = new Set(["linear", "spot", "inverse", "option"]);
const CATEGORISED: readonly PrivateChannel[] = ["order", "execution", "execution.fast", "position"];

export function readPrivateTopic(key: string): PrivateTopic | undefined {
  const topic = { access: "private", key } as const;
  if (key === "wallet" || key === "greeks") return { ...topic, channel: "wallet", isSilent: key === "greeks" };
  if (key.startsWith("dcp.")) return { ...topic, channel: "dcp", isSilent: key !== "dcp.future" };
  const all = CATEGORISED.find((channel) => channel === key);
  if (all !== undefined) return { ...topic, channel: all, isSilent: false };
  const mark = key.lastIndexOf(".");
  const category = key.slice(mark + 1);
  const channel = CATEGORISED.find((known) => known === key.slice(0, mark));
  if (channel === undefined || !CATEGORIES.has(category)) return undefined;
  return { ...topic, channel, isSilent: category !== "linear" };
}

/** All-in-one and categorised forms of one channel do not go together in one request (docs v5, private topics). */
export function mixesForms(topics: readonly Topic[]): boolean {
  return CATEGORISED.some((channel) => {
    const forms = topics.filter((topic) => topic.channel === channel).map(({ key }) => key === channel);
    return forms.includes(true) && forms.includes(false);
  });
}
