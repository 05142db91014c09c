import { expect, it } from "vitest";
import { parseAmount } from "../../src/paper/engine/amount.ts";
import type { HttpRequest, HttpResponse, Runtime } from "../../src/runtime/runtime.ts";
import { settle } from "./agreement.ts";
import { Stage, VENUE_NAMES } from "./stage.ts";

/** Requests that list the positions of the account. */
function isOfPositions({ url, body = "" }: HttpRequest): boolean {
  return /position/i.test(url) || /"clearinghouseState"/.test(body);
}

/** A venue of which a copy that is behind answers about positions as they were, as long as the test says so. */
function withCopyBehind(isBehind: (request: HttpRequest) => boolean = isOfPositions) {
  const state = { isBehind: false, asked: 0 };
  const answers = new Map<string, HttpResponse>();
  const change = (runtime: Runtime): Runtime => {
    const request = async (wanted: HttpRequest) => {
      if (!isBehind(wanted)) return runtime.http.request(wanted);
      const { pathname, searchParams } = new URL(wanted.url);
      const body = (wanted.body ?? "").replace(/"startTime":\d+/, "");
      const key = `${pathname} ${searchParams.get("symbol")} ${body}`;
      const known = answers.get(key);
      const answer = await runtime.http.request(wanted);
      if (state.isBehind) state.asked += 1;
      if (state.isBehind && known !== undefined) return known;
      answers.set(key, answer);
      return answer;
    };
    return { ...runtime, http: { request, close: () => runtime.http.close() } };
  };
  return { state, change };
}

it.each(VENUE_NAMES)("%s: positions from a copy that is behind do not undo a fill", async (connectorName) => {
  const { state, change } = withCopyBehind();
  await using stage = await Stage.open(connectorName, { runtime: change });
  await stage.pass(10_000);
  state.isBehind = true;
  await stage.taken("buy", { amount: "0.03" });
  await stage.holds("0.03");
  const shown = new Set<string>();
  const look = () => shown.add(stage.connector.position(stage.pair)?.amount.toFixed() ?? "none");
  const stop = stage.connector.on("position", look);
  const polling = stage.connector.refresh();
  await stage.pass(2_000);
  state.isBehind = false;
  await stage.run(polling);
  await stage.pass(8_000);
  look();
  stop();
  expect([state.asked > 0, ...shown]).toEqual([true, "0.03"]);
  await settle(stage);
});

it.each(VENUE_NAMES)("%s: a copy that is behind for longer is believed for seconds alone", async (connectorName) => {
  const { state, change } = withCopyBehind();
  await using stage = await Stage.open(connectorName, { runtime: change });
  await stage.pass(10_000);
  state.isBehind = true;
  await stage.taken("buy", { amount: "0.03" });
  await stage.pass(8_000);
  state.isBehind = false;
  await stage.pass(15_000);
  expect(stage.connector.position(stage.pair)?.amount.toFixed()).toBe("0.03");
  await settle(stage);
});

/** Requests about orders, fills and positions of the account. */
function isOfAccount({ method, url, body = "" }: HttpRequest): boolean {
  if (/"(clearinghouseState|frontendOpenOrders|orderStatus|userFillsByTime)"/.test(body)) return true;
  return method === "GET" && /position|order|fills|userTrades|execution|my_trades/i.test(url) && !/book/.test(url);
}

it.each(VENUE_NAMES)(
  "%s: a fill of an outage is told soon, though the catch-up asked a copy that is behind",
  async (name) => {
    const { state, change } = withCopyBehind(isOfAccount);
    await using stage = await Stage.open(name, { runtime: change });
    const order = await stage.resting("buy", "19995", "0.05");
    await stage.run(stage.connector.refresh());
    await stage.pass(10_000);
    stage.raw.network.faults = { onConnect: () => "refuse" };
    stage.venue.faults.set({ disconnect: 1 });
    await stage.pass(1_500);
    stage.venue.faults.set({});
    state.isBehind = true;
    stage.trade("sell", "0.02", "19995");
    await stage.pass(100);
    expect(order.executedAmount.toFixed()).toBe("0");
    const caughtUp = new Promise<unknown>((resolve) => stage.connector.once("gap", resolve));
    stage.raw.network.faults = {};
    await stage.run(caughtUp);
    await stage.pass(3_000);
    expect(state.asked).toBeGreaterThan(0);
    state.isBehind = false;
    await stage.pass(20_000);
    expect(order.executedAmount.toFixed()).toBe("0.02");
    await settle(stage);
  },
);

it.each(VENUE_NAMES)("%s: no copy that is behind a fill proves that the account is flat", async (connectorName) => {
  const { state, change } = withCopyBehind();
  await using stage = await Stage.open(connectorName, { runtime: change });
  await stage.pass(10_000);
  state.isBehind = true;
  await stage.taken("buy", { amount: "0.03" });
  const flattened = stage.connector.flatten();
  await stage.pass(2_000);
  state.isBehind = false;
  const report = await stage.run(flattened);
  const held = stage.venue.truth().positions.filter(({ size }) => Number(size) !== 0);
  expect([report.isFlat, held]).toEqual([true, []]);
});

// Bybit, rough, seed 11: an order of the hand was pushed, its end was lost, and it was shown until the list after the next.
it.each(VENUE_NAMES)("%s: an order of others whose end was lost is asked for when a list lacks it", async (name) => {
  await using stage = await Stage.open(name);
  await stage.pass(10_000);
  const { connector, venue } = stage;
  const { accountId } = venue;
  const terms = { orderType: "limit", price: parseAmount("15000"), size: parseAmount("0.01"), clientId: null } as const;
  const kind = { timeInForce: "GTC", postOnly: false, reduceOnly: false } as const;
  venue.execute({ type: "placeOrder", accountId, market: "BTC-USD", side: "buy", ...terms, ...kind });
  await stage.until("it is shown", () => connector.externalOrders().length === 1);
  venue.faults.set({ dropFrame: 1 });
  venue.execute({ type: "cancelAll", accountId, market: "BTC-USD" });
  await stage.pass(1_000);
  venue.faults.set({});
  expect(connector.externalOrders()).toHaveLength(1);
  await stage.run(connector.refresh());
  expect(connector.externalOrders()).toEqual([]);
});
