import { z } from "zod";
import { type Decimal, ZERO } from "../../model/decimal.ts";
import { ProtocolError } from "../../model/error.ts";
import type { TradingPair } from "../../model/market.ts";
import { leaveOut } from "../../net/fan-out.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { wireDecimal, wireId, wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { isOrderNotFound } from "./errors.ts";
import { allRows, get, isRow, rowsOf } from "./requests.ts";
import { type Fill, parseFill } from "./rows.ts";
import { read } from "./web-utils.ts";

const wireStep = z.object({ billId: wireId, fillSz: wireDecimal });
const wireFilled = z.object({ accFillSz: wireDecimal });

/** Rows of orders that the venue made by itself. */
function isForced(row: unknown): row is Readonly<Record<string, unknown>> {
  return isRow(row) && constants.ADJUSTMENT_REASON.has(wireText(row.subType));
}

/**
 * Adds up an order's fills, oldest first, by bill, and returns the sum of all; what comes after a row that cannot be read
 * has none.
 */
function addUp(sums: Map<string, Decimal>, rows: readonly unknown[]): Decimal | undefined {
  let filled = ZERO;
  for (const row of rows) {
    const step = wireStep.safeParse(row).data;
    if (step === undefined) return undefined;
    filled = filled.plus(step.fillSz);
    sums.set(step.billId, filled);
  }
  return filled;
}

/** A list that lacks a fill adds up to less than the order has filled: each fill after it would have another name. */
async function assertComplete(context: VenueContext, instId: string, ordId: string, listed: Decimal): Promise<void> {
  const request = get(constants.ORDER_PATH_URL, { instId, ordId }, constants.ORDER_STATUS_LIMIT_ID);
  const rows = await rowsOf(context, request).catch((error: unknown): readonly unknown[] => {
    if (isOrderNotFound(error)) return [];
    throw error;
  });
  for (const row of rows) {
    const { accFillSz } = read(`a row of GET ${constants.ORDER_PATH_URL}`, wireFilled, row);
    if (!accFillSz.eq(listed)) throw new ProtocolError(`its fills add up to ${listed}, and it has filled ${accFillSz}`);
  }
}

/**
 * Makes the reader of these rows of a list of fills. A fill of the venue's own order is named by the order's filled
 * amount after it, as on the order channel. All fills of such an order are therefore requested, for some may lie before
 * the range. An order whose fills are not all available is left out, and so is a fill without that sum: by another name
 * it could count twice.
 */
export async function readerOfFills(
  context: VenueContext,
  path: string,
  rows: readonly unknown[],
  tradingPairs: readonly TradingPair[],
): Promise<(row: unknown) => Fill | undefined> {
  const { markets } = context;
  const sums = new Map<string, Decimal>();
  const leftOut = new Set<string>();
  const symbols = new Map(rows.filter(isForced).map((row) => [wireText(row.ordId), wireText(row.instId)]));
  for (const [ordId, symbol] of symbols) {
    const tradingPair = markets.bySymbol.get(symbol)?.tradingPair;
    if (tradingPair === undefined) continue;
    try {
      const listed = await allRows(context, path, { instType: constants.INSTRUMENT_TYPE, ordId }, "billId");
      const filled = addUp(sums, listed.filter((row) => isRow(row) && row.ordId === ordId).toReversed());
      if (filled !== undefined) await assertComplete(context, symbol, ordId, filled);
    } catch (error) {
      leaveOut(context, tradingPairs, { tradingPair, what: `the fills of order ${ordId} of OKX`, error });
      leftOut.add(ordId);
    }
  }
  return (row) => {
    if (!isForced(row)) return parseFill(markets, row, "list");
    if (leftOut.has(wireText(row.ordId))) return undefined;
    const filled = sums.get(wireText(row.billId));
    const fill = parseFill(markets, { ...row, accFillSz: filled?.toFixed() }, "list");
    if (fill !== undefined && filled === undefined)
      throw new ProtocolError(`an earlier fill of order ${wireText(row.ordId)} cannot be read`, {
        venue: constants.VENUE,
      });
    return fill;
  };
}
