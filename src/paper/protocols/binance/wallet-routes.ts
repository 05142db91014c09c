import { keyRoute, type PrivateCall, type Route, signedRoute } from "./context.ts";
import type { WireValue } from "./wire.ts";

const COIN = "USDT";

/**
 * Routes of the spot wallet that clients with keys call before they load markets; nothing can be deposited or
 * withdrawn.
 */
export const walletRoutes: readonly Route[] = [
  signedRoute("GET", "/sapi/v1/capital/config/getall", 10, coins),
  keyRoute("GET", "/sapi/v1/margin/allPairs", 1, () => []),
];

function coins({ context }: PrivateCall): WireValue {
  const bases = context.symbols.all().map(({ spec }) => spec.base);
  return [COIN, ...new Set(bases)].map((coin) => ({
    coin,
    depositAllEnable: false,
    withdrawAllEnable: false,
    name: coin,
    free: "0",
    locked: "0",
    freeze: "0",
    withdrawing: "0",
    ipoing: "0",
    ipoable: "0",
    storage: "0",
    isLegalMoney: false,
    trading: true,
    networkList: [],
  }));
}
