import type { JustifiedDifference } from "./facts.ts";

const EXEC_FEE = "execFee is what was paid: ccxt hands it on as it is, with us positive is received, as on every venue";
const NO_UPDATE_ID = "ccxt does not keep Bybit's update ids, which our books are checked by";
const SHARED = "the settle coins share what is available, which changes for coins too that a push leaves out";

/**
 * What is told of the coins that perpetuals settle in although the wallet has none of them. Only the whole wallet says
 * that there is none: an event is about what changed.
 */
function settleCoins(available: number, total: number): JustifiedDifference[] {
  const because = "a zero is left out by Bybit and so by ccxt, but other coins are margin for orders that settle in it";
  return ["USDT", "USDC"].flatMap((asset, index) =>
    Object.entries({ asset, total, available }).map(([name, ours]) => ({
      at: `${index + 1} ${name}`,
      ours,
      ccxt: undefined,
      because,
    })),
  );
}

/** Where the two differ, and why that is right. */
export const JUSTIFIED: Readonly<Record<string, readonly JustifiedDifference[]>> = {
  market_time: [
    {
      at: "0 serverTimeMs",
      ours: 1_688_639_403_423.213,
      ccxt: 1_688_639_403_423,
      because: "ccxt reads the envelope's milliseconds, we read the nanoseconds inside",
    },
  ],
  market_orderbook: [{ at: "0 updateId", ours: 230_704, ccxt: undefined, because: NO_UPDATE_ID }],
  "account_wallet-balance": settleCoins(3.00326056, 0),
  "order_batch-place and order_batch-cancel": [
    { at: "3 isDone", ours: false, ccxt: true, because: "ccxt does not look at the codes that a batch has by row" },
  ],
  websocket_public_orderbook: [{ at: "0 updateId", ours: 177_400_507, ccxt: undefined, because: NO_UPDATE_ID }],
  websocket_private_order: [
    {
      at: "0 price",
      ours: undefined,
      ccxt: 72.5,
      because: "a market order shows the worst price that it may trade at, which is no price of its own",
    },
  ],
  websocket_private_position: [
    { at: "0 unrealizedPnl", ours: 0, ccxt: undefined, because: "ccxt takes a result of zero for none" },
  ],
  websocket_private_wallet: ["USDT", "USDC"].flatMap((asset, index) => [
    { at: `${index + 1} asset`, ours: asset, ccxt: undefined, because: SHARED },
    { at: `${index + 1} available`, ours: 9556.6056555, ccxt: undefined, because: SHARED },
  ]),
  "funding that is paid and received": [
    { at: "0 amount", ours: -0.071409, ccxt: 0.071409, because: EXEC_FEE },
    { at: "1 amount", ours: 0.05, ccxt: -0.05, because: EXEC_FEE },
  ],
};
