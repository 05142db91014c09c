import type { Engine, MarketView } from "../../engine/types.ts";
import { marketLookup } from "../market-lookup.ts";
import { contractNotFound, invalidParameter } from "./errors.ts";
import type { WireValue } from "./wire.ts";

/** The engine's one cash, as this venue calls it. */
export const COIN = "USDT";

type Spec = Pick<MarketView, "spec">;

/** Form in which sizes are told: as whole numbers, or as text where the client sends `X-Gate-Size-Decimal: 1`. */
export type SizeForm = "whole" | "decimal";

export function contractOf({ spec }: Spec): string {
  return `${spec.base}_${COIN}`;
}

const contracts = marketLookup(contractOf);
export const findContract = contracts.find;
export const findListed = contracts.listed;

/** Finds a listed contract that a client names. */
export function requireListed(engine: Engine, name: string): MarketView {
  const market = findListed(engine, name);
  if (market === undefined) throw contractNotFound();
  return market;
}

/** Finds a contract that an account may have something of: it may have been delisted since. */
export function requireContract(engine: Engine, name: string): MarketView {
  const market = findContract(engine, name);
  if (market === undefined) throw contractNotFound();
  return market;
}

/** The market that an order, a fill or a payment names. */
export function marketOf(engine: Engine, name: string): MarketView {
  const market = engine.market(name);
  if (market === undefined) throw new TypeError(`the engine has no market ${name}`);
  return market;
}

/** Base units of a contract: sizes are whole contracts, so it is the market's step. */
export const contractValue = ({ spec }: Spec): bigint => spec.lot;

/** An amount of the base asset in contracts, with its sign. */
export function sizeValue(amount: bigint, market: Spec, form: SizeForm): WireValue {
  const text = contractsText(amount, market);
  return form === "decimal" ? text : Number(text);
}

export function contractsText(amount: bigint, market: Spec): string {
  return String(amount / contractValue(market));
}

const SIZE = /^-?\d{1,18}(\.\d{1,18})?$/;

/**
 * Signed contracts as an amount of the base asset. A fraction is cut off where sizes are whole numbers (futures WebSocket
 * page, 2025-12-09); no contract here has fractions, so it is refused where they are decimal.
 */
export function amountOfSize(text: string, market: Spec, form: SizeForm): bigint {
  if (!SIZE.test(text)) throw invalidParameter("size");
  const [whole = "0", fraction = ""] = text.split(".");
  if (form === "decimal" && /[1-9]/.test(fraction)) throw invalidParameter("size");
  return BigInt(whole) * contractValue(market);
}

/** Minimum of all orders: the larger of two, since an order below the maker minimum could not rest. */
export function minimumSize({ spec }: Spec): bigint {
  return spec.minSize > spec.minMakerSize ? spec.minSize : spec.minMakerSize;
}
