import type { OrderEntryWay } from "../connector/connector-options.ts";
import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import { describeError, PerpwireError } from "../model/error.ts";
import type { ConnectorEventName } from "../model/event.ts";
import type { Logger } from "../runtime/logger.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import type { AmendTerms } from "../trading/order-amends.ts";
import type { RiskLimits } from "../trading/risk-limits.ts";
import { AmendWatch } from "./amend-watch.ts";
import type { AskedOrder } from "./asked-order.ts";
import type { Findings } from "./findings.ts";
import type { Heal } from "./heal-watch.ts";
import { ToldLedger } from "./ledger.ts";
import { openAtVenue } from "./open-orders.ts";
import { SecretWatch } from "./secret-watch.ts";
import { ToldWatch } from "./told-watch.ts";
import type { World } from "./world.ts";

export interface BotProcessOptions {
  readonly world: World;
  readonly host: string;
  readonly findings: Findings;
  readonly riskLimits?: RiskLimits | undefined;
  /** Another bot trades on the same account, and has its share of the venue's limits. */
  readonly isShared: boolean;
  readonly orderEntry: OrderEntryWay;
  /** True where its machine may lose its power. */
  readonly needsPowerSafety: boolean;
  /** Called with the connector of each life before it starts. */
  readonly onCreated?: ((host: string, connector: PerpetualConnector) => void) | undefined;
  /** Called with each request that had no answer. */
  readonly onLost?: ((host: string, method: string, url: string) => void) | undefined;
}

/** Events with words of the venue or of an error in them; the others have figures and ids. */
const WITH_WORDS = [
  ...(["error", "gap", "unreadableRow", "bookInvalid", "marketUnavailable", "notReady"] as const),
  ...(["channelRefused", "channelSilent", "positionModeChangeFailed", "orderAmendFailed", "orderFailed"] as const),
] as const satisfies readonly ConnectorEventName[];
const RESTART_AFTER_MS = 1_000;
/** Log lines that are kept to explain a finding. */
const LINES_KEPT = 60;

/**
 * A bot's process under a supervisor: it is started again whenever it was killed or could not start. Each life has a
 * connector of its own, the journal is the same.
 */
export class BotProcess {
  readonly host: string;
  /** Ledgers of all lives, the present one last. */
  readonly ledgers: ToldLedger[] = [];
  /** Ids of all orders that any life asked for. */
  readonly placed = new Set<string>();
  /** Terms that each order was to have, by client id. */
  readonly asked = new Map<string, AskedOrder>();
  /** Times that books took to heal, milliseconds. */
  readonly heals: Heal[] = [];
  /** The newest warnings and errors, to explain a finding. */
  readonly lines: string[] = [];
  /** Sees all that any life logged or told. */
  readonly secrets: SecretWatch;
  kills = 0;
  /** Amends of the present life. */
  amends: AmendWatch | undefined;
  /** Word of the present life's events. */
  told: ToldWatch | undefined;
  readonly #options: BotProcessOptions;
  #connector: PerpetualConnector | undefined;
  #isUp = false;
  #isRunning = false;
  /** Kills and power cuts that are not over. */
  #downs = 0;
  /** Counts lives, so that nothing of an earlier one is taken for the present one's. */
  #life = 0;

  constructor(options: BotProcessOptions) {
    this.#options = options;
    this.host = options.host;
    this.secrets = new SecretWatch(options.world);
  }

  /** The connector once it was ready in this life; undefined while the process is down or starting. */
  get connector(): PerpetualConnector | undefined {
    return this.#isUp && this.#options.world.machines.isAlive(this.host) ? this.#connector : undefined;
  }

  /** Begins to start, unless it runs or is to stay down; time has to move until `connector` is there. */
  start(): void {
    if (this.#isRunning || this.#downs > 0) return;
    this.#isRunning = true;
    this.#life += 1;
    void this.#start(this.#life);
  }

  /** Kills the process until `comeBack()`, which must be called as often. */
  kill(): void {
    this.#goDown();
    this.#options.world.kill(this.host);
  }

  /** Cuts the power: data that the disk did not have yet is gone. `comeBack()` starts the machine again. */
  cutPower(): void {
    this.#goDown();
    this.#options.world.machines.cutPower(this.host);
  }

  comeBack(): void {
    this.#downs -= 1;
    this.start();
  }

  #goDown(): void {
    this.kills += 1;
    this.#downs += 1;
    this.#end();
  }

  /** Starts again what died in a write to its journal; nothing where it lives, or was killed and is to come back later. */
  restartIfDead(): void {
    const { world, host } = this.#options;
    if (this.#downs > 0) return;
    if (world.machines.isAlive(host)) {
      world.machines.killAfterWrites(host, Number.POSITIVE_INFINITY);
      return;
    }
    this.kills += 1;
    this.#end();
    this.start();
  }

  #end(): void {
    this.#life += 1;
    this.#isUp = false;
    this.#isRunning = false;
    this.#connector = undefined;
    this.amends = undefined;
    this.told = undefined;
  }

