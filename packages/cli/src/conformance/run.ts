import { ConfigError, describeError, RateLimitError } from "../../../../src/model/error.ts";
import type { Runtime } from "../../../../src/runtime/runtime.ts";
import { CheckFailedError, RowSkippedError } from "./checks.ts";
import { type Cleanup, cleanUp } from "./cleanup.ts";
import { ConformanceContext, type ContextOptions } from "./context.ts";
import type { ConformanceRow, RowResult } from "./row.ts";
import { Sessions, type SessionsOptions } from "./sessions.ts";

export interface RunOptions extends Omit<ContextOptions, "sessions">, Omit<SessionsOptions, keyof ContextOptions> {
  /** Rows in the order in which they run; the first opens the connection. */
  readonly rows: readonly ConformanceRow[];
  /** Called before each row runs, with those that are done. */
  onRow?(row: ConformanceRow, done: readonly RowResult[], total: number): void;
}

export interface ConformanceResult {
  readonly results: readonly RowResult[];
  /** Cleanup after the last row: usually empty, for each row cleans up after itself. */
  readonly cleanup: Cleanup;
  readonly durationMs: number;
  /** Ended by the user; the rows that did not run are missing. */
  readonly isStopped: boolean;
}

/** Time that a row that was stopped may take to notice. */
const STOPPED_ROW_MS = 5_000;
/** The longest window that venues count requests over, and some. */
const LIMIT_WINDOW_MS = 61_000;

/**
 * Runs every row, one after the other. Each leaves the account as it found it; what it could not undo fails it. Rejects
 * with `ConfigError`, with nothing sent, when the account has an order or a position on the market.
 */
export async function runConformance(options: RunOptions): Promise<ConformanceResult> {
  const sessions = new Sessions(options);
  const context = new ConformanceContext({ ...options, sessions });
  const { timers, clock } = options.runtime;
  const startedMs = clock.monotonic();
  const results: RowResult[] = [];
  let cleanup: Cleanup = { canceledOrders: 0, closingOrders: [], problems: [] };
  try {
    for (const row of options.rows) {
      if (options.stop.aborted) break;
      options.onRow?.(row, results, options.rows.length);
      const result = await runRow(row, context, options);
      if (result !== undefined) results.push(result);
      if (row === options.rows[0] && result?.status === "passed") await assertFlat(context);
    }
    cleanup = await cleanUp(context, timers);
  } finally {
    await sessions.stop();
  }
  return { results, cleanup, durationMs: clock.monotonic() - startedMs, isStopped: options.stop.aborted };
}

/** The run closes what is open on its market: that must be nobody else's. */
async function assertFlat(context: ConformanceContext): Promise<void> {
  const { connector, tradingPair } = context;
  const orders = (await connector.fetchOpenOrders([tradingPair])).filter((order) => order.tradingPair === tradingPair);
  const positions = context.positions().map(({ amount }) => amount.toFixed());
  if (orders.length === 0 && positions.length === 0) return;
  const held = positions.length === 0 ? "no position" : `a position of ${positions.join(" and ")}`;
  throw new ConfigError(`the account has ${held} and ${orders.length} orders on ${tradingPair}`, {
    code: "NOT_FLAT",
    hint: `name another market with --pair, or close it first: perpwire flatten ${connector.name}`,
  });
}

/** Undefined when the run was stopped meanwhile: what was seen then proves nothing. */
async function runRow(
  row: ConformanceRow,
  context: ConformanceContext,
  { runtime, manifest, capabilities, venue, rows, stop }: RunOptions,
): Promise<RowResult | undefined> {
  const { clock, timers } = runtime;
  const startedMs = clock.monotonic();
  const result = (status: RowResult["status"], detail: string): RowResult => ({
    row,
    status,
    detail,
    durationMs: clock.monotonic() - startedMs,
  });
  const reason = row.notHere?.({ manifest, capabilities, kind: venue.kind });
  if (reason !== undefined) return result("skipped", reason);
  if (row !== rows[0] && !context.sessions.isOpen && !(await isOpenedAgain(context))) {
    return result("skipped", "there is no connection to the venue");
  }
  const running = runAgainWhenAllowed(row, context);
  const verdict = await verdictOf(context.unlessStopped(running));
  if (stop.aborted) {
    await endOf(running, timers);
    return undefined;
  }
  if (!row.changesAccount) return result(verdict.status, verdict.detail);
  const { problems } = await cleanUp(context, timers);
  if (problems.length === 0) return result(verdict.status, verdict.detail);
  const left = `it left behind: ${problems.join("; ")}`;
  return result("failed", verdict.status === "failed" ? `${verdict.detail}; ${left}` : left);
}

/**
 * A run has several sessions, each of which counts what it sends itself, and venues count all of an address: a row that a
 * limit of the venue refused is run again, once, when a minute has passed.
 */
async function runAgainWhenAllowed(row: ConformanceRow, context: ConformanceContext): Promise<string> {
  try {
    return await row.run(context);
  } catch (error) {
    if (!(error instanceof RateLimitError)) throw error;
    await context.sleep(LIMIT_WINDOW_MS);
    return await row.run(context);
  }
}

/** A row that was stopped may still have a request under way; what that does must come before it is undone. */
async function endOf(running: Promise<unknown>, timers: Runtime["timers"]): Promise<void> {
  const over = new AbortController();
  const ended = running.then(
    () => over.abort(),
    () => over.abort(),
  );
  await timers.sleep(STOPPED_ROW_MS, over.signal).catch(() => ended);
}

async function verdictOf(running: Promise<string>): Promise<Pick<RowResult, "status" | "detail">> {
  try {
    return { status: "passed", detail: await running };
  } catch (error) {
    if (error instanceof RowSkippedError) return { status: "skipped", detail: error.message };
    if (error instanceof CheckFailedError) return { status: "failed", detail: error.message };
    return { status: "failed", detail: describeError(error) };
  }
}

/** A row that stopped the connection and failed must not take all others with it. */
async function isOpenedAgain(context: ConformanceContext): Promise<boolean> {
  if (!context.sessions.wasOpen) return false;
  return context.sessions.openMain().then(
    () => true,
    () => false,
  );
}
