import { MARKET, type Stage } from "./stage.ts";

/** An order of the account that the connector did not make. */
export function byHand({ venue }: Stage, side: "buy" | "sell", size: string, market = MARKET): void {
  venue.execute({
    type: "placeOrder",
    accountId: venue.accountId,
    market,
    side,
    positionSide: "both",
    orderType: "market",
    price: null,
    size: BigInt(Math.round(Number(size) * 1e8)),
    timeInForce: "IOC",
    postOnly: false,
    reduceOnly: false,
    clientId: null,
  });
}
