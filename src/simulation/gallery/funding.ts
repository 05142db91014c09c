import { sum } from "../../model/decimal.ts";
import type { WorldConnectOptions } from "../world.ts";
import { ALL_CONNECTORS, type Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";

const INTERVAL_MS = 60_000;
/** Time within which a payment is asked for where no channel tells it. */
const TOLD_WITHIN_MS = 900_000;

/** Lets funding be settled so many times with a rate that is not zero. */
async function settle(stage: Stage, times: number): Promise<void> {
  const { venue } = stage.world;
  const before = stage.world.truth().fundingPayments.length;
  for (let step = 0; stage.world.truth().fundingPayments.length < before + times && step < 200; step += 1) {
    venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 1_990_000_000_000n });
    await stage.pass(10_000);
  }
}

async function untilTold(stage: Stage): Promise<void> {
  const wanted = () => stage.world.truth().fundingPayments.length;
  const told = () => new Set(stage.ledgers.flatMap(({ fundingPayments }) => fundingPayments.map((p) => p.paymentId)));
  await stage.until(() => told().size >= wanted(), TOLD_WITHIN_MS);
}

export const fundingAsFills: Scenario = {
  name: "funding-as-fills",
  issue: "nautilus_trader#4937",
  url: "https://github.com/nautechsystems/nautilus_trader/issues/4937",
  title: "Settlements of funding are taken for trades",
  story:
    "Bybit lists funding settlements among executions, each with the whole position as its quantity. In September 2026 they were " +
    "read as fills at every start and from the stream, so the position grew by itself with each settlement; orders that " +
    "closed it were too large.",
  original: "The kind of an execution was not looked at, neither in the list nor in the stream.",
  connectors: ALL_CONNECTORS,
  venue: { fundingIntervalMs: INTERVAL_MS },
  play: async (stage) => {
    const { world } = stage;
    let sentAsExecutions = 0;
    world.machines.network.faults.onFrame = (_, text) => {
      if (/"execType":\s*"Funding"/.test(text)) sentAsExecutions += 1;
      return undefined;
    };
    stage.quote();
    const positions = new Set<string>();
    const onCreated: WorldConnectOptions["onCreated"] = (bot) =>
      bot.on("position", ({ amount }) => positions.add(amount.toFixed()));
    const first = await stage.connect({ onCreated });
    await stage.place(first, "buy", "0.5");
    await settle(stage, 2);
    world.kill();
    await settle(stage, 1);
    const second = await stage.connect({ onCreated });
    await untilTold(stage);
    stage.atLeast("settlements", world.truth().fundingPayments.length, 3);
    if (world.connectorName === "bybit_perpetual") {
      stage.atLeast("settlements that came as executions on the stream", sentAsExecutions, 2);
    }
    stage.equal("fills told", stage.fillsTold, world.truth().fills.length);
    stage.equal("amounts of the position that were ever told", [...positions].join(", "), "0.5");
    stage.equal("position", second.position(stage.pair)?.amount.toFixed() ?? "0", "0.5");
    await stage.agree(second);
  },
};

export const fundingTwice: Scenario = {
  name: "funding-twice",
  issue: "freqtrade#13102",
  url: "https://github.com/freqtrade/freqtrade/issues/13102",
  title: "Funding counts twice after a part of the position was closed",
  story:
    "In April 2026 somebody reported a futures trade that was closed in three parts: from the second on, profit " +
    "had the funding of the whole trade in it once more, so a gain of about 6.84 was told as a loss of 3.92. The " +
    'final result was right. The thread was closed with the label "AI Slop"; whether anything was mended it does ' +
    "not say.",
  original: "The profit that was told after the first exit had funding in it twice.",
  connectors: ALL_CONNECTORS,
  venue: { fundingIntervalMs: INTERVAL_MS },
  play: async (stage) => {
    const { world } = stage;
    stage.quote();
    const bot = await stage.connect();
    await stage.place(bot, "buy", "0.5");
    await settle(stage, 2);
    for (const amount of ["0.1", "0.2"]) {
      await stage.place(bot, "sell", amount, undefined, "close");
      await settle(stage, 1);
    }
    await stage.place(bot, "sell", "0.2", undefined, "close");
    await untilTold(stage);
    const truth = world.truth().fundingPayments;
    stage.atLeast("settlements", truth.length, 4);
    stage.equal("payments told", stage.ledgers[0]?.fundingPayments.length ?? 0, truth.length);
    const paid = sum(truth.map(({ amount }) => amount)).toFixed();
    stage.equal("sum of funding told", stage.ledgers[0]?.funding.toFixed() ?? "", paid);
    stage.equal("sum that the connector keeps", bot.fundingTotal(stage.pair).toFixed(), paid);
    await stage.agree(bot);
  },
};
