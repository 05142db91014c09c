import { type PrivateCall, type PrivateRoute, privateRoute, type Route } from "./context.ts";
import { missingParameter, unavailable } from "./errors.ts";
import { per2s } from "./rate-limit.ts";
import type { WireObject } from "./wire.ts";

const refuse = (): never => {
  throw unavailable();
};

/** Orders that wait for a price, twaps and the like are not taken here: each list of them is empty. */
function noAlgoOrders({ parameters }: PrivateCall): readonly WireObject[] {
  if (parameters.text("ordType") === undefined) throw missingParameter("ordType");
  return [];
}

const refused = (method: "GET" | "POST", ...paths: readonly string[]): readonly PrivateRoute[] =>
  paths.map((path) => privateRoute(method, `/api/v5/${path}`, per2s(20), refuse));

/** Routes that OKX has and this venue does not serve: refused by OKX's own code for that, never taken and dropped. */
export const unservedRoutes: readonly Route[] = [
  privateRoute("GET", "/api/v5/trade/orders-algo-pending", per2s(20), noAlgoOrders),
  privateRoute("GET", "/api/v5/trade/orders-algo-history", per2s(20), noAlgoOrders),
  ...refused("POST", "trade/order-algo", "trade/cancel-algos", "trade/amend-algos", "trade/cancel-advance-algos"),
  ...refused("GET", "trade/order-algo", "trade/account-rate-limit", "account/adjust-leverage-info"),
  ...refused("POST", "trade/mass-cancel", "account/set-account-level", "account/set-isolated-mode"),
  ...refused("POST", "account/set-auto-loan", "account/set-greeks", "account/set-collateral-assets"),
  ...refused("POST", "account/set-settle-currency", "account/set-trading-config", "account/set-fee-type"),
  ...refused("POST", "account/position-builder", "account/move-positions", "account/mmp-config", "account/mmp-reset"),
  ...refused("GET", "account/max-loan", "account/max-withdrawal", "account/risk-state", "account/position-tiers"),
  ...refused("GET", "account/greeks", "account/interest-accrued", "account/interest-rate", "account/interest-limits"),
  ...refused("GET", "account/collateral-assets", "account/subtypes", "account/mmp-config"),
  ...refused("GET", "account/bills-history-archive"),
  ...refused("POST", "account/bills-history-archive"),
  ...refused("POST", "asset/transfer", "asset/withdrawal", "asset/convert/trade", "trade/easy-convert"),
  ...refused("GET", "asset/balances", "asset/bills", "asset/deposit-address", "asset/deposit-history"),
  ...refused("GET", "asset/withdrawal-history", "asset/transfer-state", "users/subaccount/list"),
];
