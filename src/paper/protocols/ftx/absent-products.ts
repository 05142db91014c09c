import { type PrivateCall, privateRoute, publicGet, type Route } from "./context.ts";
import { ApiError, notFound } from "./errors.ts";
import type { WireValue } from "./wire.ts";

/** Lists of what FTX had and this venue has not: there is nothing in them. */
const PUBLIC_LISTS =
  /^\/(expired_futures|lt\/tokens|options\/(requests|trades)|spot_margin\/(history|borrow_summary)|nft\/(nfts|all_trades|collections))$/;
const PRIVATE_LISTS =
  /^\/(spot_margin\/(borrow_rates|lending_rates|market_info|borrow_history|lending_history|offers|lending_info)|staking\/(stakes|unstake_requests|balances|staking_rewards)|lt\/(balances|creations|redemptions)|options\/(my_requests|my_quotes|positions|fills)|nft\/(balances|bids|deposits|withdrawals|fills)|stats\/latency_stats)$/;
const PRODUCTS = /^\/(spot_margin|staking|lt|options|nft|otc|srm_stakes)\/.+$/;

/** Everything else of these products is refused, and so is a change of sub-accounts, which the venue's options name. */
export const absentProductRoutes: readonly Route[] = [
  publicGet(PUBLIC_LISTS, () => []),
  publicGet(/^\/indexes\/(.+)\/weights$/, ({ path: [name = ""] }) => noSuchIndex(name)),
  publicGet(/^\/indexes\/(.+)\/candles$/, ({ path: [name = ""] }) => noSuchIndex(name)),
  privateRoute("GET", PRIVATE_LISTS, () => []),
  privateRoute("GET", PRODUCTS, notApproved),
  privateRoute("POST", PRODUCTS, notApproved),
  privateRoute("DELETE", PRODUCTS, notApproved),
  privateRoute("POST", /^\/subaccounts(\/update_name)?$/, notAuthorized),
  privateRoute("DELETE", /^\/subaccounts$/, notAuthorized),
  privateRoute("POST", /^\/wallet\/saved_addresses$/, notAuthorized),
  privateRoute("DELETE", /^\/wallet\/saved_addresses\/.+$/, notAuthorized),
];

function notApproved(_call: PrivateCall): WireValue {
  throw new ApiError(403, "Not approved to trade this product");
}

function notAuthorized(_call: PrivateCall): WireValue {
  throw new ApiError(403, "Not authorized");
}

/** An index of several coins had weights and candles (ALT, DEFI); those here are of one coin. */
function noSuchIndex(name: string): WireValue {
  throw notFound(`No such index: ${name}`);
}
