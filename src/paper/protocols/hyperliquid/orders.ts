import type { CloseReason, OrderView, RefusalCode, Side } from "../../engine/types.ts";
import type { IntakeOrder } from "../order-intake.ts";

export type HyperliquidOrder = IntakeOrder<number>;

export type TimeInForce = "Gtc" | "Ioc" | "Alo" | "FrontendMarket";

/** The terms of an order that waits for the mark price. */
export interface TriggerTerms {
  readonly isMarket: boolean;
  readonly triggerPrice: bigint;
  readonly tpsl: "tp" | "sl";
  /** True where it closes the whole position, whatever its size is by then. */
  readonly isPosition: boolean;
}

/** Facts about an order that only this protocol knows, by `oid`. */
export interface OrderDetails {
  readonly tif: TimeInForce;
  /** Trigger that the order came of, if any. */
  readonly trigger?: TriggerTerms;
  /** The status that it ends with when it is canceled, where that is not `canceled`. */
  readonly cancelStatus?: string;
}

/** An order that the matching engine does not have yet. */
export interface TriggerOrder extends TriggerTerms {
  readonly oid: number;
  readonly accountId: string;
  readonly market: string;
  readonly side: Side;
  /** Worst price that it trades for, at market; else the price where it rests. */
  readonly price: bigint;
  /** Zero where it is the whole position. */
  readonly size: bigint;
  readonly reduceOnly: boolean;
  readonly cloid: string | null;
  readonly createdMs: number;
  /** The order that has to be filled first; undefined where there is none. */
  readonly parent: number | undefined;
  /** Orders of one action: the others end with the first that fires. */
  readonly group: number | undefined;
  /** `waiting` for its parent, `open`, `fired` (the matching engine has it now), or what it ended as. */
  readonly status: string;
  readonly updatedMs: number;
}

const CLOID = /^0x[0-9a-f]{32}$/;

/** The client's id as this protocol has them; null for one of another protocol. */
export function cloidOf(clientId: string | null): string | null {
  return clientId !== null && CLOID.test(clientId) ? clientId : null;
}

/** Names of the engine's reasons (docs, order statuses). */
const CLOSED: Readonly<Record<CloseReason, string>> = {
  filled: "filled",
  user: "canceled",
  expired: "scheduledCancel",
  postOnly: "badAloPxRejected",
  iocRemainder: "iocCancelRejected",
  fokUnfilled: "iocCancelRejected",
  selfTrade: "selfTradeCanceled",
  reduceOnly: "reduceOnlyCanceled",
  margin: "marginCanceled",
  liquidation: "liquidatedCanceled",
  delisted: "delistedCanceled",
  amended: "canceled",
};

const REFUSED: Readonly<Partial<Record<RefusalCode, string>>> = {
  insufficientMargin: "perpMarginRejected",
  liquidating: "perpMarginRejected",
  invalidReduceOnly: "reduceOnlyRejected",
  notionalTooSmall: "minTradeNtlRejected",
  priceOutOfBand: "oracleRejected",
  invalidPrice: "tickRejected",
  sizeTooLarge: "perpMaxPositionRejected",
  tooManyOrders: "tooManyOpenOrdersRejected",
};

/** An immediate-or-cancel order that was filled in part ends as filled, with what is left (measured by others). */
export function statusOfView(view: OrderView, details: OrderDetails | undefined): string {
  const { closeReason, filled, status } = view;
  if (status === "open") return "open";
  if (closeReason === null || (closeReason === "iocRemainder" && filled > 0n)) return "filled";
  if (closeReason === "user" && details?.cancelStatus !== undefined) return details.cancelStatus;
  return CLOSED[closeReason];
}

export function statusOfRefused({ refusedFor }: HyperliquidOrder): string {
  return REFUSED[refusedFor ?? "noSuchOrder"] ?? "rejected";
}

/** Tells that it never was in the book: then its only status is the one that says so. */
export const isRejection = (status: string): boolean => status === "rejected" || status.endsWith("Rejected");

/** Statuses of cancels that nobody of the account asked for. */
export const isForcedCancel = (status: string): boolean =>
  status !== "canceled" && (status.endsWith("Canceled") || status === "scheduledCancel");

/** Tells that it fires as the mark price rises: a stop of a buy does, and the take-profit of a sell. */
export function firesAbove(side: "buy" | "sell", { tpsl }: Pick<TriggerTerms, "tpsl">): boolean {
  return (side === "buy") === (tpsl === "sl");
}
