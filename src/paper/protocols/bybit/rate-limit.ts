import { RateWindows } from "../rate-windows.ts";
import { BybitError, TOO_MANY_VISITS } from "./errors.ts";

const UID_WINDOW_MS = 1_000;
const IP_LIMIT = { count: 600, windowMs: 5_000 };
const IP_BAN_MS = 600_000;
const CONNECTION_LIMIT = { count: 500, windowMs: 300_000 };

/** Limits of the addresses and of each account's endpoints; what is `off` lets everything pass. */
export class RateLimiter {
  readonly #isOn: boolean;
  readonly #windows = new RateWindows();
  readonly #bannedUntilMs = new Map<string, number>();

  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  /** Throws the 403 of an address that asks too often; it is banned for ten minutes. */
  address(address: string, nowMs: number): void {
    if (!this.#isOn) return;
    const isBanned = (this.#bannedUntilMs.get(address) ?? 0) > nowMs;
    if (!isBanned && this.#windows.of(`ip ${address}`, IP_LIMIT).take(1, nowMs) >= 0) return;
    if (!isBanned) this.#bannedUntilMs.set(address, nowMs + IP_BAN_MS);
    throw new BybitError(TOO_MANY_VISITS, "403, access too frequent", 403);
  }

  mayConnect(address: string, nowMs: number): boolean {
    return !this.#isOn || this.#windows.of(`ws ${address}`, CONNECTION_LIMIT).take(1, nowMs) >= 0;
  }

  /** The headers of a private answer. Throws the 10006, which has them too. */
  endpoint(accountId: string, path: string, limit: number, nowMs: number): Record<string, string> {
    const window = this.#windows.of(`${accountId} ${path}`, { count: limit, windowMs: UID_WINDOW_MS });
    const left = this.#isOn ? window.take(1, nowMs) : limit - 1;
    if (left >= 0) return limitHeaders(limit, left, nowMs);
    throw tooManyVisits(limitHeaders(limit, 0, window.opensMs(1, nowMs)));
  }

  /**
   * Counts the rows of a batch that may pass, each of which counts; the others are refused one by one (docs v5,
   * rate-limit). Throws the 10006 where none may.
   */
  rows(accountId: string, path: string, limit: number, rows: number, nowMs: number) {
    if (!this.#isOn) return { passing: rows, headers: limitHeaders(limit, Math.max(limit - rows, 0), nowMs) };
    const window = this.#windows.of(`${accountId} ${path}`, { count: limit, windowMs: UID_WINDOW_MS });
    const passing = Math.min(rows, window.left(nowMs));
    const left = window.take(passing, nowMs);
    const headers = limitHeaders(limit, left, rows > passing ? window.opensMs(1, nowMs) : nowMs);
    if (passing === 0 && rows > 0) throw tooManyVisits(headers);
    return { passing, headers };
  }
}

function tooManyVisits(headers: Readonly<Record<string, string>>): BybitError {
  return new BybitError(TOO_MANY_VISITS, "Too many visits!", 200, headers);
}

/** The reset time is that of the request itself while the limit is not exceeded (docs v5, rate-limit). */
export function limitHeaders(limit: number, left: number, resetMs: number): Record<string, string> {
  return {
    "X-Bapi-Limit": String(limit),
    "X-Bapi-Limit-Status": String(left),
    "X-Bapi-Limit-Reset-Timestamp": String(Math.ceil(resetMs)),
  };
}
