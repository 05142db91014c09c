import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import { decimal } from "../model/decimal.ts";
import { describeError, PerpwireError } from "../model/error.ts";
import { formatAmount } from "../paper/index.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { adjustmentDifferences } from "./adjustments.ts";
import { differencesOf, ordersOf } from "./agreement.ts";
import type { BotProcess } from "./bot-process.ts";
import type { EpisodeKind } from "./episodes.ts";
import type { Findings } from "./findings.ts";
import { forcedTrades } from "./forced-trades.ts";
import { externalDifferences } from "./order-watch.ts";
import type { WorldPlan } from "./plan.ts";
import { isLossy } from "./unseen.ts";
import { until } from "./until.ts";
import type { World } from "./world.ts";

export interface JudgeOptions {
  readonly plan: WorldPlan;
  readonly world: World;
  readonly bots: readonly BotProcess[];
  readonly findings: Findings;
  /** Fills the books: an order that closes a position needs somebody to trade with. */
  fillBooks(): void;
  /** Moves time on, and looks at everything on the way. */
  advanceTo(elapsedMs: number): Promise<void>;
  /** Called when connectors and venue are to be equal. */
  onCompared(when: string): void;
}

interface Broken {
  readonly rule: string;
  readonly text: string;
  /** Subject of the finding, by the name that both sides give it. */
  readonly key?: string | undefined;
}

export const STARTING_CASH = "100000";
const UNIT = decimal("0.00000001");
/** The longest that anything may take to be known after the last fault, where only a poll of a healthy stream finds it. */
const QUIET_LIMIT_MS = 180_000;
/** The same where no message was lost without a trace: what the streams and the catch-ups tell. */
const TOLD_LIMIT_MS = 60_000;
/** Half of the worlds know everything at once; in every so many the quiet lasts, for what is tried again and again. */
const LONG_QUIET_EVERY = 4;
const LONG_QUIET_MS = 120_000;
const FLATTEN_MS = 120_000;
/** A venue that replaces orders may take an amend for so long after it was sent, with room for the last look at it. */
const UNDECIDED_MS = 45_000;
/** Faults that make the clock of a machine differ from the venue's. */
const CLOCK_FAULTS: ReadonlySet<EpisodeKind> = new Set<EpisodeKind>([
  "clockStep",
  "clockDrift",
  "botClock",
  "pausedProcess",
  "closedLid",
]);
const REFRESH_ATTEMPTS = 10;
const MAX_DIFFERENCES = 5;
const LOOK_MS = 500;
const FAREWELL_MS = 2_000;
const COMPARE_EVERY_MS = 5_000;

/**
 * Judge of a world after its last fault: everything becomes known in time, and equal to the venue's, to the last digit.
 */
export class Judge {
  readonly #options: JudgeOptions;
  /** Time when the last fault was over. */
  #quietMs = 0;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** Returns how long it took until everything was known, milliseconds. */
  async judge(): Promise<number> {
    const { plan, bots, world, advanceTo } = this.#options;
    this.#quietMs = world.elapsedMs();
    const settledMs = await this.#settle();
    if (plan.seed % LONG_QUIET_EVERY === 0) await advanceTo(this.#quietMs + LONG_QUIET_MS);
    await this.#compare("after the quiet");
    const [first] = bots;
    if (first?.connector === undefined) return settledMs;
    this.#options.fillBooks();
    await this.#flatten(first, first.connector);
    await this.#compare("after flatten");
    for (const { connector, host } of bots) {
      if (connector !== undefined) await this.#stop(host, connector);
    }
    await world.run(world.venue.stop());
    return settledMs;
  }

  #find(rule: string, text: string): void {
    this.#options.findings.add(rule, text);
  }

