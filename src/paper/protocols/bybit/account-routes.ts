import { formatAmount } from "../../engine/amount.ts";
import { coinObjects, logObject, otherCoinObject, walletObject } from "./account-objects.ts";
import { type PrivateCall, privateRoute, type Route } from "./context.ts";
import { BybitError, invalidParameter, refusal } from "./errors.ts";
import { COIN, requireMarket, symbolOf } from "./market-names.ts";
import { isOtherCategory } from "./order-lists.ts";
import { newestPage, readWindow } from "./paging.ts";
import { timeText, type WireObject } from "./wire.ts";

const LOG_ROWS = { usual: 20, most: 50 };
const DAY_MS = 86_400_000;

export function requireAccount({ context, login }: Pick<PrivateCall, "context" | "login">) {
  const account = context.engine.account(login.accountId);
  if (account === undefined) throw refusal("noSuchAccount");
  return account;
}

function walletBalance(call: PrivateCall): WireObject {
  const { parameters } = call;
  if (parameters.required("accountType") !== "UNIFIED") throw invalidParameter("accountType");
  const { otherCoins } = call.context;
  const { accountId } = call.login;
  const account = requireAccount(call);
  const rows = [...coinObjects(account), ...otherCoins.of(accountId).map((row) => otherCoinObject(...row))];
  const coins = parameters.text("coin")?.split(",");
  const wanted = rows.filter(({ coin }) => coins === undefined || coins.includes(String(coin)));
  return { list: [walletObject(account, otherCoins.usdValue(accountId), wanted)] };
}

/** Lists the log of the last day by default; at most seven days. */
function transactionLog({ context, parameters, login }: PrivateCall): WireObject {
  const { startMs, endMs } = readWindow(parameters, context.now(), DAY_MS);
  const wanted = {
    category: parameters.text("category"),
    currency: parameters.text("currency"),
    type: parameters.text("type"),
    baseCoin: parameters.text("baseCoin"),
    transSubType: parameters.text("transSubType"),
  };
  const log = context.ledger.log(login.accountId);
  const rows = log.map((entry, index) => ({ entry, index }));
  const toRow = ({ entry, index }: (typeof rows)[number]) => logObject(context, entry, index);
  const page = newestPage(rows, parameters, LOG_ROWS, (item) => {
    const { timeMs } = item.entry;
    if (timeMs < startMs || timeMs >= endMs + 1) return false;
    const row = toRow(item);
    return (
      (wanted.category === undefined || row.category === wanted.category) &&
      (wanted.currency === undefined || row.currency === wanted.currency) &&
      (wanted.type === undefined || row.type === wanted.type) &&
      (wanted.transSubType === undefined || row.transSubType === wanted.transSubType) &&
      (wanted.baseCoin === undefined || row.symbol === `${wanted.baseCoin}${COIN}`)
    );
  });
  return { nextPageCursor: page.nextPageCursor, list: page.rows.map(toRow) };
}

function feeRates({ context, parameters }: PrivateCall): WireObject {
  if (isOtherCategory(parameters)) return { list: [] };
  const { engine, config } = context;
  const symbol = parameters.text("symbol");
  const markets = symbol === undefined ? engine.markets() : [requireMarket(engine, symbol)];
  const takerFeeRate = formatAmount(config.takerFee);
  const makerFeeRate = formatAmount(config.makerFee);
  return { list: markets.map((market) => ({ symbol: symbolOf(market), takerFeeRate, makerFeeRate })) };
}

/** 6: a unified account of the 2.0 kind, pro (docs v5, account-info). */
const UNIFIED_2_PRO = 6;

