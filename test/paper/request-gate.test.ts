import { describe, expect, it } from "vitest";
import { FaultPolicy } from "../../src/paper/fault-policy.ts";
import type { RequestKind } from "../../src/paper/protocols/paper-protocol.ts";
import { RequestGate } from "../../src/paper/request-gate.ts";
import type { ServerRequest, ServerResponse } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { SeededRandom } from "../../src/runtime/simulated-random.ts";

const REQUEST: ServerRequest = { method: "POST", target: "/orders", headers: {}, body: "", remoteAddress: "1.2.3.4" };
const DONE: ServerResponse = { status: 200, body: "done" };

function setUp(kind: RequestKind, answer: () => ServerResponse | Promise<ServerResponse>) {
  const { clock, timers } = new SimulatedWorld({ seed: 1 }).runtime("venue");
  const errors: string[] = [];
  const log = (text: string) => void errors.push(text);
  const logger = { trace: log, debug: log, info: log, warn: log, error: log };
  const random = new SeededRandom(1, "gate");
  const policy = new FaultPolicy(random, () => clock.monotonic());
  const gate = new RequestGate(policy, { clock, timers, random, logger });
  const state = { isDown: false };
  const failure = (status: number, body: string): ServerResponse => ({ status, body });
  const pass = () => gate.pass(REQUEST, { kind, answer, api: { failure }, isDown: () => state.isDown });
  return { pass, policy, state, errors };
}

describe("the gate of requests, where no fault is set", () => {
  it("hands an answer on at once, and nothing while the venue is down", () => {
    const { pass, state } = setUp("order", () => DONE);
    expect(pass()).toBe(DONE);
    state.isDown = true;
    expect(pass()).toMatchObject({ reset: true });
  });

  it("gives no answer to a request that waited while the venue went down", async () => {
    const waiting = Promise.withResolvers<ServerResponse>();
    const { pass, state } = setUp("order", () => waiting.promise);
    const answer = pass();
    state.isDown = true;
    waiting.resolve(DONE);
    expect(await answer).toMatchObject({ reset: true });
  });

  it("lets faults befall a request that waited while they were set", async () => {
    const waiting = Promise.withResolvers<ServerResponse>();
    const { pass, policy } = setUp("public", () => waiting.promise);
    const answer = pass();
    policy.set({ unreadableRow: 1 });
    waiting.resolve({ status: 200, body: '{"rows":[{"price":"1","size":"2"},{"price":"3","size":"4"}]}' });
    expect((await answer).body).not.toContain('"price":"1","size":"2"},{"price":"3","size":"4"');
  });

  it.each([
    [
      "throws",
      () => {
        throw new TypeError("a bug");
      },
    ],
    ["rejects", () => Promise.reject(new TypeError("a bug"))],
  ])("answers a request with 500 whose protocol %s, and says so in the log", async (_, answer) => {
    const { pass, errors } = setUp("private", answer);
    expect(await pass()).toEqual({ status: 500, body: "Internal Error" });
    expect(errors).toEqual(["a request was not answered"]);
  });

  it("draws the faults of a request as soon as one is set", async () => {
    const { pass, policy } = setUp("order", () => DONE);
    policy.set({ error429: 1 });
    expect(await pass()).toMatchObject({ status: 429 });
    policy.clear();
    expect(pass()).toBe(DONE);
  });
});
