import { AuthError, describeError, NotFoundError, OrderRejectedError } from "../model/error.ts";
import type { Logger } from "../runtime/logger.ts";

/** The venue answered that it does not tell this to this account, however often it is asked. */
const isRefused = (error: unknown): boolean =>
  error instanceof OrderRejectedError || error instanceof NotFoundError || error instanceof AuthError;

/**
 * Reading that the connector can do without: demo trading has no fee rates (Bybit 10001), a portfolio-margin account no
 * leverages, a key perhaps no permission. The key itself has been proven by then: the balances come first.
 */
export class OptionalRead {
  readonly #what: string;
  readonly #logger: Logger;
  #isRefused = false;

  constructor(what: string, logger: Logger) {
    this.#what = what;
    this.#logger = logger;
  }

  /**
   * A refusal is a warning, once until it is told after all, and what was known before stands, the published default at
   * first. All other failures are thrown.
   */
  async run(read: () => Promise<void>): Promise<void> {
    try {
      await read();
      this.#isRefused = false;
    } catch (error) {
      if (!isRefused(error)) throw error;
      const words = `the venue does not tell ${this.#what}: the default stands`;
      if (!this.#isRefused) this.#logger.warn(words, { error: describeError(error) });
      this.#isRefused = true;
    }
  }
}
