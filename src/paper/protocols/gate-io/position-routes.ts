import { formatAmount } from "../../engine/amount.ts";
import type { MarketView, PositionSide, PositionView, RefusalCode, SettingCommand } from "../../engine/types.ts";
import { UNIT } from "../../engine/types.ts";
import { accountObject } from "./account-objects.ts";
import { type PrivateCall, privateRoute, type Route, settingRoute } from "./context.ts";
import { requireListed } from "./contracts.ts";
import { GateError, invalidParameter, missingParameter, refusal } from "./errors.ts";
import { riskLimitOf } from "./market-objects.ts";
import { refusalIn } from "./order-commands.ts";
import { pageOf, readPage } from "./parameters.ts";
import { positionObject } from "./position-objects.ts";
import { PRIVATE_LIMIT } from "./rate-limit.ts";
import type { WireObject, WireValue } from "./wire.ts";

const MAX_ROWS = 100;
const DEFAULT_CROSS_LEVERAGE = 10n * UNIT;

function row({ context, login, form }: PrivateCall, position: PositionView): WireObject {
  return positionObject(context, login.accountId, position, form);
}

function legsOf({ context, login }: PrivateCall, { spec }: MarketView): readonly PositionView[] {
  return context.engine.positions(login.accountId, spec.market);
}

/** Lists positions, flat ones too unless `holding` is true. */
function positions(call: PrivateCall): WireValue {
  const isHolding = call.parameters.flag("holding");
  const rows = call.context.engine
    .markets()
    .flatMap((market) => legsOf(call, market))
    .filter(({ size }) => !isHolding || size !== 0n);
  return pageOf(rows, readPage(call.parameters, MAX_ROWS)).map((position) => row(call, position));
}

/** Shows one row, in one-way mode. */
function single(call: PrivateCall, market: MarketView): WireObject {
  const [position, other] = legsOf(call, market);
  if (position === undefined || other !== undefined) throw refusal("positionSideMismatch");
  return row(call, position);
}

const dual = (call: PrivateCall, market: MarketView): readonly WireObject[] =>
  legsOf(call, market).map((position) => row(call, position));

type Shown = (call: PrivateCall, market: MarketView) => WireValue;

const listed = ({ context, name }: PrivateCall): MarketView => requireListed(context.engine, name);

/** Throws what Gate would answer to a setting that the engine refuses; `fine` are refusals that change nothing. */
function set({ context }: PrivateCall, command: SettingCommand, fine: readonly RefusalCode[] = []): void {
  const events = context.execute(command);
  const refused = events.find((event) => event.type === "refused");
  if (refused !== undefined && !fine.includes(refused.code)) throw refusalIn(events) ?? refusal(refused.code);
}

const UNCHANGED: readonly RefusalCode[] = ["unchanged", "leverageUnchanged"];

/**
 * 0 is cross margin with a limit of its own, anything else isolated margin. Both legs of a hedge have one leverage
 * here.
 */
function setLeverage(shown: Shown): (call: PrivateCall) => Promise<WireValue> {
  return (call) => {
    const { context, parameters, login } = call;
    const market = listed(call);
    const { market: name } = market.spec;
    const { accountId } = login;
    const asked = parameters.amount("leverage");
    if (asked === undefined) throw missingParameter("leverage");
    const leverage = asked === 0n ? (parameters.amount("cross_leverage_limit") ?? DEFAULT_CROSS_LEVERAGE) : asked;
    if (leverage <= 0n) throw invalidParameter("cross_leverage_limit");
    if (leverage > market.spec.maxLeverage) throw refusal("invalidLeverage");
    return context.submit(() => {
      set(
        call,
        { type: "setMarginMode", accountId, market: name, mode: asked === 0n ? "cross" : "isolated" },
        UNCHANGED,
      );
      set(call, { type: "setLeverage", accountId, market: name, leverage }, UNCHANGED);
      return shown(call, market);
    });
  };
}

/** The newer form says the margin mode in words. */
function setLeverageInWords(call: PrivateCall): Promise<WireValue> {
  const { context, parameters, login } = call;
  const market = listed(call);
  const leverage = parameters.amount("leverage");
  const mode = parameters.oneOf("margin_mode", ["cross", "isolated"]);
  if (leverage === undefined) throw missingParameter("leverage");
  if (mode === undefined) throw missingParameter("margin_mode");
  const { accountId } = login;
  return context.submit(() => {
    set(call, { type: "setMarginMode", accountId, market: market.spec.market, mode }, UNCHANGED);
    set(call, { type: "setLeverage", accountId, market: market.spec.market, leverage }, UNCHANGED);
    return dual(call, market);
  });
}

function leverage(call: PrivateCall): WireValue {
  const settings = call.context.engine.settings(call.login.accountId, listed(call).spec.market);
  if (settings === undefined) throw refusal("noSuchAccount");
  return { lever: formatAmount(settings.leverage), pos_margin_mode: settings.marginMode };
}

