import type { FillView, MarginMode, OrderView } from "../../engine/types.ts";
import type { IntakeOrder } from "../order-intake.ts";

export type OkxOrder = IntakeOrder<string>;

/** What only this protocol knows of an order. */
export interface OrderDetails {
  readonly tag: string;
  readonly tdMode: MarginMode;
  readonly ordType: string;
  /** Of the last amendment. */
  readonly reqId: string;
  /** The last amendment failed after it was acknowledged, and its order is canceled for that. */
  readonly isCanceledForAmend?: boolean;
  /** Where it is not what the engine's reason says. */
  readonly cancelSource?: string;
}

/** Why a row is pushed. */
export type OrderPush =
  | { readonly kind: "opened" | "closed"; readonly view: OrderView }
  /** By the user, or where a reduce-only order shrank with its position. */
  | { readonly kind: "amended" | "resized"; readonly view: OrderView }
  | { readonly kind: "fill"; readonly fill: FillView }
  /** The engine never took the order, or not an amendment of it. */
  | { readonly kind: "refused" | "notAmended" };

/** Whether it is a fill of an order of the venue itself, whose fills have neither a maker nor a taker nor an id of a trade (docs v5, fills). */
export function isForced({ liquidation, adl, settlement }: FillView): boolean {
  return liquidation || adl || settlement;
}
