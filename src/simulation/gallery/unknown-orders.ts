import { ALL_CONNECTORS, type Scenario } from "./scenario.ts";

const OUTAGE_MS = 60_000;

export const dnsOutage: Scenario = {
  name: "dns-outage",
  issue: "hummingbot#8457",
  url: "https://github.com/hummingbot/hummingbot/issues/8457",
  title: "Six accepted orders are dropped while names do not resolve",
  story:
    "In September 2026 a bot that ran for days had six resting sell orders, accepted and with exchange ids, when the names " +
    "of the venue's hosts stopped resolving in bursts. Status, fill and cancel requests failed for minutes. After the bot was " +
    "stopped the account held a short of 0.0006 BTC, the sum of the six, and the bot's database had no fill of any of them.",
  original:
    'Every exception of a status request counted as one more "order not found", network errors included. After three the ' +
    "orders were marked as failed, and then removed from the list of lost orders, without a word of the venue.",
  connectors: ALL_CONNECTORS,
  play: async (stage) => {
    stage.quote();
    const bot = await stage.connect();
    const ids: string[] = [];
    for (let rank = 1; rank <= 6; rank += 1) {
      const order = await stage.place(bot, "sell", "0.01", String(20_010 + rank));
      ids.push(order.clientOrderId);
    }
    await stage.pass(1_000);
    const outage = stage.cutNames();
    for (const id of ids) void bot.cancel(id);
    stage.trade("buy", "20", "20030");
    await stage.pass(OUTAGE_MS);
    stage.atLeast("requests that failed for want of a name", outage.failed(), 6);
    stage.equal("orders called ended during the outage", ids.filter((id) => bot.order(id)?.isDone !== false).length, 0);
    stage.equal("orders still followed", stage.followed(bot), 6);
    outage.end();
    const healedMs = stage.world.elapsedMs();
    await stage.until(() => ids.every((id) => bot.order(id)?.state === "filled"));
    stage.atMost(
      "ms from the names' return until all six were known as filled",
      stage.world.elapsedMs() - healedMs,
      60_000,
    );
    stage.equal("fills told", stage.fillsTold, stage.world.truth().fills.length);
    stage.equal("position", bot.position(stage.pair)?.amount.toFixed() ?? "0", "-0.06");
    await stage.agree(bot);
  },
};
