import type { Decimal } from "../model/decimal.ts";
import type { Fill } from "../model/fill.ts";
import type { OrderToPlace, TerminalReason } from "../model/order.ts";
import type { FillTotals } from "./fill-ledger.ts";
import { JsonFields } from "./json-fields.ts";
import type { AmendTarget, Ending, OrderRecord, Refusal } from "./order-record.ts";

const REASONS: readonly TerminalReason[] = [
  "user",
  "postOnly",
  "iocRemainder",
  "selfTrade",
  "reduceOnly",
  "liquidation",
  "venue",
];

const optionalText = (value: Decimal | undefined): string | undefined => value?.toFixed();

const decimalTexts = (values: ReadonlyMap<string, Decimal>): Record<string, string> =>
  Object.fromEntries([...values].map(([key, value]) => [key, value.toFixed()]));

/** Plain JSON with amounts as exact text. The fills are kept apart and counted again on the way back. */
export function encodeOrderRecord(record: OrderRecord): Readonly<Record<string, unknown>> {
  const { order, amend, ending, refusal } = record;
  return {
    order: {
      ...order,
      amount: order.amount.toFixed(),
      price: optionalText(order.price),
      leverage: optionalText(order.leverage),
    },
    createdAtMs: record.createdAtMs,
    price: optionalText(record.price),
    amount: record.amount.toFixed(),
    amend: amend && { price: optionalText(amend.price), amount: amend.amount.toFixed() },
    exchangeOrderIds: [...record.exchangeOrderIds],
    exists: record.exists,
    doubt: record.doubt,
    refusal,
    cancel: record.cancel,
    ending: ending && { ...ending, executedAmount: optionalText(ending.executedAmount) },
    ended: record.ended,
    endedAtMs: record.endedAtMs,
    venueExecuted: decimalTexts(record.venueExecuted),
    venueAveragePrice: optionalText(record.venueAveragePrice),
    fillsMissingSinceMs: record.fillsMissingSinceMs,
    lastUpdateMs: record.lastUpdateMs,
  };
}

/** Throws a `TypeError` that names the field that is broken. */
export function decodeOrderRecord(fields: JsonFields, executed: FillTotals): OrderRecord {
  return {
    order: decodeOrder(fields.object("order")),
    createdAtMs: fields.number("createdAtMs"),
    price: fields.optional("price", (from) => from.decimal("price")),
    amount: fields.decimal("amount"),
    amend: fields.optional("amend", (from) => decodeAmend(from.object("amend"))),
    exchangeOrderIds: fields.list("exchangeOrderIds").map(String),
    exists: fields.flag("exists"),
    doubt: fields.optional("doubt", (from) => from.oneOf("doubt", ["unknown", "lost"])),
    refusal: fields.optional("refusal", (from) => decodeRefusal(from.object("refusal"))),
    cancel: fields.oneOf("cancel", ["none", "requested", "sent", "unconfirmed"]),
    ending: fields.optional("ending", (from) => decodeEnding(from.object("ending"))),
    ended: fields.flag("ended"),
    endedAtMs: fields.optional("endedAtMs", (from) => from.number("endedAtMs")),
    venueExecuted: fields.decimals("venueExecuted"),
    venueAveragePrice: fields.optional("venueAveragePrice", (from) => from.decimal("venueAveragePrice")),
    fillsMissingSinceMs: fields.optional("fillsMissingSinceMs", (from) => from.number("fillsMissingSinceMs")),
    lastUpdateMs: fields.optional("lastUpdateMs", (from) => from.number("lastUpdateMs")),
    executed,
  };
}

function decodeOrder(fields: JsonFields): OrderToPlace {
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
  };
}

function decodeAmend(fields: JsonFields): AmendTarget {
  return { price: fields.optional("price", (from) => from.decimal("price")), amount: fields.decimal("amount") };
}

function decodeRefusal(fields: JsonFields): Refusal {
  return { code: fields.text("code"), message: fields.text("message"), timestampMs: fields.number("timestampMs") };
}

function decodeEnding(fields: JsonFields): Ending {
  return {
    state: fields.oneOf("state", ["filled", "canceled", "expired", "failed"]),
    reason: fields.optional("reason", (from) => from.oneOf("reason", REASONS)),
    exchangeOrderId: fields.optional("exchangeOrderId", (from) => from.text("exchangeOrderId")),
    executedAmount: fields.optional("executedAmount", (from) => from.decimal("executedAmount")),
    timestampMs: fields.number("timestampMs"),
    seenAtMs: fields.number("seenAtMs"),
  };
}

export function encodeFill(fill: Fill): Readonly<Record<string, unknown>> {
  const { fee } = fill;
  return {
    ...fill,
    price: fill.price.toFixed(),
    amount: fill.amount.toFixed(),
    fee: {
      kind: fee.kind,
      percent: fee.percent.toFixed(),
      percentToken: fee.percentToken,
      flatFees: fee.flatFees.map((flat) => ({ token: flat.token, amount: flat.amount.toFixed() })),
    },
  };
}

/** Throws a `TypeError` that names the field that is broken. */
export function decodeFill(fields: JsonFields): Fill {
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
    isMaker: fields.flag("isMaker"),
    timestampMs: fields.number("timestampMs"),
  };
}
