import { describe, expect, it } from "vitest";
import type { EventLine, HistoryLine, RequestLine, StateLine, TruthLine } from "../../src/checker/history.ts";
import { BOX_PROTOCOLS } from "../../src/simulation/box-protocols.ts";
import { planOf } from "../../src/simulation/plan.ts";
import { brokenRules, checked, historyOf } from "./played.ts";

const VENUES = Object.keys(BOX_PROTOCOLS) as (keyof typeof BOX_PROTOCOLS)[];
const FILLS = "every fill is told once, as the venue has it";
const LAWFUL = "an order's events are in a lawful order";

const played = new Map<string, Promise<readonly HistoryLine[]>>();

/** The first world of one process on an account of its own in which orders go over REST and trade, and funding is paid. */
async function firstSuch(connector: (typeof VENUES)[number]): Promise<readonly HistoryLine[]> {
  for (let seed = 1; ; seed += 1) {
    const { hasHand, processes, fundingIntervalMs, orderEntry } = planOf({ connector, seed, minutes: 0.5 });
    if (hasHand || processes !== 1 || fundingIntervalMs > 20_000 || orderEntry !== "rest") continue;
    const lines = await historyOf({ connector, seed, minutes: 0.5 });
    const isSuch = ["fundingPayment", "orderFilled", "orderCompleted"].every((name) => lines.some(isEvent(name)));
    if (isSuch) return lines;
  }
}

function play(connector: (typeof VENUES)[number]): Promise<readonly HistoryLine[]> {
  const history = played.get(connector) ?? firstSuch(connector);
  played.set(connector, history);
  return history;
}

const isEvent =
  (...names: readonly string[]) =>
  (line: HistoryLine): line is EventLine =>
    line.kind === "event" && names.includes(line.name);

/** The history with one line in the place of another, or none. */
function edited(lines: readonly HistoryLine[], line: HistoryLine | undefined, ...by: HistoryLine[]): HistoryLine[] {
  if (line === undefined) throw new Error("the history has no such line");
  return lines.flatMap((each) => (each === line ? by : [each]));
}

/** The last digit of an amount, changed. */
function nudged(amount: string): string {
  return `${amount}${amount.includes(".") ? "" : "."}1`;
}

