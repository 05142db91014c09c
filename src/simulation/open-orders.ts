import type { OrderView } from "../paper/index.ts";
import type { World } from "./world.ts";

const AMENDMENT = /-a\d+$/;

/** The client id of the order that a leg belongs to: FTX's amendments are orders of their own at the venue. */
export function wholeClientId(clientId: string): string {
  return clientId.replace(AMENDMENT, "");
}

/** The order, or on FTX one of its legs, that rests at the venue under a client id. */
export function openAtVenue({ venue }: World, clientOrderId: string): OrderView | undefined {
  const isOf = ({ clientId }: OrderView) => clientId !== null && wholeClientId(clientId) === clientOrderId;
  return venue.engine.openOrders(venue.accountId).find(isOf);
}
