import { type Decimal, larger, ZERO } from "../model/decimal.ts";
import type { Fill } from "../model/fill.ts";
import type { OrderToPlace, TerminalReason } from "../model/order.ts";
import type { FillTotals } from "./fill-ledger.ts";
import { JsonFields, quoted } from "./json-fields.ts";
import { amendClientOrderId } from "./order-ids.ts";
import {
  type Amend,
  type Ending,
  type Leg,
  NO_CHANGES,
  newLeg,
  newOrderTimes,
  type OrderRecord,
  type Refusal,
} from "./order-record.ts";

const REASONS: readonly TerminalReason[] = [
  "user",
  "postOnly",
  "iocRemainder",
  "selfTrade",
  "reduceOnly",
  "margin",
  "liquidation",
  "venue",
];

const optionalText = (value: Decimal | undefined): string | undefined => value?.toFixed();

function encodeTerms(order: OrderToPlace): Readonly<Record<string, unknown>> {
  const { amount, price, leverage, referencePrice } = order;
  const texts = { price: optionalText(price), leverage: optionalText(leverage) };
  return { ...order, amount: amount.toFixed(), ...texts, referencePrice: optionalText(referencePrice) };
}

/** Writes what `encodeTerms` encodes. */
function termsText(order: OrderToPlace): string {
  const { clientOrderId, tradingPair, side, type, amount, price, timeInForce, reduceOnly } = order;
  const { positionAction, positionMode, marginMode, leverage, referencePrice } = order;
  return (
    `{"clientOrderId":${quoted(clientOrderId)},"tradingPair":${quoted(tradingPair)},"side":"${side}","type":"${type}",` +
    `"amount":${fixed(amount)}${ifSet("price", price && fixed(price))},"timeInForce":"${timeInForce}",` +
    `"reduceOnly":${reduceOnly},"positionAction":"${positionAction}","positionMode":"${positionMode}"` +
    `${ifSet("marginMode", marginMode && quoted(marginMode))}${ifSet("leverage", leverage && fixed(leverage))}` +
    `${ifSet("referencePrice", referencePrice && fixed(referencePrice))}}`
  );
}

/** Texts of the terms of orders, which never change and are half of a record. */
const termsTexts = new WeakMap<OrderToPlace, string>();

/** Writes the terms of an order as JSON text. */
export function orderTermsText(order: OrderToPlace): string {
  const known = termsTexts.get(order);
  if (known !== undefined) return known;
  const terms = termsText(order);
  termsTexts.set(order, terms);
  return terms;
}

/**
 * Writes like `encodeOrderRecord`, as JSON text, in the given version of the format, with the rows of its history that
 * it keeps.
 */
export function orderRecordText(record: OrderRecord, version: number): string {
  return `{"v":${version},"order":${orderTermsText(record.order)},${progressText(record)},"recentChanges":[${record.recentChanges.text}]}`;
}

const fixed = (value: Decimal): string => (value === ZERO ? '"0"' : `"${value.toFixed()}"`);
const ifSet = (name: string, value: string | undefined): string => (value === undefined ? "" : `,"${name}":${value}`);
const json = (value: number | object | undefined): string | undefined =>
  typeof value === "number" && Number.isFinite(value) ? `${value}` : JSON.stringify(value);

/** Writes what `encodeProgress` encodes, which is written for each fact of an order, in half of the time of its JSON. */
function progressText(record: OrderRecord): string {
  const { legs, amends, amendCount, largestAmount, amendsDone, exists, doubt, cancel, ended, changes } = record;
  const { createdAtMs, foldedExecuted, refusal, endedAtMs, missingAmount, venueAveragePrice, lastUpdateMs } = record;
  const amendTexts = amends.length === 0 ? "[]" : JSON.stringify(amends.map(encodeAmend));
  return (
    `"createdAtMs":${json(createdAtMs)},"legs":[${legs.map(legText).join()}],"foldedExecuted":${fixed(foldedExecuted)},` +
    `"amends":${amendTexts},"amendCount":${amendCount}${ifSet("largestAmount", largestAmount && fixed(largestAmount))},` +
    `"amendsDone":{"price":${amendsDone.price},"amount":${amendsDone.amount}},"exists":${exists}` +
    `${ifSet("doubt", doubt && quoted(doubt))}${ifSet("refusal", json(refusal))},"cancel":"${cancel}","ended":${ended}` +
    `${ifSet("endedAtMs", json(endedAtMs))},"missingAmount":${fixed(missingAmount)}` +
    `${ifSet("venueAveragePrice", venueAveragePrice && fixed(venueAveragePrice))}` +
    `${ifSet("lastUpdateMs", json(lastUpdateMs))},"changes":${changes}`
  );
}

