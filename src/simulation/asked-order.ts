import type { OrderOptions } from "../connector/order-request.ts";
import type { OrderSide } from "../model/order.ts";

/** Terms of an order as a bot asked for them, whatever its connector made of them. */
export interface AskedOrder extends Pick<OrderOptions, "type" | "timeInForce" | "position"> {
  readonly side: OrderSide;
}
