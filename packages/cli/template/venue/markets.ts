import { z } from "zod";
import { type MarketRow, readExchangeInfo } from "../../../../src/connector/exchange-info.ts";
import type { ExchangeInfo } from "../../../../src/connector/perpetual-venue.ts";
import { ONE, ZERO } from "../../../../src/model/decimal.ts";
import type { Market } from "../../../../src/model/market.ts";
import { optionalWireDecimal, wireDecimal, wireText } from "../../../../src/net/wire.ts";
import { wireRows } from "./requests.ts";
import { read } from "./web-utils.ts";

// CHECK: the fields of an instrument.
const text = z.string().min(1);
const positive = wireDecimal.refine((value) => value.gt(0), "must be positive");
const wireInstrument = z.object({
  symbol: text,
  baseCurrency: text,
  quoteCurrency: text,
  settleCurrency: text,
  tickSize: positive,
  stepSize: positive,
  minSize: wireDecimal,
  maxSize: optionalWireDecimal,
  minNotional: optionalWireDecimal,
  fundingIntervalHours: z.number().positive(),
  // <contract-size-field>
  // </contract-size-field>
});

// CHECK: what tells perpetuals from everything else.
function isPerpetual(row: MarketRow): boolean {
  return row.type === "perpetual";
}

function parseMarket(payload: unknown): Market {
  const row = read("an instrument", wireInstrument, payload);
  const tradingPair = `${row.baseCurrency}-${row.quoteCurrency}`;
  return {
    tradingPair,
    symbol: row.symbol,
    baseAsset: row.baseCurrency,
    quoteAsset: row.quoteCurrency,
    fundingIntervalMs: row.fundingIntervalHours * 3_600_000,
    rule: {
      tradingPair,
      // <sizes>
      minOrderSize: row.minSize,
      maxOrderSize: row.maxSize,
      minBaseAmountIncrement: row.stepSize,
      // CHECK: whether sizes are base units; where they are contracts every amount is translated in this folder.
      contractSize: ONE,
      // </sizes>
      minPriceIncrement: row.tickSize,
      minNotionalSize: row.minNotional ?? ZERO,
      contractKind: "linear",
      buyOrderCollateralToken: row.settleCurrency,
      sellOrderCollateralToken: row.settleCurrency,
      supportsMarketOrders: true,
    },
  };
}

export function parseExchangeInfo(exchangeInfo: unknown): ExchangeInfo {
  return readExchangeInfo({
    rows: read("the instruments", wireRows, exchangeInfo),
    isOffered: isPerpetual,
    symbolOf: (row) => wireText(row.symbol),
    // CHECK: the words of a market that trades now.
    isOpen: (row) => row.status === "trading",
    parse: parseMarket,
  });
}
