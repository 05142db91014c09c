import { describe, expect, it } from "vitest";
import type { Frame } from "../../../src/paper/protocols/frame.ts";
import { JsonConnection, type KeepAlive, readObject } from "../../../src/paper/protocols/json-connection.ts";
import { SimulatedWorld } from "../../../src/runtime/simulated.ts";

function opened(keepAlive: KeepAlive) {
  const world = new SimulatedWorld({ seed: 1 });
  const { timers, clock } = world.runtime();
  const done: string[] = [];
  const sink = {
    send: ({ text }: Frame) => done.push(text),
    revive: () => undefined,
    close: (code: number, reason: string) => done.push(`close ${code} ${reason}`),
    ping: () => done.push("ping"),
  };
  const now = () => clock.monotonic();
  const connection = new JsonConnection<object>({ sink, timers, keepAlive, now, json: JSON.stringify });
  return { world, done, connection };
}

const data: Frame = { channel: "trades", market: "BTC", text: "data" };

describe("a socket of the exchange in the box", () => {
  it("is closed after a silence to the millisecond", async () => {
    const { world, done, connection } = opened({
      ...{ kind: "silence", afterMs: 1_000, signs: ["client"], code: 4_004, reason: "idle" },
    });
    await world.advance(600);
    connection.heard();
    await world.advance(999);
    expect(done).toEqual([]);
    await world.advance(1);
    expect(done).toEqual(["close 4004 idle"]);
  });

  it("counts the signs of life that its venue counts, and no others", async () => {
    const { world, done, connection } = opened({
      ...{ kind: "silence", afterMs: 1_000, signs: ["data"], reason: "idle" },
    });
    await world.advance(900);
    connection.heard();
    connection.reply({ op: "pong" });
    await world.advance(100);
    expect(done).toEqual(['{"op":"pong"}', "close 1000 idle"]);
    const other = opened({ kind: "silence", afterMs: 1_000, signs: ["data"], reason: "idle" });
    await other.world.advance(900);
    other.connection.send(data);
    await other.world.advance(900);
    expect(other.done).toEqual(["data"]);
  });

  it("is closed at the next look where its venue looks at an interval", async () => {
    const { world, done } = opened({
      ...{ kind: "silence", afterMs: 1_000, signs: ["client"], lookMs: 300, reason: "idle" },
    });
    await world.advance(1_199);
    expect(done).toEqual([]);
    await world.advance(1);
    expect(done).toEqual(["close 1000 idle"]);
  });

  it("is pinged until it has lived for long enough", async () => {
    const { world, done } = opened({ kind: "ping", everyMs: 100, maxLifeMs: 250 });
    await world.advance(1_000);
    expect(done).toEqual(["ping", "ping", "close 1000 "]);
  });

  it("is left alone once the client has gone", async () => {
    const { world, done, connection } = opened({ kind: "ping", everyMs: 100 });
    connection.stop();
    await world.advance(1_000);
    expect(done).toEqual([]);
  });

  it("reads objects, and nothing of what else a client may send", () => {
    expect(readObject('{"op":"ping"}')).toEqual({ op: "ping" });
    for (const text of ["", "ping", "[1]", "null", '"text"', "{"]) expect(readObject(text)).toBeUndefined();
  });
});
