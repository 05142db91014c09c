import type { TradingPair } from "../model/market.ts";

/**
 * Hears of a market that a question to each market could not be answered for; throwing makes the whole question fail.
 */
export type OnMarketFailure = (tradingPair: TradingPair, error: unknown) => void;
