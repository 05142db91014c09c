import { ConfigError } from "../model/error.ts";
import { isShare } from "./rate-limit.ts";
import { Throttler, type ThrottlerOptions } from "./throttler.ts";

export interface SharedRateLimitsOptions {
  /** The part of the venues' limits that this process may use: above 0, up to 100. Default 100. */
  readonly sharePercentage?: number | undefined;
}

/** Connector that asks for a throttler: its servers, and how it counts. */
export interface RateLimitsUser extends Omit<ThrottlerOptions, "sharePercentage"> {
  /** Servers that count together. */
  readonly servers: string;
  /** Simulated processes have clocks that tell different times; those of real ones tell the same. */
  readonly isClockSimulated: boolean;
}

/**
 * Rate limits that several connectors of one process use together: venues count the requests of an address or an account,
 * not those of a connector. Pass the same object to each; it may serve any number of venues, whose limits stay apart. A
 * connector that comes after one that has stopped goes on with its counts.
 *
 * Limits of an account or a connection count together as well, so that connectors of different accounts may be slower than
 * they could be. They wait in one line, and what the venue refuses to one holds all.
 */
export class SharedRateLimits {
  readonly #sharePercentage: number;
  readonly #known: { readonly user: RateLimitsUser; readonly throttler: Throttler }[] = [];

  /** Throws `ConfigError` for a share that is none. */
  constructor({ sharePercentage = 100 }: SharedRateLimitsOptions = {}) {
    if (!isShare(sharePercentage)) {
      throw new ConfigError(`sharePercentage is ${String(sharePercentage)}`, { hint: "a number above 0, up to 100" });
    }
    this.#sharePercentage = sharePercentage;
  }

  /** Throttler of all connectors that count together. */
  throttlerFor(user: RateLimitsUser): Throttler {
    const { servers, clock, isClockSimulated, rateLimits } = user;
    const known = this.#known.find(
      (each) => each.user.servers === servers && (!isClockSimulated || each.user.clock === clock),
    );
    if (known === undefined) {
      const throttler = new Throttler({ ...user, sharePercentage: this.#sharePercentage });
      this.#known.push({ user, throttler });
      return throttler;
    }
    // Limits of another version of the venue's files may be others; usage stays counted.
    known.throttler.setRateLimits(rateLimits);
    return known.throttler;
  }
}
