import type { PerpetualConnector } from "../../connector/perpetual-connector.ts";
import { ALL_CONNECTORS, HEDGING_CONNECTORS, type Scenario } from "./scenario.ts";
import { BTC, ETH, type Stage } from "./stage.ts";

/** Open positions as text, for example `long 0.02, short -0.02`. */
function legsOf(connector: PerpetualConnector): string {
  const open = connector.positions().filter(({ amount }) => !amount.isZero());
  const legs = open.map(({ side, amount }) => `${side} ${amount.toFixed()}`);
  return legs.toSorted().join(", ") || "none";
}

function hedge({ world }: Stage): void {
  world.venue.execute({ type: "setPositionMode", accountId: world.venue.accountId, mode: "hedge" });
}

export const collapsedLegs: Scenario = {
  name: "collapsed-legs",
  issue: "nautilus_trader#4738",
  url: "https://github.com/nautechsystems/nautilus_trader/issues/4738",
  title: "Of two legs of a hedge one is left after a start, or none",
  story:
    "In August 2026 a Binance account in hedge mode held a long of 0.002 and a short of 0.001 BTC. After a start the node had the " +
    "long alone, without an error, and its later checks gave up. With legs of the same size it had no position at all and said " +
    "that reconciliation had succeeded.",
  original: "Both reports were received; what was done with them went by market and by the net of the two.",
  connectors: HEDGING_CONNECTORS,
  play: async (stage) => {
    hedge(stage);
    stage.quote();
    const first = await stage.connect();
    await stage.place(first, "buy", "0.02");
    await stage.place(first, "sell", "0.01");
    await stage.pass(1_000);
    stage.equal("legs before", legsOf(first), "long 0.02, short -0.01");
    stage.world.kill();
    const second = await stage.connect();
    stage.equal("legs after a start with its journal", legsOf(second), "long 0.02, short -0.01");
    await stage.place(second, "sell", "0.01");
    await stage.pass(1_000);
    stage.world.kill();
    const third = await stage.connect({ host: "empty" });
    await stage.pass(130_000);
    stage.equal("equal legs after a start without a journal", legsOf(third), "long 0.02, short -0.02");
  },
};

export const firstRowEmpty: Scenario = {
  name: "first-row-empty",
  issue: "pybit#367",
  url: "https://github.com/bybit-exchange/pybit/issues/367",
  title: "The first row of the position list is the empty side",
  story:
    "In hedge mode Bybit lists two rows for a market, of which one may be empty, in no certain order. In August 2026 a " +
    "user told how a program that read the first row took a live short for flat: a watchdog noted it as closed and stopped " +
    "looking after it. It took six days to find.",
  original: "The client passes the list on; the program took the first row for the position.",
  connectors: HEDGING_CONNECTORS,
  play: async (stage) => {
    hedge(stage);
    stage.quote();
    const first = await stage.connect();
    await stage.place(first, "sell", "0.03");
    await stage.pass(1_000);
    const seen: string[] = [legsOf(first)];
    for (let poll = 0; poll < 5; poll += 1) {
      await stage.world.run(first.refresh());
      seen.push(legsOf(first));
    }
    stage.world.kill();
    const second = await stage.connect();
    seen.push(legsOf(second));
    stage.equal("different readings in seven looks", new Set(seen).size, 1);
    stage.equal("the position", seen[0] ?? "", "short -0.03");
    stage.equal("long leg", second.position(stage.pair, "long")?.amount.toFixed() ?? "none", "none");
    await stage.agree(second);
  },
};

