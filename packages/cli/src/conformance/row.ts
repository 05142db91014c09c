import type { VenueCapabilities, VenueManifest } from "../../../../src/connector/perpetual-venue.ts";
import type { ConformanceContext } from "./context.ts";
import type { VenueKind } from "./venue-under-test.ts";

export type RowGroup =
  | "connection"
  | "market data"
  | "orders"
  | "refusals"
  | "fills"
  | "account"
  | "recovery"
  | "cleanup";

/** Facts about the venue that a row can know before any request. */
export interface RowCircumstances {
  readonly manifest: VenueManifest;
  readonly capabilities: VenueCapabilities;
  readonly kind: VenueKind;
}

/** One thing that a venue and its connector have to do right, seen from outside. */
export interface ConformanceRow {
  /** Stable, for programs: `orders.amend`. */
  readonly id: string;
  readonly group: RowGroup;
  /** Promise that holds when the row passes, as a sentence. */
  readonly name: string;
  /** Steps of running it, as `--dry-run` lists them. */
  readonly does: string;
  /** True where it sends orders or changes settings of the account. */
  readonly changesAccount: boolean;
  /** Reason why there is nothing to try here, as far as that is known beforehand. */
  notHere?(circumstances: RowCircumstances): string | undefined;
  /**
   * Resolves with the evidence. Throws `CheckFailedError` for what is wrong and `RowSkippedError` for what cannot be
   * provoked; any other error is a failure as well.
   */
  run(context: ConformanceContext): Promise<string>;
}

export type RowStatus = "passed" | "failed" | "skipped";

export interface RowResult {
  readonly row: ConformanceRow;
  readonly status: RowStatus;
  /** Evidence of a row that passed, the reason of any other. */
  readonly detail: string;
  readonly durationMs: number;
}
