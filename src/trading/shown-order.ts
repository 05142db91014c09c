import type { Decimal } from "../model/decimal.ts";
import type { OrderState } from "../model/order.ts";

/** State of an order after a change. */
export interface Shown {
  state: OrderState;
  reason: string | undefined;
  exchangeOrderId: string | undefined;
  price: Decimal | undefined;
  amount: Decimal;
  /** Executed amount by its fills, and by the venue's own word. */
  executed: Decimal;
  claimed: Decimal;
}
