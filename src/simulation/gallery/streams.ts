import type { BoxConnector } from "../box-protocols.ts";
import { ALL_CONNECTORS, type Scenario } from "./scenario.ts";
import { ETH } from "./stage.ts";

export const burstOfUpdates: Scenario = {
  name: "burst-of-updates",
  issue: "ccxt#10754",
  url: "https://github.com/ccxt/ccxt/issues/10754",
  title: "Order updates that come between two calls are lost",
  story:
    "Since 2021 users have told that a loop around `watchOrders` cannot be sure to see every update of an order: what comes while " +
    "the last result is being worked on is merged into the order's row, or not returned.",
  original:
    "An update changes a cached row, and a waiting call is woken with the rows that changed since the last one. Two updates of " +
    "an order in between are one.",
  connectors: ALL_CONNECTORS,
  play: async (stage) => {
    const { world } = stage;
    const bot = await stage.connect();
    const { timers } = world.runtime();
    let handled = 0;
    bot.on("orderFilled", async () => {
      await timers.sleep(1_000);
      handled += 1;
    });
    const orders = [];
    for (const price of ["19990", "19989", "19988"]) orders.push(await stage.place(bot, "buy", "0.05", price));
    await stage.pass(500);
    // Fifteen trades in one instant: five for each order.
    for (let trade = 0; trade < 15; trade += 1) stage.trade("sell", "0.01", "19988");
    await stage.pass(5_000);
    stage.equal("fills at the venue", world.truth().fills.length, 15);
    stage.equal("fills told", stage.fillsTold, 15);
    stage.equal("fills that a slow listener worked on", handled, 15);
    stage.equal("orders filled", orders.filter(({ state }) => state === "filled").length, 3);
    stage.equal("ends told", stage.ledgers[0]?.counters.ordersFilled ?? 0, 3);
    await stage.agree(bot);
  },
};

export const sharedOrderId: Scenario = {
  name: "shared-order-id",
  issue: "ccxt#29401",
  url: "https://github.com/ccxt/ccxt/pull/29401",
  title: "Orders of two symbols have the same id",
  story:
    "Binance counts the orders of each symbol by themselves. Users met errors for orders of two symbols with the same id, and rows " +
    "of the cache that went missing; in July 2026 the cause was mended in five languages at once.",
  original: "The cache of orders looked for a row by its id alone, and so put out the wrong one when it was full.",
  connectors: ["binance_perpetual"],
  venue: { sharedIds: true },
  play: async (stage) => {
    const { world } = stage;
    const bot = await stage.connect();
    const mine = [];
    for (let rank = 0; rank < 5; rank += 1) {
      mine.push(await stage.place(bot, "buy", "0.02", String(19_990 - rank)));
      mine.push(await stage.place(bot, "buy", "0.2", String(1_499 - rank), "open", stage.otherPair));
      await stage.pass(300);
    }
    const ids = mine.map(({ exchangeOrderId }) => exchangeOrderId);
    stage.equal("pairs of orders with the same id", ids.length - new Set(ids).size, 5);
    // Fills one of each pair and cancels the other, by turns.
    stage.trade("sell", "0.05", "19988");
    stage.trade("sell", "0.5", "1497", ETH);
    await stage.pass(1_000);
    for (const order of mine.slice(6)) await world.run(bot.cancel(order.clientOrderId));
    await stage.pass(2_000);
    const states = mine.map(({ state }) => (state === "filled" || state === "canceled" ? state[0] : "o")).join("");
    stage.equal("states of the ten orders", states, "ffffoocccc");
    stage.equal("fills told", stage.fillsTold, world.truth().fills.length);
    await stage.agree(bot);
    world.kill();
    const second = await stage.connect();
    await stage.pass(2_000);
    stage.equal("open orders after a restart", second.inFlightOrders.size, 2);
    await stage.agree(second);
  },
};

export const listenKeyExpired: Scenario = {
  name: "listen-key-expired",
  issue: "nautilus_trader#3861",
  url: "https://github.com/nautechsystems/nautilus_trader/issues/3861",
  title: "The listen key expires and nobody listens again",
  story:
    "In April 2026 a Binance client got the message that its listen key had expired and did not subscribe with a " +
    "new one. Fills came no more by the stream and were inferred by reconciliation.",
  original: "The fills that were inferred had ids of the engine's own and came some time after they had happened.",
  connectors: ["binance_perpetual"],
  play: async (stage) => {
    const { world } = stage;
    const bot = await stage.connect();
    const first = await stage.place(bot, "buy", "0.02", "19990");
    const second = await stage.place(bot, "buy", "0.03", "19980");
    await stage.pass(1_000);
    world.venue.faults.set({ expireListenKey: 1 });
    await stage.until(() => (stage.ledgers[0]?.counters.gaps ?? 0) > 0, 10_000);
    world.venue.faults.clear();
    stage.trade("sell", "0.02", "19990");
    const filledMs = world.elapsedMs();
    await stage.until(() => first.state === "filled");
    stage.atMost("ms until the fill during the gap was told", world.elapsedMs() - filledMs, 1_500);
    await stage.until(() => bot.ready);
    await stage.pass(5_000);
    stage.trade("sell", "0.03", "19980");
    const laterMs = world.elapsedMs();
    await stage.until(() => second.state === "filled");
    stage.atMost("ms until a later fill was told by the new stream", world.elapsedMs() - laterMs, 500);
    const known = new Set(world.truth().fills.map(({ fillId }) => fillId));
    const invented = stage.ledgers[0]?.fills.filter(({ fillId }) => !known.has(fillId)).length;
    stage.equal("fills told", stage.fillsTold, 2);
    stage.equal("fills with an id that the venue does not know", invented ?? -1, 0);
    await stage.agree(bot);
  },
};

