import { formatAmount } from "../../engine/amount.ts";
import { absolute, divideRound } from "../../engine/arithmetic.ts";
import type { Placement } from "../../engine/types.ts";
import { type MarketView, type PositionSide, type PositionView, UNIT } from "../../engine/types.ts";
import { marketMaxSize } from "../market-rules.ts";
import { requireAccount } from "./account-routes.ts";
import { type PrivateCall, type PublicCall, privateRoute, publicGet, type Route } from "./context.ts";
import { missingParameter, OkxError, parameterError, refusal } from "./errors.ts";
import {
  COIN,
  contractsText,
  familyOf,
  findInstrument,
  instIdOf,
  instrumentFilter,
  isOtherType,
  marketOf,
  requireInstrument,
} from "./instruments.ts";
import { wantedMarkets } from "./market-routes.ts";
import { cancel, readNames } from "./order-commands.ts";
import { posSideText } from "./order-objects.ts";
import type { Parameters } from "./parameters.ts";
import { positionsHistory } from "./position-history.ts";
import { positionObject } from "./position-objects.ts";
import { per2s } from "./rate-limit.ts";
import { productText, timeText, type WireObject } from "./wire.ts";

const noPosition = (): OkxError => new OkxError("51023", "Position does not exist");

function readLeg({ context, parameters, login }: PrivateCall, market: MarketView): PositionView {
  const posSide = parameters.oneOf("posSide", ["net", "long", "short"]) ?? "net";
  const mgnMode = parameters.oneOf("mgnMode", ["cross", "isolated"]);
  if (mgnMode === undefined) throw missingParameter("mgnMode");
  const side: PositionSide = posSide === "net" ? "both" : posSide;
  const legs = context.engine.positions(login.accountId, market.spec.market);
  const leg = legs.find((each) => each.side === side);
  if (leg === undefined) throw parameterError("posSide");
  if (leg.size === 0n || leg.marginMode !== mgnMode) throw noPosition();
  return leg;
}

/**
 * Closes a whole position at the market; orders that close it are in the way unless `autoCxl` cancels them first. Where
 * it takes several orders the first one has the client id: no two may have the same.
 */
function closePosition(call: PrivateCall): readonly WireObject[] {
  const { context, parameters, login } = call;
  const { accountId } = login;
  const market = requireInstrument(context.engine, parameters);
  const leg = readLeg(call, market);
  const { clientId, tag } = readNames(parameters);
  if (clientId !== null && context.orders.byClientId(accountId, clientId) !== undefined) {
    throw refusal("duplicateClientId");
  }
  const side = leg.size > 0n ? "sell" : "buy";
  const pending = context.orders.open(accountId).filter(({ request }) => {
    const { positionSide = "both" } = request;
    return request.market === leg.market && positionSide === leg.side && request.side === side;
  });
  if (pending.length > 0 && !parameters.flag("autoCxl"))
    throw new OkxError("51115", "Cancel all pending close-orders before liquidation", 429);
  for (const order of pending) cancel(context, order);
  const most = marketMaxSize(market.spec);
  const whole = absolute(leg.size);
  for (let left = whole; left > 0n; left -= most) {
    const order = context.orders.place({
      ...{ type: "placeOrder", orderType: "market", accountId, market: leg.market, side, positionSide: leg.side },
      ...{ price: null, size: left < most ? left : most, timeInForce: "IOC", postOnly: false, reduceOnly: true },
      clientId: left === whole ? clientId : null,
    });
    context.details.set(order.orderId, { tag, tdMode: leg.marginMode, ordType: "market", reqId: "" });
  }
  return [{ instId: instIdOf(market), posSide: posSideText(leg.side), clOrdId: clientId ?? "", tag }];
}

function requireMarginMode(parameters: Parameters): void {
  if (parameters.oneOf("tdMode", ["cross", "isolated"]) === undefined) throw missingParameter("tdMode");
}

