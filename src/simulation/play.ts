import { Checker } from "../checker/checker.ts";
import type { HistoryLine } from "../checker/history.ts";
import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import { checkOptionNames } from "../model/names.ts";
import { assertOneOf } from "../runtime/simulated-checks.ts";
import { SeededRandom } from "../runtime/simulated-random.ts";
import { Crowd } from "./actors/crowd.ts";
import { Hand } from "./actors/hand.ts";
import { quote } from "./actors/quoter.ts";
import { take } from "./actors/taker.ts";
import { AnswerWatch } from "./answer-watch.ts";
import { BookWatch } from "./book-watch.ts";
import { BotProcess } from "./bot-process.ts";
import { checkDeeds } from "./deeds.ts";
import { type Finding, Findings } from "./findings.ts";
import { checkHeals, quietHeals } from "./heal-watch.ts";
import type { WorldRecorder } from "./history/world-recorder.ts";
import { Judge, STARTING_CASH } from "./judge.ts";
import { watchKinds } from "./kind-watch.ts";
import { OrderWatch } from "./order-watch.ts";
import { type Act, assertPlan, type Episode, type WorldPlan } from "./plan.ts";
import { ReadyWatch } from "./ready-watch.ts";
import { RISK_LIMITS, watchHeld, watchOpenOrders } from "./risk-watch.ts";
import { RunningEpisodes } from "./running-episodes.ts";
import { summed } from "./summed.ts";
import { TermWatch } from "./term-watch.ts";
import { isLossy } from "./unseen.ts";
import { until } from "./until.ts";
import { World } from "./world.ts";

/** Result of a world that was played. */
export interface Outcome {
  readonly plan: WorldPlan;
  /** Empty when every rule held. */
  readonly findings: readonly Finding[];
  /** Hash of everything that happened, byte by byte. */
  readonly hash: string;
  readonly simulatedMs: number;
  /** Counts of each fault, of each actor's acts and of the processes killed. */
  readonly faults: Readonly<Record<string, number>>;
  /** Counts of the connectors' events, summed. */
  readonly told: Readonly<Record<string, number>>;
  /** Times that invalid books took to be valid again, milliseconds. */
  readonly healMs: readonly number[];
  /** The same of books that were invalid after the last fault, from its end on. */
  readonly quietHealMs: readonly number[];
  /** Time from the end of the last fault until every process was ready and every order's fate known, milliseconds. */
  readonly settledMs: number;
  /** The newest warnings of the bots, to explain a finding. */
  readonly lines: readonly string[];
}

/**
 * Source of the findings that count: the judge, who looks while the world is played, or the checker, who reads its
 * history.
 */
export type FoundBy = "both" | "judge" | "checker";

export interface PlayOptions {
  /** The judge by default. */
  readonly by?: FoundBy | undefined;
  /** Called with each line of the world's history as it happens; see `World.record`. */
  readonly onLine?: ((line: HistoryLine) => void) | undefined;
  /** Version of Perpwire, for the head of the history. */
  readonly perpwire?: string | undefined;
}

const GOES_ON = "the world goes on";
const LOOK_MS = 250;
const RECORDED_LOOK_MS = 1_000;
const START_LIMIT_MS = 120_000;

const FOUND_BY: readonly FoundBy[] = ["both", "judge", "checker"];
const PLAY_OPTIONS: Readonly<Record<keyof PlayOptions, true>> = { by: true, onLine: true, perpwire: true };

/**
 * Plays a world to its end and says what did not hold. Never rejects for what a connector does. Throws `ConfigError` for a
 * plan or options that cannot be.
 */
export async function playWorld(plan: WorldPlan, options: PlayOptions = {}): Promise<Outcome> {
  assertPlan(plan);
  checkOptionNames(options, PLAY_OPTIONS);
  if (options.by !== undefined) assertOneOf("by", options.by, FOUND_BY);
  const hearer: Hearer = {};
  const { connector, seed, profile, fundingIntervalMs } = plan;
  const world = await World.open({
    connector,
    seed: `${seed} ${profile}`,
    venue: { emptyBooks: true, fundingIntervalMs, startingBalance: STARTING_CASH },
    onAnswer: (request, response) => hearer.answers?.note(request, response),
  });
  return new Play(plan, world, hearer, options).run();
}

/** Listener to the venue's answers, once there is one. */
interface Hearer {
  answers?: AnswerWatch;
}

interface Moment {
  readonly atMs: number;
  happen(): void;
}

