import type { Engine, MarketSpec, MarketView } from "../engine/types.ts";

/** A market by its name at the venue, and the place of a market among all. */
export interface MarketLookup {
  /** Any that there ever was. */
  find(engine: Engine, name: string): MarketView | undefined;
  /** Finds a market by name among those that were not delisted. */
  listed(engine: Engine, name: string): MarketView | undefined;
  /** Place of the market of that name, from 0 in the order of the engine; undefined where there is none. */
  indexOf(engine: Engine, name: string): number | undefined;
  /** Market at a place, from 0 in the order of the engine. */
  at(engine: Engine, index: number): MarketView | undefined;
}

interface Names {
  readonly markets: readonly string[];
  readonly indexes: ReadonlyMap<string, number>;
}

/** Looks markets up by what `nameOf` calls them. An engine's markets are fixed, so they are named once. */
export function marketLookup(nameOf: (market: { readonly spec: MarketSpec }) => string): MarketLookup {
  const known = new WeakMap<Engine, Names>();
  const namesOf = (engine: Engine): Names => {
    const names = known.get(engine) ?? namesIn(engine, nameOf);
    known.set(engine, names);
    return names;
  };
  const at = (engine: Engine, index: number) => engine.market(namesOf(engine).markets[index] ?? "");
  const indexOf = (engine: Engine, name: string) => namesOf(engine).indexes.get(name);
  const find = (engine: Engine, name: string) => at(engine, indexOf(engine, name) ?? -1);
  const listed = (engine: Engine, name: string) => {
    const market = find(engine, name);
    return market?.status === "delisted" ? undefined : market;
  };
  return { find, listed, indexOf, at };
}

function namesIn(engine: Engine, nameOf: (market: { readonly spec: MarketSpec }) => string): Names {
  const markets = engine.markets();
  const indexes = new Map<string, number>();
  for (const [index, market] of markets.entries()) {
    const name = nameOf(market);
    // Two markets of one name: the first one is found by it.
    if (!indexes.has(name)) indexes.set(name, index);
  }
  return { markets: markets.map(({ spec }) => spec.market), indexes };
}