function legText({
  exchangeOrderId,
  madeBy,
  price,
  amount,
  asked,
  executed,
  filled,
  ending,
  updatedAtMs,
}: Leg): string {
  return (
    `{"exchangeOrderId":${quoted(exchangeOrderId)}${ifSet("madeBy", json(madeBy))}${ifSet("price", price && fixed(price))}` +
    `${ifSet("amount", amount && fixed(amount))}${ifSet("asked", asked && fixed(asked))},"executed":${fixed(executed)},` +
    `"filled":${fixed(filled)}${ifSet("ending", json(ending))}${ifSet("updatedAtMs", json(updatedAtMs))}}`
  );
}

/** Plain JSON with amounts as exact text. The fills are kept apart and counted again on the way back. */
export function encodeOrderRecord(record: OrderRecord): Readonly<Record<string, unknown>> {
  return { order: encodeTerms(record.order), ...encodeProgress(record) };
}

/** All of a record but what was ordered. */
function encodeProgress(record: OrderRecord): Readonly<Record<string, unknown>> {
  return {
    createdAtMs: record.createdAtMs,
    legs: record.legs.map(encodeLeg),
    foldedExecuted: record.foldedExecuted.toFixed(),
    amends: record.amends.map(encodeAmend),
    amendCount: record.amendCount,
    largestAmount: optionalText(record.largestAmount),
    amendsDone: record.amendsDone,
    exists: record.exists,
    doubt: record.doubt,
    refusal: record.refusal,
    cancel: record.cancel,
    ended: record.ended,
    endedAtMs: record.endedAtMs,
    missingAmount: record.missingAmount.toFixed(),
    venueAveragePrice: optionalText(record.venueAveragePrice),
    lastUpdateMs: record.lastUpdateMs,
    changes: record.changes,
  };
}

function encodeLeg(leg: Leg): Readonly<Record<string, unknown>> {
  return {
    exchangeOrderId: leg.exchangeOrderId,
    madeBy: leg.madeBy,
    price: optionalText(leg.price),
    amount: optionalText(leg.amount),
    asked: optionalText(leg.asked),
    executed: leg.executed.toFixed(),
    filled: leg.filled.toFixed(),
    ending: leg.ending,
    updatedAtMs: leg.updatedAtMs,
  };
}

function encodeAmend(amend: Amend): Readonly<Record<string, unknown>> {
  return {
    sequence: amend.sequence,
    price: optionalText(amend.price),
    amount: optionalText(amend.amount),
    replaces: amend.replaces,
    progress: amend.progress,
    afterMs: amend.afterMs,
  };
}

/** Throws a `TypeError` that names the field that is broken. */
export function decodeOrderRecord(fields: JsonFields, executed: FillTotals): OrderRecord {
  const order = decodeOrder(fields.object("order"));
  const common: Omit<OrderRecord, keyof LegsAndAmends> = {
    order,
    createdAtMs: fields.number("createdAtMs"),
    exists: fields.flag("exists"),
    doubt: fields.optional("doubt", (from) => from.oneOf("doubt", ["unknown", "lost"])),
    refusal: fields.optional("refusal", (from) => decodeRefusal(from.object("refusal"))),
    cancel: fields.oneOf("cancel", ["none", "requested", "sent", "unconfirmed"]),
    ended: fields.flag("ended"),
    endedAtMs: fields.optional("endedAtMs", (from) => from.number("endedAtMs")),
    missingAmount: fields.optional("missingAmount", (from) => from.decimal("missingAmount")) ?? ZERO,
    venueAveragePrice: fields.optional("venueAveragePrice", (from) => from.decimal("venueAveragePrice")),
    lastUpdateMs: fields.optional("lastUpdateMs", (from) => from.number("lastUpdateMs")),
    changes: fields.optional("changes", (from) => from.number("changes")) ?? 0,
    recentChanges: fields.has("recentChanges") ? decodeChanges(fields.list("recentChanges")) : NO_CHANGES,
    shown: undefined,
    evidence: "",
    executed,
    since: newOrderTimes(),
  };
  if (!fields.has("legs")) return { ...common, ...decodeFirstFormat(fields) };
  const legs = fields.list("legs").map((value) => decodeLeg(new JsonFields(value)));
  const amendCount = fields.number("amendCount");
  return {
    ...common,
    legs,
    foldedExecuted: fields.decimal("foldedExecuted"),
    amends: fields.list("amends").map((value) => decodeAmend(new JsonFields(value), order.clientOrderId)),
    amendCount,
    largestAmount: decodeLargest(fields, order, legs, amendCount),
    amendsDone: fields.optional("amendsDone", (from) => decodeAmendsDone(from.object("amendsDone"))) ?? noneDone(),
  };
}

