import type { PositionView } from "../../engine/types.ts";
import { type PrivateCall, type Route, signedRoute } from "./context.ts";
import { invalidParameter, missingParameter, refused } from "./errors.ts";
import { isWithin, timesOf } from "./paging.ts";
import { money, type WireObject, type WireValue, wireTime } from "./wire.ts";

const SUCCESS = { code: 200, msg: "success" } as const;

/** Routes for positions and modes beyond the account itself. */
export const positionRoutes: readonly Route[] = [
  signedRoute("GET", "/fapi/v1/adlQuantile", 5, adlQuantiles),
  signedRoute("GET", "/fapi/v1/positionMargin/history", 1, marginHistory),
  signedRoute("POST", "/fapi/v1/multiAssetsMargin", 1, setMultiAssetsMode),
  signedRoute("GET", "/fapi/v1/feeBurn", 30, () => ({ feeBurn: false })),
  signedRoute("POST", "/fapi/v1/feeBurn", 1, setFeeBurn),
  signedRoute("GET", "/fapi/v1/apiTradingStatus", 10, ({ context }) => ({
    indicators: {},
    updateTime: wireTime(context.now()),
  })),
];

/**
 * Computes the place in line for auto-deleveraging: positions in profit come first, other open ones last; a flat one
 * has no place.
 */
function quantileOf({ size, unrealized, initialMargin }: PositionView): number {
  if (size === 0n) return 0;
  if (unrealized <= 0n || initialMargin <= 0n) return 1;
  return Math.min(4, 2 + Number((2n * unrealized) / initialMargin));
}

function adlQuantiles({ context, login, parameters }: PrivateCall): WireValue {
  return context.symbols.wanted(parameters).flatMap(({ symbol, spec }) => {
    const positions = context.engine.positions(login.accountId, spec.market);
    if (positions.every(({ size }) => size === 0n)) return [];
    const bySide = Object.fromEntries(positions.map((position) => [position.side, quantileOf(position)]));
    const { long = 0, short = 0, both = 0 } = bySide;
    return [{ symbol, adlQuantile: { LONG: long, SHORT: short, BOTH: both } }];
  });
}

/** Oldest first; what a user moved, in the market's quote asset. */
function marginHistory({ context, login, parameters }: PrivateCall): WireValue {
  const listed = context.symbols.required(parameters);
  const type = parameters.integer("type");
  const { startTime, endTime } = timesOf(parameters);
  const limit = parameters.limit(500, 500);
  const rows = context.marginLog
    .of(login.accountId, listed.spec.market)
    .map(({ amount, positionSide, timeMs }): WireObject & { readonly type: number; readonly time: number } => ({
      symbol: listed.symbol,
      type: amount > 0n ? 1 : 2,
      deltaType: "USER_ADJUST",
      amount: money(amount),
      asset: listed.quote,
      time: wireTime(timeMs),
      positionSide: positionSide.toUpperCase(),
    }));
  return rows
    .filter((row) => (type === undefined || row.type === type) && isWithin(row.time, startTime, endTime))
    .slice(-limit);
}

/** Accounts hold one asset here: the mode that they are in is the only one. */
function setMultiAssetsMode({ parameters }: PrivateCall): WireValue {
  const isWanted = parameters.flag("multiAssetsMargin");
  if (isWanted === undefined) throw missingParameter("multiAssetsMargin");
  throw isWanted ? refused(-4169) : refused(-4171);
}

/** Accounts have no BNB here that fees could be paid with. */
function setFeeBurn({ parameters }: PrivateCall): WireValue {
  const isWanted = parameters.flag("feeBurn");
  if (isWanted === undefined) throw missingParameter("feeBurn");
  if (isWanted) throw invalidParameter("feeBurn");
  return SUCCESS;
}
