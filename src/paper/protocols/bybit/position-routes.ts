import { formatAmount } from "../../engine/amount.ts";
import { absolute, divideCeil } from "../../engine/arithmetic.ts";
import { type EngineEvent, type RefusalCode, type SettingCommand, UNIT } from "../../engine/types.ts";
import { type PrivateCall, privateRoute, type Route } from "./context.ts";
import { BybitError, invalidParameter, missingParameter, parameterError, refusal } from "./errors.ts";
import { CATEGORY, COIN, requireMarket, symbolOf } from "./market-names.ts";
import { requireLinear } from "./order-commands.ts";
import { isOtherCategory } from "./order-lists.ts";
import { positionIndex } from "./order-objects.ts";
import { forwardPage, pageObject } from "./paging.ts";
import { positionObject } from "./position-objects.ts";
import type { WireObject } from "./wire.ts";

const POSITION_ROWS = { usual: 20, most: 200 };

/**
 * Lists positions: with a symbol flat ones too, one or two by the position mode; with `settleCoin` alone open ones
 * only.
 */
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

/** Leverages without their positions (docs v5, 2026-06-16). */
function symbolInfo({ context, parameters, login }: PrivateCall): WireObject {
  requireLinear(parameters);
  const { engine } = context;
  const symbol = parameters.text("symbol");
  const markets = symbol === undefined ? engine.markets() : [requireMarket(engine, symbol)];
  const list = markets.flatMap((market) =>
    engine.positions(login.accountId, market.spec.market).map(({ side, leverage }) => ({
      symbol: symbolOf(market),
      leverage: formatAmount(leverage),
      side: side === "both" ? "" : side === "long" ? "Buy" : "Sell",
      positionIdx: positionIndex(side),
    })),
  );
  return { category: CATEGORY, list };
}

type Replacements = Readonly<Partial<Record<RefusalCode, BybitError>>>;

/** Throws what Bybit would answer to a setting that the engine refuses. */
function setOrThrow({ context }: PrivateCall, command: SettingCommand, replacements: Replacements = {}): void {
  const refused = context.execute(command).find((event: EngineEvent) => event.type === "refused");
  if (refused !== undefined) throw replacements[refused.code] ?? refusal(refused.code);
}

/** An isolated position gets the margin that a lower leverage asks for from what the account has free. */
function topUp(call: PrivateCall, market: string, leverage: bigint): void {
  const { context, login } = call;
  const { accountId } = login;
  for (const position of context.engine.positions(accountId, market)) {
    const { size, mark, marginMode, isolatedMargin, unrealized, side: positionSide } = position;
    if (size === 0n || marginMode !== "isolated" || leverage >= position.leverage || leverage < UNIT) continue;
    const missing = divideCeil(absolute(size) * mark, leverage) - isolatedMargin - unrealized;
    if (missing > 0n)
      setOrThrow(call, { type: "adjustIsolatedMargin", accountId, market, positionSide, amount: missing });
  }
}

/** Sets one leverage for both sides, as in Bybit's one-way mode and in its cross margin. */
function setLeverage(call: PrivateCall): WireObject {
  const { context, parameters, login } = call;
  requireLinear(parameters);
  const { spec } = requireMarket(context.engine, parameters.required("symbol"));
  const buy = parameters.amount("buyLeverage");
  const sell = parameters.amount("sellLeverage");
  if (buy === undefined) throw missingParameter("buyLeverage");
  if (sell === undefined) throw missingParameter("sellLeverage");
  if (buy !== sell) throw parameterError("buyLeverage and sellLeverage must be equal");
  const { accountId } = login;
  topUp(call, spec.market, buy);
  setOrThrow(call, { type: "setLeverage", accountId, market: spec.market, leverage: buy });
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

/** Margin mode is the account's in a unified account, and this endpoint is abandoned there (docs v5, cross-isolate). */
function switchIsolated(): never {
  throw new BybitError(100_028, "The API cannot be accessed by unified account users.");
}

/** Take profit and stop loss of a position: Bybit's words where there is none, our own where they would be taken. */
function tradingStop({ context, parameters, login }: PrivateCall): never {
  requireLinear(parameters);
  const { spec } = requireMarket(context.engine, parameters.required("symbol"));
  const isOpen = context.engine.positions(login.accountId, spec.market).some(({ size }) => size !== 0n);
  if (!isOpen) throw parameterError("can not set tp/sl/ts for zero position");
  throw parameterError("take profit, stop loss and trailing stop are not supported by the paper venue");
}

/** Off is what every position is. */
function refuseAutoAddMargin({ context, parameters }: PrivateCall): WireObject {
  requireLinear(parameters);
  requireMarket(context.engine, parameters.required("symbol"));
  const wanted = parameters.integer("autoAddMargin");
  if (wanted === undefined) throw missingParameter("autoAddMargin");
  if (wanted === 0) return {};
  throw parameterError("autoAddMargin is not supported by the paper venue");
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
  privateRoute("GET", "/v5/position/symbol-info", 50, symbolInfo),
  privateRoute("POST", "/v5/position/set-leverage", 10, setLeverage),
  privateRoute("POST", "/v5/position/switch-mode", 10, switchMode),
  privateRoute("POST", "/v5/position/switch-isolated", 10, switchIsolated),
  privateRoute("POST", "/v5/position/add-margin", 10, addMargin),
  privateRoute("POST", "/v5/position/trading-stop", 10, tradingStop),
  privateRoute("POST", "/v5/position/set-auto-add-margin", 10, refuseAutoAddMargin),
];
