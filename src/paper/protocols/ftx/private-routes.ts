import { type AccountView, UNIT } from "../../engine/types.ts";
import { accountObject, balanceObjects, positionObjects } from "./account-objects.ts";
import { type PrivateCall, privateRoute, type Route } from "./context.ts";
import { invalidParameter, missingParameter, refusal, unauthorized } from "./errors.ts";
import { requireFuture, requireMarket } from "./market-names.ts";
import { fillObject, marketNameOf } from "./order-objects.ts";
import { newestRows, oldestRows, ROWS, readPage } from "./pagination.ts";
import { isoText, type WireValue } from "./wire.ts";

/** FTX has one leverage an account, in whole numbers. */
const MAX_LEVERAGE = 20;

export const privateRoutes: readonly Route[] = [
  privateRoute("GET", /^\/wallet\/balances$/, (call) => balanceObjects(accountOf(call))),
  privateRoute("GET", /^\/account$/, (call) => accountObject(call.context, call.login, accountOf(call))),
  privateRoute("GET", /^\/positions$/, (call) =>
    positionObjects(call.context, accountOf(call), call.parameters.flag("showAvgPrice")),
  ),
  privateRoute("POST", /^\/account\/leverage$/, setLeverage),
  privateRoute("GET", /^\/fills$/, fills),
  privateRoute("GET", /^\/funding_payments$/, fundingPayments),
];

function accountOf({ context, login }: PrivateCall): AccountView {
  const account = context.engine.account(login.accountId);
  if (account === undefined) throw unauthorized("No such subaccount");
  return account;
}

function setLeverage({ context, login, parameters }: PrivateCall): WireValue {
  const leverage = parameters.number("leverage");
  if (leverage === undefined) throw missingParameter("leverage");
  if (!Number.isInteger(leverage) || leverage < 1 || leverage > MAX_LEVERAGE) throw invalidParameter("leverage");
  const command = {
    type: "setLeverage",
    accountId: login.accountId,
    leverage: BigInt(leverage) * UNIT,
  } as const;
  const refused = context.execute(command).find((event) => event.type === "refused");
  if (refused !== undefined) throw refusal(refused.code);
  return null;
}

function fills({ context, login, parameters }: PrivateCall): WireValue {
  const { engine, orders, firstId } = context;
  const name = parameters.text("market");
  const market = name === undefined ? undefined : requireMarket(engine, name).spec.market;
  const orderId = parameters.number("orderId");
  const isAscending = parameters.oneOf("order", ["asc", "desc"]) === "asc";
  const page = readPage(parameters, ROWS);
  const pick = isAscending ? oldestRows : newest;
  const rows = pick(
    engine.fills(login.accountId),
    ({ timeMs }) => timeMs,
    page,
    (fill) =>
      (market === undefined || fill.market === market) &&
      (orderId === undefined || orders.wireOrderId(fill.orderId) === orderId),
  );
  return rows.map((fill) => fillObject(engine, orders, firstId, fill));
}

const newest: typeof oldestRows = (rows, timeMs, page, isWanted) => newestRows(rows, timeMs, page, isWanted).rows;

/** Lists funding payments. On the wire a positive payment was paid; the engine's positive amounts were received. */
function fundingPayments({ context, login, parameters }: PrivateCall): WireValue {
  const { engine, firstId } = context;
  const name = parameters.text("future");
  const market = name === undefined ? undefined : requireFuture(engine, name).spec.market;
  const { rows } = newestRows(
    engine.fundingPayments(login.accountId),
    ({ timeMs }) => timeMs,
    readPage(parameters, ROWS),
    (payment) => market === undefined || payment.market === market,
  );
  return rows.map((payment) => ({
    future: marketNameOf(engine, payment.market),
    id: firstId + payment.paymentId,
    payment: -payment.amount,
    time: isoText(payment.timeMs),
    rate: payment.rate,
  }));
}
