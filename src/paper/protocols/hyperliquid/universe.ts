import { decimalsOf, parseAmount } from "../../engine/amount.ts";
import { divideRound } from "../../engine/arithmetic.ts";
import { type Engine, type MarketSpec, type MarketView, UNIT } from "../../engine/types.ts";

/** The engine's one cash, as this venue calls it. */
export const USDC = "USDC";
/** Decimals of prices and sizes together (docs, tick and lot size). */
const PRICE_DECIMALS = 6;
const MAX_FIGURES = 5;

interface MarketText {
  readonly base: string;
  readonly sizeDecimals: number;
  readonly quoteTick: string;
  readonly maxSize: string;
  readonly maxLeverage: number;
  readonly initialPrice: string;
}

/** Decimals and leverages as listed in September 2026; prices are those of the box's other markets. */
const LISTED: readonly MarketText[] = [
  { base: "BTC", sizeDecimals: 5, quoteTick: "1", maxSize: "1000", maxLeverage: 40, initialPrice: "20000" },
  { base: "ETH", sizeDecimals: 4, quoteTick: "0.1", maxSize: "10000", maxLeverage: 25, initialPrice: "1500" },
  { base: "SOL", sizeDecimals: 2, quoteTick: "0.001", maxSize: "200000", maxLeverage: 20, initialPrice: "32.5" },
  { base: "DOGE", sizeDecimals: 0, quoteTick: "0.000001", maxSize: "50000000", maxLeverage: 10, initialPrice: "0.07" },
];

const HOUR_MS = 3_600_000;
const powerOfTen = (exponent: number): bigint => 10n ** BigInt(exponent);

/** Steps are the finest ones that a price may have; the protocol holds prices to five significant figures beside. */
function perpetual({ base, sizeDecimals, quoteTick, maxSize, maxLeverage, initialPrice }: MarketText): MarketSpec {
  const lot = UNIT / powerOfTen(sizeDecimals);
  return {
    base,
    quote: "USD",
    market: `${base}-USD`,
    tick: UNIT / powerOfTen(PRICE_DECIMALS - sizeDecimals),
    quoteTick: parseAmount(quoteTick),
    lot,
    minSize: lot,
    minMakerSize: lot,
    maxSize: parseAmount(maxSize),
    minNotional: parseAmount("10"),
    priceBand: parseAmount("0.8"),
    // Half of the initial margin at the highest leverage (docs, margining).
    maintenanceFraction: UNIT / (2n * BigInt(maxLeverage)),
    maxLeverage: BigInt(maxLeverage) * UNIT,
    fundingIntervalMs: HOUR_MS,
    initialPrice: parseAmount(initialPrice),
  };
}

/** `BTC`, `ETH`, `SOL` and `DOGE` with rules like Hyperliquid's; what the box has where it speaks that protocol alone. */
export const HYPERLIQUID_MARKETS: readonly MarketSpec[] = LISTED.map(perpetual);

/** A perpetual by its place in the universe. */
export interface Asset {
  /** The number that actions name it by; a delisted one keeps its place. */
  readonly index: number;
  readonly coin: string;
  /** The engine's name. */
  readonly market: string;
  readonly sizeDecimals: number;
  readonly maxLeverage: number;
}

/** All perpetuals that there ever were, in the order in which they are numbered. */
export class Universe {
  readonly assets: readonly Asset[];
  readonly #engine: Engine;
  readonly #byCoin: ReadonlyMap<string, Asset>;
  readonly #byMarket: ReadonlyMap<string, Asset>;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.assets = engine.markets().map(({ spec }, index) => ({
      ...{ index, coin: spec.base, market: spec.market, sizeDecimals: decimalsOf(spec.lot) },
      maxLeverage: Number(spec.maxLeverage / UNIT),
    }));
    this.#byCoin = new Map(this.assets.toReversed().map((asset) => [asset.coin, asset]));
    this.#byMarket = new Map(this.assets.map((asset) => [asset.market, asset]));
  }

  ofCoin(coin: string): Asset | undefined {
    return this.#byCoin.get(coin);
  }

  /** Finds the asset of a market that the engine has. */
  ofMarket(market: string): Asset {
    const asset = this.#byMarket.get(market);
    if (asset === undefined) throw new TypeError(`the engine has no market ${market}`);
    return asset;
  }

  view({ market }: Pick<Asset, "market">): MarketView {
    const view = this.#engine.market(market);
    if (view === undefined) throw new TypeError(`the engine has no market ${market}`);
    return view;
  }
}

/** Five significant figures and 6 - szDecimals decimals at most; whole numbers always (docs, tick and lot size). */
export function isLegalPrice({ sizeDecimals }: Asset, price: bigint): boolean {
  if (price <= 0n) return false;
  if (price % UNIT === 0n) return true;
  let figures = price;
  while (figures % 10n === 0n) figures /= 10n;
  return figures < powerOfTen(MAX_FIGURES) && price % stepOf(sizeDecimals) === 0n;
}

/** Mark and oracle prices have as many decimals as a price may have. */
export function roundedPrice({ sizeDecimals }: Asset, price: bigint): bigint {
  const step = stepOf(sizeDecimals);
  return divideRound(price, step) * step;
}

function stepOf(sizeDecimals: number): bigint {
  return UNIT / powerOfTen(Math.max(0, PRICE_DECIMALS - sizeDecimals));
}
