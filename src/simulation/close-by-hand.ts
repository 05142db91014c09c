import type { PaperVenue } from "../paper/index.ts";

/** Closes what is held on a market at market, as the owner of the account does on the website; the venue may refuse. */
export function closeByHand(venue: PaperVenue, market: string): void {
  const { engine, accountId } = venue;
  for (const { side, size } of engine.positions(accountId, market)) {
    if (size === 0n) continue;
    venue.execute({
      type: "placeOrder",
      accountId,
      market,
      side: size > 0n ? "sell" : "buy",
      positionSide: side,
      orderType: "market",
      price: null,
      size: size > 0n ? size : -size,
      timeInForce: "IOC",
      postOnly: false,
      reduceOnly: side === "both",
      clientId: null,
    });
  }
}
