import { formatAmount } from "../../engine/amount.ts";
import { absolute } from "../../engine/arithmetic.ts";
import type { EngineEvent, MarginMode, PositionSide, RefusalCode, SettingCommand } from "../../engine/types.ts";
import { requireAccount } from "./account-routes.ts";
import { type PrivateCall, privateRoute, type Route } from "./context.ts";
import { missingParameter, noSuchInstrument, OkxError, parameterError, refusal } from "./errors.ts";
import { COIN, findListed, instIdOf, requireInstrument } from "./instruments.ts";
import { posSideText } from "./order-objects.ts";
import { per2s } from "./rate-limit.ts";
import type { WireObject } from "./wire.ts";

type Replacements = Readonly<Partial<Record<RefusalCode, OkxError | null>>>;

/** Throws what OKX would answer to a setting that the engine refuses; null stands for "as if it were done". */
function setOrThrow({ context }: PrivateCall, command: SettingCommand, replacements: Replacements): void {
  const refused = context.execute(command).find((event: EngineEvent) => event.type === "refused");
  if (refused === undefined) return;
  const replacement = replacements[refused.code];
  if (replacement !== null) throw replacement ?? refusal(refused.code);
}

function readMarginMode({ parameters }: PrivateCall): MarginMode {
  const mgnMode = parameters.oneOf("mgnMode", ["cross", "isolated"]);
  if (mgnMode === undefined) throw missingParameter("mgnMode");
  return mgnMode;
}

/** Sets one leverage for both margin modes and both legs of an instrument. */
function setLeverage(call: PrivateCall): readonly WireObject[] {
  const { context, parameters, login } = call;
  const market = requireInstrument(context.engine, parameters);
  const mgnMode = readMarginMode(call);
  const leverage = parameters.amount("lever");
  if (leverage === undefined) throw missingParameter("lever");
  const isHedged = requireAccount(call).positionMode === "hedge";
  const posSide = parameters.oneOf("posSide", ["net", "long", "short"]);
  if (mgnMode === "isolated" && isHedged && posSide !== "long" && posSide !== "short") throw parameterError("posSide");
  setOrThrow(
    call,
    { type: "setLeverage", accountId: login.accountId, market: market.spec.market, leverage },
    {
      leverageUnchanged: null,
      insufficientMargin: new OkxError(
        "59108",
        "Your account leverage is too low and has insufficient margins. Please increase the leverage.",
      ),
    },
  );
  return [
    { lever: formatAmount(leverage), mgnMode, instId: instIdOf(market), posSide: posSide ?? (isHedged ? "" : "net") },
  ];
}

/** One row an instrument in net mode, two in long/short mode. */
function leverageInfo(call: PrivateCall): readonly WireObject[] {
  const { context, parameters, login } = call;
  const mgnMode = readMarginMode(call);
  const sides: readonly PositionSide[] = requireAccount(call).positionMode === "hedge" ? ["long", "short"] : ["both"];
  return parameters
    .required("instId")
    .split(",")
    .flatMap((instId) => {
      const market = findListed(context.engine, instId);
      if (market === undefined) throw noSuchInstrument();
      const leverage = context.engine.settings(login.accountId, market.spec.market)?.leverage ?? 0n;
      const lever = formatAmount(leverage);
      return sides.map((side) => ({ instId, ccy: "", mgnMode, posSide: posSideText(side), lever }));
    });
}

/** Sets the mode of the whole account; refused while it has positions or orders. */
function setPositionMode(call: PrivateCall): readonly WireObject[] {
  const { context, parameters, login } = call;
  const { accountId } = login;
  const posMode = parameters.oneOf("posMode", ["net_mode", "long_short_mode"]);
  if (posMode === undefined) throw missingParameter("posMode");
  const mode = posMode === "long_short_mode" ? "hedge" : "oneWay";
  if (requireAccount(call).positionMode !== mode && context.orders.waiting(accountId).length > 0) {
    throw refusal("ordersOpen");
  }
  setOrThrow(call, { type: "setPositionMode", accountId, mode }, { unchanged: null });
  return [{ posMode }];
}

/** Moves margin into an isolated position, or out of it. */
function adjustMargin(call: PrivateCall): readonly WireObject[] {
  const { context, parameters, login } = call;
  const { accountId } = login;
  const market = requireInstrument(context.engine, parameters);
  const posSide = parameters.oneOf("posSide", ["net", "long", "short"]);
  const type = parameters.oneOf("type", ["add", "reduce"]);
  const amt = parameters.amount("amt");
  if (posSide === undefined) throw missingParameter("posSide");
  if (type === undefined) throw missingParameter("type");
  if (amt === undefined) throw missingParameter("amt");
  const positionSide = posSide === "net" ? "both" : posSide;
  const amount = type === "add" ? absolute(amt) : -absolute(amt);
  const { market: name } = market.spec;
  const tooMuch = new OkxError("59301", "Margin adjustment failed for exceeding the max limit.");
  setOrThrow(
    call,
    { type: "adjustIsolatedMargin", accountId, market: name, positionSide, amount },
    { insufficientMargin: tooMuch },
  );
  const { leverage } = context.engine.settings(accountId, name) ?? { leverage: 0n };
  const lever = formatAmount(leverage);
  return [{ instId: instIdOf(market), posSide, type, amt: formatAmount(absolute(amt)), ccy: COIN, leverage: lever }];
}

export const settingRoutes: readonly Route[] = [
  privateRoute("POST", "/api/v5/account/set-leverage", per2s(20), setLeverage),
  privateRoute("GET", "/api/v5/account/leverage-info", per2s(20), leverageInfo),
  privateRoute("POST", "/api/v5/account/set-position-mode", per2s(5), setPositionMode),
  privateRoute("POST", "/api/v5/account/position/margin-balance", per2s(20), adjustMargin),
];