function setCrossMode(shown: Shown): (call: PrivateCall) => Promise<WireValue> {
  return (call) => {
    const { context, parameters, login } = call;
    const market = requireListed(context.engine, parameters.required("contract"));
    const mode = parameters.oneOf("mode", ["CROSS", "ISOLATED"]);
    if (mode === undefined) throw missingParameter("mode");
    const { accountId } = login;
    const marginMode = mode === "CROSS" ? "cross" : "isolated";
    return context.submit(() => {
      set(call, { type: "setMarginMode", accountId, market: market.spec.market, mode: marginMode }, UNCHANGED);
      return shown(call, market);
    });
  };
}

const LEGS = { dual_long: "long", dual_short: "short" } as const;

/** Moves margin into an isolated position, or out of it where it is negative. */
function moveMargin(shown: Shown): (call: PrivateCall) => Promise<WireValue> {
  return (call) => {
    const { context, parameters, login } = call;
    const market = listed(call);
    const amount = parameters.amount("change");
    const leg = parameters.oneOf("dual_side", ["dual_long", "dual_short"]);
    if (amount === undefined) throw missingParameter("change");
    const positionSide: PositionSide = leg === undefined ? "both" : LEGS[leg];
    const { accountId } = login;
    return context.submit(() => {
      set(call, { type: "adjustIsolatedMargin", accountId, market: market.spec.market, positionSide, amount });
      return shown(call, market);
    });
  };
}

/** Refuses any limit but the one that a contract has. */
function setRiskLimit(shown: Shown): (call: PrivateCall) => WireValue {
  return (call) => {
    const market = listed(call);
    const asked = call.parameters.amount("risk_limit");
    if (asked === undefined) throw missingParameter("risk_limit");
    const limit = riskLimitOf(market);
    if (asked > limit) throw new GateError(400, "RISK_LIMIT_TOO_HIGH", "risk limit too high");
    // Gate spells this one so.
    if (asked < limit) throw new GateError(400, "RISK_LIMIT_TOO_lOW", "risk limit too low");
    return shown(call, market);
  };
}

/** Sets the mode of the whole account; what waits for the matching engine comes first. */
function setPositionMode(call: PrivateCall, isHedged: boolean): Promise<WireValue> {
  const { context, login } = call;
  const { accountId } = login;
  return context.submit(() => {
    set(call, { type: "setPositionMode", accountId, mode: isHedged ? "hedge" : "oneWay" });
    return accountObject(context, accountId);
  });
}

function setDualMode(call: PrivateCall): Promise<WireValue> {
  call.parameters.required("dual_mode");
  return setPositionMode(call, call.parameters.flag("dual_mode"));
}

/** `dual_plus` has more than two positions a contract, which are not here. */
function setNamedMode(call: PrivateCall): Promise<WireValue> {
  const mode = call.parameters.oneOf("position_mode", ["single", "dual"]);
  if (mode === undefined) throw missingParameter("position_mode");
  return setPositionMode(call, mode === "dual");
}

export const positionRoutes: readonly Route[] = [
  privateRoute("GET", "/api/v4/futures/usdt/positions", PRIVATE_LIMIT, positions),
  privateRoute("GET", "/api/v4/futures/usdt/positions/{}", PRIVATE_LIMIT, (call) => single(call, listed(call))),
  settingRoute("POST", "/api/v4/futures/usdt/positions/{}/leverage", PRIVATE_LIMIT, setLeverage(single)),
  settingRoute("POST", "/api/v4/futures/usdt/positions/{}/margin", PRIVATE_LIMIT, moveMargin(single)),
  settingRoute("POST", "/api/v4/futures/usdt/positions/{}/risk_limit", PRIVATE_LIMIT, setRiskLimit(single)),
  privateRoute("POST", "/api/v4/futures/usdt/positions/cross_mode", PRIVATE_LIMIT, setCrossMode(single)),
  privateRoute("GET", "/api/v4/futures/usdt/dual_comp/positions/{}", PRIVATE_LIMIT, (call) => dual(call, listed(call))),
  settingRoute("POST", "/api/v4/futures/usdt/dual_comp/positions/{}/leverage", PRIVATE_LIMIT, setLeverage(dual)),
  settingRoute("POST", "/api/v4/futures/usdt/dual_comp/positions/{}/margin", PRIVATE_LIMIT, moveMargin(dual)),
  settingRoute("POST", "/api/v4/futures/usdt/dual_comp/positions/{}/risk_limit", PRIVATE_LIMIT, setRiskLimit(dual)),
  privateRoute("POST", "/api/v4/futures/usdt/dual_comp/positions/cross_mode", PRIVATE_LIMIT, setCrossMode(dual)),
  settingRoute("POST", "/api/v4/futures/usdt/positions/{}/set_leverage", PRIVATE_LIMIT, setLeverageInWords),
  privateRoute("GET", "/api/v4/futures/usdt/get_leverage/{}", PRIVATE_LIMIT, leverage),
  settingRoute("POST", "/api/v4/futures/usdt/dual_mode", PRIVATE_LIMIT, setDualMode),
  settingRoute("POST", "/api/v4/futures/usdt/set_position_mode", PRIVATE_LIMIT, setNamedMode),
];
