import type { RequestKind } from "../paper-protocol.ts";
import type { HyperliquidContext } from "./context.ts";
import type { InfoFields } from "./info-fields.ts";
import type { WireValue } from "./wire.ts";

export interface InfoCall {
  readonly context: HyperliquidContext;
  readonly fields: InfoFields;
}

/** One `type` of `POST /info`. */
export interface InfoType {
  readonly name: string;
  readonly kind: Extract<RequestKind, "public" | "private" | "snapshot">;
  readonly weight: number;
  /** Number of rows of its answer for which the weight is one more; never where it is 0. */
  readonly rowsOfWeight: number;
  answer(call: InfoCall): WireValue;
}