function decodeChanges(rows: readonly unknown[]): OrderRecord["recentChanges"] {
  return { rows: rows.length, text: rows.map((row) => JSON.stringify(row)).join() };
}

type LegsAndAmends = Pick<
  OrderRecord,
  "legs" | "foldedExecuted" | "amends" | "amendCount" | "largestAmount" | "amendsDone"
>;

/** Records of earlier versions have none: what an amend asked for that is done is not known any more. */
function decodeLargest(fields: JsonFields, { amount }: OrderToPlace, legs: readonly Leg[], amendCount: number) {
  if (fields.has("largestAmount")) return fields.decimal("largestAmount");
  return amendCount > 0 ? undefined : legs.reduce((most, leg) => larger(most, leg.amount ?? amount), amount);
}

function decodeAmendsDone(fields: JsonFields): OrderRecord["amendsDone"] {
  return { price: fields.number("price"), amount: fields.number("amount") };
}

const noneDone = (): OrderRecord["amendsDone"] => ({ price: 0, amount: 0 });

/** Records of format 1 had the ids, claims and end of all legs side by side, and one amend without an identity. */
function decodeFirstFormat(fields: JsonFields): LegsAndAmends {
  const executed = fields.decimals("venueExecuted");
  const ids = fields.list("exchangeOrderIds").map(String);
  if (ids.length === 0 && executed.has("")) ids.push("");
  const legs = ids.map((id) => ({ ...newLeg(id), executed: executed.get(id) ?? ZERO }));
  const last = legs.at(-1);
  if (last !== undefined && ids.length === 1) last.amount = fields.decimal("amount");
  if (last !== undefined) last.price = fields.optional("price", (from) => from.decimal("price"));
  const ending = fields.optional("ending", (from) => decodeEnding(from.object("ending")));
  for (const leg of legs) if (leg !== last || ending !== undefined) leg.ending = ending ?? replacedAt(fields);
  // The fate of an amend that was under way is looked up with its order.
  return {
    legs,
    foldedExecuted: ZERO,
    amends: [],
    amendCount: ids.length + 1,
    largestAmount: undefined,
    amendsDone: noneDone(),
  };
}

function replacedAt(fields: JsonFields): Ending {
  return { state: "canceled", reason: "user", timestampMs: fields.number("createdAtMs") };
}

/** Throws a `TypeError` that names the field that is broken. */
export function decodeOrder(fields: JsonFields): OrderToPlace {
  return {
    clientOrderId: fields.text("clientOrderId"),
    tradingPair: fields.text("tradingPair"),
    side: fields.oneOf("side", ["buy", "sell"]),
    type: fields.oneOf("type", ["limit", "limitMaker", "market"]),
    amount: fields.decimal("amount"),
    price: fields.optional("price", (from) => from.decimal("price")),
    timeInForce: fields.oneOf("timeInForce", ["GTC", "IOC", "FOK"]),
    reduceOnly: fields.flag("reduceOnly"),
    positionAction: fields.oneOf("positionAction", ["open", "close"]),
    positionMode: fields.oneOf("positionMode", ["oneWay", "hedge"]),
    marginMode: fields.optional("marginMode", (from) => from.oneOf("marginMode", ["cross", "isolated"])),
    leverage: fields.optional("leverage", (from) => from.decimal("leverage")),
    referencePrice: fields.optional("referencePrice", (from) => from.decimal("referencePrice")),
  };
}

function decodeLeg(fields: JsonFields): Leg {
  return {
    ...newLeg(
      fields.text("exchangeOrderId"),
      fields.optional("madeBy", (from) => from.number("madeBy")),
    ),
    price: fields.optional("price", (from) => from.decimal("price")),
    amount: fields.optional("amount", (from) => from.decimal("amount")),
    asked: fields.optional("asked", (from) => from.decimal("asked")),
    executed: fields.decimal("executed"),
    filled: fields.decimal("filled"),
    ending: fields.optional("ending", (from) => decodeEnding(from.object("ending"))),
    updatedAtMs: fields.optional("updatedAtMs", (from) => from.number("updatedAtMs")),
  };
}

