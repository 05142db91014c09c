import { createVenueMarkets } from "../../../src/model/venue-markets.ts";
import { derivative } from "../../../src/venues/okx/derivative.ts";
import { RecordingApi, venueContext } from "../../support/recording-api.ts";

/** Payloads for the tests of OKX's own traps. Values are our own. */

export const NOW = Date.UTC(2026, 8, 20, 16, 0, 5);
export const BTC = "BTC-USDT-SWAP";

export function instrument(base: string, changes: object = {}) {
  const uly = `${base}-USDT`;
  return {
    ...{ instType: "SWAP", instId: `${uly}-SWAP`, uly, ctType: "linear", state: "live", settleCcy: "USDT" },
    ...{ ctValCcy: base, ctVal: "0.01", ctMult: "1", lotSz: "0.1", minSz: "0.1", tickSz: "0.1", maxLmtSz: "1000" },
    ...changes,
  };
}

export const { markets: listed } = derivative.parseExchangeInfo([
  instrument("BTC"),
  instrument("ETH", { ctVal: "0.1" }),
]);
export const markets = createVenueMarkets("okx_perpetual", "okx_perpetual", listed);

export function contextOf(answer: (path: string, params: Readonly<Record<string, unknown>>) => unknown) {
  const api = new RecordingApi(({ path, params }) => answer(path, params ?? {}));
  return { ...venueContext(api, "okx_perpetual", listed, NOW), requests: api.requests };
}

export const orderToPlace = (amount: string, changes: object = {}) => ({
  ...{ clientOrderId: "pw1", tradingPair: "BTC-USDT", side: "buy" as const, type: "limit" as const, amount },
  ...{ price: "60000", timeInForce: "GTC" as const, reduceOnly: false, positionAction: "open" as const },
  ...{ positionMode: "oneWay" as const, ...changes },
});

export const wireOrder = (changes: object = {}) => ({
  ...{ instType: "SWAP", instId: BTC, ordId: "1", clOrdId: "pw1", side: "buy", posSide: "net", ordType: "limit" },
  ...{ px: "60000", sz: "10", state: "live", accFillSz: "0", avgPx: "", category: "normal", reduceOnly: "false" },
  ...{ cancelSource: "", tradeId: "", fillSz: "0", fillPx: "", fillTime: "", fillFee: "0", fillFeeCcy: "" },
  ...{ fee: "0", feeCcy: "USDT", execType: "", cTime: String(NOW), uTime: String(NOW + 1_000), ...changes },
});

export const told = {
  ...{ tradeId: "7", fillSz: "4", fillPx: "60000", fillTime: String(NOW + 900), fillFee: "-0.12", fillFeeCcy: "USDT" },
  ...{ fee: "-0.3", feeCcy: "USDT", execType: "T" },
};
