import { type Command, type RefusalCode, UNIT } from "../../engine/types.ts";
import { maxNotional } from "./account-objects.ts";
import { accountOf } from "./account-routes.ts";
import { type PrivateCall, type Route, signedRoute } from "./context.ts";
import { ApiError, type ErrorCode, invalidParameter, missingParameter, refusalOf, refused } from "./errors.ts";
import { readPositionSide } from "./order-request.ts";
import { type WireValue, wireNumber } from "./wire.ts";

const SUCCESS = { code: 200, msg: "success" } as const;

export const settingsRoutes: readonly Route[] = [
  signedRoute("POST", "/fapi/v1/leverage", 1, setLeverage),
  signedRoute("POST", "/fapi/v1/marginType", 1, setMarginType),
  signedRoute("POST", "/fapi/v1/positionMargin", 1, adjustPositionMargin),
  signedRoute("GET", "/fapi/v1/positionSide/dual", 30, (call) => ({
    dualSidePosition: accountOf(call).positionMode === "hedge",
  })),
  signedRoute("POST", "/fapi/v1/positionSide/dual", 1, setPositionMode),
  signedRoute("GET", "/fapi/v1/multiAssetsMargin", 30, () => ({ multiAssetsMargin: false })),
];

/** Executes in turn; returns the engine's refusal, if any. */
function change({ context }: PrivateCall, command: Command): Promise<RefusalCode | undefined> {
  return context.submit((execute) => execute(command).find((event) => event.type === "refused")?.code);
}

function throwRefusal(code: RefusalCode | undefined, others: Partial<Record<RefusalCode, ErrorCode>>): void {
  if (code !== undefined) throw refusalOf(code, others);
}

/** The same leverage again is a success. */
async function setLeverage(call: PrivateCall): Promise<WireValue> {
  const { context, login, parameters } = call;
  const listed = context.symbols.required(parameters);
  const leverage = parameters.requiredInteger("leverage");
  const { market, maxLeverage } = listed.spec;
  const invalid = new ApiError(400, -4028, `Leverage ${leverage} is not valid`);
  if (leverage < 1 || BigInt(leverage) * UNIT > maxLeverage) throw invalid;
  if (isLoweredWhileIsolated(call, market, BigInt(leverage) * UNIT)) throw refused(-4161);
  const code = await change(call, {
    type: "setLeverage",
    accountId: login.accountId,
    market,
    leverage: BigInt(leverage) * UNIT,
  });
  if (code === "invalidLeverage") throw invalid;
  if (code !== "leverageUnchanged") throwRefusal(code, { insufficientMargin: -2028 });
  return { leverage, maxNotionalValue: maxNotional(context, listed), symbol: listed.symbol };
}

function isLoweredWhileIsolated({ context, login }: PrivateCall, market: string, leverage: bigint): boolean {
  const positions = context.engine.positions(login.accountId, market);
  const isIsolated = positions.some(({ size, marginMode }) => size !== 0n && marginMode === "isolated");
  return isIsolated && leverage < (context.engine.settings(login.accountId, market)?.leverage ?? 0n);
}

const MARGIN_MODES = { ISOLATED: "isolated", CROSSED: "cross" } as const;

async function setMarginType(call: PrivateCall): Promise<WireValue> {
  const { context, login, parameters } = call;
  const { market } = context.symbols.required(parameters).spec;
  const marginType = parameters.oneOf("marginType", ["ISOLATED", "CROSSED"] as const);
  if (marginType === undefined) throw missingParameter("marginType");
  const mode = MARGIN_MODES[marginType];
  const code = await change(call, { type: "setMarginMode", accountId: login.accountId, market, mode });
  throwRefusal(code, { unchanged: -4046, ordersOpen: -4047, positionsOpen: -4048 });
  return SUCCESS;
}

/** Sets the position mode for all symbols at once. */
async function setPositionMode(call: PrivateCall): Promise<WireValue> {
  const { login, parameters } = call;
  const isDual = parameters.flag("dualSidePosition");
  if (isDual === undefined) throw missingParameter("dualSidePosition");
  const mode = isDual ? "hedge" : "oneWay";
  const code = await change(call, { type: "setPositionMode", accountId: login.accountId, mode });
  throwRefusal(code, { unchanged: -4059 });
  return SUCCESS;
}

/** Type 1 adds margin to an isolated position, type 2 takes some out. */
async function adjustPositionMargin(call: PrivateCall): Promise<WireValue> {
  const { context, login, parameters } = call;
  const { market } = context.symbols.required(parameters).spec;
  const type = parameters.requiredInteger("type");
  if (type !== 1 && type !== 2) throw invalidParameter("type");
  const amount = parameters.amount("amount");
  if (amount === undefined) throw missingParameter("amount");
  const code = await change(call, {
    type: "adjustIsolatedMargin",
    accountId: login.accountId,
    market,
    positionSide: readPositionSide(parameters),
    amount: type === 1 ? amount : -amount,
  });
  throwRefusal(code, { insufficientMargin: type === 1 ? -4050 : -4051, invalidAmount: type === 1 ? -4050 : -4051 });
  return { amount: wireNumber(amount), code: 200, msg: "Successfully modify position margin.", type };
}
