import type { AccountUpdate } from "../model/account-update.ts";
import type { VenueContext } from "./venue-api.ts";

/**
 * The updates of an answer with which a venue told its time, `answeredMs`: balances are no older than that less what the
 * answer took. `askedMs` is `context.now()` of the question.
 */
export function datedBalances(
  context: Pick<VenueContext, "now">,
  updates: readonly AccountUpdate[],
  { askedMs, answeredMs }: { readonly askedMs: number; readonly answeredMs: number },
): readonly AccountUpdate[] {
  const noOlderThanMs = answeredMs - Math.max(0, context.now() - askedMs);
  return updates.map((update) => (update.type === "balance" ? { ...update, noOlderThanMs } : update));
}
