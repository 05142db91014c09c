import { PerpwireError } from "../model/error.ts";
import { Intent, type IntentOptions } from "../net/intent.ts";
import type { RestRequest, VenueApi, VenueContext } from "../net/venue-api.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { ClientOrderTracker } from "../trading/client-order-tracker.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import type { TaskGroup } from "./task-group.ts";

export interface OrderEntryOptions {
  readonly venue: PerpetualVenue;
  readonly api: VenueApi;
  /** Tells that the rate limits ever let a request leave. */
  readonly fits: (request: RestRequest) => boolean;
  readonly tracker: ClientOrderTracker;
  readonly tasks: TaskGroup;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly context: () => VenueContext;
  /** Longest wait of a create or an amend before it leaves, milliseconds. */
  readonly maxRequestAgeMs: number;
  /** An order's fate must be looked up, sooner rather than at the next turn. */
  readonly onDoubt: () => void;
  /** The venue refused a create or an amend for a rule of its market, which must have changed since it was read. */
  readonly onRuleRefused?: (() => void) | undefined;
}

/** An intent that is given up when it is older than a create or an amend may be. */
export function intentOf(
  { clock, timers, maxRequestAgeMs: maxAgeMs }: OrderEntryOptions,
  options: Pick<IntentOptions, "name" | "prepare">,
): Intent {
  return new Intent({ clock, timers, maxAgeMs, ...options });
}

/** Tells of a refusal for a rule of the market, whichever request it answers. */
export function tellRuleRefused({ onRuleRefused }: OrderEntryOptions, error: unknown): void {
  if (error instanceof PerpwireError && error.code === "TRADING_RULE") onRuleRefused?.();
}
