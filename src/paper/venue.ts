import { ConfigError } from "../model/error.ts";
import { INSPECT, type Inspect, inspected } from "../model/inspect.ts";
import { standardErrorLogger } from "../runtime/logger.ts";
import type { Random, Runtime } from "../runtime/runtime.ts";
import { assertTime } from "../runtime/simulated-checks.ts";
import { SeededRandom } from "../runtime/simulated-random.ts";
import { checkPaperOptions } from "./check-options.ts";
import { type ControlPorts, type PaperTruth, paperTruth } from "./control.ts";
import { formatAmount } from "./engine/amount.ts";
import { createEngine } from "./engine/engine.ts";
import { observed } from "./engine/observed.ts";
import type { Command, Engine, EngineEvent, MarketCommand, MarketSpec } from "./engine/types.ts";
import type { GatePorts } from "./fault-gate.ts";
import { FaultPolicy } from "./fault-policy.ts";
import { PriceHistory } from "./market/price-history.ts";
import { SyntheticFlow } from "./market/synthetic-flow.ts";
import type { PaperVenue } from "./paper-venue.ts";
import { AccountDirectory, engineAccountId, PAPER_PASSPHRASE } from "./protocols/accounts.ts";
import { MatchingQueue } from "./protocols/matching-queue.ts";
import type { ProtocolUrls } from "./protocols/paper-protocol.ts";
import type { AnyProtocolName, ProtocolName } from "./protocols/protocol-names.ts";
import { ProtocolSet } from "./protocols/protocol-set.ts";
import { protocolEntries } from "./protocols/protocols.ts";
import { createTrader, type PaperTrader, type TraderPorts } from "./trader.ts";
import { VenueDoor } from "./venue-door.ts";
import { accountsOf, engineConfig, type PaperVenueOptions, type VenueAccount } from "./venue-options.ts";
import { VenueSteps } from "./venue-steps.ts";

const DOWN_MS = 500;
/** Ids start at the second of the start times this, so that those of a later start are larger. */
const IDS_PER_SECOND = 100_000;

/**
 * Starts an exchange and lets it listen, in the real world where no `runtime` is given. Throws `ConfigError` for options
 * that cannot be.
 */
export async function createPaperVenue(options: PaperVenueOptions, runtime?: Runtime): Promise<PaperVenue> {
  checkPaperOptions(options);
  const host = new PaperHost(options, runtime ?? (await nodeRuntime()));
  await host.listen();
  return host;
}

async function nodeRuntime(): Promise<Runtime> {
  return (await import("../runtime/node-runtime.ts")).nodeRuntime();
}

class PaperHost implements PaperVenue {
  readonly engine: Engine;
  readonly faults: FaultPolicy;
  readonly trader: PaperTrader;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly passphrase: string;
  readonly accountId: string;
  readonly #options: PaperVenueOptions;
  readonly #runtime: Runtime;
  readonly #accounts: AccountDirectory;
  readonly #queue: MatchingQueue;
  readonly #door: VenueDoor;
  readonly #steps: VenueSteps;
  readonly #apis: ProtocolSet;
  readonly #flow: SyntheticFlow | undefined;
  readonly #observers = new Set<(events: readonly EngineEvent[]) => void>();
  #nowMs: number;

