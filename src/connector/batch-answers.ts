import { PerpwireError } from "../model/error.ts";
import type { RestRequest } from "../net/venue-api.ts";
import type { BatchRow } from "./perpetual-venue.ts";

/** Ids by which a row may name an order of a batch. */
interface BatchedOrder {
  readonly clientOrderId: string;
  readonly exchangeOrderId?: string | undefined;
}

/**
 * Answer to each order of a batch, by client order id. A row is of the order that it names, wherever it stands. A refusal
 * that names none is taken by its place, where there are as many rows as orders and every other stands in its own. What
 * is not answered for certain has an unknown outcome.
 */
export function batchAnswers<T>(
  orders: readonly BatchedOrder[],
  rows: readonly BatchRow<T>[],
): ReadonlyMap<string, BatchRow<T>> {
  const owners = rows.map((row) => orders.findIndex((order) => isOf(row, order)));
  const isInOrder = owners.every((owner, index) => owner === index || rows[index]?.id === undefined);
  const byPlace = isInOrder && rows.length === orders.length;
  const answerTo = (place: number): BatchRow<T> | undefined => {
    const named = rows.filter((_, index) => owners[index] === place);
    if (named.length > 0) return named.length === 1 ? named[0] : undefined;
    const row = byPlace ? rows[place] : undefined;
    return row?.ok === false ? row : undefined;
  };
  return new Map(
    orders.map(({ clientOrderId }, place) => [clientOrderId, answerTo(place) ?? unanswered(clientOrderId)]),
  );
}

function isOf({ id }: BatchRow<unknown>, { clientOrderId, exchangeOrderId }: BatchedOrder): boolean {
  if (id?.clientOrderId === clientOrderId) return true;
  return id?.exchangeOrderId !== undefined && id.exchangeOrderId === exchangeOrderId;
}

function unanswered(clientOrderId: string) {
  const message = `no row of the batch's answer is for certain that of order ${clientOrderId}`;
  return { ok: false as const, error: new PerpwireError(message, { outcome: "unknown" }) };
}

/** Batches of at most so many rows, in order. */
export function* chunksOf<T>(rows: readonly T[], size: number): Iterable<readonly T[]> {
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size);
}

/** A batch that is heavier than our share of the venue's limit would never leave: it goes in parts. */
export function* fittingChunks<T>(
  chunks: Iterable<readonly T[]>,
  requestOf: (chunk: readonly T[]) => RestRequest,
  fits: (request: RestRequest) => boolean,
): Iterable<readonly T[]> {
  for (const chunk of chunks) {
    if (chunk.length === 1 || isFitting(() => requestOf(chunk), fits)) yield chunk;
    else yield* fittingChunks(chunksOf(chunk, Math.ceil(chunk.length / 2)), requestOf, fits);
  }
}

/** A request that cannot be made fails when it is sent. */
function isFitting(make: () => RestRequest, fits: (request: RestRequest) => boolean): boolean {
  try {
    return fits(make());
  } catch {
    return true;
  }
}
