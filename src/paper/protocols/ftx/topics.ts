import type { Engine } from "../../engine/types.ts";
import type { Fields } from "../json-fields.ts";
import { badRequest, missingParameter } from "./errors.ts";
import { requireMarket } from "./market-names.ts";
import { parseAmount } from "./parameters.ts";

/** A channel that a client listens to; the key tells subscriptions apart. */
export interface Topic {
  readonly key: string;
  readonly access: "public" | "private";
  readonly channel: string;
  /** The name on the wire. */
  readonly market: string | null;
  readonly grouping: bigint | null;
}

const MARKET_CHANNELS: ReadonlySet<string> = new Set(["orderbook", "orderbookGrouped", "trades", "ticker"]);
const PRIVATE_CHANNELS: ReadonlySet<string> = new Set(["fills", "orders", "ftxpay"]);

/** FTX.Net finds the subscription that an error is about by the market's name in its text. */
export function readTopic(engine: Engine, { channel, market, grouping }: Fields): Topic {
  if (typeof channel !== "string") throw missingParameter("channel");
  const topic = { key: channel, access: "public", channel, market: null, grouping: null } as const;
  if (PRIVATE_CHANNELS.has(channel)) return { ...topic, access: "private" };
  if (channel === "markets") return topic;
  if (!MARKET_CHANNELS.has(channel)) throw badRequest(`Invalid channel: ${channel}`);
  if (typeof market !== "string" || market === "") throw missingParameter("market");
  requireMarket(engine, market);
  if (channel !== "orderbookGrouped") return { ...topic, key: `${channel} ${market}`, market };
  const step = parseAmount(grouping);
  if (step === undefined || step <= 0n) throw badRequest(`Invalid grouping: ${market}`);
  return { ...topic, key: `${channel} ${market} ${step}`, market, grouping: step };
}
