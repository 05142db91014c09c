import type { InFlightOrder } from "../trading/in-flight-order.ts";

const AMENDED = /^(.+)-a\d+$/;

/**
 * The client order id of the order that replaces another in an amend: derived, so that it is found again when the
 * answer was lost, in this process or the next.
 */
export function amendClientOrderId(order: Pick<InFlightOrder, "clientOrderId" | "exchangeOrderIds">): string {
  return `${order.clientOrderId}-a${order.exchangeOrderIds.length}`;
}

/** The id that the user knows an order by, from the id of one of its replacements. */
export function originalClientOrderId(clientOrderId: string): string {
  return AMENDED.exec(clientOrderId)?.[1] ?? clientOrderId;
}
