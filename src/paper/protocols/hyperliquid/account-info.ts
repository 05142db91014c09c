import type { FillView } from "../../engine/types.ts";
import { activeAssetData, clearinghouseState, feesObject, ledgerRows, spotState } from "./account-objects.ts";
import { malformed } from "./errors.ts";
import { aggregated, fillRow, fundingRow } from "./fill-objects.ts";
import type { InfoCall, InfoType } from "./info-type.ts";
import { basicRow, findTold, frontendRow, historyRows, openOrders, statusRow } from "./order-objects.ts";
import { decimalText, type WireObject, type WireValue } from "./wire.ts";

const MAX_ROWS = 500;
const MAX_FILLS = 2_000;
/** Older ones are not told any more (docs, info endpoint). */
const FILLS_KEPT = 10_000;
const MAX_ORDERS = 2_000;

/** The account of the user that is asked for; undefined where the address is of none. */
function accountOf({ context, fields }: InfoCall): string | undefined {
  return context.addresses.accountOf(fields.user());
}

function orders(toRow: typeof basicRow): InfoType["answer"] {
  return (call) => {
    const { context, fields } = call;
    const accountId = accountOf(call);
    fields.mainDex();
    return accountId === undefined ? [] : openOrders(context, accountId).map((order) => toRow(context, order));
  };
}

function orderStatus(call: InfoCall): WireObject {
  const accountId = accountOf(call);
  const id = call.fields.orderId();
  const found = accountId === undefined ? undefined : findTold(call.context, accountId, id);
  return found === undefined ? { status: "unknownOid" } : { status: "order", order: statusRow(call.context, found) };
}

function historicalOrders(call: InfoCall): WireValue {
  const accountId = accountOf(call);
  return accountId === undefined ? [] : historyRows(call.context, accountId, MAX_ORDERS);
}

/** Oldest first, as they are told: many of one order and time as one where that is asked for. */
function fillsOf(call: InfoCall): readonly FillView[] {
  const accountId = accountOf(call);
  if (accountId === undefined) return [];
  const fills = call.context.engine.fills(accountId).slice(-FILLS_KEPT);
  return call.fields.flag("aggregateByTime") ? aggregated(fills) : fills;
}

/** Newest first. */
function userFills(call: InfoCall): WireValue {
  const fills = fillsOf(call).slice(-MAX_FILLS).toReversed();
  return fills.map((fill) => fillRow(call.context, fill));
}

/** Makes a filter for times between two, both included; the first one is required where `isStartNeeded`. */
function timeFilter({ context, fields }: InfoCall, isStartNeeded: boolean): (timeMs: number) => boolean {
  const start = fields.number("startTime");
  if (start === undefined && isStartNeeded) throw malformed();
  const end = fields.number("endTime") ?? context.now();
  return (timeMs) => Math.floor(timeMs) >= (start ?? 0) && Math.floor(timeMs) <= end;
}

/** Oldest first, or newest first where `reversed` asks for it. */
function userFillsByTime(call: InfoCall): WireValue {
  const isIn = timeFilter(call, true);
  const fills = fillsOf(call).filter(({ timeMs }) => isIn(timeMs));
  const ordered = call.fields.flag("reversed") ? fills.toReversed() : fills;
  return ordered.slice(0, MAX_FILLS).map((fill) => fillRow(call.context, fill));
}

function userFunding(call: InfoCall): WireValue {
  const isIn = timeFilter(call, false);
  const accountId = accountOf(call);
  if (accountId === undefined) return [];
  const payments = call.context.engine.fundingPayments(accountId).filter(({ timeMs }) => isIn(timeMs));
  return payments.slice(0, MAX_ROWS).map((payment) => fundingRow(call.context, payment));
}

function ledgerUpdates(call: InfoCall): WireValue {
  const isIn = timeFilter(call, false);
  const rows = ledgerRows(call.context, accountOf(call));
  return rows.filter((row) => isIn(row.time)).slice(0, MAX_ROWS);
}

function rateLimit(call: InfoCall): WireObject {
  const { limiter, facts } = call.context;
  const accountId = accountOf(call) ?? "";
  const volume = facts.volume(accountId);
  const { used, cap } = limiter.budget(accountId, volume);
  return {
    cumVlm: decimalText(volume),
    nRequestsUsed: used,
    nRequestsCap: cap,
    nRequestsSurplus: Math.max(0, cap - used),
  };
}

function agents(call: InfoCall): WireValue {
  const accountId = accountOf(call);
  const found = accountId === undefined ? [] : call.context.addresses.agentsOf(accountId);
  return found.flatMap(({ name, address, validUntil }) => (validUntil === null ? [] : [{ name, address, validUntil }]));
}

function role({ context, fields }: InfoCall): WireObject {
  const { role: name, ...data } = context.addresses.roleOf(fields.user());
  return Object.keys(data).length === 0 ? { role: name } : { role: name, data: { ...data } };
}

function assetData(call: InfoCall): WireObject {
  const { context, fields } = call;
  return { user: fields.user(), ...activeAssetData(context, accountOf(call), fields.knownCoin()) };
}

function state(call: InfoCall): WireObject {
  call.fields.mainDex();
  return clearinghouseState(call.context, accountOf(call));
}

/** Makes an answer that is the same for all users, and refused where no user is named. */
function ofUser(answer: InfoType["answer"]): InfoType["answer"] {
  return (call) => {
    call.fields.user();
    return answer(call);
  };
}

/** `null` where there are none. */
function subAccounts(call: InfoCall): WireValue {
  const { context } = call;
  const accountId = accountOf(call);
  const found = accountId === undefined ? [] : context.addresses.subAccountsOf(accountId);
  if (found.length === 0) return null;
  return found.map((sub) => ({
    name: sub.slice(sub.indexOf("/") + 1),
    subAccountUser: context.addresses.addressOf(sub),
    master: call.fields.user(),
    clearinghouseState: clearinghouseState(context, sub),
    spotState: spotState(context, sub),
  }));
}

function type(name: string, answer: InfoType["answer"], weight = 20, rowsOfWeight = 0): InfoType {
  return { name, kind: "private", weight, rowsOfWeight, answer };
}

export const accountInfo: readonly InfoType[] = [
  type("clearinghouseState", state, 2),
  type("spotClearinghouseState", (call) => spotState(call.context, accountOf(call)), 2),
  type(
    "userAbstraction",
    ofUser(() => "default"),
  ),
  type("openOrders", orders(basicRow)),
  type("frontendOpenOrders", orders(frontendRow)),
  type("orderStatus", orderStatus, 2),
  type("historicalOrders", historicalOrders, 20, 20),
  type("userFills", userFills, 20, 20),
  type("userFillsByTime", userFillsByTime, 20, 20),
  type("userFunding", userFunding, 20, 20),
  type("userNonFundingLedgerUpdates", ledgerUpdates, 20, 20),
  type("userRateLimit", rateLimit),
  type(
    "userFees",
    ofUser(({ context }) => feesObject(context)),
  ),
  type("activeAssetData", assetData),
  type("extraAgents", agents),
  type("userRole", role, 60),
  type(
    "maxBuilderFee",
    ofUser(() => 0),
  ),
  type("subAccounts", ofUser(subAccounts)),
];
