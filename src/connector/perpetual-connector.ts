import { INSPECT, type Inspect, inspected } from "../model/inspect.ts";
import { assertOptions, assertWaitMs } from "./call-arguments.ts";
import type { PerpetualConnectorOptions } from "./connector-options.ts";
import { ConnectorOrders } from "./connector-orders.ts";
import { ConnectorParts } from "./connector-parts.ts";
import { ConnectorRun } from "./connector-run.ts";

export type { ConnectorStatus } from "./connector-parts.ts";

const MAX_PAIRS_SHOWN = 10;

/**
 * A connector to one perpetual venue: markets, books, orders, account. One object for one account; `start()` before
 * use, `stop()` after. Errors are `PerpwireError`s; orders' handles never reject.
 */
export class PerpetualConnector extends ConnectorOrders implements AsyncDisposable {
  readonly #parts: ConnectorParts;
  #stopping: Promise<void> | undefined;

  constructor(options: PerpetualConnectorOptions) {
    const parts = new ConnectorParts(options, (own) => new ConnectorRun(own).steps);
    super(parts);
    this.#parts = parts;
  }

  /**
   * Reads the venue's markets, checks the key, restores the journal and starts the streams. Failures that may pass are
   * logged and tried again for `timeoutMs`, default one minute. Rejects when the venue cannot be reached, refuses the
   * key, or does not know a trading pair; everything is stopped then.
   */
  async start(options: { readonly timeoutMs?: number | undefined } = {}): Promise<void> {
    assertOptions(options, "start()", "{ timeoutMs: 30_000 }");
    if (options.timeoutMs !== undefined) assertWaitMs(options.timeoutMs, "timeoutMs");
    await this.#parts.told(this.#parts.life.start(options.timeoutMs));
  }

  /**
   * Stops everything; nothing of the connector runs when it resolves, for every caller. New orders are refused from the
   * call on. Orders stay where they are unless `cancelOnStop`; a `start()` that is under way rejects and leaves them.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#parts.told(this.#parts.life.stop());
    return this.#stopping;
  }

  /** No option is shown: credentials are among them. */
  [INSPECT](depth: number, options: object, inspect: Inspect): string {
    const { name, ready, tradingPairs } = this;
    const status = this.status();
    const { isStarted, isStopped, isStarting } = this.#parts.life;
    const state = isStopped ? "stopped" : isStarting ? "starting" : isStarted ? "started" : "not started";
    const trading = this.#parts.trading;
    const fields = {
      ...{ name, state, ready },
      missing: ready ? undefined : Object.keys(status).filter((part) => status[part] !== true),
      tradingPairs: tradingPairs.length > MAX_PAIRS_SHOWN ? tradingPairs.length : tradingPairs,
      openOrders: trading?.tracker.activeOrders.length,
      positions: trading?.account.positions.map(({ tradingPair, amount }) => `${amount.toFixed()} ${tradingPair}`),
    };
    return inspected("PerpetualConnector", fields, depth, options, inspect);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
