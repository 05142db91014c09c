import { formatAmount } from "../../engine/amount.ts";
import type { LogEntry } from "../account-ledger.ts";
import { accountObject, bookObject, bookRows } from "./account-objects.ts";
import { type PrivateCall, privateRoute, type Route } from "./context.ts";
import { contractOf, requireContract } from "./contracts.ts";
import { GateError } from "./errors.ts";
import { wantedMarket } from "./order-lists.ts";
import { pageOf, readPage, readSpan } from "./parameters.ts";
import { PRIVATE_LIMIT } from "./rate-limit.ts";
import type { WireObject, WireValue } from "./wire.ts";

const BOOK_TYPES = [
  ...["dnw", "pnl", "fee", "refr", "fund", "point_dnw", "point_fee", "point_refr", "bonus_offset", "cross_settle"],
] as const;

/** Lists postings, newest first. */
function accountBook(call: PrivateCall): WireValue {
  const { context, parameters, login } = call;
  const type = parameters.oneOf("type", BOOK_TYPES);
  const market = wantedMarket(call);
  const isInSpan = readSpan(parameters);
  const isWanted = ({ kind, timeMs }: LogEntry) => isInSpan(timeMs) && (type !== "fund" || kind === "settlement");
  const rows = bookRows(context, login.accountId, isWanted)
    .filter((row) => (type ?? row.type) === row.type && (market ?? row.market) === row.market)
    .toReversed();
  return pageOf(rows, readPage(parameters)).map((row) => bookObject(context, row));
}

/** The caller's own rates, by contract. */
function fees({ context, parameters }: PrivateCall): WireObject {
  const { engine, config } = context;
  const contract = parameters.text("contract");
  const markets = contract === undefined ? engine.markets() : [requireContract(engine, contract)];
  const rates = { taker_fee: formatAmount(config.takerFee), maker_fee: formatAmount(config.makerFee) };
  return Object.fromEntries(markets.map((market) => [contractOf(market), rates]));
}

/** Rates of spot are told beside those of futures, of which alone there is something here. */
function walletFee({ context, login }: PrivateCall): WireObject {
  const { takerFee, makerFee } = context.config;
  const futures = { futures_taker_fee: formatAmount(takerFee), futures_maker_fee: formatAmount(makerFee) };
  const spot = { taker_fee: "0.002", maker_fee: "0.002", gt_discount: false, gt_taker_fee: "0", gt_maker_fee: "0" };
  return { user_id: login.identifier, ...spot, loan_fee: "0.18", point_type: "0", ...futures };
}

/** `mode` 1 of the key is a classic account. */
function accountDetail({ login }: PrivateCall): WireObject {
  const key = { mode: 1 };
  return { user_id: login.identifier, ip_whitelist: [], currency_pairs: [], key, tier: 0, copy_trading_role: 0 };
}

function noUnifiedAccount(): never {
  throw new GateError(400, "USER_NOT_FOUND", "the account is a classic one");
}

export const accountRoutes: readonly Route[] = [
  privateRoute("GET", "/api/v4/futures/usdt/accounts", PRIVATE_LIMIT, ({ context, login }) =>
    accountObject(context, login.accountId),
  ),
  privateRoute("GET", "/api/v4/futures/usdt/account_book", PRIVATE_LIMIT, accountBook),
  privateRoute("GET", "/api/v4/futures/usdt/fee", PRIVATE_LIMIT, fees),
  privateRoute("GET", "/api/v4/wallet/fee", PRIVATE_LIMIT, walletFee),
  privateRoute("GET", "/api/v4/account/detail", PRIVATE_LIMIT, accountDetail),
  privateRoute("GET", "/api/v4/unified/accounts", PRIVATE_LIMIT, noUnifiedAccount),
];