  /** Waits until everything is known, without a question of ours: polls, streams and catch-ups must be enough. */
  async #settle(): Promise<number> {
    const { plan, bots, world } = this.#options;
    const startMs = world.elapsedMs();
    // Funding goes on in the quiet: only what was paid before has had its time.
    const due = new Set(world.truth().fundingPayments.map(({ paymentId }) => paymentId));
    const isKnown = () => bots.every(({ connector }) => connector?.ready === true && unsettled(connector).length === 0);
    if (!(await this.#until(isKnown, QUIET_LIMIT_MS))) {
      const states = bots.map(
        ({ host, connector }) => `${host} ${connector === undefined ? "is down" : stateOf(connector)}`,
      );
      this.#find("everything is known in time", `after ${QUIET_LIMIT_MS} ms of quiet: ${states.join("; ")}`);
    }
    const settledMs = world.elapsedMs() - startMs;
    const limitMs = isLossy(plan) ? QUIET_LIMIT_MS : TOLD_LIMIT_MS;
    const untold = (): readonly Broken[] => this.#untold(due);
    if (!(await this.#until(() => untold().length === 0, limitMs - settledMs, COMPARE_EVERY_MS))) {
      for (const { rule, text } of untold().slice(0, MAX_DIFFERENCES)) {
        this.#find(rule, `not after ${limitMs} ms of quiet: ${text}`);
      }
    }
    return settledMs;
  }

  /** Events at the venue that no process has reported; of the payments, those that were due. */
  #untold(due: ReadonlySet<string>): readonly Broken[] {
    const isFundingTold = this.#options.world.protocol.announcesFunding;
    return this.#differences().filter(({ rule, text, key = "" }) => {
      if (!rule.startsWith("funding")) return rule.startsWith("fills");
      // A stream that announces payments is silent about those of nothing.
      return isFundingTold && due.has(key) && !text.includes('amount 0"');
    });
  }

  #until(condition: () => boolean, limitMs: number, everyMs = LOOK_MS): Promise<boolean> {
    return until(condition, { ...this.#options, limitMs, everyMs });
  }

  /**
   * All figures are the venue's after the first `refresh()` of connectors that know everything, of an account that stood
   * still meanwhile. What is still being asked about, such as an amend that FTX may yet take, is given the time that it may
   * take.
   */
  async #compare(when: string): Promise<void> {
    const { bots, world, advanceTo } = this.#options;
    const untilMs = world.elapsedMs() + QUIET_LIMIT_MS;
    for (;;) {
      const before = this.#eventsOfAccount();
      for (const bot of bots) if (bot.connector !== undefined) await this.#refresh(bot, bot.connector);
      const isStill = before === this.#eventsOfAccount();
      const areReady = bots.every(({ connector }) => connector?.ready === true && isSettled(connector));
      const isKnown = isStill && areReady && !this.#mayBeUndecided();
      const differences = [...this.#differences(), ...this.#accountDifferences()];
      // Nothing is waited for where a rule is broken already.
      const isLast = isKnown || world.elapsedMs() >= untilMs || this.#options.findings.all.length > 0;
      if (differences.length === 0 || isLast) {
        for (const { rule, text } of differences.slice(0, MAX_DIFFERENCES)) this.#find(rule, `${when}: ${text}`);
        this.#options.onCompared(when);
        return;
      }
      await advanceTo(world.elapsedMs() + COMPARE_EVERY_MS);
    }
  }

  /**
   * Tells that an amend which a venue has not answered may have replaced its order (FTX, Hyperliquid), also one that asks
   * for the terms that the order has; this is decided only when the amend can no longer arrive.
   */
  #mayBeUndecided(): boolean {
    const { bots, world } = this.#options;
    if (world.elapsedMs() - this.#quietMs >= UNDECIDED_MS) return false;
    return bots.some(
      ({ connector }) => connector?.manifest.amendStyle === "replace" && connector.inFlightOrders.size > 0,
    );
  }

  /** Fills and payments of the account so far: what is paid while a list is asked for may not be in it. */
  #eventsOfAccount(): number {
    const { fills, fundingPayments } = this.#options.world.truth();
    return fills.length + fundingPayments.length;
  }

  #differences(): readonly Broken[] {
    const { bots, world, plan } = this.#options;
    const truth = world.truth();
    const known = new Set(bots.flatMap(({ placed }) => [...placed]));
    const strangers = truth.orders.filter(({ clientId }) => clientId !== null && !known.has(clientId));
    const isAlone = bots.length === 1 && !plan.hasHand && forcedTrades(world).length === 0;
    return [
      ...strangers.map(({ orderId, clientId }) => ({
        rule: "every order at the venue was asked for",
        text: `order ${orderId} has the id ${clientId}`,
      })),
      ...bots.flatMap(({ host, connector, ledgers, placed }) => {
        if (connector === undefined) return [];
        const { protocol, token } = world;
        const options = { connector, ledgers, truth, protocol, token, startingCash: STARTING_CASH };
        return differencesOf({ ...options, placed: isAlone ? undefined : placed }).map((difference) => ({
          rule: `${difference.section} equal the venue's`,
          text: `${host} ${JSON.stringify(difference)}`,
          key: difference.key,
        }));
      }),
    ];
  }

  /** Differences in the venue's own acts on the account, and in the day's result. */
  #accountDifferences(): readonly Broken[] {
    const { bots, plan, world } = this.#options;
    const { protocol } = world;
    const { engine, accountId } = world.venue;
    const cash = decimal(formatAmount(engine.account(accountId)?.cash ?? 0n)).minus(STARTING_CASH);
    return bots.flatMap(({ host, connector, ledgers, placed }) => {
      if (connector === undefined) return [];
      const broken = [
        ...adjustmentDifferences(world, ledgers).map((text) => ({ rule: "adjustments equal the venue's", text })),
        ...externalDifferences(world, placed, connector).map((text) => ({ rule: "orders of others are shown", text })),
      ].map(({ rule, text }) => ({ rule, text: `${host} ${text}` }));
      for (const { spec } of engine.markets()) {
        const pair = world.pairOf(spec.market);
        const mode = engine.settings(accountId, spec.market)?.positionMode;
        if (!connector.tradingPairs.includes(pair) || connector.positionModeOf(pair) === mode) continue;
        broken.push({ rule: "position modes equal the venue's", text: `${host} has another than ${mode} for ${pair}` });
      }
      const { result, isComplete } = connector.dailyResult;
      // The venue books whole units of each fill's profit; where it does not tell them (FTX), the profit is worked out.
      const rounding = UNIT.times(engine.fills(accountId).length);
      // FTX does not tell its time: fills cannot be held against a position that was dated by a clock which was ahead. What
      // the result lacks then it says: that it is incomplete.
      const mayBeIncomplete = protocol.name === "ftx" && plan.episodes.some(({ kind }) => CLOCK_FAULTS.has(kind));
      const isNear = result.minus(cash).abs().lte(rounding);
      if (isComplete ? isNear : mayBeIncomplete) return broken;
      const text = `${host} says ${result.toFixed()}${isComplete ? "" : ", incomplete"}; the venue's cash flows are ${cash.toFixed()}`;
      return [...broken, { rule: "the day's result equals the venue's cash flows", text }];
    });
  }

  async #flatten(bot: BotProcess, connector: PerpetualConnector): Promise<void> {
    const report = await this.#options.world.run(connector.flatten({ timeoutMs: FLATTEN_MS }));
    bot.add(report.closingOrders, []);
    if (report.isFlat) return;
    const { problems, openOrders, positions, unseen, elsewhere } = report;
    this.#find("flatten ends flat", JSON.stringify({ problems, openOrders, positions, unseen, elsewhere }));
  }

  async #stop(host: string, connector: PerpetualConnector): Promise<void> {
    const { world } = this.#options;
    await world.run(connector.stop());
    // Farewells of its connections are under way.
    await world.advance(FAREWELL_MS);
    const left = world.machines.pending(host);
    if (left > 0) this.#find("nothing is scheduled after stop", `${host} waits for ${left} things`);
  }

  async #refresh({ host }: BotProcess, connector: PerpetualConnector): Promise<void> {
    const { world } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await world.run(connector.refresh());
        return;
      } catch (error) {
        if (!(error instanceof PerpwireError) || attempt === REFRESH_ATTEMPTS) {
          this.#find("refresh succeeds in the quiet", `${host}: ${describeError(error)}`);
          return;
        }
        await world.advance(2_000);
      }
    }
  }
}

const UNSETTLED: ReadonlySet<string> = new Set(["unknown", "pendingCreate", "pendingCancel", "awaitingFills", "lost"]);

function unsettled(connector: PerpetualConnector) {
  return ordersOf(connector).filter(({ state }) => UNSETTLED.has(state));
}

/** Tells that no order's fate and no amend is being asked about. */
function isSettled(connector: PerpetualConnector): boolean {
  return unsettled(connector).length === 0 && ![...connector.inFlightOrders.values()].some(isBeingAmended);
}

function isBeingAmended({ price, amount, targetPrice, targetAmount }: InFlightOrder): boolean {
  return !amount.eq(targetAmount) || price?.toFixed() !== targetPrice?.toFixed();
}

function stateOf(connector: PerpetualConnector): string {
  const missing = Object.entries(connector.status()).flatMap(([name, holds]) => (holds ? [] : [name]));
  const orders = unsettled(connector).map(({ clientOrderId, state }) => `${clientOrderId} ${state}`);
  return `lacks [${missing.join(", ")}], unsettled [${orders.join(", ")}]`;
}
