import type { OrderOptions } from "../connector/order-request.ts";
import type { OrderSide } from "../model/order.ts";

/** What a bot asked for, whatever its connector made of it. */
export interface AskedOrder extends Pick<OrderOptions, "type" | "timeInForce" | "position"> {
  readonly side: OrderSide;
}