/** The most that the venue would take now, at `px` or else at the mark, by its own rules and the leverage that is set. */
function maxSize(call: PrivateCall): readonly WireObject[] {
  const { context, parameters, login } = call;
  const market = requireInstrument(context.engine, parameters);
  requireMarginMode(parameters);
  const leverage = parameters.amount("leverage");
  if (leverage !== undefined && leverage !== context.engine.settings(login.accountId, market.spec.market)?.leverage) {
    throw parameterError("leverage");
  }
  const { spec, mark } = market;
  const price = parameters.amount("px") ?? mark - (mark % spec.tick);
  const isHedged = requireAccount(call).positionMode === "hedge";
  const isTaken = (side: "buy" | "sell", lots: bigint): boolean => {
    const placement: Placement = {
      ...{ type: "placeOrder", accountId: login.accountId, market: spec.market, side, orderType: "limit", price },
      ...{ positionSide: isHedged ? (side === "buy" ? "long" : "short") : "both", size: lots * spec.lot },
      ...{ timeInForce: "GTC", postOnly: false, reduceOnly: false, clientId: null },
    };
    return context.engine.check(placement, { waiting: [] }) !== "insufficientMargin";
  };
  const most = (side: "buy" | "sell"): string => {
    let [taken, refused] = [0n, spec.maxSize / spec.lot + 1n];
    while (refused - taken > 1n) {
      const middle = (taken + refused) / 2n;
      if (isTaken(side, middle)) taken = middle;
      else refused = middle;
    }
    return contractsText(taken * spec.lot, market);
  };
  return [{ instId: instIdOf(market), ccy: COIN, maxBuy: most("buy"), maxSell: most("sell") }];
}

/** Margin that is free for new orders; of swaps it is the same for both sides. */
function maxAvailableSize(call: PrivateCall): readonly WireObject[] {
  const market = requireInstrument(call.context.engine, call.parameters);
  requireMarginMode(call.parameters);
  const free = formatAmount(requireAccount(call).freeCollateral);
  return [{ instId: instIdOf(market), availBuy: free, availSell: free }];
}

/** One tier a market: positions of any size have the same margin here. */
function positionTiers({ context, parameters }: PublicCall): readonly WireObject[] {
  parameters.required("instType");
  requireMarginMode(parameters);
  const families = parameters.text("instFamily") ?? parameters.required("uly");
  if (isOtherType(parameters) || (parameters.text("tier") ?? "1") !== "1") return [];
  const wanted = families.split(",");
  const markets = context.engine.markets().filter((market) => wanted.includes(familyOf(market)));
  return markets.map((market) => {
    const { maxSize: most, maintenanceFraction, maxLeverage } = market.spec;
    return {
      ...{ uly: familyOf(market), instFamily: familyOf(market), instId: "", tier: "1", minSz: "0" },
      ...{ maxSz: contractsText(most, market), mmr: formatAmount(maintenanceFraction) },
      ...{ imr: formatAmount(divideRound(UNIT * UNIT, maxLeverage)), maxLever: formatAmount(maxLeverage) },
      ...{ optMgnFactor: "0", quoteMaxLoan: "", baseMaxLoan: "" },
    };
  });
}

function accountPositionRisk(call: PrivateCall): readonly WireObject[] {
  const { context, login } = call;
  const account = requireAccount(call);
  const eq = formatAmount(account.equity);
  const positions = wantedMarkets(call)
    .flatMap(({ spec }) => context.engine.positions(login.accountId, spec.market))
    .filter(({ size }) => size !== 0n);
  const posData = positions.map((position) => {
    const { instType, mgnMode, posId, instId, pos, posSide, posCcy, ccy } = positionObject(
      context,
      login.accountId,
      position,
    );
    const notional = productText(absolute(position.size) * position.mark);
    return {
      instType,
      mgnMode,
      posId,
      instId,
      pos,
      posSide,
      posCcy,
      ccy,
      notionalCcy: notional,
      notionalUsd: notional,
    };
  });
  return [{ ts: timeText(context.now()), adjEq: "", balData: [{ ccy: COIN, eq, disEq: eq }], posData }];
}

/** "Only applicable to multi-currency and portfolio margin" (docs v5, order precheck): this account is in futures mode. */
function orderPrecheck(): never {
  throw new OkxError("51010", "You can't complete this request under your current account mode.");
}

function history(call: PrivateCall): readonly WireObject[] {
  const { context, parameters } = call;
  if (isOtherType(parameters)) return [];
  const filter = instrumentFilter(context.engine, parameters, findInstrument);
  return positionsHistory(call, (market) => filter(marketOf(context.engine, market)));
}

export const positionRoutes: readonly Route[] = [
  privateRoute("POST", "/api/v5/trade/close-position", per2s(20), closePosition),
  privateRoute("POST", "/api/v5/trade/order-precheck", per2s(5), orderPrecheck),
  privateRoute("GET", "/api/v5/account/max-size", per2s(20), maxSize),
  privateRoute("GET", "/api/v5/account/max-avail-size", per2s(20), maxAvailableSize),
  privateRoute("GET", "/api/v5/account/account-position-risk", per2s(10), accountPositionRisk),
  privateRoute("GET", "/api/v5/account/positions-history", per2s(10), history),
  publicGet("/api/v5/public/position-tiers", per2s(10), positionTiers),
];
