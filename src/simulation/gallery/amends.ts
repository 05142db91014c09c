import { ALL_CONNECTORS, type Scenario } from "./scenario.ts";

export const filledWhileAmended: Scenario = {
  name: "filled-while-amended",
  issue: "nautilus_trader#4154",
  url: "https://github.com/nautechsystems/nautilus_trader/issues/4154",
  title: "A part is filled while an amend is on its way",
  story:
    "In May 2026 an order for 1 on Hyperliquid, where an amend puts a new order in the place of the old one, had a fill of 0.165 " +
    "while an amend was in flight. The amend asked for 1 again, and 1 was filled: 1.165 in all. The last fill was refused " +
    "as one too many, so the engine's position was not the venue's.",
  original: "The answer of the amend set the open amount back to what it had been before the fill.",
  connectors: ALL_CONNECTORS,
  play: async (stage) => {
    const { world } = stage;
    const bot = await stage.connect();
    const order = await stage.place(bot, "buy", "0.1", "19990");
    await stage.pass(1_000);
    world.machines.network.setLatency("bot", "venue", { minMs: 200, maxMs: 200 });
    const amended = bot.amend(order.clientOrderId, { price: "19991" }).then(
      () => "done",
      (error: unknown) => String(error),
    );
    // Before the amend has reached the venue.
    await stage.pass(50);
    stage.trade("sell", "0.016", "19990");
    const outcome = await world.run(amended);
    world.machines.network.setLatency("bot", "venue", undefined);
    await stage.pass(2_000);
    stage.equal("the amend", outcome, "done");
    const second = bot.amend(order.clientOrderId, { price: "19992" }).then(
      () => "done",
      (error: unknown) => String(error),
    );
    stage.equal("a second amend", await world.run(second), "done");
    await stage.pass(2_000);
    stage.trade("sell", "1", "19985");
    await stage.until(() => order.isDone);
    await stage.pass(2_000);
    stage.equal("state", order.state, "filled");
    stage.equal("amount filled in all", order.executedAmount.toFixed(), "0.1");
    stage.equal("position", bot.position(stage.pair)?.amount.toFixed() ?? "0", "0.1");
    await stage.agree(bot);
  },
};
