import { AuthError, describeError, NotFoundError, OrderRejectedError } from "../model/error.ts";
import type { Logger } from "../net/logger.ts";

/** The venue answered that it does not tell this to this account, however often it is asked. */
const isRefused = (error: unknown): boolean =>
  error instanceof OrderRejectedError || error instanceof NotFoundError || error instanceof AuthError;

/**
 * Reads what the connector can do without: demo trading has no fee rates (Bybit 10001), a portfolio-margin account no
 * leverages, a key perhaps no permission. A refusal is a warning, and what was known before stands, the published
 * default at first. All other failures are thrown. The key itself has been proven by then: the balances come first.
 */
export async function readIfOffered(
  { what, logger }: { readonly what: string; readonly logger: Logger },
  read: () => Promise<void>,
): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!isRefused(error)) throw error;
    logger.warn(`the venue does not tell ${what}: the default stands`, { error: describeError(error) });
  }
}
