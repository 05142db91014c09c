import type { Engine, MarketView } from "../../engine/types.ts";
import { marketLookup } from "../market-lookup.ts";
import { notFound } from "./errors.ts";

const PERPETUAL = "-PERP";

/** `BTC-USD`, the engine's name, is `BTC-PERP` on FTX. */
export function wireName(market: Pick<MarketView, "spec">): string {
  return `${market.spec.base}${PERPETUAL}`;
}

const markets = marketLookup(wireName);
export const findMarket = markets.find;

export function requireMarket(engine: Engine, name: string): MarketView {
  const market = markets.listed(engine, name);
  if (market === undefined) throw notFound(`No such market: ${name}`);
  return market;
}

export function requireFuture(engine: Engine, name: string): MarketView {
  const market = markets.listed(engine, name);
  if (market === undefined) throw notFound(`No such future: ${name}`);
  return market;
}

const ASSET_NAMES: Readonly<Record<string, string>> = {
  USD: "USD",
  BTC: "Bitcoin",
  ETH: "Ethereum",
  SOL: "Solana",
  XRP: "XRP",
  DOGE: "Dogecoin",
};

/** The name for people; the ticker where FTX's is not known here. */
export function assetName(asset: string): string {
  return ASSET_NAMES[asset] ?? asset;
}
