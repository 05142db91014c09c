import { decimalsOf } from "../../engine/amount.ts";
import type { Engine, EngineEvent, MarketSpec, MarketView } from "../../engine/types.ts";
import { refused } from "./errors.ts";
import type { Parameters } from "./parameters.ts";
import { fixed } from "./wire.ts";

/** The coin that accounts hold; markets quoted in dollars are quoted in it here. */
export const ACCOUNT_ASSET = "USDT";
const MAX_DECIMALS = 8;

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
    pricePrecision: Math.min(MAX_DECIMALS, decimalsOf(spec.tick) + 1),
    quantityPrecision: decimalsOf(spec.lot),
  };
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Symbols by their names. */
class SymbolNames {
  readonly #bySymbol: ReadonlyMap<string, ListedSymbol>;

  constructor(bySymbol: ReadonlyMap<string, ListedSymbol>) {
    this.#bySymbol = bySymbol;
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

  /** The one that `symbol` names, or all. */
  wanted(parameters: Parameters): readonly ListedSymbol[] {
    const symbol = parameters.text("symbol");
    return symbol === undefined ? this.all() : [this.require(symbol)];
  }
}

/** The symbols that are listed, by their name here, and all that there ever were by the engine's. */
export class SymbolTable extends SymbolNames {
  /**
   * Names of all symbols, delisted ones too: here an account's past orders and trades on them can still be requested,
   * of which the documents say nothing.
   */
  readonly ever: SymbolNames;
  readonly #engine: Engine;
  readonly #listed: Map<string, ListedSymbol>;
  readonly #byMarket: ReadonlyMap<string, Mutable<ListedSymbol>>;

  constructor(engine: Engine) {
    const symbols = engine.markets().map(({ spec }) => listedSymbol(spec));
    const listed = new Map(symbols.map((each) => [each.symbol, each]));
    super(listed);
    this.#engine = engine;
    this.#listed = listed;
    this.ever = new SymbolNames(new Map(listed));
    this.#byMarket = new Map(symbols.map((each) => [each.spec.market, each]));
  }

  /** The precision never shrinks: open orders stay between the ticks. */
  onEvents(events: readonly EngineEvent[]): void {
    for (const event of events) {
      const listed = event.type === "marketChanged" ? this.#byMarket.get(event.market) : undefined;
      if (event.type !== "marketChanged" || listed === undefined) continue;
      const { pricePrecision } = listed;
      Object.assign(listed, listedSymbol(event.spec));
      listed.pricePrecision = Math.max(pricePrecision, listed.pricePrecision);
      if (event.status === "delisted") this.#listed.delete(listed.symbol);
    }
  }

  /** Finds a symbol by the engine's name of the market. */
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
