import { ProtocolError } from "../model/error.ts";
import { jsonOf } from "./json.ts";

/** One page of a list. */
export interface Page<Next> {
  readonly rows: readonly unknown[];
  /**
   * Finds the start of the next page; undefined after the last. `hasNew`: this page has a row that none before it had.
   */
  nextOf(hasNew: boolean): Next | undefined;
}

export interface PagedList<Next> {
  readonly venue: string;
  /** The list, for the error: "GET /fills". */
  readonly what: string;
  /** Asks for one page, at first without `next`. */
  ask(next: Next | undefined): Promise<Page<Next>>;
}

/** A page whose rows are all known already may be the end of one before it; a second one is no progress. */
const MAX_FRUITLESS = 2;

/**
 * Rows of every page of a list, each once. Throws `ProtocolError` where pages bring nothing new and tell of another one:
 * a venue that does not heed where a page is to begin would be asked for ever.
 */
export async function readPages<Next>({ venue, what, ask }: PagedList<Next>): Promise<unknown[]> {
  const rows = new Map<string, unknown>();
  let next: Next | undefined;
  for (let fruitless = 0; ; ) {
    const page = await ask(next);
    const known = rows.size;
    for (const row of page.rows) {
      const text = jsonOf(row);
      if (!rows.has(text)) rows.set(text, row);
    }
    const hasNew = rows.size > known;
    next = page.nextOf(hasNew);
    if (next === undefined) return [...rows.values()];
    fruitless = hasNew ? 0 : fruitless + 1;
    if (fruitless < MAX_FRUITLESS) continue;
    throw new ProtocolError(`${what} of ${venue} gives the same page again when it is asked for the next one`, {
      venue,
    });
  }
}
