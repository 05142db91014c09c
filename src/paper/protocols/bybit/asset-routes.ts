import { formatAmount } from "../../engine/amount.ts";
import { type PrivateCall, privateRoute, type Route } from "./context.ts";
import { invalidParameter, missingParameter, parameterError } from "./errors.ts";
import { COIN, requireMarket } from "./market-names.ts";
import { instrumentObject } from "./market-objects.ts";
import { isOtherCategory } from "./order-lists.ts";
import { OTHER_COINS } from "./other-coins.ts";
import { forwardPage, pageObject } from "./paging.ts";
import type { WireObject } from "./wire.ts";

const INSTRUMENT_ROWS = { usual: 500, most: 1_000 };

/**
 * Lists coins without deposits or withdrawals, for they are on no chain here. Clients ask for it before they load
 * markets.
 */
function coinInfo({ context, parameters }: PrivateCall): WireObject {
  const wanted = parameters.text("coin");
  const bases = context.engine.markets().map(({ spec }) => spec.base);
  const coins = [COIN, ...OTHER_COINS.keys(), ...bases].filter((coin) => wanted === undefined || coin === wanted);
  return { rows: coins.map((coin) => ({ name: coin, coin, remainAmount: "0", chains: [] })) };
}

/** Lists instruments as `/v5/market/instruments-info`, with what the account may do. */
function instruments({ context, parameters }: PrivateCall): WireObject {
  if (isOtherCategory(parameters)) return pageObject({ rows: [], nextPageCursor: "" });
  const symbol = parameters.text("symbol");
  const markets = symbol === undefined ? context.engine.markets() : [requireMarket(context.engine, symbol)];
  const page = forwardPage(markets, parameters, INSTRUMENT_ROWS);
  const rows = page.rows.map((market) => ({ ...instrumentObject(market), isPublicRpi: false, myRpiPermission: false }));
  return pageObject({ ...page, rows });
}

function collateralInfo({ parameters }: PrivateCall): WireObject {
  const wanted = parameters.text("currency");
  const coins = [COIN, ...OTHER_COINS.keys()].filter((coin) => wanted === undefined || coin === wanted);
  const list = coins.map((currency) => ({
    currency,
    hourlyBorrowRate: "0",
    maxBorrowingAmount: "0",
    freeBorrowAmount: "",
    freeBorrowingLimit: "0",
    borrowAmount: "0",
    otherBorrowAmount: "0",
    availableToBorrow: "0",
    borrowable: false,
    borrowUsageRate: "0",
    marginCollateral: true,
    collateralSwitch: currency === COIN,
    collateralRatio: currency === COIN ? "1" : "0",
  }));
  return { list };
}

/** `lpaPerp` is true where a price beyond its limit is refused (docs v5, user-setting-config). */
function tradeBehaviour({ context, login }: PrivateCall): WireObject {
  const lpaPerp = context.priceRefusers.has(login.accountId);
  return { lpaSpot: false, lpaPerp, smsef: false, fmsef: false, deltaEnable: false };
}

/** Holds for all futures, whichever category is named. */
function setPriceAction({ context, parameters, login }: PrivateCall): WireObject {
  const category = parameters.required("category");
  if (category !== "linear" && category !== "inverse") throw parameterError("Illegal category");
  if (!parameters.has("modifyEnable")) throw missingParameter("modifyEnable");
  if (parameters.flag("modifyEnable")) context.priceRefusers.delete(login.accountId);
  else context.priceRefusers.add(login.accountId);
  return {};
}

/** Adds (`adjustType` 0) or takes (1) play money, as on Bybit's demo trading. */
function applyMoney({ context, parameters, login }: PrivateCall): WireObject {
  const { accountId } = login;
  const adjustType = parameters.integer("adjustType") ?? 0;
  if (adjustType !== 0 && adjustType !== 1) throw invalidParameter("adjustType");
  const wishes = parameters.list("utaDemoApplyMoney").map((row) => {
    const coin = row.required("coin");
    const amount = row.amount("amountStr");
    if (amount === undefined || amount <= 0n) throw invalidParameter("amountStr");
    if (coin !== COIN && !OTHER_COINS.has(coin)) throw invalidParameter("coin");
    if (coin === COIN && adjustType === 1) throw parameterError(`${COIN} cannot be taken on the paper venue`);
    return { coin, amount: adjustType === 0 ? amount : -amount };
  });
  for (const { coin, amount } of wishes) {
    if (coin === COIN) {
      context.execute({ type: "deposit", accountId, amount });
      continue;
    }
    if (!context.otherCoins.credit(accountId, coin, amount))
      throw parameterError(`there is not ${formatAmount(-amount)} ${coin}`);
    context.sendOtherCoin(accountId, coin);
  }
  return {};
}

export const assetRoutes: readonly Route[] = [
  privateRoute("GET", "/v5/asset/coin/query-info", 5, coinInfo),
  privateRoute("GET", "/v5/account/instruments-info", 10, instruments),
  privateRoute("GET", "/v5/account/collateral-info", 50, collateralInfo),
  privateRoute("GET", "/v5/account/smp-group", 5, () => ({ smpGroup: 0 })),
  privateRoute("GET", "/v5/account/user-setting-config", 50, tradeBehaviour),
  privateRoute("POST", "/v5/account/set-limit-px-action", 10, setPriceAction),
  privateRoute("POST", "/v5/account/demo-apply-money", 1, applyMoney),
];