  /** Does something with the connector; what it refuses is part of the day, what else it throws is a finding. */
  attempt<T>(what: string, work: (connector: PerpetualConnector) => T): T | undefined {
    const { connector } = this;
    if (connector === undefined) return undefined;
    try {
      const result = work(connector);
      if (result instanceof Promise) result.catch((error: unknown) => this.#noteError(what, error));
      return result;
    } catch (error) {
      this.#noteError(what, error);
      return undefined;
    }
  }

  amend(order: InFlightOrder, change: AmendTerms): void {
    const answer = this.attempt("an amend", (connector) => connector.amend(order.clientOrderId, change));
    if (answer === undefined) return;
    this.amends?.asked(order, change.price, answer);
    const counters = this.ledgers.at(-1)?.counters;
    if (counters === undefined) return;
    counters.amendsAsked += 1;
    answer.catch(() => {
      counters.amendsFailed += 1;
    });
  }

  /** Takes note of what was sent, and of what each of them was to be. */
  add(orders: readonly (InFlightOrder | undefined)[], asked: readonly AskedOrder[]): void {
    const ledger = this.ledgers.at(-1);
    for (const [index, order] of orders.entries()) {
      if (order === undefined) continue;
      const own = asked[index];
      if (own !== undefined) this.asked.set(order.clientOrderId, own);
      this.placed.add(order.clientOrderId);
      ledger?.add(order);
    }
  }

  #noteError(what: string, error: unknown): void {
    this.secrets.told({ error });
    if (error instanceof PerpwireError) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.findings.add("no foreign error", `${this.host}: ${what} threw ${text}`);
  }

  async #start(life: number): Promise<void> {
    const { world, host } = this.#options;
    try {
      const connector = await world.createConnector({
        host,
        logger: this.#logger(life),
        riskLimits: this.#options.riskLimits,
        rateLimitsSharePercentage: this.#options.isShared ? 50 : 100,
        orderEntry: this.#options.orderEntry,
        journalDurability: this.#options.needsPowerSafety ? "power" : "process",
        onCreated: (created) => this.#listen(created, life),
        onLost: ({ method, url }) => this.#options.onLost?.(host, method, url),
      });
      if (life !== this.#life) return;
      this.#connector = connector;
      await connector.start({ timeoutMs: 20_000 });
      await connector.waitUntilReady({ timeoutMs: 20_000 });
      if (life === this.#life) this.#isUp = true;
    } catch (error) {
      if (life !== this.#life) return;
      this.#noteError("the start", error);
      this.#line(`start failed: ${describeError(error)}`);
      this.#end();
      world.kill(host);
      await world.runtime("world").timers.sleep(RESTART_AFTER_MS);
      this.start();
    }
  }

  #listen(connector: PerpetualConnector, life: number): void {
    const { findings, world } = this.#options;
    this.ledgers.push(new ToldLedger(connector, world.token));
    this.amends = new AmendWatch(connector, () => world.elapsedMs());
    this.told = new ToldWatch(connector);
    this.#options.onCreated?.(this.host, connector);
    connector.on("bookHealed", ({ healMs }) => void this.heals.push({ atMs: world.elapsedMs(), healMs }));
    connector.on("error", ({ error, event }) => {
      if (error.code === "JOURNAL") return;
      findings.add("no error event", `${this.host}: ${event ?? ""} ${describeError(error)} ${error.stack ?? ""}`);
    });
    for (const name of WITH_WORDS) connector.on(name, (event: object) => this.secrets.told(event));
    const ended = (name: string) => (order: { readonly clientOrderId: string }) => {
      if (life === this.#life) this.#assertEnded(name, order.clientOrderId);
    };
    for (const name of ["orderCompleted", "orderCanceled", "orderExpired", "orderFailed"] as const) {
      connector.on(name, ended(name));
    }
  }

  /** Checks that an order whose end was reported does not rest at the venue, whatever was lost on the way. */
  #assertEnded(event: string, clientOrderId: string): void {
    const { world, findings } = this.#options;
    const open = openAtVenue(world, clientOrderId);
    if (open === undefined) return;
    findings.add(
      "an ended order is not open",
      `${this.host}: ${event} of ${clientOrderId}, which rests as ${open.orderId}`,
    );
  }

  #logger(life: number): Logger {
    const line =
      (level: string, isKept: boolean) =>
      (message: string, fields: object = {}) => {
        const text = `${level} ${message} ${JSON.stringify(fields)}`;
        this.secrets.text(text);
        if (isKept && life === this.#life) this.#line(text);
      };
    return {
      debug: line("debug", false),
      info: line("info", false),
      warn: line("warn", true),
      error: line("error", true),
    };
  }

  #line(text: string): void {
    const { world } = this.#options;
    this.lines.push(`${(world.elapsedMs() / 1_000).toFixed(3)} ${this.host} ${text}`);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
  }
}
