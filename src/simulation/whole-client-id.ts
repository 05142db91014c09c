import { originalClientOrderId } from "../trading/order-ids.ts";

/** The client id of the order that a leg belongs to: amendments are orders of their own on FTX and Hyperliquid. */
export function wholeClientId(clientId: string): string {
  return originalClientOrderId(clientId);
}
