import { AuthError, describeError, isAbort, NotFoundError, PerpwireError } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import type { OnMarketFailure } from "./market-failure.ts";
import type { VenueContext } from "./venue-api.ts";

export type { OnMarketFailure };

type FanOutContext = Pick<VenueContext, "onMarketFailure">;

/** The venue does not know the market, or no longer. A bare HTTP 404 may be a proxy's, and says nothing of markets. */
export const isUnknownMarket = (error: unknown): boolean => error instanceof NotFoundError && error.venueCode !== "404";

/** The venue will not do it for this market, however often it is asked. Says nothing about other markets. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof PerpwireError) || error instanceof AuthError) return false;
  if (error instanceof NotFoundError) return isUnknownMarket(error);
  return error.outcome === "definite" && error.retry === "never";
}

/**
 * Asks for each market by itself, all at once: one that fails is told to `onMarketFailure` and left out. What stops
 * every market is no market's fault and is thrown: an abort, a key that is refused, a venue that answers none of them.
 * Without `onMarketFailure` the first failure is thrown, when all have been asked.
 */
export async function settleEach<T>(
  context: FanOutContext,
  tradingPairs: readonly TradingPair[],
  work: (tradingPair: TradingPair) => Promise<T>,
): Promise<T[]> {
  const results = await Promise.allSettled(tradingPairs.map(async (tradingPair) => work(tradingPair)));
  return settle(context, tradingPairs, results);
}

/** Settles as `settleEach` does, one market after the other, for commands that must not overtake each other. */
export async function settleInTurn<T>(
  context: FanOutContext,
  tradingPairs: readonly TradingPair[],
  work: (tradingPair: TradingPair) => Promise<T>,
): Promise<T[]> {
  const results: PromiseSettledResult<T>[] = [];
  for (const tradingPair of tradingPairs) {
    const [result] = await Promise.allSettled([Promise.resolve().then(() => work(tradingPair))]);
    if (result.status === "rejected" && isOfNoMarket(result.reason)) throw result.reason;
    results.push(result);
  }
  return settle(context, tradingPairs, results);
}

/**
 * Asks for several markets in one request. Where the venue refuses the whole of it because of one, the rest is asked
 * for in halves, so that only the one that it does not take is told to `onMarketFailure`.
 */
export async function settleBatches<T>(
  context: FanOutContext,
  tradingPairs: readonly TradingPair[],
  batchSize: number,
  work: (tradingPairs: readonly TradingPair[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const failures = new Map<TradingPair, unknown>();
  const askHalves = async (pairs: readonly TradingPair[]): Promise<readonly T[]> => {
    const middle = Math.ceil(pairs.length / 2);
    return [...(await ask(pairs.slice(0, middle))), ...(await ask(pairs.slice(middle)))];
  };
  const ask = async (pairs: readonly TradingPair[]): Promise<readonly T[]> => {
    try {
      return await work(pairs);
    } catch (error) {
      if (isOfNoMarket(error)) throw error;
      if (pairs.length > 1 && isRefusal(error)) return askHalves(pairs);
      for (const tradingPair of pairs) failures.set(tradingPair, error);
      return [];
    }
  };
  const values: T[] = [];
  for (let from = 0; from < tradingPairs.length; from += batchSize) {
    values.push(...(await ask(tradingPairs.slice(from, from + batchSize))));
  }
  tell(context, failures, tradingPairs.length);
  return values;
}

/**
 * Asks for what a venue tells apart from the answer that is wanted, such as leverages for positions: where it cannot be
 * had it is named as unreadable, and the answer stands without it. An abort is thrown.
 */
export async function askBeside<T>(
  { onUnreadable }: Pick<VenueContext, "onUnreadable">,
  what: string,
  ask: () => Promise<readonly T[]>,
): Promise<readonly T[]> {
  try {
    return await ask();
  } catch (error) {
    if (isAbort(error)) throw error;
    onUnreadable?.({ what, reason: describeError(error), row: undefined });
    return [];
  }
}

interface MissingPart {
  readonly tradingPair: TradingPair;
  /** Subject that could not be read. */
  readonly what: string;
  readonly error: unknown;
}

/**
 * Leaves a part of an answer out that another question, about one market, had no answer for. Where the market is among
 * those that are asked for, `onMarketFailure` hears of it, as of any market without an answer; what is of other markets
 * is named as unreadable. What stops every market is thrown: an abort, a key that is refused.
 */
export function leaveOut(
  { onMarketFailure, onUnreadable }: Pick<VenueContext, "onMarketFailure" | "onUnreadable">,
  asked: readonly TradingPair[],
  { tradingPair, what, error }: MissingPart,
): void {
  if (isOfNoMarket(error)) throw error;
  if (!asked.includes(tradingPair)) onUnreadable?.({ what, reason: describeError(error), row: undefined });
  else if (onMarketFailure === undefined) throw error;
  else onMarketFailure(tradingPair, error);
}

const isOfNoMarket = (error: unknown): boolean => isAbort(error) || error instanceof AuthError;

function settle<T>(
  context: FanOutContext,
  tradingPairs: readonly TradingPair[],
  results: readonly PromiseSettledResult<T>[],
): T[] {
  const failures = new Map<TradingPair, unknown>();
  const values: T[] = [];
  for (const [index, result] of results.entries()) {
    const tradingPair = tradingPairs[index];
    if (result.status === "fulfilled") values.push(result.value);
    else if (isOfNoMarket(result.reason)) throw result.reason;
    else if (tradingPair !== undefined) failures.set(tradingPair, result.reason);
  }
  tell(context, failures, tradingPairs.length);
  return values;
}

function tell(
  { onMarketFailure }: FanOutContext,
  failures: ReadonlyMap<TradingPair, unknown>,
  marketCount: number,
): void {
  if (failures.size === 0) return;
  const errors = [...failures.values()];
  if (onMarketFailure === undefined) throw errors[0];
  // Failures of all markets are the venue's, unless it says of each market that it does not exist.
  const isVenues = failures.size === marketCount && !errors.every(isUnknownMarket);
  if (isVenues) throw errors.find((error) => !isUnknownMarket(error));
  for (const [tradingPair, error] of failures) onMarketFailure(tradingPair, error);
}
