import type { FaultConfig } from "../../../../src/paper/index.ts";
import { compareWithSnapshot } from "./book-comparison.ts";
import { check, skip } from "./checks.ts";
import type { ConformanceContext } from "./context.ts";
import { fillsEqualHistory, fillsText } from "./fill-history.ts";
import type { ConformanceRow } from "./row.ts";

/** A venue breaks connections within a second, a connector waits before it comes back. */
const RECOVERY_MS = 30_000;

const findsAllAgain: ConformanceRow = {
  id: "recovery.restart",
  group: "recovery",
  name: "after a restart position and order are found again, and no fill counts twice",
  does: "buys, leaves an order, stops the connector, starts a new one on the same journal, cancels and sells there",
  changesAccount: true,
  notHere: ({ manifest }) =>
    manifest.orderTypes.includes("market") ? undefined : "not offered: the venue has no market orders",
  async run(context) {
    const amount = await context.unit();
    const bought = await context.take("buy", amount);
    const price = await context.restingPrice("buy");
    const left = context.place("buy", { price, amount, position: "open" });
    const exchangeOrderId = await context.accepted(left);
    const fillsBefore = context.fills.length;
    await context.sessions.closeMain();
    const connector = await context.sessions.openMain();
    const held = context.positionAmount();
    check(held.eq(amount), `the position was ${amount.toFixed()}, the new session finds ${held.toFixed()}`);
    const found = connector.order(left.clientOrderId);
    const state = found === undefined ? "unknown to it" : found.state;
    check(found?.state === "open", `the order that was left is ${state}`);
    check(found.exchangeOrderId === exchangeOrderId, `the order is now ${found.exchangeOrderId}`);
    context.orders.push(found);
    await connector.refresh();
    const more = context.fills.length - fillsBefore;
    check(more === 0, `${more} old fills were told again`);
    await context.cancel(found);
    const sold = await context.take("sell", amount, "close");
    const fills = await fillsEqualHistory(context, [bought, sold]);
    return `${held.toFixed()} and order ${exchangeOrderId} found again, ${fills.length} fills told once`;
  },
};

const heals: ConformanceRow = {
  id: "recovery.reconnect",
  group: "recovery",
  name: "after broken connections the book is valid again and no fill is lost",
  does: "trades while the streams are mute and break (without a paper venue: stops and starts), then compares all",
  changesAccount: true,
  notHere: ({ manifest }) =>
    manifest.orderTypes.includes("market") ? undefined : "not offered: the venue has no market orders",
  async run(context) {
    const { control } = context;
    await context.sessions.closeOthers();
    if (control === undefined) return stopsAndStarts(context);
    const { connector } = context;
    const amount = await context.unit();
    let gaps = 0;
    const forget = connector.on("gap", () => {
      gaps += 1;
    });
    // The gap is told when the stream is back; it stays away where no login is confirmed on so bad a line.
    const isBroken = () => gaps > 0 || connector.status().userStreamInitialized === false;
    try {
      const order = await withFaults(context, { dropFrame: 1 }, async () => {
        const placed = context.place("buy", { amount, type: "market", position: "open" });
        await context.accepted(placed);
        await withFaults(context, { disconnect: 1 }, () =>
          context.until(isBroken, "the broken connection was not noticed", RECOVERY_MS),
        );
        return placed;
      });
      const healedMs = await context.until(
        () => connector.ready,
        () => notReady(context),
        RECOVERY_MS,
      );
      await context.ended(order);
      const sold = await context.take("sell", amount, "close");
      const fills = await fillsEqualHistory(context, [order, sold]);
      const book = await compareWithSnapshot(context);
      return `ready ${healedMs} ms after the line was, ${fillsText(fills)} known; ${book}`;
    } finally {
      forget();
    }
  },
};

async function stopsAndStarts(context: ConformanceContext): Promise<string> {
  const amount = await context.unit();
  const bought = await context.take("buy", amount);
  await context.sessions.closeMain();
  await context.sessions.openMain();
  const sold = await context.take("sell", amount, "close");
  const fills = await fillsEqualHistory(context, [bought, sold]);
  const book = await compareWithSnapshot(context);
  return `stopped and started, for nothing breaks the line here: ${fillsText(fills)} known; ${book}`;
}

function notReady({ connector }: ConformanceContext): string {
  const missing = Object.entries(connector.status()).flatMap(([name, isReady]) => (isReady ? [] : [name]));
  return `not ready again: ${missing.join(", ")}`;
}

const noticesBrokenBooks: ConformanceRow = {
  id: "recovery.broken-book",
  group: "recovery",
  name: "a book update that breaks the venue's continuity is noticed, and the book heals",
  does: "lets a paper venue spoil book updates, then compares the healed book",
  changesAccount: false,
  notHere({ kind, manifest }) {
    if (kind !== "paper") return "only a paper venue spoils its messages on request";
    const isWhole = manifest.continuity.kind === "snapshots";
    return isWhole ? "not offered: each message is the whole book, so that none breaks another" : undefined;
  },
  async run(context) {
    const { connector, control, tradingPair } = context;
    if (control === undefined) skip("the paper venue's control API is not known");
    const reasons: string[] = [];
    const forget = connector.on("bookInvalid", ({ reason }) => reasons.push(reason));
    try {
      await withFaults(context, { breakSequence: 1 }, () =>
        context.until(() => reasons.length > 0, "no book update was found to be broken"),
      );
      const book = () => connector.orderBook(tradingPair);
      const healedMs = await context.until(
        () => book().isValid,
        () => notReady(context),
        RECOVERY_MS,
      );
      const evidence = await compareWithSnapshot(context);
      return `${reasons[0]}; valid again ${healedMs} ms after the last broken one; ${evidence}`;
    } finally {
      forget();
    }
  },
};

/** Faults on top of those that a paper venue has anyway, for as long as `work` takes. */
async function withFaults<T>(context: ConformanceContext, faults: FaultConfig, work: () => Promise<T>): Promise<T> {
  const { control } = context;
  if (control === undefined) skip("the paper venue's control API is not known");
  const before = await control.faults();
  try {
    await control.setFaults({ ...before, ...faults });
    return await work();
  } finally {
    await control.setFaults(before);
  }
}

export const RECOVERY_ROWS: readonly ConformanceRow[] = [findsAllAgain, heals, noticesBrokenBooks];
