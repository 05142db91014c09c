import type { Harness, Params, Reply } from "./harness.ts";

export const SYMBOL = { symbol: "BTCUSDT" };

export const limit = (extra: Params = {}): Params => ({
  ...SYMBOL,
  side: "BUY",
  type: "LIMIT",
  quantity: "0.010",
  price: "50000",
  timeInForce: "GTC",
  ...extra,
});

export const market = (extra: Params = {}): Params => ({
  ...SYMBOL,
  side: "BUY",
  type: "MARKET",
  quantity: "0.010",
  newOrderRespType: "RESULT",
  ...extra,
});

export const codeOf = ({ status, json }: Reply): string => `${status} ${json.code}`;

/** Signed calls on the venue that `harness` returns. */
export function callsOf(harness: () => Harness) {
  const call = (method: string, path: string, params: Params = {}) => harness().call(method, `/fapi${path}`, params);
  return { call, place: (params: Params) => call("POST", "/v1/order", params) };
}
