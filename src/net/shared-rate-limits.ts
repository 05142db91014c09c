import { ConfigError } from "../model/error.ts";
import { Throttler, type ThrottlerOptions } from "./throttler.ts";

/** Requester of a throttler: what it sends to, and how its limits are counted. */
export interface RateLimitsClient extends ThrottlerOptions {
  /** Servers that count together. */
  readonly servers: string;
  /** Connectors of different simulated processes have clocks that say different times. */
  readonly isClockSimulated: boolean;
}

interface Entry {
  readonly servers: string;
  readonly throttler: Throttler;
  readonly options: RateLimitsClient;
}

/**
 * Rate limits that several connectors of one process use together: venues count the requests of an address or an account,
 * not those of a connector. Pass the same object to each; it may serve any number of venues, whose limits stay apart.
 * Limits of an account and of a connection count together as well, which is never too much and may be slower than needed.
 * A connector that comes after one that has stopped goes on with its counts.
 */
export class SharedRateLimits {
  readonly #entries: Entry[] = [];

  /** Throttler of all connectors that count together. Throws `ConfigError` where they do not agree about their share. */
  throttlerFor(options: RateLimitsClient): Throttler {
    const { servers, clock, isClockSimulated, sharePercentage = 100 } = options;
    const known = this.#entries.find(
      (entry) => entry.servers === servers && (!isClockSimulated || entry.options.clock === clock),
    );
    if (known === undefined) {
      const throttler = new Throttler(options);
      this.#entries.push({ servers, throttler, options });
      return throttler;
    }
    const share = known.options.sharePercentage ?? 100;
    if (share === sharePercentage) return known.throttler;
    throw new ConfigError(`rateLimitsSharePercentage is ${sharePercentage}, and ${share} on another connector`, {
      hint: "connectors with the same sharedRateLimits have one share together: give each the same",
    });
  }
}