export const streamNotBack: Scenario = {
  name: "stream-not-back",
  issue: "hummingbot#7590",
  url: "https://github.com/hummingbot/hummingbot/issues/7590",
  title: "The user stream is not initialised again after the network was away",
  story:
    "In April and May 2025 testers took the network from a Binance bot for some minutes and gave it back. Orders and candles were " +
    "fetched again, but the status of the user stream stayed false for as long as they looked.",
  original: "The status was never set again. The thread says that orders and positions were handled all the same.",
  connectors: ALL_CONNECTORS,
  play: async (stage) => {
    const { world } = stage;
    stage.quote();
    const bot = await stage.connect();
    await stage.place(bot, "buy", "0.02");
    const order = await stage.place(bot, "sell", "0.02", "20020", "close");
    await stage.pass(1_000);
    const outage = stage.cutNames();
    await stage.pass(60_000);
    stage.equal("ready during the outage", bot.ready, false);
    outage.end();
    const backMs = world.elapsedMs();
    await stage.until(() => bot.ready);
    stage.atMost("ms from the network's return until everything is ready", world.elapsedMs() - backMs, 60_000);
    await stage.pass(1_000);
    stage.trade("buy", "20", "20020");
    const filledMs = world.elapsedMs();
    await stage.until(() => order.state === "filled");
    stage.atMost("ms until a fill is told by the new stream", world.elapsedMs() - filledMs, 500);
    stage.equal("fills told", stage.fillsTold, 2);
    await stage.agree(bot);
  },
};

/** The first message of a client on a connection that has private channels. */
const LOGIN: Readonly<Partial<Record<BoxConnector, RegExp>>> = {
  ftx_perpetual: /"op":\s*"login"/,
  bybit_perpetual: /"op":\s*"auth"/,
  okx_perpetual: /"op":\s*"login"/,
};
const PRIVATE_REQUEST =
  /"op":\s*"(order|amend|cancel)|"channel":\s*"(orders|fills|positions|account)|"(order|execution|position|wallet)"/;

export const sentBeforeLogin: Scenario = {
  name: "sent-before-login",
  issue: "nautilus_trader#3820",
  url: "https://github.com/nautechsystems/nautilus_trader/issues/3820",
  title: "What was buffered is sent on a new session before its login",
  story:
    "In April 2026 amends of a Bybit bot were refused around a reconnect: some because they were asked for before the new session " +
    "had logged in, others because messages buffered before the break were sent first on the new connection.",
  original: "The orders were told as not modified, although they had never been asked for on a session that may ask.",
  connectors: ["ftx_perpetual", "bybit_perpetual", "okx_perpetual"],
  play: async (stage) => {
    const { world } = stage;
    const { network } = world.machines;
    const bot = await stage.connect();
    const order = await stage.place(bot, "buy", "0.02", "19900");
    await stage.pass(1_000);
    const loggedIn = new Set<number>();
    let logins = 0;
    let early = 0;
    network.faults = {
      onFrame: (direction, text, { number }) => {
        if (direction !== "toServer") return undefined;
        if (LOGIN[world.connectorName]?.test(text) === true) {
          logins += 1;
          loggedIn.add(number);
        } else if (PRIVATE_REQUEST.test(text) && !loggedIn.has(number)) early += 1;
        return undefined;
      },
    };
    const failed: string[] = [];
    bot.on("orderAmendFailed", ({ error }) => failed.push(error.code));
    const amends: Promise<unknown>[] = [];
    const amend = (price: string) => {
      amends.push(bot.amend(order.clientOrderId, { price }).catch((error: unknown) => failed.push(String(error))));
    };
    amend("19901");
    network.resetConnections("bot");
    amend("19902");
    await stage.pass(20);
    amend("19903");
    await world.run(Promise.all(amends));
    await stage.until(() => bot.ready);
    await stage.pass(30_000);
    stage.atLeast("logins on new connections", logins, 1);
    stage.equal("private messages before a login", early, 0);
    stage.equal("amends that failed", failed.length, 0);
    stage.equal(
      "price at the venue",
      world
        .truth()
        .orders.find(({ status }) => status === "open")
        ?.price?.toFixed() ?? "",
      "19903",
    );
    stage.equal("price told", order.price?.toFixed() ?? "", "19903");
    await stage.agree(bot);
  },
};
