import type { FundingPayment } from "../model/funding.ts";
import type { JsonFields } from "./json-fields.ts";

/** Plain JSON with amounts as exact text. */
export function encodeFundingPayment(payment: FundingPayment): string {
  const { amount, rate } = payment;
  return JSON.stringify({ ...payment, amount: amount.toFixed(), rate: rate?.toFixed() });
}

/** Throws a `TypeError` that names the field that is broken. */
export function decodeFundingPayment(fields: JsonFields): FundingPayment {
  return {
    paymentId: fields.text("paymentId"),
    tradingPair: fields.text("tradingPair"),
    asset: fields.text("asset"),
    amount: fields.decimal("amount"),
    rate: fields.optional("rate", (from) => from.decimal("rate")),
    timestampMs: fields.number("timestampMs"),
  };
}
