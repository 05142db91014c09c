import { expect, it } from "vitest";
import type { HttpRequest, HttpResponse, Runtime } from "../../src/runtime/runtime.ts";
import { settle } from "./agreement.ts";
import { Stage, VENUE_NAMES } from "./stage.ts";

/** Requests that list the positions of the account. */
function isOfPositions({ url, body = "" }: HttpRequest): boolean {
  return /position/i.test(url) || /"clearinghouseState"/.test(body);
}

/** A venue of which a copy that is behind answers about positions as they were, as long as the test says so. */
function withCopyBehind() {
  const state = { isBehind: false, asked: 0 };
  const answers = new Map<string, HttpResponse>();
  const change = (runtime: Runtime): Runtime => {
    const request = async (wanted: HttpRequest) => {
      if (!isOfPositions(wanted)) return runtime.http.request(wanted);
      const { pathname, searchParams } = new URL(wanted.url);
      const key = `${pathname} ${searchParams.get("symbol")} ${wanted.body ?? ""}`;
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
