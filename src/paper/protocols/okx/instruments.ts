import { formatAmount, parseAmount } from "../../engine/amount.ts";
import { absolute, divideRound } from "../../engine/arithmetic.ts";
import { type Engine, type MarketSpec, type MarketView, UNIT } from "../../engine/types.ts";
import { type MarketLookup, marketLookup } from "../market-lookup.ts";
import { missingParameter, noSuchInstrument, parameterError } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

/** The engine's one cash, as this venue calls it. */
export const COIN = "USDT";
export const SWAP = "SWAP";

type Spec = Pick<MarketView, "spec">;

/** Base units behind a contract, as OKX lists its swaps. */
const CONTRACT_VALUES: ReadonlyMap<string, bigint> = new Map(
  [
    ["BTC", "0.01"],
    ["ETH", "0.1"],
    ["SOL", "1"],
    ["DOGE", "1000"],
  ].map(([base = "", value = ""]) => [base, parseAmount(value)]),
);

/** OKX's own value where the market's step is a whole number of 1e-8 contracts; else a contract is one step. */
export function contractValue({ base, lot }: Pick<MarketSpec, "base" | "lot">): bigint {
  const listed = CONTRACT_VALUES.get(base);
  return listed !== undefined && (lot * UNIT) % listed === 0n ? listed : lot;
}

/** An amount of the base asset in contracts, as 1e-8 of them. */
function contractsOf(amount: bigint, { spec }: Spec): bigint {
  return divideRound(amount * UNIT, contractValue(spec));
}

export function contractsText(amount: bigint, market: Spec): string {
  return formatAmount(contractsOf(amount, market));
}

/** Contracts as an amount of the base asset; undefined when they are no whole number of 1e-8 units of it. */
export function amountOfContracts(contracts: bigint, { spec }: Spec): bigint | undefined {
  const product = contracts * contractValue(spec);
  return product % UNIT === 0n ? product / UNIT : undefined;
}

/** Contracts without a sign. */
export function sizeText(amount: bigint, market: Spec): string {
  return contractsText(absolute(amount), market);
}

/** `BTC-USDT`, which also names the index. */
export function familyOf({ spec }: Spec): string {
  return `${spec.base}-${COIN}`;
}

export function instIdOf(market: Spec): string {
  return `${familyOf(market)}-${SWAP}`;
}

const instruments = marketLookup(instIdOf);
export const findInstrument = instruments.find;
export const findListed = instruments.listed;
/** Finds a market by its index (`BTC-USDT`). */
export const findIndex = marketLookup(familyOf).listed;

const FIRST_CODE = 10_458;

/** The number that order operations of WebSockets may name an instrument by. */
export function instIdCodeOf(engine: Engine, market: Spec): number {
  return FIRST_CODE + instrumentIndexOf(engine, market);
}

/** Place of a market among the venue's instruments, from 0. */
export function instrumentIndexOf(engine: Engine, market: Spec): number {
  const index = instruments.indexOf(engine, instIdOf(market));
  if (index === undefined) throw new TypeError(`the engine has no market ${market.spec.market}`);
  return index;
}

/**
 * Finds the instrument that `instId` names. `find` searches those that are listed, or for an account's past all that
 * ever were, of which the documents say nothing.
 */
export function requireInstrument(
  engine: Engine,
  parameters: Parameters,
  find: MarketLookup["find"] = findListed,
): MarketView {
  const market = find(engine, parameters.required("instId"));
  if (market === undefined) throw noSuchInstrument();
  return market;
}

/** Finds the instrument that `instIdCode` names. */
export function instIdOfCode(engine: Engine, parameters: Parameters): string {
  const code = parameters.integer("instIdCode");
  if (code === undefined) throw missingParameter("instIdCode");
  const market = instruments.at(engine, code - FIRST_CODE);
  if (market === undefined) throw noSuchInstrument();
  return instIdOf(market);
}

/** The market that an order, a fill or a payment names. */
export function marketOf(engine: Engine, name: string): MarketView {
  const market = engine.market(name);
  if (market === undefined) throw new TypeError(`the engine has no market ${name}`);
  return market;
}

/**
 * Smallest order: below the maker minimum an order could not rest, so the larger of the two is the minimum of all
 * orders.
 */
export function minimumSize({ spec }: Spec): bigint {
  return spec.minSize > spec.minMakerSize ? spec.minSize : spec.minMakerSize;
}

const INSTRUMENT_TYPES = ["SPOT", "MARGIN", SWAP, "FUTURES", "OPTION", "EVENTS", "ANY"] as const;

/** Tells that a call asks for products other than swaps, of which there are none here. */
export function isOtherType(parameters: Parameters): boolean {
  const type = parameters.oneOf("instType", INSTRUMENT_TYPES);
  return type !== undefined && type !== SWAP && type !== "ANY";
}

/**
 * Filters a list by `instId`, `instFamily` and `uly`; a list of instruments is separated by commas. `find` works as for
 * one.
 */
export function instrumentFilter(
  engine: Engine,
  parameters: Parameters,
  find: MarketLookup["find"] = findListed,
): (market: Spec) => boolean {
  const instIds = parameters.text("instId")?.split(",");
  if (instIds?.some((instId) => find(engine, instId) === undefined)) throw noSuchInstrument();
  const family = parameters.text("instFamily") ?? parameters.text("uly");
  if (family !== undefined && !/^[A-Z0-9]+-[A-Z0-9]+$/.test(family)) throw parameterError("instFamily");
  return (market) =>
    (instIds === undefined || instIds.includes(instIdOf(market))) &&
    (family === undefined || familyOf(market) === family);
}
