import { ConfigError } from "../model/error.ts";
import { INSPECT, type Inspect, inspected } from "../model/inspect.ts";
import { standardErrorLogger } from "../runtime/logger.ts";
import type {
  ListeningServer,
  Random,
  Runtime,
  ServerConnection,
  ServerConnectionHandlers,
  ServerRequest,
  ServerResponse,
  Timer,
} from "../runtime/runtime.ts";
import { assertTime } from "../runtime/simulated-checks.ts";
import { SeededRandom } from "../runtime/simulated-random.ts";
import { checkPaperOptions } from "./check-options.ts";
import { answerControl, type ControlPorts, type PaperTruth, paperTruth } from "./control.ts";
import { isTrustedHost, refuseHost } from "./control-host.ts";
import { formatAmount } from "./engine/amount.ts";
import { createEngine } from "./engine/engine.ts";
import { observed } from "./engine/observed.ts";
import type { Command, Engine, EngineEvent, MarketCommand, MarketSpec } from "./engine/types.ts";
import { ConnectionGate, type GatePorts } from "./fault-gate.ts";
import { FaultPolicy } from "./fault-policy.ts";
import { PriceHistory } from "./market/price-history.ts";
import { SyntheticFlow } from "./market/synthetic-flow.ts";
import type { PaperVenue } from "./paper-venue.ts";
import { AccountDirectory, engineAccountId, PAPER_PASSPHRASE } from "./protocols/accounts.ts";
import { MatchingQueue } from "./protocols/matching-queue.ts";
import { type ProtocolConnection, type ProtocolUrls, requestKind } from "./protocols/paper-protocol.ts";
import type { AnyProtocolName, ProtocolName } from "./protocols/protocol-names.ts";
import { ProtocolSet } from "./protocols/protocol-set.ts";
import { protocolEntries } from "./protocols/protocols.ts";
import { splitTarget } from "./protocols/request-target.ts";
import { answerOrLog, RequestGate } from "./request-gate.ts";
import { RetoldFills } from "./retold-fills.ts";
import { createTrader, type PaperTrader, type TraderPorts } from "./trader.ts";
import { accountsOf, engineConfig, type PaperVenueOptions, type VenueAccount } from "./venue-options.ts";

