import { PerpwireError } from "../../src/model/error.ts";
import type { OrderSide } from "../../src/model/order.ts";
import { SeededRandom } from "../../src/runtime/simulated-random.ts";
import type { BoxConnector } from "../../src/simulation/box-protocols.ts";
import { byHand } from "./by-hand.ts";
import { withLateLog } from "./late-log.ts";
import { MARKET, Stage } from "./stage.ts";
import { ToldFacts } from "./told-facts.ts";

const PRIVATE =
  /"(orders|positions|account|fills|execution|order|position|wallet)[."]|ORDER_TRADE_UPDATE|ACCOUNT_UPDATE/;
const STEPS = 14;
const STARTS = 5;
const NOON_MS = 1_704_110_400_000;
const BEFORE_MIDNIGHT_MS = 1_704_153_570_000;

/** A bot on a moving market whose frames and answers come late and in any order, killed again and again. */
export async function dailyResultRun(name: BoxConnector, seed: number): Promise<ToldFacts> {
  const random = new SeededRandom(seed, "the day's result");
  const venueClock = { now: () => Number.POSITIVE_INFINITY };
  const late = { seed, mostMs: seed % 3 === 0 ? 150_000 : 30_000, now: () => venueClock.now() };
  await using stage = await Stage.open(name, {
    seed,
    startMs: seed % 4 === 0 ? BEFORE_MIDNIGHT_MS : NOON_MS,
    venue: { fundingIntervalMs: seed % 2 === 0 ? 20_000 : 600_000 },
    connector: { timings: { lostAfterMs: 600_000 } },
    runtime: (runtime) => withLateLog(runtime, late),
  });
  venueClock.now = () => stage.venue.now();
  const run = new DailyResultRun(stage, random);
  for (let step = 0; step < STEPS; step += 1) await run.step();
  await run.rest();
  return run.facts;
}

class DailyResultRun {
  readonly facts: ToldFacts;
  readonly #stage: Stage;
  readonly #random: SeededRandom;
  #price = 20_000;

  constructor(stage: Stage, random: SeededRandom) {
    this.#stage = stage;
    this.#random = random;
    this.facts = new ToldFacts(stage.venue);
    const { network } = stage.raw;
    network.latency = { minMs: 2, maxMs: 40 };
    network.faults = {
      onFrame: (direction, text) => {
        if (direction !== "toClient" || !PRIVATE.test(text) || !this.#chance(0.3)) return undefined;
        return this.#chance(0.1) ? "hold" : { delayMs: random.integer(4_000) };
      },
      onHttpRequest: ({ method }) =>
        method === "GET" && this.#chance(0.15) ? { kind: "delay", ms: random.integer(3_000) } : undefined,
    };
  }

  #chance(part: number): boolean {
    return this.#random.float() < part;
  }

  #side(): OrderSide {
    return this.#chance(0.5) ? "buy" : "sell";
  }

  async step(): Promise<void> {
    const random = this.#random;
    this.#price += random.integer(400) - 200;
    this.#quote();
    const isCut = this.#chance(0.25);
    if (isCut) this.#stage.killBotAfterWrites(random.integer(12));
    // FTX tells no time of its own: only the machine's clock says when a list of positions was true.
    const isClockLearned = this.#stage.name !== "ftx_perpetual";
    if (isClockLearned && this.#chance(0.1)) this.#stage.raw.setClockSkew("bot", random.integer(20_000) - 10_000);
    for (let orders = random.integer(3); orders >= 0; orders -= 1) {
      this.#order(isCut);
      if (this.#chance(0.5)) await this.#stage.pass(random.integer(300));
      if (this.#chance(0.3)) this.#stage.trade(this.#side(), "0.02");
    }
    await this.#stage.pass(random.integer(this.#chance(0.3) ? 20_000 : 1_500));
    if (this.#chance(0.2)) this.#stage.raw.network.releaseHeld();
    if (!isCut) this.#lookOn();
    if (isCut || this.#chance(0.2)) await this.#restart();
  }

  /** Everything is told in the end, by the polls at the latest. */
  async rest(): Promise<void> {
    const { network } = this.#stage.raw;
    network.faults = {};
    network.releaseHeld();
    for (let round = 0; round < 10; round += 1) {
      await this.#stage.pass(20_000);
      this.#lookOn();
    }
  }

  #lookOn(): void {
    this.facts.kept();
    this.facts.check();
  }

  /** Small levels, so that an order has several fills. */
  #quote(): void {
    const { trader } = this.#stage.venue;
    trader.cancelAll(MARKET);
    for (const [away, size] of [
      [10, "0.015"],
      [20, "0.015"],
      [40, "50"],
    ] as const) {
      trader.order({ market: MARKET, side: "buy", size, price: String(this.#price - away) });
      trader.order({ market: MARKET, side: "sell", size, price: String(this.#price + away) });
    }
  }

  /** What the connector refuses because of its own state is part of the day, as is an end within the call. */
  #order(isCut: boolean): void {
    const side = this.#side();
    const amount = `0.0${1 + this.#random.integer(5)}`;
    try {
      const kind = this.#random.integer(5);
      const away = side === "buy" ? -5 : 5;
      if (kind === 0) byHand(this.#stage, side, amount);
      else if (kind === 1) this.#stage.order(side, { amount, price: String(this.#price + away) });
      else this.#stage.order(side, { type: "market", amount });
    } catch (error) {
      if (!isCut && !(error instanceof PerpwireError)) throw error;
    }
  }

  async #restart(): Promise<void> {
    await this.#stage.endBot();
    this.facts.ended();
    if (this.#chance(0.5)) byHand(this.#stage, this.#side(), "0.03");
    await this.#stage.pass(this.#random.integer(5_000));
    await this.#start();
    this.facts.kept();
  }

  /** Answers are late: a start may take several attempts, each a process of its own. */
  async #start(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#stage.start();
        return;
      } catch (error) {
        if (attempt === STARTS || !(error instanceof PerpwireError)) throw error;
        await this.#stage.endBot();
        this.facts.ended();
      }
    }
  }
}
