import type { ConnectOptions } from "../../../../src/connect.ts";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import type { VenueModule } from "../../../../src/connector/perpetual-venue.ts";
import type { Decimal } from "../../../../src/model/decimal.ts";
import type { TradingPair } from "../../../../src/model/market.ts";
import type { Credentials } from "../../../../src/net/auth.ts";
import { SharedRateLimits } from "../../../../src/net/shared-rate-limits.ts";
import type { Logger } from "../../../../src/runtime/logger.ts";
import type { Runtime } from "../../../../src/runtime/runtime.ts";
import { createConnector } from "../connectors.ts";
import { CheckFailedError, skip } from "./checks.ts";
import type { VenueUnderTest } from "./venue-under-test.ts";

/** Connector as a program that uses the package gets it from `connect`. */
export type Session = PerpetualConnector;

export interface SessionsOptions {
  readonly runtime: Runtime;
  /** A connector's name, or the module of a venue from elsewhere. */
  readonly connector: string | VenueModule;
  readonly venue: VenueUnderTest;
  readonly tradingPair: TradingPair;
  readonly maxNotional: Decimal;
  readonly journalPath: string;
  readonly readyTimeoutMs: number;
  readonly logger: Logger;
}

/** A minute, the longest window of a venue's limits, and time for what follows. */
const FULL_LIMIT_MS = 90_000;
/** Shares of the budget: for the main session, and for the other session of the account. */
const MAIN_BUDGET = "0.75";
const OTHER_BUDGET = "0.25";

/** The connections of a run: the one that is tried, another one of the same account, and the counterparty's. */
export class Sessions {
  readonly #options: SessionsOptions;
  /** The venue counts all sessions of a run together, also those that have ended. */
  readonly #rateLimits = new SharedRateLimits();
  readonly #onMainOpened: ((connector: Session) => void)[] = [];
  #main: Session | undefined;
  #opening: Promise<Session> | undefined;
  #wasOpen = false;
  #other: Session | undefined;
  #counterparty: Session | undefined;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Called with the main connector whenever a new one was made, before it starts. */
  onMainOpened(listener: (connector: Session) => void): void {
    this.#onMainOpened.push(listener);
  }

  get isOpen(): boolean {
    return this.#main !== undefined;
  }

  /** True where it ever was open. */
  get wasOpen(): boolean {
    return this.#wasOpen;
  }

  get main(): Session {
    if (this.#main === undefined) throw new CheckFailedError("there is no connection to the venue");
    return this.#main;
  }

  /** The other session, where a row opened one. */
  get openedOther(): Session | undefined {
    return this.#other;
  }

  /** Opens the main session: for the first time, or again with the same journal. */
  openMain(): Promise<Session> {
    // A row that was stopped may be about to open it when the clean-up wants it, and the journal is for one.
    this.#opening ??= this.#openMain().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openMain(): Promise<Session> {
    const { journalPath, venue } = this.#options;
    const connector = await this.#create(venue.credentials, {
      journalPath,
      riskLimits: this.#limits(MAIN_BUDGET),
    });
    for (const listener of this.#onMainOpened) listener(connector);
    const main = await this.#started(connector);
    this.#main = main;
    this.#wasOpen = true;
    return main;
  }

  /** Stops the main session as a program that ends does; its journal stays. */
  async closeMain(): Promise<void> {
    const main = this.#main;
    this.#main = undefined;
    await main?.stop();
  }

  /** A second session of the same account, which knows nothing of the first. */
  async other(): Promise<Session> {
    this.#other ??= await this.#started(
      await this.#create(this.#options.venue.credentials, {
        riskLimits: this.#limits(OTHER_BUDGET),
      }),
    );
    return this.#other;
  }

  /** The other session, once it has asked the venue for everything again. */
  async refreshedOther(): Promise<Session> {
    const other = await this.other();
    await other.refresh();
    return other;
  }

  /** Somebody else to trade with; skips the row where there is nobody. */
  async counterparty(): Promise<Session> {
    const { counterparty } = this.#options.venue;
    if (counterparty === undefined) skip("there is no second account to trade with");
    this.#counterparty ??= await this.#started(await this.#create(counterparty, {}));
    return this.#counterparty;
  }

  /** Sessions that are not needed any more: each asks for everything when the line breaks. */
  async closeOthers(): Promise<void> {
    const sessions = [this.#other, this.#counterparty];
    this.#other = undefined;
    this.#counterparty = undefined;
    await Promise.all(sessions.map((session) => session?.stop()));
  }

  /** Opens a session as a program that starts now would, with everything of the account known. The caller stops it. */
  async look(): Promise<Session> {
    return this.#started(await this.withCredentials(this.#options.venue.credentials));
  }

  /** Made, not started; for keys that are not the account's. */
  withCredentials(credentials: Credentials): Promise<Session> {
    return this.#create(credentials, { isTradingRequired: false });
  }

  async stop(): Promise<void> {
    await this.#opening?.catch(() => undefined);
    await Promise.all([this.closeMain(), this.closeOthers()]);
  }

  async #create(credentials: Credentials, options: Partial<ConnectOptions>): Promise<Session> {
    const { runtime, connector, venue, tradingPair, logger } = this.#options;
    const { restUrl, webSocketUrl } = venue;
    const tradingPairs = [tradingPair];
    return createConnector(connector, {
      ...{ runtime, credentials, restUrl, webSocketUrl, tradingPairs, logger },
      sharedRateLimits: this.#rateLimits,
      journalPath: ":memory:",
      ...options,
    });
  }

  async #started(connector: Session): Promise<Session> {
    try {
      const timeoutMs = this.#options.readyTimeoutMs;
      await connector.start({ timeoutMs });
      // The sessions of a run share the venue's limits of a minute, which the ones before may have used up.
      await connector.waitUntilReady({ timeoutMs: Math.max(timeoutMs, FULL_LIMIT_MS) });
      return connector;
    } catch (error) {
      await connector.stop();
      throw error;
    }
  }

  #limits(share: string) {
    const budget = this.#options.maxNotional.times(share);
    return { maxOrderNotional: budget, maxMarketNotional: budget };
  }
}
