import { EXECUTION_FRAMES } from "../growth/execution-frames.ts";

export const PRIVATE_VENUES = ["bybit", "okx", "binance", "ftx"] as const;
export type PrivateVenue = (typeof PRIVATE_VENUES)[number];

export const SYMBOLS: Readonly<Record<PrivateVenue, string>> = {
  ...{ bybit: "BTCUSDT", okx: "BTC-USDT-SWAP", binance: "BTCUSDT", ftx: "BTC-PERP" },
};

/** Frames of one fill each, of `openOrders` orders in turn, pass after pass of ever new ones. */
export function executionFeed(venue: PrivateVenue, openOrders: number, frames: number): () => readonly string[] {
  let next = 0;
  return () => {
    const timestampMs = Date.now();
    return Array.from({ length: frames }, () => {
      const number = next;
      next += 1;
      const executed = ((Math.floor(number / openOrders) + 1) / 10_000).toFixed(4);
      const execution = { orderNumber: number % openOrders, fillNumber: 1 + number, executed, timestampMs };
      return JSON.stringify(EXECUTION_FRAMES[venue]([execution]));
    });
  };
}
