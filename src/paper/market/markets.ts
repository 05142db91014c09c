import { parseAmount } from "../engine/amount.ts";
import type { MarketSpec } from "../engine/types.ts";

interface MarketText {
  readonly base: string;
  readonly tick: string;
  readonly lot: string;
  readonly minMakerSize: string;
  readonly maxSize: string;
  readonly initialPrice: string;
}

/** BTC as in FTX's captured market list; the others in the manner of 2022, not checked. 20x, 3 % maintenance for all. */
const LISTED: readonly MarketText[] = [
  { base: "BTC", tick: "1", lot: "0.0001", minMakerSize: "0.001", maxSize: "1000", initialPrice: "20000" },
  { base: "ETH", tick: "0.1", lot: "0.001", minMakerSize: "0.001", maxSize: "10000", initialPrice: "1500" },
  { base: "SOL", tick: "0.0025", lot: "0.01", minMakerSize: "0.01", maxSize: "200000", initialPrice: "32.5" },
  { base: "DOGE", tick: "0.0000005", lot: "1", minMakerSize: "1", maxSize: "50000000", initialPrice: "0.07" },
];

const HOUR_MS = 3_600_000;

function perpetual({ base, tick, lot, minMakerSize, maxSize, initialPrice }: MarketText): MarketSpec {
  return {
    base,
    quote: "USD",
    market: `${base}-USD`,
    tick: parseAmount(tick),
    lot: parseAmount(lot),
    minSize: parseAmount(lot),
    minMakerSize: parseAmount(minMakerSize),
    maxSize: parseAmount(maxSize),
    minNotional: 0n,
    priceBand: parseAmount("0.3"),
    maintenanceFraction: parseAmount("0.03"),
    maxLeverage: parseAmount("20"),
    fundingIntervalMs: HOUR_MS,
    initialPrice: parseAmount(initialPrice),
  };
}

/** The paper venue's markets: `BTC-USD`, `ETH-USD`, `SOL-USD` and `DOGE-USD` perpetuals. */
export const PAPER_MARKETS: readonly MarketSpec[] = LISTED.map(perpetual);