function accountInfo(call: PrivateCall): WireObject {
  const { context } = call;
  const { marginMode, positions } = requireAccount(call);
  // One market alone can be isolated by another protocol's hand only; here the mode is told of the account.
  const isIsolated = positions.some((position) => position.size !== 0n && position.marginMode === "isolated");
  return {
    marginMode: marginMode === "isolated" || isIsolated ? "ISOLATED_MARGIN" : "REGULAR_MARGIN",
    updatedTime: timeText(context.now()),
    unifiedMarginStatus: UNIFIED_2_PRO,
    // Dead fields, whatever the protection is (docs v5, account-info): `/v5/account/query-dcp-info` tells it.
    dcpStatus: "OFF",
    timeWindow: 10,
    smpGroup: 0,
    isMasterTrader: false,
    spotHedgingStatus: "OFF",
  };
}

function protectionInfo({ context, login }: PrivateCall): WireObject {
  const windows = context.protection.windows(login.accountId);
  return {
    dcpInfos: windows.map(([product, seconds]) => ({ product, dcpStatus: "ON", timeWindow: String(seconds) })),
  };
}

/** The answer has the reasons (docs v5, set-margin-mode). */
const MARGIN_MODE_REFUSED = 3_400_045;

function setMarginMode({ context, parameters, login }: PrivateCall): WireObject {
  const mode = parameters.oneOf("setMarginMode", ["REGULAR_MARGIN", "ISOLATED_MARGIN"]);
  if (mode === undefined) throw invalidParameter("setMarginMode");
  const events = context.execute({
    type: "setMarginMode",
    accountId: login.accountId,
    mode: mode === "ISOLATED_MARGIN" ? "isolated" : "cross",
  });
  const refused = events.find((event) => event.type === "refused");
  if (refused === undefined || refused.code === "unchanged") return { reasons: [] };
  const reasonMsg = `The margin mode cannot be switched: ${refused.message}`;
  const result = { reasons: [{ reasonCode: String(MARGIN_MODE_REFUSED), reasonMsg }] };
  throw new BybitError(MARGIN_MODE_REFUSED, "Set margin mode failed", 200, {}, result);
}

function withdrawable(call: PrivateCall): WireObject {
  const coinName = call.parameters.required("coinName");
  const { freeCollateral } = requireAccount(call);
  const { otherCoins } = call.context;
  const other = otherCoins.of(call.login.accountId).find(([coin]) => coin === coinName)?.[1] ?? 0n;
  const availableWithdrawal = formatAmount(coinName === COIN ? freeCollateral : other);
  return { availableWithdrawal, availableWithdrawalMap: { [coinName]: availableWithdrawal } };
}

function keyInfo({ context, login }: PrivateCall): WireObject {
  return {
    id: String(login.identifier),
    note: "paper",
    apiKey: login.apiKey,
    readOnly: 0,
    secret: "",
    permissions: { ContractTrade: ["Order", "Position"], Spot: [], Options: [], Wallet: ["AccountTransfer"] },
    ips: ["*"],
    type: 1,
    deadlineDay: 90,
    expiredAt: "",
    createdAt: "",
    unified: 0,
    uta: 1,
    userID: login.identifier,
    inviterID: 0,
    vipLevel: "No VIP",
    mktMakerLevel: "0",
    isMaster: context.accounts.key(login.apiKey)?.onlySubaccount === undefined,
    parentUid: "0",
    kycLevel: "",
    kycRegion: "",
  };
}

export const accountRoutes: readonly Route[] = [
  privateRoute("GET", "/v5/account/wallet-balance", 50, walletBalance),
  privateRoute("GET", "/v5/account/transaction-log", 25, transactionLog),
  privateRoute("GET", "/v5/account/fee-rate", 5, feeRates),
  privateRoute("GET", "/v5/account/info", 50, accountInfo),
  privateRoute("GET", "/v5/account/query-dcp-info", 5, protectionInfo),
  privateRoute("GET", "/v5/account/withdrawal", 50, withdrawable),
  privateRoute("POST", "/v5/account/set-margin-mode", 5, setMarginMode),
  privateRoute("GET", "/v5/user/query-api", 10, keyInfo),
];
