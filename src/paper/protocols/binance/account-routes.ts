import type { AccountView } from "../../engine/types.ts";
import {
  accountFlags,
  accountV2,
  accountV3,
  balanceRow,
  isEmpty,
  leverageBracket,
  positionRiskV2,
  positionRiskV3,
  positionRows,
  symbolConfig,
} from "./account-objects.ts";
import { type PrivateCall, type Route, signedRoute } from "./context.ts";
import { refused } from "./errors.ts";
import { RATE_LIMIT_ROWS } from "./rate-limit.ts";
import { fixed, money, type WireValue } from "./wire.ts";

export const accountRoutes: readonly Route[] = [
  signedRoute("GET", "/fapi/v2/balance", 5, balances),
  signedRoute("GET", "/fapi/v3/balance", 5, balances),
  signedRoute("GET", "/fapi/v2/account", 5, (call) => accountV2(call.context, accountOf(call), rowsOf(call))),
  signedRoute("GET", "/fapi/v3/account", 5, (call) => accountV3(call.context, accountOf(call), rowsOf(call))),
  signedRoute("GET", "/fapi/v2/positionRisk", 5, (call) =>
    wantedRows(call).map((row) => positionRiskV2(call.context, row)),
  ),
  signedRoute("GET", "/fapi/v3/positionRisk", 5, (call) =>
    wantedRows(call)
      .filter((row) => !isEmpty(row))
      .map((row) => positionRiskV3(call.context, row)),
  ),
  signedRoute("GET", "/fapi/v1/symbolConfig", 5, ({ context, login, parameters }) =>
    context.symbols.wanted(parameters).map((listed) => symbolConfig(context, login.accountId, listed)),
  ),
  signedRoute("GET", "/fapi/v1/accountConfig", 5, accountConfig),
  signedRoute("GET", "/fapi/v1/leverageBracket", 1, brackets),
  signedRoute("GET", "/fapi/v1/commissionRate", 20, commissionRate),
  signedRoute("GET", "/fapi/v1/rateLimit/order", 1, () =>
    RATE_LIMIT_ROWS.filter(({ rateLimitType }) => rateLimitType === "ORDERS"),
  ),
];

export function accountOf({ context, login }: PrivateCall): AccountView {
  const account = context.engine.account(login.accountId);
  if (account === undefined) throw refused(-1000);
  return account;
}

function rowsOf({ context, login }: PrivateCall) {
  return positionRows(context, login.accountId, context.symbols.all());
}

function wantedRows({ context, login, parameters }: PrivateCall) {
  return positionRows(context, login.accountId, context.symbols.wanted(parameters));
}

function balances(call: PrivateCall): WireValue {
  return [balanceRow(call.context, call.login, accountOf(call))];
}

function accountConfig(call: PrivateCall): WireValue {
  return { ...accountFlags(), dualSidePosition: accountOf(call).positionMode === "hedge", updateTime: 0 };
}

/** A list in any case. */
function brackets({ context, parameters }: PrivateCall): WireValue {
  return context.symbols.wanted(parameters).map((listed) => leverageBracket(context, listed));
}

/** Retail price improvement orders are not served; they would pay as makers do. */
function commissionRate({ context, parameters }: PrivateCall): WireValue {
  const { makerFee, takerFee } = context.config;
  return {
    symbol: context.symbols.required(parameters).symbol,
    makerCommissionRate: fixed(makerFee, 6),
    takerCommissionRate: fixed(takerFee, 6),
    rpiCommissionRate: money(makerFee),
  };
}
