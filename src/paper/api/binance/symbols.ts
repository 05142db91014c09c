import type { Engine, EngineEvent, MarketSpec, MarketView } from "../../engine/types.ts";
import { refused } from "./errors.ts";
import type { Parameters } from "./parameters.ts";
import { decimalsOf, fixed } from "./wire.ts";

/** The coin that accounts hold; markets quoted in dollars are quoted in it here. */
export const ACCOUNT_ASSET = "USDT";
const MOST_DECIMALS = 8;

/** A market as Binance lists it, the same object while its rules change. */
export interface ListedSymbol {
  /** `BTCUSDT` */
  readonly symbol: string;
  readonly spec: MarketSpec;
  readonly quote: string;
  /** One more than the tick needs, as for BTCUSDT: not a rule, which only the filters are. */
  readonly pricePrecision: number;
  readonly quantityPrecision: number;
}

function listedSymbol(spec: MarketSpec): ListedSymbol {
  const quote = spec.quote === "USD" ? ACCOUNT_ASSET : spec.quote;
  return {
    symbol: `${spec.base}${quote}`,
    spec,
    quote,
    pricePrecision: Math.min(MOST_DECIMALS, decimalsOf(spec.tick) + 1),
    quantityPrecision: decimalsOf(spec.lot),
  };
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** All symbols, by their name here and by the engine's. */
export class SymbolTable {
  readonly #engine: Engine;
  /** Those that are listed. */
  readonly #bySymbol = new Map<string, ListedSymbol>();
  readonly #everListed = new Map<string, ListedSymbol>();
  /** All that there ever were. */
  readonly #byMarket = new Map<string, Mutable<ListedSymbol>>();

  constructor(engine: Engine) {
    this.#engine = engine;
    for (const { spec } of engine.markets()) {
      const listed = listedSymbol(spec);
      this.#bySymbol.set(listed.symbol, listed);
      this.#everListed.set(listed.symbol, listed);
      this.#byMarket.set(spec.market, listed);
    }
  }

  /** The precision never shrinks: open orders stay between the ticks. */
  onEvents(events: readonly EngineEvent[]): void {
    for (const event of events) {
      const listed = event.type === "marketChanged" ? this.#byMarket.get(event.market) : undefined;
      if (event.type !== "marketChanged" || listed === undefined) continue;
      const { pricePrecision } = listed;
      Object.assign(listed, listedSymbol(event.spec));
      listed.pricePrecision = Math.max(pricePrecision, listed.pricePrecision);
      if (event.status === "delisted") this.#bySymbol.delete(listed.symbol);
    }
  }

  all(): readonly ListedSymbol[] {
    return [...this.#bySymbol.values()];
  }

  find(symbol: string): ListedSymbol | undefined {
    return this.#bySymbol.get(symbol);
  }

  /** Throws -1121. */
  require(symbol: string): ListedSymbol {
    const listed = this.#bySymbol.get(symbol);
    if (listed === undefined) throw refused(-1121);
    return listed;
  }

  /** The one that `symbol` names; throws -1102 and -1121. */
  required(parameters: Parameters): ListedSymbol {
    return this.require(parameters.requiredText("symbol"));
  }

  /**
   * The one that `symbol` names, listed or not: what an account did on a delisted market can still be asked for, of which
   * the documents say nothing. Throws -1102 and -1121.
   */
  requiredOfAccount(parameters: Parameters): ListedSymbol {
    return this.requireOfAccount(parameters.requiredText("symbol"));
  }

  requireOfAccount(symbol: string): ListedSymbol {
    const everListed = this.#everListed.get(symbol);
    if (everListed === undefined) throw refused(-1121);
    return everListed;
  }

  /** The one that `symbol` names, or all, listed or not. */
  wantedOfAccount(parameters: Parameters): readonly ListedSymbol[] {
    const symbol = parameters.text("symbol");
    return symbol === undefined ? [...this.#everListed.values()] : [this.requireOfAccount(symbol)];
  }

  /** The one that `symbol` names, or all. */
  wanted(parameters: Parameters): readonly ListedSymbol[] {
    const symbol = parameters.text("symbol");
    return symbol === undefined ? this.all() : [this.require(symbol)];
  }

  /** By the engine's name. */
  ofMarket(market: string): ListedSymbol {
    const listed = this.#byMarket.get(market);
    if (listed === undefined) throw new RangeError(`no market "${market}"`);
    return listed;
  }

  view({ spec }: ListedSymbol): MarketView {
    const view = this.#engine.market(spec.market);
    if (view === undefined) throw new RangeError(`no market "${spec.market}"`);
    return view;
  }
}

export function priceText({ pricePrecision }: ListedSymbol, price: bigint): string {
  return fixed(price, pricePrecision);
}

export function quantityText({ quantityPrecision }: ListedSymbol, size: bigint): string {
  return fixed(size, quantityPrecision);
}