  constructor(options: PaperVenueOptions, runtime: Runtime) {
    const randomOf = (label: string) =>
      options.seed === undefined ? runtime.random : new SeededRandom(options.seed, label);
    this.#options = options;
    this.#runtime = runtime;
    const logger = options.logger ?? standardErrorLogger(runtime);
    const gates = { clock: runtime.clock, timers: runtime.timers, random: randomOf("paper faults"), logger };
    this.faults = new FaultPolicy(gates.random, () => runtime.clock.monotonic(), options.faults);
    this.#nowMs = runtime.clock.now() + this.faults.clockSkewMs;
    const config = engineConfig(options, this.#nowMs);
    this.engine = observed(createEngine(config), this.#observers);
    const accounts = accountsOf(options, randomOf("paper keys"));
    const [first, trader] = [accounts[0], accounts.at(-1)];
    if (first === undefined || trader === undefined) throw new ConfigError("a paper venue needs an account");
    this.apiKey = first.apiKey;
    this.apiSecret = first.apiSecret;
    this.passphrase = first.passphrase ?? PAPER_PASSPHRASE;
    this.accountId = engineAccountId(first.username, first.onlySubaccount);
    this.#accounts = new AccountDirectory(accounts);
    const { clock, timers } = runtime;
    const matching = { clock, timers, random: randomOf("paper matching") };
    this.#queue = new MatchingQueue(matching, options.matchingDelayMs ?? [1, 5]);
    const shared = {
      engine: this.engine,
      history:
        options.emptyBooks === true
          ? undefined
          : new PriceHistory(config.markets.map(asQuoted), this.#nowMs, options.seed ?? 0),
      config,
      accounts: this.#accounts,
      queue: this.#queue,
      clock,
      timers,
      firstId: Math.floor(config.startMs / 1_000) * IDS_PER_SECOND,
      rateLimits: options.rateLimits ?? "strict",
      faults: this.faults,
      listenKeyMs: options.listenKeyMs,
      binanceForcedStatuses: options.binanceForcedStatuses,
      sharedIds: options.sharedIds,
      now: () => this.now(),
      apply: (command: Command) => this.engine.execute(command, this.now()),
    };
    this.#apis = new ProtocolSet(protocolEntries(options.api), shared, randomOf);
    this.#door = this.#createDoor(gates);
    const openOrders: TraderPorts["openOrders"] = (id, market) => this.engine.openOrders(id, market);
    this.trader = createTrader(trader, { execute: (command) => this.execute(command), openOrders }, trader.cash);
    for (const account of accounts) this.#openAccounts(account);
    this.#flow = options.emptyBooks === true ? undefined : this.#buildFlow(config.markets, randomOf("paper market"));
    this.#steps = this.#createSteps();
  }

  get host(): string {
    return this.#door.host;
  }

  get port(): number {
    return this.#door.port;
  }

  get rest(): string {
    return this.#door.rest;
  }

  get ws(): string {
    return this.#door.ws;
  }

  get urls(): Readonly<Partial<Record<ProtocolName, ProtocolUrls>>> {
    return this.#door.urls;
  }

  get control(): string {
    return this.#door.control;
  }

  async listen(): Promise<void> {
    await this.#door.listen();
    this.#steps.start();
  }

  now(): number {
    this.#nowMs = Math.max(this.#nowMs, this.#runtime.clock.now() + this.faults.clockSkewMs);
    return this.#nowMs;
  }

  execute(command: Command): readonly EngineEvent[] {
    const events = this.engine.execute(command, this.now());
    if (command.type === "setTick" || command.type === "setMarketStatus") {
      const market = this.engine.market(command.market);
      if (market !== undefined) this.#flow?.changeMarket({ status: market.status, spec: asQuoted(market.spec) });
    }
    this.#apis.onEvents(events);
    return events;
  }

  observe(listener: (events: readonly EngineEvent[]) => void): () => void {
    this.#observers.add(listener);
    return () => void this.#observers.delete(listener);
  }

  delist(market: string): void {
    this.#change({ type: "setMarketStatus", market, status: "delisted" });
  }

  changeTick(market: string, tick: bigint): void {
    if (typeof tick !== "bigint" || tick <= 0n) throw noAmount("a tick", tick);
    this.#change({ type: "setTick", market, tick });
  }

  halt(market: string): void {
    this.#change({ type: "setMarketStatus", market, status: "halted" });
  }

  resume(market: string): void {
    this.#change({ type: "setMarketStatus", market, status: "trading" });
  }

  #change(command: MarketCommand & { readonly market: string }): void {
    const refused = this.execute(command).find((event) => event.type === "refused");
    if (refused === undefined) return;
    if (refused.code === "noSuchMarket") throw this.#noSuchMarket(command.market);
    throw new ConfigError(refused.message, { hint: "nothing was changed" });
  }

  #noSuchMarket(market: string): ConfigError {
    const known = this.engine.markets().flatMap(({ spec, status }) => (status === "delisted" ? [] : [spec.market]));
    return new ConfigError(`the exchange in the box has no market "${market}"`, {
      hint: `there are ${known.join(", ")}`,
    });
  }

  setPrice(market: string, price: bigint): void {
    if (this.engine.market(market) === undefined) throw this.#noSuchMarket(market);
    if (typeof price !== "bigint" || price <= 0n) throw noAmount("a price", price);
    if (this.#flow !== undefined) {
      this.#flow.jumpTo(market, price, this.now());
      return;
    }
    this.execute({ type: "setIndexPrice", market, price });
    this.execute({ type: "advance" });
  }

  credentials(api?: AnyProtocolName, apiKey: string = this.apiKey): Readonly<Record<string, string>> {
    const key = this.#accounts.key(apiKey);
    if (key === undefined)
      throw new ConfigError("the paper venue has no such key", { hint: "give one of its accounts" });
    return this.#apis.credentialsOf(api, key) ?? this.#notSpoken(api);
  }

  #notSpoken(api: AnyProtocolName | undefined): never {
    const hint = `it speaks ${Object.keys(this.urls).join(", ")}`;
    throw new ConfigError(`the paper venue does not speak "${api}"`, { hint });
  }

