import type { PaperVenue, PositionView } from "../paper/index.ts";

/** Closes what is held on a market at market, as the owner of the account does on the website; the venue may refuse. */
export function closeByHand(venue: PaperVenue, market: string): void {
  for (const position of venue.engine.positions(venue.accountId, market)) closePosition(venue, position);
}

/** Trades so much as the position has or had. */
export function closePosition(venue: PaperVenue, { market, side, size }: PositionView): void {
  if (size === 0n) return;
  venue.execute({
    type: "placeOrder",
    accountId: venue.accountId,
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
