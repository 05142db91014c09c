import type { Engine } from "../../engine/types.ts";
import { BOOK_CADENCE_MS } from "./book-publishers.ts";
import { findMarket } from "./market-names.ts";

export type PublicTopic =
  | { readonly name: string; readonly channel: "orderbook"; readonly symbol: string; readonly depth: number }
  | { readonly name: string; readonly channel: "publicTrade" | "tickers"; readonly symbol: string };

export type PrivateChannel = "order" | "execution" | "execution.fast" | "position" | "wallet" | "dcp";

export interface PrivateTopic {
  readonly name: string;
  readonly channel: PrivateChannel;
  /** Spot, inverse and option forms are taken and stay silent. */
  readonly isSilent: boolean;
}

/** Undefined when there is no such topic or market. */
export function readPublicTopic(engine: Engine, name: string): PublicTopic | undefined {
  const [channel, ...rest] = name.split(".");
  const symbol = rest.at(-1) ?? "";
  if (findMarket(engine, symbol) === undefined) return undefined;
  if ((channel === "publicTrade" || channel === "tickers") && rest.length === 1) return { name, channel, symbol };
  const depth = Number(rest[0]);
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
