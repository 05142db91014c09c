import { formatAmount } from "../../engine/amount.ts";
import type { PositionView } from "../../engine/types.ts";
import { balanceObject, billObject } from "./account-objects.ts";
import { type PrivateCall, privateRoute, type Route } from "./context.ts";
import { parameterError, refusal } from "./errors.ts";
import { COIN, findInstrument, instrumentFilter, isOtherType, marketOf } from "./instruments.ts";
import { instruments, wantedMarkets } from "./market-routes.ts";
import { type Bill, billsOf } from "./order-lists.ts";
import { newestPage } from "./paging.ts";
import { positionIdOf, positionObject } from "./position-objects.ts";
import { per2s } from "./rate-limit.ts";
import { timeText, type WireObject } from "./wire.ts";

const MAX_BILLS = 100;
const DAY_MS = 86_400_000;

export function requireAccount({ context, login }: Pick<PrivateCall, "context" | "login">) {
  const account = context.engine.account(login.accountId);
  if (account === undefined) throw refusal("noSuchAccount");
  return account;
}

function balance(call: PrivateCall): readonly WireObject[] {
  const row = balanceObject(call.context, requireAccount(call));
  const wanted = call.parameters.text("ccy")?.split(",");
  return [wanted === undefined || wanted.includes(COIN) ? row : { ...row, details: [] }];
}

/** Open ones; a flat one only where its instrument is named and it was open before. */
function positions(call: PrivateCall): readonly WireObject[] {
  const { context, parameters, login } = call;
  const isNamed = parameters.text("instId") !== undefined;
  const wantedIds = parameters.text("posId")?.split(",");
  const isShown = (position: PositionView) =>
    (position.size !== 0n || (isNamed && position.updatedMs > 0)) &&
    (wantedIds === undefined || wantedIds.includes(positionIdOf(context, login.accountId, position)));
  return wantedMarkets(call)
    .flatMap(({ spec }) => context.engine.positions(login.accountId, spec.market))
    .filter(isShown)
    .sort((left, right) => right.openedMs - left.openedMs)
    .map((position) => positionObject(context, login.accountId, position));
}

function bills(days: number) {
  return (call: PrivateCall): readonly WireObject[] => {
    const { context, parameters } = call;
    if (isOtherType(parameters)) return [];
    const filter = instrumentFilter(context.engine, parameters, findInstrument);
    const isFiltered = ["instId", "instFamily", "instType"].some((name) => parameters.text(name) !== undefined);
    const wanted = {
      ccy: parameters.text("ccy"),
      mgnMode: parameters.oneOf("mgnMode", ["isolated", "cross", "cash"]),
      type: parameters.text("type"),
      subType: parameters.text("subType"),
    };
    if (parameters.oneOf("ctType", ["linear", "inverse"]) === "inverse") return [];
    const oldestMs = context.now() - days * DAY_MS;
    const rules = {
      most: MAX_BILLS,
      idOf: ({ billId }: Bill) => billId,
      timeOf: ({ entry }: Bill) => entry.timeMs,
    };
    const page = newestPage(billsOf(call), parameters, rules, (bill) => {
      const { entry } = bill;
      if (entry.timeMs < oldestMs) return false;
      if (entry.kind === "transfer" ? isFiltered : !filter(marketOf(context.engine, marketNameOf(entry)))) return false;
      const row = billObject(context, bill);
      return Object.entries(wanted).every(([name, value]) => value === undefined || row[name] === value);
    });
    return page.map((bill) => billObject(context, bill));
  };
}

function marketNameOf(entry: Exclude<Bill["entry"], { kind: "transfer" }>): string {
  return entry.kind === "trade" ? entry.fill.market : entry.payment.market;
}

/** A fee that is charged is negative (docs v5, trade-fee); `makerU` and `takerU` are those of USDT contracts. */
function tradeFee({ context, parameters }: PrivateCall): readonly WireObject[] {
  const instType = parameters.required("instType");
  if (isOtherType(parameters)) throw parameterError("instType");
  const maker = formatAmount(-context.config.makerFee);
  const taker = formatAmount(-context.config.takerFee);
  return [
    {
      instType,
      category: "1",
      level: "Lv1",
      maker,
      taker,
      makerU: maker,
      takerU: taker,
      makerUSDC: maker,
      takerUSDC: taker,
      delivery: "",
      exercise: "",
      ruleType: "normal",
      feeGroup: [{ groupId: "1", maker, taker }],
      fiat: [],
      ts: timeText(context.now()),
    },
  ];
}

/** Account level 2: futures mode. */
function config(call: PrivateCall): readonly WireObject[] {
  const { context, login } = call;
  const { positionMode } = requireAccount(call);
  const isMain = context.accounts.key(login.apiKey)?.onlySubaccount === undefined;
  return [
    {
      uid: String(login.identifier),
      mainUid: String(login.identifier),
      acctLv: "2",
      acctStpMode: "cancel_maker",
      posMode: positionMode === "hedge" ? "long_short_mode" : "net_mode",
      autoLoan: false,
      greeksType: "PA",
      level: "Lv1",
      levelTmp: "",
      ctIsoMode: "automatic",
      mgnIsoMode: "automatic",
      spotOffsetType: "",
      stgyType: "0",
      roleType: "0",
      traderInsts: [],
      spotRoleType: "0",
      spotTraderInsts: [],
      opAuth: "0",
      kycLv: "3",
      label: "paper",
      ip: "",
      perm: "read_only,trade",
      liquidationGear: "-1",
      enableSpotBorrow: false,
      spotBorrowAutoRepay: false,
      type: isMain ? "0" : "1",
      settleCcy: COIN,
      settleCcyList: [COIN],
    },
  ];
}

/** Currencies, which clients load beside the instruments. */
function currencies({ context, parameters }: PrivateCall): readonly WireObject[] {
  const wanted = parameters.text("ccy")?.split(",");
  const names = [COIN, ...context.engine.markets().map(({ spec }) => spec.base)];
  return names
    .filter((ccy) => wanted === undefined || wanted.includes(ccy))
    .map((ccy) => ({
      ccy,
      name: ccy,
      chain: `${ccy}-Paper`,
      canDep: false,
      canWd: false,
      canInternal: false,
      mainNet: true,
    }));
}

export const accountRoutes: readonly Route[] = [
  privateRoute("GET", "/api/v5/account/balance", per2s(10), balance),
  privateRoute("GET", "/api/v5/account/positions", per2s(10), positions),
  privateRoute("GET", "/api/v5/account/bills", { count: 5, windowMs: 1_000 }, bills(7)),
  privateRoute("GET", "/api/v5/account/bills-archive", per2s(5), bills(90)),
  privateRoute("GET", "/api/v5/account/trade-fee", per2s(5), tradeFee),
  privateRoute("GET", "/api/v5/account/config", per2s(5), config),
  privateRoute("GET", "/api/v5/account/instruments", per2s(20), instruments),
  privateRoute("GET", "/api/v5/asset/currencies", { count: 6, windowMs: 1_000 }, currencies),
];
