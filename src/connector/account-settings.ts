import type { Decimal } from "../model/decimal.ts";
import { ConfigError, isAbort, PerpwireError } from "../model/error.ts";
import type { ConnectorEvents } from "../model/event.ts";
import type { TradingPair } from "../model/market.ts";
import type { PositionMode } from "../model/order.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { AccountSync } from "./account-sync.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";

export interface AccountSettingsOptions {
  readonly venue: PerpetualVenue;
  readonly sync: AccountSync;
  readonly events: TypedEmitter<ConnectorEvents>;
  readonly tradingPairs: readonly TradingPair[];
  readonly context: VenueContext;
}

/** Sets the leverage of a market, or of the whole account where the venue has one for all; resolves when it is taken. */
export async function setLeverage(
  { venue, sync, context }: AccountSettingsOptions,
  tradingPair: TradingPair,
  leverage: Decimal,
): Promise<void> {
  await venue.derivative.setTradingPairLeverage(context, tradingPair, leverage);
  const scope = venue.manifest.leverageScope === "account" ? undefined : tradingPair;
  sync.apply({ type: "settings", tradingPair: scope, leverage, timestampMs: context.now() });
  // Open positions and orders lock another amount now, which no venue but OKX pushes.
  sync.requestRefresh();
}

/**
 * Asks the venue if the mode is the wanted one already: some refuse to set it again, and many refuse any change while
 * orders are open. A venue that cannot be asked is told to set it.
 */
async function isInMode(
  { venue, tradingPairs, context }: AccountSettingsOptions,
  positionMode: PositionMode,
): Promise<boolean> {
  const { fetchPositionMode, canHedge } = venue.derivative;
  if (fetchPositionMode === undefined) return false;
  try {
    const told = await fetchPositionMode(context, tradingPairs);
    if (typeof told === "string") return told === positionMode;
    return tradingPairs.every((tradingPair) => {
      const market = context.markets.byPair.get(tradingPair);
      return told.get(tradingPair) === positionMode || (market !== undefined && canHedge?.(market) === false);
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    return false;
  }
}

/**
 * Sets the position mode of the account or, where each market has its own, of those that are followed and can be hedged,
 * unless they are in it. Rejects, and emits `positionModeChangeFailed`, when the venue has not taken it.
 */
export async function setPositionMode(options: AccountSettingsOptions, positionMode: PositionMode): Promise<void> {
  const { venue, sync, events, tradingPairs, context } = options;
  const { canHedge } = venue.derivative;
  /** Markets that are gone: what was asked of the others stands. */
  const leftOut = new Set<TradingPair>();
  const onMarketFailure = (tradingPair: TradingPair, error: unknown): void => {
    context.onMarketFailure?.(tradingPair, error);
    leftOut.add(tradingPair);
  };
  try {
    const { positionModes } = venue.manifest;
    if (!positionModes.includes(positionMode)) {
      const hint = `it has ${positionModes.join(", ")}`;
      throw new ConfigError(`${venue.domain} has no position mode "${positionMode}"`, { hint });
    }
    if (!(await isInMode(options, positionMode))) {
      await venue.derivative.setPositionMode?.(
        context.onMarketFailure === undefined ? context : { ...context, onMarketFailure },
        positionMode,
        tradingPairs,
      );
    }
  } catch (error) {
    // Some markets may have been changed before one refused.
    if (canHedge !== undefined) sync.requestPositionModes();
    if (error instanceof PerpwireError) events.emit("positionModeChangeFailed", { positionMode, error });
    throw error;
  }
  const { byPair } = context.markets;
  const ofMarkets = tradingPairs.filter((tradingPair) => {
    const market = byPair.get(tradingPair);
    return market !== undefined && !leftOut.has(tradingPair) && canHedge?.(market) === true;
  });
  for (const tradingPair of canHedge === undefined ? [undefined] : ofMarkets) {
    sync.apply({ type: "settings", tradingPair, positionMode, timestampMs: context.now() });
  }
}
