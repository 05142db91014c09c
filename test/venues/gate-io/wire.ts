import { createVenueMarkets } from "../../../src/model/venue-markets.ts";
import { derivative } from "../../../src/venues/gate-io/derivative.ts";
import { RecordingApi, venueContext } from "../../support/recording-api.ts";

/** Payloads for the tests of Gate.io's own traps. Values are our own. */

export const NOW = Date.UTC(2026, 8, 20, 16, 0, 5);
export const SECONDS = NOW / 1_000;
export const BTC = "BTC_USDT";

export function contract(name: string, changes: object = {}) {
  return {
    ...{ name, type: "direct", quanto_multiplier: "0.0001", order_price_round: "0.1", status: "trading" },
    ...{ order_size_min: "1", order_size_max: "1000000", funding_interval: 28_800, ...changes },
  };
}

export const { markets: listed } = derivative.parseExchangeInfo([
  contract(BTC),
  contract("ETH_USDT", { quanto_multiplier: "1" }),
  contract("DOGE_USDT", { quanto_multiplier: "10", order_price_round: "0.00001" }),
]);
export const markets = {
  ...createVenueMarkets("gate_io_perpetual", "gate_io_perpetual", listed),
  account: { userId: "1000" },
};

export function contextOf(answer: (path: string, params: Readonly<Record<string, unknown>>) => unknown) {
  const api = new RecordingApi(({ path, params }) => answer(path, params ?? {}));
  return { ...venueContext(api, "gate_io_perpetual", listed, NOW), requests: api.requests };
}

export const wireOrder = (changes: object = {}) => ({
  ...{ id: 1, user: 1_000, contract: BTC, text: "t-pw-1", size: "-30", left: "-30", price: "60000", fill_price: "0" },
  ...{ tif: "gtc", status: "open", is_reduce_only: false, is_liq: false, create_time: SECONDS, ...changes },
});

export const wireFill = (changes: object = {}) => ({
  ...{ id: 7, order_id: "1", contract: BTC, text: "t-pw-1", size: "-30", price: "60000", role: "maker" },
  ...{ fee: "0.036", point_fee: "0", create_time: SECONDS, ...changes },
});

export const wirePosition = (changes: object = {}) => ({
  ...{ contract: BTC, mode: "single", size: "-30", entry_price: "60000", leverage: "0", cross_leverage_limit: "10" },
  ...changes,
});
