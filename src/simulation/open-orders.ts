import type { OrderView } from "../paper/index.ts";
import { wholeClientId } from "./whole-client-id.ts";
import type { World } from "./world.ts";

/** The order, or on FTX one of its legs, that rests at the venue under a client id. */
export function openAtVenue({ venue }: World, clientOrderId: string): OrderView | undefined {
  const isOf = ({ clientId }: OrderView) => clientId !== null && wholeClientId(clientId) === clientOrderId;
  return venue.engine.openOrders(venue.accountId).find(isOf);
}
