import type { EngineEvent, RefusalCode, SettingCommand } from "../../engine/types.ts";
import { type PrivateCall, privateRoute, type Route } from "./context.ts";
import { BybitError, invalidParameter, missingParameter, parameterError, refusal } from "./errors.ts";
import { COIN, requireMarket } from "./market-names.ts";
import { requireLinear } from "./order-commands.ts";
import { isOtherCategory } from "./order-lists.ts";
import { forwardPage, pageObject } from "./paging.ts";
import { positionObject } from "./position-objects.ts";
import type { WireObject } from "./wire.ts";

const POSITION_ROWS = { usual: 20, most: 200 };

/** With a symbol flat rows too, one or two by the position mode; with `settleCoin` alone open ones only. */
function positions({ context, parameters, login }: PrivateCall): WireObject {
  if (isOtherCategory(parameters)) return pageObject({ rows: [], nextPageCursor: "" });
  const { engine } = context;
  const symbol = parameters.text("symbol");
  const settleCoin = parameters.text("settleCoin");
  if (symbol === undefined && settleCoin === undefined) {
    throw parameterError("Missing some parameters that must be filled in, symbol or settleCoin");
  }
  const markets = symbol === undefined ? engine.markets() : [requireMarket(engine, symbol)];
  const rows = markets
    .flatMap(({ spec }) => engine.positions(login.accountId, spec.market))
    .filter(({ size }) => symbol !== undefined || (size !== 0n && settleCoin === COIN));
  const page = forwardPage(rows, parameters, POSITION_ROWS);
  return pageObject({ ...page, rows: page.rows.map((position) => positionObject(context, position)) });
}

type Replacements = Readonly<Partial<Record<RefusalCode, BybitError>>>;

/** Throws what Bybit would answer to a setting that the engine refuses. */
function setOrThrow({ context }: PrivateCall, command: SettingCommand, replacements: Replacements = {}): void {
  const refused = context.execute(command).find((event: EngineEvent) => event.type === "refused");
  if (refused !== undefined) throw replacements[refused.code] ?? refusal(refused.code);
}

/** Both sides have one leverage here, as in Bybit's one-way mode and in its cross margin. */
function setLeverage(call: PrivateCall): WireObject {
  const { context, parameters, login } = call;
  requireLinear(parameters);
  const { spec } = requireMarket(context.engine, parameters.required("symbol"));
  const buy = parameters.amount("buyLeverage");
  const sell = parameters.amount("sellLeverage");
  if (buy === undefined) throw missingParameter("buyLeverage");
  if (sell === undefined) throw missingParameter("sellLeverage");
  if (buy !== sell) throw parameterError("buyLeverage and sellLeverage must be equal");
  setOrThrow(call, { type: "setLeverage", accountId: login.accountId, market: spec.market, leverage: buy });
  return {};
}

function switchMode(call: PrivateCall): WireObject {
  const { context, parameters, login } = call;
  requireLinear(parameters);
  const symbol = parameters.text("symbol");
  const coin = parameters.text("coin");
  const mode = parameters.integer("mode");
  if (mode !== 0 && mode !== 3) throw invalidParameter("mode");
  if (symbol === undefined && coin !== undefined && coin !== COIN) {
    throw new BybitError(110_029, "Hedge mode is not supported for this coin.");
  }
  const { accountId } = login;
  const market = symbol === undefined ? undefined : requireMarket(context.engine, symbol).spec.market;
  const isWaiting = context.orders
    .waiting(accountId)
    .some(({ request }) => market === undefined || request.market === market);
  if (isWaiting) throw refusal("ordersOpen");
  const command = { type: "setPositionMode", accountId, mode: mode === 0 ? "oneWay" : "hedge" } as const;
  const unchanged = new BybitError(110_025, "Position mode is not modified");
  setOrThrow(call, market === undefined ? command : { ...command, market }, { unchanged });
  return {};
}

/** Of one market. Its leverage is set as well. */
function switchIsolated(call: PrivateCall): WireObject {
  const { context, parameters, login } = call;
  requireLinear(parameters);
  const { market } = requireMarket(context.engine, parameters.required("symbol")).spec;
  const tradeMode = parameters.integer("tradeMode");
  if (tradeMode !== 0 && tradeMode !== 1) throw invalidParameter("tradeMode");
  const leverage = parameters.amount("buyLeverage");
  if (leverage === undefined) throw missingParameter("buyLeverage");
  if (leverage !== parameters.amount("sellLeverage")) {
    throw parameterError("buyLeverage and sellLeverage must be equal");
  }
  const { accountId } = login;
  const mode = tradeMode === 1 ? "isolated" : "cross";
  setOrThrow(
    call,
    { type: "setMarginMode", accountId, market, mode },
    {
      unchanged: new BybitError(110_026, "Cross/isolated margin mode is not modified"),
      positionsOpen: new BybitError(110_024, "You have an existing position, so the margin mode cannot be switched."),
      ordersOpen: new BybitError(110_028, "You have existing open orders, so the margin mode cannot be switched."),
    },
  );
  if (context.engine.settings(accountId, market)?.leverage !== leverage) {
    setOrThrow(call, { type: "setLeverage", accountId, market, leverage });
  }
  return {};
}

/** Positive adds to an isolated position, negative takes out. */
function addMargin(call: PrivateCall): WireObject {
  const { context, parameters, login } = call;
  requireLinear(parameters);
  const { market } = requireMarket(context.engine, parameters.required("symbol")).spec;
  const amount = parameters.amount("margin");
  if (amount === undefined) throw missingParameter("margin");
  const index = parameters.integer("positionIdx") ?? 0;
  const positionSide = (["both", "long", "short"] as const)[index];
  if (positionSide === undefined) throw invalidParameter("positionIdx");
  const { accountId } = login;
  setOrThrow(call, { type: "adjustIsolatedMargin", accountId, market, positionSide, amount });
  const position = context.engine.positions(accountId, market).find(({ side }) => side === positionSide);
  return position === undefined ? {} : positionObject(context, position);
}

export const positionRoutes: readonly Route[] = [
  privateRoute("GET", "/v5/position/list", 50, positions),
  privateRoute("POST", "/v5/position/set-leverage", 10, setLeverage),
  privateRoute("POST", "/v5/position/switch-mode", 10, switchMode),
  privateRoute("POST", "/v5/position/switch-isolated", 10, switchIsolated),
  privateRoute("POST", "/v5/position/add-margin", 10, addMargin),
];