class Play {
  readonly #plan: WorldPlan;
  readonly #world: World;
  readonly #findings: Findings;
  readonly #answers: AnswerWatch;
  readonly #readiness: ReadyWatch;
  readonly #bots: readonly BotProcess[];
  readonly #crowd: Crowd;
  readonly #hand: Hand;
  readonly #books: BookWatch;
  readonly #terms: TermWatch;
  readonly #orders: OrderWatch;
  readonly #episodes: RunningEpisodes;
  readonly #counts: Record<string, number> = {};
  readonly #by: FoundBy;
  readonly #checker = new Checker();
  readonly #recorder: WorldRecorder | undefined;
  #nextLookMs = 0;
  /** Time when the last fault was over. */
  #quietMs = Number.POSITIVE_INFINITY;
  #nextRecordMs = 0;
  /** Acts of the strategies while their connectors were ready and their processes ran. */
  #readyActs = 0;

  constructor(plan: WorldPlan, world: World, hearer: Hearer, { by = "judge", onLine, perpwire }: PlayOptions) {
    this.#by = by;
    this.#plan = plan;
    this.#world = world;
    const findings = new Findings(() => world.elapsedMs());
    this.#findings = findings;
    this.#answers = new AnswerWatch({ world, findings });
    hearer.answers = this.#answers;
    const answered = (host: string) => this.#answers.answered(host);
    this.#readiness = new ReadyWatch({ world, findings, answered });
    const riskLimits = plan.hasRiskLimits ? RISK_LIMITS(world.quote) : undefined;
    const { profile, hasHand, tradingMs } = plan;
    const settings = { perpwire, profile, minutes: tradingMs / 60_000, startingCash: STARTING_CASH, hasHand };
    const write = (line: HistoryLine): void => {
      this.#checker.line(line);
      onLine?.(line);
    };
    // A history for nobody costs a tenth of the world.
    if (by !== "judge" || onLine !== undefined) this.#recorder = world.record({ ...settings, riskLimits, write });
    const isShared = plan.processes > 1;
    const hosts = isShared ? ["bot", "second"] : ["bot"];
    const needsPowerSafety = plan.episodes.some(({ kind }) => kind === "powerCut");
    const onCreated = (host: string, connector: PerpetualConnector) => {
      this.#readiness.listen(host, connector);
      connector.on("channelRefused", ({ channel }) => this.#answers.refused(host, channel));
    };
    const onLost = (host: string, method: string, url: string) => this.#answers.lost(host, method, url);
    const { orderEntry } = plan;
    const options = { world, findings, riskLimits, isShared, orderEntry, needsPowerSafety, onCreated, onLost };
    this.#bots = hosts.map((host) => new BotProcess({ ...options, host }));
    this.#crowd = new Crowd(world);
    this.#episodes = new RunningEpisodes({ world, bots: this.#bots, crowd: this.#crowd });
    this.#hand = new Hand(world);
    this.#books = new BookWatch(world, findings);
    this.#terms = new TermWatch(world, findings);
    this.#orders = new OrderWatch(world, findings, isLossy(plan));
    watchKinds(world, this.#bots, findings);
  }

  async run(): Promise<Outcome> {
    let settledMs = 0;
    try {
      await this.#open();
      await this.#trade();
      this.#endFaults();
      settledMs = await new Judge({
        plan: this.#plan,
        world: this.#world,
        bots: this.#bots,
        findings: this.#findings,
        fillBooks: () => this.#crowd.fillBooks(),
        advanceTo: (elapsedMs) => this.#advanceTo(elapsedMs),
        onCompared: (when) => this.#recorder?.agree(when),
      }).judge();
      for (const { host, amends } of this.#bots) if (amends !== undefined) this.#terms.checkAmends(host, amends);
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#findings.add(GOES_ON, text);
    }
    const heals = this.#bots.flatMap((bot) => bot.heals);
    const quietHealMs = quietHeals(heals, this.#quietMs);
    checkHeals(this.#world, quietHealMs, this.#findings);
    for (const { secrets } of this.#bots)
      if (secrets.leaked !== undefined) this.#findings.add("no secret is logged", secrets.leaked);
    return {
      plan: this.#plan,
      findings: this.#allFindings(),
      hash: this.#world.trace(),
      simulatedMs: this.#world.elapsedMs(),
      told: this.#told(),
      faults: { ...this.#counts, kills: this.#bots.reduce((total, { kills }) => total + kills, 0) },
      healMs: heals.map(({ healMs }) => healMs),
      quietHealMs,
      settledMs,
      lines: this.#bots.flatMap(({ lines }) => lines),
    };
  }

  #allFindings(): readonly Finding[] {
    const { all } = this.#findings;
    // A world that stopped in the middle has a history in which nothing may be wrong.
    const judged = this.#by === "checker" ? all.filter(({ rule }) => rule === GOES_ON) : all;
    if (this.#by === "judge") return judged;
    const checked = this.#checker.report().breaches.map(({ rule, text, lines, t }) => {
      return { rule: `checker: ${rule}`, text: `${text} (history: ${lines.join(", ")})`, atMs: t };
    });
    return [...judged, ...checked];
  }

  #told(): Record<string, number> {
    return summed(this.#bots.flatMap(({ ledgers }) => ledgers.map(({ counters }) => counters)));
  }

  async #open(): Promise<void> {
    const clockSkewMs = this.#plan.clockOffMs;
    for (const { host } of this.#bots) this.#world.machines.runtime(host, { clockSkewMs });
    const { venue } = this.#world;
    this.#crowd.open();
    if (this.#plan.isHedged) {
      venue.execute({ type: "setPositionMode", accountId: venue.accountId, mode: "hedge" });
    }
    for (const bot of this.#bots) bot.start();
    await until(() => this.#bots.every(({ connector }) => connector !== undefined), {
      world: this.#world,
      advanceTo: (elapsedMs) => this.#advanceTo(elapsedMs),
      limitMs: START_LIMIT_MS,
      everyMs: LOOK_MS,
    });
  }

  async #trade(): Promise<void> {
    const startMs = this.#world.elapsedMs();
    const { acts, episodes, tradingMs } = this.#plan;
    const moments: Moment[] = [
      ...acts.map((act) => ({ atMs: act.atMs, happen: () => this.#act(act) })),
      ...episodes.flatMap((episode) => [
        { atMs: episode.atMs, happen: () => this.#begin(episode) },
        { atMs: Math.min(tradingMs, episode.atMs + episode.forMs), happen: () => this.#episodes.end(episode) },
      ]),
    ].sort((a, b) => a.atMs - b.atMs);
    for (const { atMs, happen } of moments) {
      await this.#advanceTo(startMs + atMs);
      happen();
    }
    await this.#advanceTo(startMs + tradingMs);
    const hasOrders = this.#world.truth().orders.some(({ clientId }) => clientId !== null);
    checkDeeds({ tradingMs, readyActs: this.#readyActs, hasOrders }, this.#findings);
  }

  /** Looks at everything on the way. */
  async #advanceTo(elapsedMs: number): Promise<void> {
    while (this.#nextLookMs < elapsedMs) {
      const ms = this.#nextLookMs - this.#world.elapsedMs();
      if (ms > 0) await this.#world.advance(ms);
      this.#look();
      this.#nextLookMs = Math.max(this.#nextLookMs, this.#world.elapsedMs()) + LOOK_MS;
    }
    const ms = elapsedMs - this.#world.elapsedMs();
    if (ms > 0) await this.#world.advance(ms);
  }

  #look(): void {
    this.#hand.stops.check();
    if (this.#recorder !== undefined && this.#world.elapsedMs() >= this.#nextRecordMs) {
      this.#recorder.look();
      this.#nextRecordMs = this.#world.elapsedMs() + RECORDED_LOOK_MS;
    }
    for (const bot of this.#bots) {
      const { connector } = bot;
      if (connector === undefined) continue;
      this.#books.check(bot.host, connector);
      this.#readiness.check(bot.host, connector);
      this.#terms.check(bot.host, connector);
      bot.told?.check(bot.host, this.#findings);
      this.#orders.check(bot, connector);
      if (this.#plan.hasRiskLimits) watchOpenOrders(this.#world, bot, this.#findings);
    }
    // A process knows what the others of its account trade when the venue has told it, and not before.
    const isAlone = !this.#plan.hasHand && this.#bots.length === 1;
    if (this.#plan.hasRiskLimits && isAlone) watchHeld(this.#world, this.#findings);
  }

  #act({ actor, act, draw }: Act): void {
    const random = new SeededRandom(draw, `${actor} ${act}`);
    this.#count(`${actor} ${act}`);
    const [first, second = first] = this.#bots;
    if (first === undefined || second === undefined) return;
    if (actor === "crowd") this.#crowd.act(act, random);
    else if (actor === "hand") this.#hand.act(act, random);
    else {
      const bot = actor === "quoter" ? first : second;
      // Nothing leaves a process that stands still, and its `ready` is as old as its last moment.
      const isAwake = !this.#world.machines.isPaused(bot.host);
      if (isAwake && bot.connector?.ready === true) this.#readyActs += 1;
      if (actor === "quoter") quote(bot, act, random);
      else take(bot, act, random);
    }
  }

  #begin(episode: Episode): void {
    this.#count(episode.kind);
    this.#answers.episode(episode.kind, episode.forMs);
    this.#episodes.begin(episode);
  }

  /** Nothing goes wrong any more. */
  #endFaults(): void {
    this.#quietMs = this.#episodes.endAll();
    this.#answers.quiet();
  }

  #count(name: string): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + 1;
  }
}
