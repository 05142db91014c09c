import { createPaperVenue, type PaperVenue, type ProtocolName, parseAmount } from "../../../src/paper/index.ts";
import { nodeRuntime } from "../../../src/runtime/node-runtime.ts";
import { DESK } from "../support/paper-venue.ts";

const MARKET = "BTC-USD";
const SIZE = "0.02";
const LOW = "18000";

/** What a call's arguments are made of. The market is at 20,000. */
export interface Scene {
  readonly venue: PaperVenue;
  /** Of an order that rests at 18,000, to buy 0.02 BTC. */
  readonly orderId: string;
  readonly clientId: string;
  /** Of an order that was canceled. */
  readonly endedId: string;
  readonly nowMs: number;
}

/** What the account has before the call: orders and a position of 0.02 BTC, cross or isolated, or nothing. */
export type Holding = "orders" | "isolated" | "nothing";

export async function openScene(api: ProtocolName, holding: Holding): Promise<Scene> {
  const venue = await createPaperVenue(
    { api, seed: 1, quiet: true, rateLimits: "off", accounts: [DESK], matchingDelayMs: [0, 0] },
    nodeRuntime(),
  );
  const { accountId } = venue;
  const nowMs = Math.floor(venue.now());
  const clientId = `resting${nowMs}`;
  if (holding === "isolated") venue.execute({ type: "setMarginMode", accountId, mode: "isolated" });
  if (holding !== "nothing") {
    buy(venue, null, "bought");
    buy(venue, LOW, "ended");
    venue.execute({ type: "cancelAll", accountId });
    buy(venue, LOW, clientId);
  }
  const { orders } = venue.truth(accountId, api);
  const idOf = (name: string) => String(orders.find((order) => order.clientId === name)?.orderId ?? 1);
  return { venue, orderId: idOf(clientId), clientId, endedId: idOf("ended"), nowMs };
}

function buy(venue: PaperVenue, price: string | null, clientId: string): void {
  venue.execute({
    type: "placeOrder",
    accountId: venue.accountId,
    market: MARKET,
    side: "buy",
    orderType: price === null ? "market" : "limit",
    price: price === null ? null : parseAmount(price),
    size: parseAmount(SIZE),
    timeInForce: price === null ? "IOC" : "GTC",
    postOnly: false,
    reduceOnly: false,
    clientId,
  });
}