function decodeAmend(fields: JsonFields, clientOrderId: string): Amend {
  const sequence = fields.number("sequence");
  return {
    sequence,
    clientOrderId: amendClientOrderId(clientOrderId, sequence),
    price: fields.optional("price", (from) => from.decimal("price")),
    amount: fields.optional("amount", (from) => from.decimal("amount")),
    replaces: fields.flag("replaces"),
    progress: fields.oneOf("progress", ["queued", "sent", "acknowledged", "unconfirmed"]),
    afterMs: fields.optional("afterMs", (from) => from.number("afterMs")),
    sinceMs: 0,
  };
}

function decodeRefusal(fields: JsonFields): Refusal {
  return { code: fields.text("code"), message: fields.text("message"), timestampMs: fields.number("timestampMs") };
}

function decodeEnding(fields: JsonFields): Ending {
  return {
    state: fields.oneOf("state", ["filled", "canceled", "expired", "failed"]),
    reason: fields.optional("reason", (from) => from.oneOf("reason", REASONS)),
    timestampMs: fields.number("timestampMs"),
  };
}

let latest: { readonly fill: Fill; readonly text: string } | undefined;

/** Writes a fill as JSON text: a list, for one is written with each execution. It is written twice in a row: to count it and to tell it. */
export function fillText(fill: Fill): string {
  if (latest?.fill !== fill) latest = { fill, text: `{"f":${fillList(fill)}}` };
  return latest.text;
}

/** Fees follow the other facts: the token and the amount of each. */
function fillList(fill: Fill): string {
  const { fillId, clientOrderId, exchangeOrderId, tradingPair, side, positionAction, realizedPnl, fee } = fill;
  const names = `${quoted(fillId)},${quoted(clientOrderId)},${quoted(exchangeOrderId)},${quoted(tradingPair)}`;
  const terms = `"${side}","${positionAction}","${fill.price.toFixed()}","${fill.amount.toFixed()}"`;
  const told = `${realizedPnl === undefined ? 0 : fixed(realizedPnl)},${fill.isMaker},${json(fill.timestampMs)}`;
  const token = fee.percentToken === undefined ? 0 : quoted(fee.percentToken);
  let text = `[${names},${terms},${told},"${fee.kind}",${fixed(fee.percent)},${token}`;
  for (const flat of fee.flatFees) text += `,${quoted(flat.token)},${fixed(flat.amount)}`;
  return `${text}]`;
}

const FILL_FIELDS = [
  ...["fillId", "clientOrderId", "exchangeOrderId", "tradingPair", "side", "positionAction", "price", "amount"],
  ...["realizedPnl", "isMaker", "timestampMs", "kind", "percent", "percentToken"],
] as const;

/** The fields of a fill by name, as versions up to 4 of the format have them. */
function fillFields(list: readonly unknown[]): JsonFields {
  const named = Object.fromEntries(FILL_FIELDS.map((name, at) => [name, list[at] === 0 ? undefined : list[at]]));
  const flatFees: object[] = [];
  for (let at = FILL_FIELDS.length; at < list.length; at += 2) flatFees.push({ token: list[at], amount: list[at + 1] });
  const { kind, percent, percentToken } = named;
  return new JsonFields({
    ...named,
    timestampMs: list[FILL_FIELDS.indexOf("timestampMs")],
    fee: { kind, percent, percentToken, flatFees },
  });
}

/** Throws a `TypeError` that names the field that is broken. */
export function decodeFill(written: JsonFields): Fill {
  const fields = written.has("f") ? fillFields(written.list("f")) : written;
  const fee = fields.object("fee");
  return {
    fillId: fields.text("fillId"),
    clientOrderId: fields.text("clientOrderId"),
    exchangeOrderId: fields.text("exchangeOrderId"),
    tradingPair: fields.text("tradingPair"),
    side: fields.oneOf("side", ["buy", "sell"]),
    positionAction: fields.oneOf("positionAction", ["open", "close"]),
    price: fields.decimal("price"),
    amount: fields.decimal("amount"),
    fee: {
      kind: fee.oneOf("kind", ["addedToCost", "deductedFromReturns"]),
      percent: fee.decimal("percent"),
      percentToken: fee.optional("percentToken", (from) => from.text("percentToken")),
      flatFees: fee.list("flatFees").map((value) => {
        const flat = new JsonFields(value);
        return { token: flat.text("token"), amount: flat.decimal("amount") };
      }),
    },
    realizedPnl: fields.optional("realizedPnl", (from) => from.decimal("realizedPnl")),
    isMaker: fields.flag("isMaker"),
    timestampMs: fields.number("timestampMs"),
  };
}
