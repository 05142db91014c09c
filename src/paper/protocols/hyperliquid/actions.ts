import { z } from "zod";
import { formatAmount, parseAmount } from "../../engine/amount.ts";

/** Digits after the ninth decimal are refused, and a ninth one that is not zero (measured by others). */
const DECIMAL = /^\d{1,20}(\.\d{1,9})?$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const CLOID = /^0x[0-9a-fA-F]{32}$/;

const address = z.string().regex(ADDRESS).toLowerCase();
const cloid = z.string().regex(CLOID).toLowerCase();
const whole = z.number().int().nonnegative();
const flag = z.boolean();

/** The shortest form of a decimal number, as the venue hashes it. */
const decimal = z
  .string()
  .regex(DECIMAL)
  .transform((text, context) => {
    try {
      return formatAmount(parseAmount(text));
    } catch {
      context.addIssue({ code: "custom", message: "more than 8 decimals" });
      return z.NEVER;
    }
  });

const limit = z.object({ limit: z.object({ tif: z.enum(["Gtc", "Ioc", "Alo", "FrontendMarket"]) }) });
const trigger = z.object({
  trigger: z.object({ isMarket: flag, triggerPx: decimal, tpsl: z.enum(["tp", "sl"]) }),
});

/** Fields of an order that the venue does not know are left out; of an action they are an error (measured by others). */
const order = z.object({
  a: whole,
  b: flag,
  p: decimal,
  s: decimal,
  r: flag,
  t: z.union([limit, trigger]),
  c: cloid.optional(),
});
const builder = z.object({ b: address, f: whole });
const grouping = z.union([z.enum(["na", "normalTpsl", "positionTpsl"]), z.object({ p: whole })]);
const orderId = z.union([whole, cloid]);

/** Keys stand in the order in which the venue hashes them; `encode` of what comes out is what was signed. */
const L1_ACTIONS = [
  z.strictObject({
    type: z.literal("order"),
    orders: z.array(order),
    grouping,
    builder: builder.optional(),
  }),
  z.strictObject({
    type: z.literal("cancel"),
    cancels: z.array(z.object({ a: whole, o: whole })),
    f: z.literal(true).optional(),
  }),
  z.strictObject({
    type: z.literal("cancelByCloid"),
    cancels: z.array(z.object({ asset: whole, cloid })),
    f: z.literal(true).optional(),
  }),
  z.strictObject({ type: z.literal("modify"), oid: orderId, order, a: z.literal(true).optional() }),
  z.strictObject({
    type: z.literal("batchModify"),
    modifies: z.array(z.object({ oid: orderId, order })),
    a: z.literal(true).optional(),
  }),
  z.strictObject({ type: z.literal("scheduleCancel"), time: whole.optional() }),
  z.strictObject({ type: z.literal("updateLeverage"), asset: whole, isCross: flag, leverage: whole }),
  z.strictObject({ type: z.literal("updateIsolatedMargin"), asset: whole, isBuy: flag, ntli: z.number().int() }),
  z.strictObject({ type: z.literal("topUpIsolatedOnlyMargin"), asset: whole, leverage: decimal }),
  z.strictObject({
    type: z.literal("twapOrder"),
    twap: z.object({ a: whole, b: flag, s: decimal, r: flag, m: whole, t: flag }),
  }),
  z.strictObject({ type: z.literal("twapCancel"), a: whole, t: whole }),
  z.strictObject({ type: z.literal("reserveRequestWeight"), weight: whole }),
  z.strictObject({ type: z.literal("setReferrer"), code: z.string() }),
  z.strictObject({ type: z.literal("subAccountTransfer"), subAccountUser: address, isDeposit: flag, usd: whole }),
  z.strictObject({ type: z.literal("noop") }),
] as const;

const chain = {
  signatureChainId: z.string().regex(/^0x[0-9a-fA-F]{1,16}$/),
  hyperliquidChain: z.enum(["Mainnet", "Testnet"]),
};
const amount = z.string().regex(DECIMAL);

/** Actions that an account signs field by field: the texts stay as they are, for they are what was signed. */
const USER_ACTIONS = [
  z.strictObject({
    type: z.literal("approveAgent"),
    ...chain,
    agentAddress: address,
    agentName: z.string().nullish(),
    nonce: whole,
  }),
  z.strictObject({
    type: z.literal("approveBuilderFee"),
    ...chain,
    maxFeeRate: z.string(),
    builder: address,
    nonce: whole,
  }),
  z.strictObject({ type: z.literal("usdClassTransfer"), ...chain, amount, toPerp: flag, nonce: whole }),
  z.strictObject({ type: z.literal("usdSend"), ...chain, destination: z.string().regex(ADDRESS), amount, time: whole }),
  z.strictObject({
    type: z.literal("withdraw3"),
    ...chain,
    destination: z.string().regex(ADDRESS),
    amount,
    time: whole,
  }),
] as const;

const action = z.discriminatedUnion("type", [...L1_ACTIONS, ...USER_ACTIONS]);
const hex = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/);

const request = z.strictObject({
  action,
  nonce: whole,
  signature: z.strictObject({ r: hex, s: hex, v: z.number().int() }),
  vaultAddress: address.nullish(),
  expiresAfter: whole.nullish(),
});

export type Action = z.infer<typeof action>;
export type ActionOf<Type extends Action["type"]> = Extract<Action, { readonly type: Type }>;
export type UserSignedAction = Extract<Action, { readonly hyperliquidChain: string }>;
export type WireOrder = z.infer<typeof order>;
export type ExchangeRequest = z.infer<typeof request>;

/** Undefined for what is no request of the API. */
export function readRequest(body: unknown): ExchangeRequest | undefined {
  const read = request.safeParse(body);
  return read.success ? read.data : undefined;
}

export function isUserSigned(one: Action): one is UserSignedAction {
  return "hyperliquidChain" in one;
}