export const closedElsewhere: Scenario = {
  name: "closed-elsewhere",
  issue: "hummingbot PR #8216",
  url: "https://github.com/hummingbot/hummingbot/pull/8216",
  title: "A closed position stays as long as another one is open",
  story:
    "Hyperliquid leaves closed positions out of its list. In May 2026 a contributor found that a position which was closed while " +
    "another stayed open was shown with its old amount from then on.",
  original:
    "The poll changed what the list named. What it no longer named was cleared when the whole list was empty, and only then.",
  connectors: ALL_CONNECTORS,
  play: async (stage) => {
    const { network } = stage.world.machines;
    for (const market of [BTC, ETH]) stage.quote(market);
    const bot = await stage.connect();
    await stage.place(bot, "buy", "0.02");
    await stage.place(bot, "buy", "0.5", undefined, "open", stage.otherPair);
    await stage.pass(1_000);
    stage.equal("positions before", bot.positions().length, 2);
    // No private message tells of it: the network is away, as it is for a bot that polls.
    network.faults = { onConnect: () => "refuse", onHttpRequest: () => ({ kind: "refuse" }) };
    network.resetConnections("bot");
    await stage.pass(500);
    stage.closeByHand(ETH);
    await stage.pass(5_000);
    network.faults = {};
    await stage.until(() => bot.ready);
    const open = () => bot.positions().filter(({ amount }) => !amount.isZero());
    await stage.until(() => open().length === 1, 130_000);
    stage.equal(
      "open positions after",
      open()
        .map(({ tradingPair }) => tradingPair)
        .join(" "),
      stage.pair,
    );
    stage.equal("amount of the one that is open", bot.position(stage.pair)?.amount.toFixed() ?? "0", "0.02");
    await stage.agree(bot, { isShared: true });
  },
};

export const phantomShort: Scenario = {
  name: "phantom-short",
  issue: "nautilus_trader#4106",
  url: "https://github.com/nautechsystems/nautilus_trader/issues/4106",
  title: "A reduce-only fill opens a position on the other side",
  story:
    "In May 2026 a long-only strategy on Binance, in one-way mode, took profit in parts with reduce-only orders. Each fill reduced " +
    "the long and also opened a short that the venue did not have, which grew and could not be purged.",
  original: "The fill changed the long, as it should, and also opened a new position with an id of its own.",
  connectors: ALL_CONNECTORS,
  play: async (stage) => {
    const { world } = stage;
    stage.quote();
    const first = await stage.connect();
    await stage.place(first, "buy", "0.07");
    await stage.pass(1_000);
    world.kill();
    const told: string[] = [];
    // Restarted connectors learn of the position from the venue, as theirs did.
    const second = await stage.connect({
      onCreated: (bot) => bot.on("position", ({ amount }) => told.push(amount.toFixed())),
    });
    await stage.place(second, "sell", "0.02", "20010", "close");
    await stage.place(second, "sell", "0.05", "20012", "close");
    await stage.pass(1_000);
    for (let part = 0; part < 6; part += 1) {
      stage.trade("buy", "0.01", "20012");
      await stage.pass(300);
    }
    stage.trade("buy", "30", "20012");
    await stage.pass(5_000);
    stage.equal("position events on the other side", told.filter((amount) => amount.startsWith("-")).length, 0);
    stage.equal("open positions at the end", legsOf(second), "none");
    await stage.agree(second);
  },
};

export const liquidated: Scenario = {
  name: "liquidated",
  issue: "nautilus_trader#3453",
  url: "https://github.com/nautechsystems/nautilus_trader/issues/3453",
  title: "The venue liquidates a position with an order of its own",
  story:
    "The thread could not be read again; a list of reported faults says of it that in January 2026 Binance's report of a " +
    "liquidation, an order that the account had not placed and with an id beyond 2^53, was not understood.",
  original: "Not known beyond that.",
  connectors: ALL_CONNECTORS,
  play: async (stage) => {
    const { world } = stage;
    const { venue } = world;
    stage.quote();
    const bot = await stage.connect();
    const adjustments: string[] = [];
    let unreadable = 0;
    bot.on("positionAdjustment", ({ amount, reason }) => adjustments.push(`${reason} ${amount.toFixed()}`));
    bot.on("unreadableRow", () => {
      unreadable += 1;
    });
    await stage.place(bot, "buy", "0.05");
    const resting = await stage.place(bot, "buy", "0.01", "19900");
    await stage.pass(1_000);
    venue.execute({ type: "liquidate", accountId: venue.accountId, market: BTC });
    await stage.pass(10_000);
    const held = venue.engine.positions(venue.accountId, BTC).filter(({ size }) => size !== 0n).length;
    stage.equal("positions at the venue", held, 0);
    stage.equal("open positions told", legsOf(bot), "none");
    stage.equal("how it was told", adjustments.join(", "), "liquidation -0.05");
    stage.equal("resting order ended", resting.isDone, true);
    stage.equal("messages that could not be read", unreadable, 0);
  },
};