const FLOW_STEP_MS = 50;
const ADVANCE_MS = 100;
const IDLE_ADVANCE_MS = 1_000;
/** A market that moves as seldom as this loses nothing where what is due is done up to a second late. */
const SLOW_FLOW_MS = 10_000;
const FAULT_STEP_MS = 1_000;
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
  readonly #ports: GatePorts;
  readonly #accounts: AccountDirectory;
  readonly #queue: MatchingQueue;
  readonly #apis: ProtocolSet;
  readonly #flow: SyntheticFlow | undefined;
  readonly #requests: RequestGate;
  readonly #retold = new RetoldFills();
  readonly #gates = new Map<ConnectionGate, ProtocolConnection>();
  readonly #observers = new Set<(events: readonly EngineEvent[]) => void>();
  readonly #timers = new Map<string, Timer>();
  #server: ListeningServer | undefined;
  #isDown = false;
  /** Counts restarts, so that a request from before one gets no answer after it. */
  #epoch = 0;
  #startedMs: number;
  #nowMs: number;

  constructor(options: PaperVenueOptions, runtime: Runtime) {
    const randomOf = (label: string) =>
      options.seed === undefined ? runtime.random : new SeededRandom(options.seed, label);
    this.#options = options;
    this.#runtime = runtime;
    const logger = options.logger ?? standardErrorLogger(runtime);
    this.#ports = { clock: runtime.clock, timers: runtime.timers, random: randomOf("paper faults"), logger };
    this.faults = new FaultPolicy(this.#ports.random, () => runtime.clock.monotonic(), options.faults);
    this.#requests = new RequestGate(this.faults, this.#ports);
    this.#startedMs = runtime.clock.monotonic();
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
    const openOrders: TraderPorts["openOrders"] = (id, market) => this.engine.openOrders(id, market);
    this.trader = createTrader(trader, { execute: (command) => this.execute(command), openOrders }, trader.cash);
    for (const account of accounts) this.#openAccounts(account);
    this.#flow = options.emptyBooks === true ? undefined : this.#buildFlow(config.markets, randomOf("paper market"));
  }

  get host(): string {
    return this.#options.host ?? "127.0.0.1";
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  get rest(): string {
    return this.#secured(this.#apis.first.urls(this.#authority).rest);
  }

  get ws(): string {
    return this.#secured(this.#apis.first.urls(this.#authority).ws);
  }

  get urls(): Readonly<Partial<Record<ProtocolName, ProtocolUrls>>> {
    const rows = Object.entries(this.#apis.urls(this.#authority)).map(([name, { rest, ws }]) => [
      name,
      { rest: this.#secured(rest), ws: this.#secured(ws) },
    ]);
    return Object.fromEntries(rows);
  }

  get control(): string {
    return this.#secured(`http://${this.#authority}/paper`);
  }

  #secured(url: string): string {
    return this.#options.tls === undefined ? url : url.replace(/^(http|ws):/, "$1s:");
  }

  get #authority(): string {
    return this.host.includes(":") ? `[${this.host}]:${this.port}` : `${this.host}:${this.port}`;
  }

  async listen(): Promise<void> {
    this.#server = await this.#runtime.server.listen({
      host: this.host,
      port: this.#options.port ?? 0,
      tls: this.#options.tls,
      maxConnections: this.#options.maxConnections,
      wantsBody: ({ headers, target }) => this.#accounts.isNamedBy(headers) || this.#isKeyless(target),
      onRequest: (request) => this.#onRequest(request),
      onConnection: (connection) => this.#onConnection(connection),
    });
    const { quiet, flowStepMs = FLOW_STEP_MS } = this.#options;
    const flow = quiet === true ? undefined : this.#flow;
    // Each step of the flow advances as well.
    const isDriven = flow !== undefined && flowStepMs <= ADVANCE_MS;
    const advanceMs = isDriven || flowStepMs >= SLOW_FLOW_MS ? IDLE_ADVANCE_MS : ADVANCE_MS;
    this.#repeat(
      "advance",
      () => this.#msToAdvance(advanceMs),
      () => void this.execute({ type: "advance" }),
    );
    this.#repeat(
      "faults",
      () => FAULT_STEP_MS,
      () => this.#stepFaults(),
    );
    if (flow === undefined) return;
    this.#repeat(
      "flow",
      () => flowStepMs,
      () => flow.step(this.now()),
    );
  }

  #isKeyless(target: string): boolean {
    return this.#apis.ownerOfRequest(splitTarget(target).path)?.isKeyless === true;
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
    if (this.#isDown) return;
    this.#apis.announceRestart();
    this.#isDown = true;
    this.#epoch += 1;
    this.#startedMs = this.#runtime.clock.monotonic();
    for (const gate of [...this.#gates.keys()]) gate.terminate();
    await this.#runtime.timers.sleep(downMs);
    this.#isDown = false;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#queue.stop();
    this.#apis.stop();
    for (const gate of [...this.#gates.keys()]) gate.terminate();
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
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

  #repeat(name: string, delayMs: () => number, work: () => void): void {
    const run = () => {
      work();
      this.#timers.set(name, this.#runtime.timers.after(delayMs(), run, { background: true }));
    };
    this.#timers.set(name, this.#runtime.timers.after(delayMs(), run, { background: true }));
  }

  /** Funding is settled at its time, not up to a step later. */
  #msToAdvance(mostMs: number): number {
    return Math.max(0, Math.min(mostMs, this.engine.nextFundingMs() - this.now()));
  }

  #stepFaults(): void {
    const { restartEveryMs } = this.faults.config;
    if (restartEveryMs !== undefined && this.#runtime.clock.monotonic() - this.#startedMs >= restartEveryMs) {
      void this.restart();
      return;
    }
    for (const [gate, client] of [...this.#gates]) {
      if (this.faults.happens("disconnect")) gate.terminate();
      else if (this.faults.happens("expireLogin")) client.expireLogin?.();
    }
    if (this.#apis.hasListenKeys && this.faults.happens("expireListenKey")) this.#apis.expireListenKeys();
  }

  #onRequest(request: ServerRequest): Promise<ServerResponse> | ServerResponse {
    const { path } = splitTarget(request.target);
    if (path.startsWith("/paper/")) return this.#onControlRequest(request);
    const epoch = this.#epoch;
    const owner = this.#apis.ownerOfRequest(path);
    const api = owner ?? this.#apis.first;
    return this.#requests.pass(request, {
      answer: (passed) => (owner === undefined ? api.failure(404, "Not Found") : owner.answer(passed)),
      api,
      kind: requestKind(api, request),
      isDown: () => this.#isDown || this.#epoch !== epoch,
    });
  }

  #onControlRequest(request: ServerRequest): Promise<ServerResponse> | ServerResponse {
    const { engine, faults } = this;
    const { controlHosts = [] } = this.#options;
    if (!isTrustedHost(request.headers.host, [this.host, ...controlHosts])) return refuseHost();
    const ports: ControlPorts = {
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
    return answerOrLog(request, this.#ports, {
      answer: (passed) => answerControl(passed, ports),
      api: { failure: (status, error) => ({ status, body: JSON.stringify({ error }) }) },
    });
  }

  #onConnection(connection: ServerConnection): ServerConnectionHandlers | { readonly refuse: number } {
    if (this.#isDown) return { refuse: 503 };
    const { request } = connection;
    const api = this.#apis.ownerOfConnection(request.target);
    if (api === undefined) return { refuse: 404 };
    const gate = new ConnectionGate(connection, this.faults, this.#ports, this.#retold);
    const client = api.connect(gate, request);
    if ("refuse" in client) return client;
    this.#gates.set(gate, client);
    return {
      onText: (text) => gate.receive(text, (received) => client.onText(received)),
      onClose: () => {
        this.#gates.delete(gate);
        client.onClose();
      },
    };
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
