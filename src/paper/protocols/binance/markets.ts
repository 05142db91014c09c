import { parseAmount } from "../../engine/amount.ts";
import type { MarketSpec } from "../../engine/types.ts";

interface MarketText {
  readonly base: string;
  readonly tick: string;
  readonly lot: string;
  readonly maxSize: string;
  readonly minNotional: string;
  readonly maxLeverage: string;
  readonly maintenance: string;
  readonly initialPrice: string;
}

/** BTC with the filters of the example in Binance's documentation; the others in their manner, not checked. */
const LISTED: readonly MarketText[] = [
  {
    base: "BTC",
    tick: "0.1",
    lot: "0.001",
    maxSize: "1000",
    minNotional: "100",
    maxLeverage: "125",
    maintenance: "0.004",
    initialPrice: "60000",
  },
  {
    base: "ETH",
    tick: "0.01",
    lot: "0.001",
    maxSize: "10000",
    minNotional: "20",
    maxLeverage: "100",
    maintenance: "0.005",
    initialPrice: "3000",
  },
  {
    base: "SOL",
    tick: "0.01",
    lot: "0.01",
    maxSize: "200000",
    minNotional: "5",
    maxLeverage: "75",
    maintenance: "0.0065",
    initialPrice: "150",
  },
  {
    base: "DOGE",
    tick: "0.00001",
    lot: "1",
    maxSize: "50000000",
    minNotional: "5",
    maxLeverage: "75",
    maintenance: "0.0065",
    initialPrice: "0.15",
  },
];

const EIGHT_HOURS_MS = 28_800_000;
/** PERCENT_PRICE refuses earlier what would trade; an order that only rests may be as far away as this. */
const REST_BAND = "0.95";

function perpetual(text: MarketText): MarketSpec {
  const { base, tick, lot, maxSize, minNotional, maxLeverage, maintenance, initialPrice } = text;
  return {
    base,
    quote: "USDT",
    market: `${base}-USDT`,
    tick: parseAmount(tick),
    lot: parseAmount(lot),
    minSize: parseAmount(lot),
    minMakerSize: parseAmount(lot),
    maxSize: parseAmount(maxSize),
    minNotional: parseAmount(minNotional),
    priceBand: parseAmount(REST_BAND),
    maintenanceFraction: parseAmount(maintenance),
    maxLeverage: parseAmount(maxLeverage),
    fundingIntervalMs: EIGHT_HOURS_MS,
    initialPrice: parseAmount(initialPrice),
    maxOpenOrders: 200,
  };
}

/** `BTCUSDT`, `ETHUSDT`, `SOLUSDT` and `DOGEUSDT` with rules like Binance's, for `PaperVenueOptions.markets`. */
export const BINANCE_MARKETS: readonly MarketSpec[] = LISTED.map(perpetual);
