import type { FillView, MarginMode, OrderView } from "../../engine/types.ts";
import type { IntakeOrder } from "../order-intake.ts";

export type OkxOrder = IntakeOrder<string>;

/** Facts about an order that only this protocol knows. */
export interface OrderDetails {
  readonly tag: string;
  readonly tdMode: MarginMode;
  readonly ordType: string;
  /** Request id of the last amendment. */
  readonly reqId: string;
  /** The last amendment failed after it was acknowledged, and its order is canceled for that. */
  readonly isCanceledForAmend?: boolean;
  /** Source of a cancel where it differs from the engine's reason. */
  readonly cancelSource?: string;
}

/** Reason why a row is pushed. */
export type OrderPush =
  | { readonly kind: "opened" | "closed"; readonly view: OrderView }
  /** Change by the user, or of a reduce-only order that shrank with its position. */
  | { readonly kind: "amended" | "resized"; readonly view: OrderView }
  | { readonly kind: "fill"; readonly fill: FillView }
  /** The engine never took the order, or not an amendment of it. */
  | { readonly kind: "refused" | "notAmended" };

/** Recognises a fill of an order of the venue itself: it has no maker, no taker and no trade id (docs v5, fills). */
export function isForced({ liquidation, adl, settlement }: FillView): boolean {
  return liquidation || adl || settlement;
}
