import type { VenueNames } from "./names.ts";

/** Statement about one order in the rows of an answer or a frame. */
export interface Said {
  /** Filled, or as a fill of it. */
  readonly isTraded: boolean;
  /** Canceled or expired, with a part of it filled or without. */
  readonly isEnded: boolean;
  /** Rejected by the matching engine. */
  readonly isRejected: boolean;
}

type Row = Readonly<Record<string, unknown>>;

const CLIENT_IDS = [
  "clientId",
  "orderLinkId",
  "clientOrderId",
  "origClientOrderId",
  "clOrdId",
  "c",
  "C",
  "cloid",
  "text",
];
const EXCHANGE_IDS = ["orderId", "order_id", "ordId", "oid", "i"];
/** FTX calls every end of an order `closed`. */
const CLOSED = "closed";
const FILLED: ReadonlySet<unknown> = new Set(["Filled", "FILLED", "filled", CLOSED]);
const ENDED: ReadonlySet<unknown> = new Set([
  ...["Cancelled", "PartiallyFilledCanceled", "Deactivated"],
  ...["CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"],
  ...["canceled", "mmp_canceled"],
  // Gate.io tells in `finish_as` how an order ended.
  ...["cancelled", "ioc", "stp", "reduce_only", "reduce_out", "position_closed", "liquidated", "auto_deleveraged"],
  CLOSED,
]);
const REJECTED: ReadonlySet<unknown> = new Set(["Rejected", "REJECTED", "rejected"]);
const ENDED_BY_SUFFIX = /[a-z](?:Canceled|Cancel)$/;
const STATES = ["status", "orderStatus", "X", "state", "finish_as"];
const EXECUTED = ["filledSize", "cumExecQty", "execQty", "executedQty", "z", "accFillSz", "fillSz", "totalSz"];

/**
 * Reads the rows of a text that are about an order, whose exchange ids in them are added to its ids. Undefined where the
 * text cannot be read: it was cut off.
 */
export function saidOf(text: string, ids: Set<string>, names: VenueNames): Said | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  const states: unknown[] = [];
  let isTraded = false;
  let isRemainderGone = false;
  for (const row of rowsOf(data)) {
    if (!isAbout(row, ids, names)) continue;
    const id = exchangeIdOf(row);
    // OKX has an empty one in the answer that refuses a request.
    if (id !== undefined && id !== "") ids.add(id);
    states.push(...STATES.map((field) => row[field]));
    if (isFilledInPart(row)) isRemainderGone = true;
    if (isFill(row) || isPartlyLeft(row) || EXECUTED.some((field) => Number(row[field]) > 0)) isTraded = true;
  }
  return {
    isTraded: isTraded || states.some((state) => FILLED.has(state)),
    isEnded: isRemainderGone || states.some((state) => ENDED.has(state) || ENDED_BY_SUFFIX.test(String(state))),
    isRejected: states.some((state) => REJECTED.has(state) || /[a-z]Rejected$/.test(String(state))),
  };
}

function* rowsOf(data: unknown): Generator<Row> {
  if (typeof data !== "object" || data === null) return;
  if (!Array.isArray(data)) yield flat(data as Row);
  for (const value of Object.values(data)) yield* rowsOf(value);
}

/** Hyperliquid tells the state of an order beside it. */
function flat(row: Row): Row {
  const { order } = row;
  return typeof order === "object" && order !== null ? { ...row, ...order } : row;
}

function isAbout(row: Row, ids: ReadonlySet<string>, names: VenueNames): boolean {
  const id = exchangeIdOf(row);
  if (id !== undefined && ids.has(id)) return true;
  return CLIENT_IDS.some((field) => typeof row[field] === "string" && ids.has(names.wholeId(row[field])));
}

/** FTX calls it `id` in a row of an order; in that of a fill `id` is the fill's. */
function exchangeIdOf(row: Row): string | undefined {
  const field = EXCHANGE_IDS.find((name) => name in row) ?? "id";
  const id = row[field];
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}

/** Gate.io tells what is left of an order, not what was executed. */
function isPartlyLeft({ size, left }: Row): boolean {
  return size !== undefined && left !== undefined && Number(size) !== Number(left);
}

/** Hyperliquid calls an order filled whose rest, told in `sz`, was not executed at once and is gone. */
function isFilledInPart({ status, sz }: Row): boolean {
  return status === "filled" && Number(sz) > 0;
}

/** Rows of fills tell no state: FTX's and Binance's have the fee of one, Hyperliquid's the id of the trade. */
function isFill(row: Row): boolean {
  if (("tid" in row && "oid" in row) || ("order_id" in row && "fee" in row && "size" in row)) return true;
  return "orderId" in row && ("commission" in row || ("fee" in row && "size" in row));
}
