import { expect } from "vitest";
import type { OrderOptions } from "../../src/connector/order-request.ts";
import { PerpwireError } from "../../src/model/error.ts";
import type { OrderSide, PositionMode } from "../../src/model/order.ts";
import type { FaultConfig } from "../../src/paper/index.ts";
import { SeededRandom } from "../../src/runtime/simulated-random.ts";
import type { BoxConnector } from "../../src/simulation/dialects.ts";
import { settle } from "./agreement.ts";
import { Stage } from "./stage.ts";

const BAD_DAY: FaultConfig = {
  latencyMs: [1, 40],
  dropFrame: 0.02,
  repeatFrame: 0.02,
  deadChannel: 0.001,
  breakSequence: 0.005,
  resetAfterAccept: 0.1,
  error5xx: 0.05,
  error429: 0.02,
  disconnect: 0.02,
  expireListenKey: 0.02,
  restartEveryMs: 15_000,
};

const ROUNDS = 36;
const KILLED_IN: ReadonlySet<number> = new Set([12, 25]);
const STARTS = 20;

/**
 * A bot that does everything there is to do on a moving market while everything goes wrong, is killed twice with orders
 * open, and must agree with the venue afterwards.
 */
export async function chaosRun(connectorName: BoxConnector, seed: number, mode: PositionMode): Promise<void> {
  const venue = { emptyBooks: false, fundingIntervalMs: 7_000 };
  await using stage = await Stage.open(connectorName, {
    seed,
    venue,
    connector: { timings: { lostAfterMs: 600_000 } },
  });
  if (mode === "hedge") await stage.run(stage.connector.setPositionMode(mode));
  const bot = new ChaosBot(stage, seed);
  stage.venue.faults.set(BAD_DAY);
  for (let round = 0; round < ROUNDS; round += 1) {
    bot.act();
    await stage.pass(bot.pauseMs());
    if (KILLED_IN.has(round)) await restart(stage);
  }
  stage.venue.faults.clear();
  const { connector } = stage;
  await stage.until("every order's fate is known", () => {
    return connector.ready && [...connector.inFlightOrders.values()].every(({ state }) => state !== "unknown");
  });
  await settle(stage);
  const { fills, fundingPayments } = totals(stage);
  expect(fills).toBeGreaterThan(5);
  expect(fundingPayments).toBeGreaterThan(0);
  expect(connector.lostOrders).toEqual([]);
}

function totals({ ledgers }: Stage) {
  const sumOf = (name: "fills" | "fundingPayments") =>
    ledgers.reduce((total, { counters }) => total + counters[name], 0);
  return { fills: sumOf("fills"), fundingPayments: sumOf("fundingPayments") };
}

/** The faults are on: a start may take several attempts, each a process of its own. */
async function restart(stage: Stage): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await stage.endBot();
    await stage.pass(1_000);
    try {
      await stage.start();
      return;
    } catch (error) {
      if (attempt === STARTS || !(error instanceof PerpwireError)) throw error;
    }
  }
}

class ChaosBot {
  readonly #stage: Stage;
  readonly #random: SeededRandom;

  constructor(stage: Stage, seed: number) {
    this.#stage = stage;
    this.#random = new SeededRandom(seed, "chaos");
  }

  pauseMs(): number {
    return 200 + this.#random.integer(1_500);
  }

  /** What the connector refuses because of its own state is part of the day. */
  act(): void {
    try {
      this.#act();
    } catch (error) {
      if (!(error instanceof PerpwireError)) throw error;
    }
  }

  #act(): void {
    const { connector, pair } = this.#stage;
    const open = [...connector.inFlightOrders.values()];
    const one = open[this.#random.integer(Math.max(1, open.length))];
    switch (this.#random.integer(9)) {
      case 0:
        this.#stage.trade(this.#side(), "0.05");
        return;
      case 1:
        if (one !== undefined) void connector.cancel(one.clientOrderId);
        return;
      case 2:
        if (one?.price !== undefined) this.#amend(one.clientOrderId, one.price.minus(1).toFixed());
        return;
      case 3:
        connector.batchOrderCreate([1, 2, 3].map((ticks) => ({ tradingPair: pair, ...this.#quote(ticks) })));
        return;
      case 4:
        void connector.batchOrderCancel(open.slice(0, 3).map(({ clientOrderId }) => clientOrderId));
        return;
      case 5:
        this.#stage.order(this.#side(), { type: "market", ...this.#intent() });
        return;
      default: {
        const { side, ...options } = this.#quote(this.#random.integer(3));
        this.#stage.order(side, options);
      }
    }
  }

  #amend(clientOrderId: string, price: string): void {
    this.#stage.connector.amend(clientOrderId, { price }).catch(ignoreRefusal);
  }

  #side(): OrderSide {
    return this.#random.integer(2) === 0 ? "buy" : "sell";
  }

  /** In hedge mode every third order gives up a leg, or tries to. */
  #intent(): Pick<OrderOptions, "amount" | "position"> {
    const isClosing = this.#stage.connector.positionMode === "hedge" && this.#random.integer(3) === 0;
    return { amount: "0.01", position: isClosing ? "close" : "open" };
  }

  #quote(ticks: number) {
    const side = this.#side();
    const book = this.#stage.connector.orderBook(this.#stage.pair);
    const best = (side === "buy" ? book.bestBid : book.bestAsk)?.price.toFixed() ?? "20000";
    const price = String(Number(best) + (side === "buy" ? -ticks : ticks));
    const type = this.#random.integer(2) === 0 ? ("limit" as const) : ("limitMaker" as const);
    return { side, type, price, ...this.#intent() };
  }
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof PerpwireError)) throw error;
}