  truth(accountId: string = this.accountId, api?: AnyProtocolName): PaperTruth {
    const ids = this.#apis.truth(api) ?? this.#notSpoken(api);
    const truth = paperTruth({ engine: this.engine, now: () => this.now() }, ids, accountId);
    if (truth === undefined) {
      const hint = `the first one is ${this.accountId}`;
      throw new ConfigError(`the paper venue has no account "${accountId}"`, { hint });
    }
    return truth;
  }

  async restart(downMs: number = DOWN_MS): Promise<void> {
    assertTime("the time to be down", downMs);
    await this.#door.restart(downMs);
  }

  async stop(): Promise<void> {
    this.#steps.stop();
    this.#queue.stop();
    this.#apis.stop();
    await this.#door.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The secret stays out: what is shown may end in a log. */
  [INSPECT](depth: number, options: object, inspect: Inspect): string {
    const { urls, control, apiKey, accountId } = this;
    const markets = this.engine.markets().map(({ spec }) => spec.market);
    return inspected("PaperVenue", { urls, control, apiKey, accountId, markets }, depth, options, inspect);
  }

  #createDoor(gates: GatePorts): VenueDoor {
    const { engine, faults } = this;
    const control: ControlPorts = {
      engine,
      faults,
      accounts: this.#accounts,
      queue: this.#queue,
      truthOf: (name) => this.#apis.truth(name),
      execute: (command) => this.execute(command),
      setPrice: (market, price) => this.setPrice(market, price),
      candles: (market, resolutionMs) => this.#apis.candles(market, resolutionMs, this.now()),
      now: () => this.now(),
    };
    const shared = { apis: this.#apis, accounts: this.#accounts, faults, gates, control };
    return new VenueDoor({ venue: this.#options, runtime: this.#runtime, ...shared });
  }

  #createSteps(): VenueSteps {
    const { clock, timers } = this.#runtime;
    return new VenueSteps({
      ...{ venue: this.#options, clock, timers, faults: this.faults, apis: this.#apis },
      door: this.#door,
      flow: this.#flow,
      now: () => this.now(),
      nextFundingMs: () => this.engine.nextFundingMs(),
      execute: (command) => void this.execute(command),
      restart: () => void this.restart(),
    });
  }

  #openAccounts(account: VenueAccount): void {
    for (const subaccount of [undefined, ...account.subaccounts]) {
      const accountId = engineAccountId(account.username, subaccount);
      if (this.engine.account(accountId) !== undefined) continue;
      this.execute({ type: "openAccount", accountId, cash: account.cash });
    }
  }

  #buildFlow(markets: readonly MarketSpec[], random: Random): SyntheticFlow {
    const engine = {
      execute: (command: Command) => this.execute(command),
      openOrders: (accountId: string, market?: string) => this.engine.openOrders(accountId, market),
      openOrderCount: (accountId: string) => this.engine.openOrderCount(accountId),
    };
    const flow = new SyntheticFlow({ engine, random, markets: markets.map(asQuoted) });
    flow.build(this.now());
    return flow;
  }
}

function noAmount(what: string, value: unknown): ConfigError {
  const text = typeof value === "bigint" ? formatAmount(value) : `${String(value)}, a ${typeof value}`;
  const hint = 'it is a bigint in 1e-8 above zero, for example parseAmount("20000") of perpwire/paper';
  return new ConfigError(`${what} is ${text}`, { hint });
}

/** The market as those who make its prices see it: they may have a coarser step than orders. */
function asQuoted(spec: MarketSpec): MarketSpec {
  const { tick, quoteTick = tick } = spec;
  return quoteTick % tick === 0n ? { ...spec, tick: quoteTick } : spec;
}