describe.each(VENUES)("the checker on a history of %s", (connector) => {
  it("finds nothing wrong in what happened, and has seen all kinds of it", async () => {
    const { breaches, counts } = checked(await play(connector));
    expect(breaches).toEqual([]);
    for (const what of ["fills compared", "orders compared", "books", "balances after refresh", "ends of orders"]) {
      expect(counts[what], what).toBeGreaterThan(0);
    }
  });

  it("misses a fill that was not told", async () => {
    const lines = await play(connector);
    expect(brokenRules(edited(lines, lines.find(isEvent("orderFilled"))))).toEqual(
      ["a position is its fills and adjustments", LAWFUL, FILLS].toSorted(),
    );
  });

  it("sees a fill that is told again", async () => {
    const lines = await play(connector);
    const fill = lines.find(isEvent("orderFilled"));
    const { breaches } = checked(edited(lines, fill, fill as HistoryLine, fill as HistoryLine));
    expect(breaches).toMatchObject([{ rule: FILLS, text: expect.stringContaining("twice") }]);
    expect(breaches[0]?.lines).toEqual([
      lines.indexOf(fill as HistoryLine) + 1,
      lines.indexOf(fill as HistoryLine) + 2,
    ]);
  });

  it("sees a fee that is off in its last digit", async () => {
    const lines = await play(connector);
    const fill = lines.find(isEvent("orderFilled")) as EventLine;
    const fee = fill.data.fee as { readonly flatFees: readonly { readonly token: string; readonly amount: string }[] };
    const flatFees = fee.flatFees.map((flat) => ({ ...flat, amount: nudged(flat.amount) }));
    const wrong = { ...fill, data: { ...fill.data, fee: { ...fee, flatFees } } };
    expect(brokenRules(edited(lines, fill, wrong))).toEqual([FILLS]);
  });

  it("sees an end that is told twice, and an event after the end", async () => {
    const lines = await play(connector);
    const end = lines.find(isEvent("orderCanceled", "orderCompleted", "orderExpired")) as EventLine;
    expect(brokenRules(edited(lines, end, end, end))).toEqual([LAWFUL]);
    const late: EventLine = { ...end, name: "orderAmended" };
    expect(brokenRules(edited(lines, end, end, late))).toEqual([LAWFUL]);
  });

  it("sees an executed amount that falls", async () => {
    const lines = await play(connector);
    const look = lines.findLast(
      (line) => line.kind === "state" && line.orders.some(({ executed }) => executed !== "0"),
    );
    const state = look as StateLine;
    const orders = state.orders.map((order) => ({ ...order, executed: "0" }));
    expect(brokenRules(edited(lines, state, state, { ...state, when: "look", orders }))).toContain(LAWFUL);
  });

  it("sees an event of a process that was stopped, and a request of it", async () => {
    const lines = await play(connector);
    const stopped = lines.find((line) => line.kind === "process" && line.what === "stopped") as HistoryLine;
    const event = lines.findLast(isEvent("balance", "position", "gap")) as EventLine;
    const request = lines.findLast(({ kind }) => kind === "request") as RequestLine;
    expect(brokenRules(edited(lines, stopped, stopped, event))).toEqual([LAWFUL]);
    expect(brokenRules(edited(lines, stopped, stopped, request))).toEqual(["nothing is sent after stop"]);
  });

  it("sees a create that is sent again, at once and after the order's end", async () => {
    const lines = await play(connector);
    const end = lines.find(isEvent("orderCompleted")) as EventLine;
    const id = String(end.data.clientOrderId);
    const create = lines.find(
      (line) => line.kind === "request" && line.method === "POST" && `${line.body}`.includes(id),
    ) as RequestLine;
    expect(brokenRules(edited(lines, create, create, { ...create, id: 9_001 }))).toEqual(["no order is sent twice"]);
    expect(brokenRules(edited(lines, end, end, { ...create, id: 9_002 }))).toEqual([
      "no order is sent after its end",
      "no order is sent twice",
    ]);
  });

  it.skipIf(connector === "ftx_perpetual")("sees a create that is sent again over a socket", async () => {
    let lines: readonly HistoryLine[] = [];
    let create: HistoryLine | undefined;
    for (let seed = 1; create === undefined; seed += 2) {
      const plan = planOf({ connector, seed, minutes: 0.2 });
      if (plan.processes !== 1) continue;
      lines = await historyOf({ connector, seed, minutes: 0.2 });
      const ends = lines.filter(isEvent("orderCompleted", "orderCanceled")).map(({ data }) => `${data.clientOrderId}`);
      create = lines.find(
        (line) => line.kind === "frame" && line.dir === "out" && ends.some((id) => line.text.includes(id)),
      );
    }
    expect(checked(lines).breaches).toEqual([]);
    const { counts } = checked(lines);
    expect(counts["orders sent"]).toBeGreaterThan(0);
    expect(brokenRules(edited(lines, create, create, create))).toEqual(["no order is sent twice"]);
  });

  it("sees a level that the venue's book does not have", async () => {
    const lines = await play(connector);
    const state = lines.findLast(
      (line) => line.kind === "state" && line.books.some(({ isValid }) => isValid),
    ) as StateLine;
    const books = state.books.map((book) => {
      const [best] = book.bids;
      return best === undefined
        ? book
        : { ...book, bids: [best, [best[0], "0.00000001"] as const, ...book.bids.slice(1)] };
    });
    expect(brokenRules(edited(lines, state, { ...state, books }))).toEqual(["a valid book is the venue's"]);
  });

  it("sees a book that was the venue's, and is not any more", async () => {
    const lines = await play(connector);
    const looks = lines.filter((line) => line.kind === "state" && line.when === "look" && line.ready) as StateLine[];
    const [early, late] = [looks[3] as StateLine, looks.at(-1) as StateLine];
    const books = late.books.map((book, index) => {
      const { bids, asks, bidHorizon, askHorizon } = early.books[index] as StateLine["books"][number];
      return { ...book, bids, asks, bidHorizon, askHorizon };
    });
    const rules = brokenRules(edited(lines, late, { ...late, books }));
    // The update of a book tells its time, unless a snapshot over REST was the last word.
    expect(["a valid book is the venue's", "a valid book is not old"]).toContain(rules[0]);
    expect(rules).toHaveLength(1);
  });

  it("sees an order that is forgotten while it rests", async () => {
    const lines = await play(connector);
    const look = lines.find(
      (line) => line.kind === "state" && line.when === "look" && line.orders.some(isResting),
    ) as StateLine;
    const without = { ...look, orders: look.orders.filter((order) => !isResting(order)) };
    expect(brokenRules(edited(lines, look, without))).toEqual(["what rests is in flight, lost or external"]);
  });

  it("sees figures at the end that are not the venue's", async () => {
    const lines = await play(connector);
    const final = lines.findLast((line) => line.kind === "state" && line.when === "final") as StateLine;
    const with_ = (change: Partial<StateLine>) => brokenRules(edited(lines, final, { ...final, ...change }));
    const { orders, balances, dailyResult, funding = [] } = final;
    const order = orders.find(({ executed }) => executed !== "0") as StateLine["orders"][number];
    const orderAs = (change: object) => orders.map((each) => (each === order ? { ...each, ...change } : each));
    expect(with_({ orders: orderAs({ average: "1" }) })).toEqual(["orders are the venue's"]);
    expect(with_({ orders: orderAs({ exchangeId: "4711" }) })).toEqual(["orders are the venue's"]);
    expect(with_({ orders: orders.filter((each) => each !== order) })).toEqual([]);
    const richer = balances.map((each) => ({ ...each, total: nudged(each.total) }));
    expect(with_({ balances: richer })).toEqual(["cash is the venue's"]);
    expect(with_({ positions: [{ pair: order.pair, side: "both", amount: "1", entry: "1" }] })).toEqual([
      "positions are the venue's",
    ]);
    expect(with_({ funding: [...funding, { id: "4711", pair: order.pair, amount: "1" }] })).toEqual([
      "funding is the venue's",
    ]);
    const day = { result: `${Number(dailyResult?.result) + 1}`, isComplete: true };
    expect(with_({ dailyResult: day })).toEqual(["the day's result is the venue's cash flows"]);
  });

  it("sees a balance after refresh that the venue did not have", async () => {
    const lines = await play(connector);
    const state = lines.findLast((line) => line.kind === "state" && line.when === "refreshed") as StateLine;
    const balances = state.balances.map((each) => ({ ...each, available: nudged(each.available) }));
    expect(brokenRules(edited(lines, state, { ...state, balances }))).toEqual([
      "balances are the venue's after refresh",
    ]);
  });

  it("sees a process that is not ready at the end, and one that shows another collateral as available than there is", async () => {
    const lines = await play(connector);
    const state = lines.findLast((line) => line.kind === "state" && line.when === "final") as StateLine;
    expect(brokenRules(edited(lines, state, { ...state, ready: false }))).toEqual([
      "a process is ready where all is to agree",
    ]);
    const balances = state.balances.map((each) => ({ ...each, available: nudged(each.available) }));
    expect(brokenRules(edited(lines, state, { ...state, balances }))).toEqual(["what is available is the venue's"]);
  });

  it("lets a process be not ready for a while after its book broke", async () => {
    const lines = await play(connector);
    const state = lines.findLast((line) => line.kind === "state" && line.when === "final") as StateLine;
    const broken = (t: number): EventLine => ({ ...state, t, kind: "event", name: "notReady", data: {} });
    const notReady = { ...state, ready: false };
    expect(brokenRules(edited(lines, state, broken(state.t - 1), notReady))).toEqual([]);
    expect(brokenRules(edited(lines, state, broken(state.t - 60_001), notReady))).toEqual([
      "a process is ready where all is to agree",
    ]);
  });

  it("sees a connection of a process that was stopped", async () => {
    const lines = await play(connector);
    const stopped = lines.find((line) => line.kind === "process" && line.what === "stopped") as HistoryLine;
    const opened = lines.find((line) => line.kind === "socket" && line.what === "open") as HistoryLine;
    expect(brokenRules(edited(lines, stopped, stopped, opened))).toEqual(["nothing is sent after stop"]);
  });

  it("takes a liquidation for told where the history has no lines of the venue's engine", async () => {
    const lines = await play(connector);
    const state = lines.findLast((line) => line.kind === "state" && line.when === "final") as StateLine;
    const data = { adjustmentId: "a-1", tradingPair: "BTC-USDT", amount: "-1" };
    const told: EventLine = { ...state, kind: "event", name: "positionAdjustment", data };
    const rule = "liquidations and auto-deleveraging are told";
    const liquidated = edited(lines, state, told, state);
    expect(brokenRules(liquidated)).toContain(rule);
    expect(brokenRules(liquidated.filter(({ kind }) => kind !== "venue"))).not.toContain(rule);
  });

  it("sees an order at the venue that nobody asked for, and a payment that was not told", async () => {
    const lines = await play(connector);
    const truth = lines.findLast((line) => line.kind === "truth") as TruthLine;
    const [first] = truth.orders.filter(({ clientId, filled }) => clientId !== null && filled === "0");
    const orders = [...truth.orders, { ...(first as TruthLine["orders"][number]), orderId: 1, clientId: "stranger" }];
    expect(brokenRules(edited(lines, truth, { ...truth, orders }))).toEqual(["every order at the venue was asked for"]);
    const payments = lines.filter(isEvent("fundingPayment"));
    expect(payments.length).toBeGreaterThan(0);
    expect(brokenRules(edited(lines, payments[0]))).toEqual(["funding is told"]);
  });
});

const isResting = ({ state }: StateLine["orders"][number]): boolean => state === "open" || state === "partiallyFilled";
