import { describe, expect, test } from "vitest";
import { ConfigError, JournalError } from "../../src/model/error.ts";
import type { ServerOptions, WebSocketClose } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { failureOf } from "../support/failure-of.ts";
import { listen, openSocket, post, VENUE } from "./simulated-scene.ts";

describe("virtual time", () => {
  test("moves only when told to, through every timer in order", async () => {
    const world = new SimulatedWorld({ seed: 1, startMs: 1_000_000 });
    const { timers, clock } = world.runtime();
    const seen: number[] = [];
    timers.after(30, () => seen.push(clock.now()));
    timers.after(10, () => {
      seen.push(clock.now());
      timers.after(5, () => seen.push(clock.now()));
    });
    timers.after(1_000, () => seen.push(-1));
    await world.settle();
    expect(seen).toEqual([]);
    await world.advance(100);
    expect(seen).toEqual([1_000_010, 1_000_015, 1_000_030]);
    expect(clock.now()).toBe(1_000_100);
    expect(world.elapsedMs()).toBe(100);
  });

  test("lets all promise work finish between two events", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { timers } = world.runtime();
    const seen: string[] = [];
    const chain = async (name: string) => {
      for (let index = 0; index < 50; index += 1) await Promise.resolve();
      seen.push(name);
    };
    timers.after(1, () => void chain("first"));
    timers.after(1, () => seen.push("second"));
    await world.advance(1);
    expect(seen).toEqual(["first", "second"]);
  });

  test("passes hours with thousands of timers quickly", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { timers, random } = world.runtime();
    let calls = 0;
    for (let index = 0; index < 5_000; index += 1) {
      timers.after(random.integer(3_600_000), () => {
        calls += 1;
      });
    }
    for (let index = 0; index < 50_000; index += 1) timers.after(random.integer(3_600_000), () => {}).cancel();
    await world.advance(3_600_000);
    expect(calls).toBe(5_000);
  });

  test("runs until a promise settles and hands its value or error on", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { timers } = world.runtime();
    expect(await world.run(timers.sleep(5_000).then(() => "slept"))).toBe("slept");
    expect(world.elapsedMs()).toBe(5_000);
    await expect(world.run(timers.sleep(1).then(() => Promise.reject(new Error("bad"))))).rejects.toThrow("bad");
  });

  test("says so when a promise cannot settle any more, or not in time", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { timers } = world.runtime();
    await expect(world.run(new Promise(() => {}))).rejects.toThrow("nothing is scheduled any more");
    await expect(world.run(timers.sleep(2_000), { limitMs: 1_000 })).rejects.toThrow("still pending after 1000 ms");
  });

  test("refuses to be moved twice at once", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const first = world.advance(10);
    await expect(world.advance(10)).rejects.toThrow("already moving");
    await first;
  });

  test("hands an error of a callback to whoever moves the world", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    world.runtime().timers.after(1, () => {
      throw new Error("a bug in a callback");
    });
    await expect(world.advance(10)).rejects.toThrow("a bug in a callback");
    await world.advance(10);
  });

  test("does not stand still for ever in a loop of timers without delay", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { timers } = world.runtime();
    const again = () => void timers.after(0, again);
    again();
    await expect(world.advance(1)).rejects.toThrow("time stands still");
  });

  test("moves on in a wait that is too short to be added to the time", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { clock, timers } = world.runtime();
    await world.advance(66_001.4);
    const beganMs = clock.monotonic();
    expect(beganMs + 1e-12).toBe(beganMs);
    let endedMs = beganMs;
    timers.after(1e-12, () => {
      endedMs = clock.monotonic();
    });
    await world.advance(1);
    expect(endedMs).toBeGreaterThan(beganMs);
  });

  test("shows a host with a skewed clock another wall time but the same durations", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const skewed = world.runtime("skewed", { clockSkewMs: -2_500 });
    expect(skewed.clock.now()).toBe(world.now() - 2_500);
    world.setClockSkew("skewed", 100);
    await world.advance(10);
    expect(skewed.clock.now()).toBe(world.now() + 100);
    expect(skewed.clock.monotonic()).toBe(10);
  });
});

describe("the seed", () => {
  async function play(seed: number | string): Promise<{ trace: string; texts: string }> {
    const world = new SimulatedWorld({ seed });
    const client = world.runtime("client");
    await world.run(listen(world.runtime("server")));
    const { connection, texts } = await openSocket(world, client);
    for (let index = 0; index < 20; index += 1) {
      client.timers.after(client.random.integer(50), () => connection.send(client.random.hex(8)));
    }
    await world.advance(200);
    await world.run(post(client, client.random.hex(4)));
    client.journals.open("j").put("t", "k", client.random.hex(4));
    return { trace: world.trace(), texts: texts.join() };
  }

  test("decides everything: the same gives the same trace, another another", async () => {
    const [first, again, other] = [await play(7), await play(7), await play("eight")];
    expect(again).toEqual(first);
    expect(other.trace).not.toBe(first.trace);
    expect(other.texts).not.toBe(first.texts);
  });

  test("gives each host numbers of its own, and new ones after a restart", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const first = world.runtime("a").random.hex(16);
    world.kill("a");
    const words = [first, world.runtime("a").random.hex(16), world.runtime("b").random.hex(16)];
    expect(new Set(words).size).toBe(3);
  });
});

describe("a killed process", () => {
  test("runs nothing any more: no timer, no message, no promise of its own", async () => {
    const world = new SimulatedWorld({ seed: 5 });
    const serverCloses: WebSocketClose[] = [];
    const received: string[] = [];
    const onConnection: ServerOptions["onConnection"] = (connection) => ({
      onText: (text) => {
        received.push(text);
        connection.send("too late");
      },
      onClose: (info) => void serverCloses.push(info),
    });
    await world.run(listen(world.runtime("server"), { onConnection }));
    const client = world.runtime("client");
    const { connection, texts, closes } = await openSocket(world, client);
    const ghosts: string[] = [];
    const haunt = (name: string) => () => void ghosts.push(name);
    client.timers.after(5, haunt("timer"));
    client.timers.sleep(5).then(haunt("sleep"), haunt("sleep"));
    post(client).then(haunt("request"), haunt("request"));
    connection.send("sent before death");
    world.kill("client");
    client.timers.after(1, haunt("new timer"));
    client.timers.sleep(1).then(haunt("new sleep"), haunt("new sleep"));
    post(client).then(haunt("new request"), haunt("new request"));
    client.files.writeText("file", "ghost").then(haunt("file"), haunt("file"));
    client.http.close().then(haunt("close"), haunt("close"));
    connection.send("ghost");
    client.journals.open("j").put("t", "k", "ghost");
    await world.advance(10_000);
    expect(ghosts).toEqual([]);
    expect(texts).toEqual([]);
    expect(closes).toEqual([]);
    expect(received).toEqual(["sent before death"]);
    expect(serverCloses).toEqual([{ code: 1006, reason: "" }]);
    const next = world.runtime("client");
    expect(next.journals.open("j").entries("t")).toEqual([]);
    expect(await next.files.exists("file")).toBe(false);
  });

  test("is heard no more when its code throws after its death", async () => {
    const world = new SimulatedWorld({ seed: 5 });
    const die = (): never => {
      world.kill("server");
      throw new Error("a ghost");
    };
    await world.run(listen(world.runtime("server"), { onRequest: die, onConnection: die }));
    const client = world.runtime("client");
    const handlers = { onText: () => {}, onClose: () => {} };
    const connecting = client.webSocket.connect(`wss://${VENUE}/ws`, handlers, { handshakeTimeoutMs: 1_000 });
    expect(await world.run(failureOf(connecting))).toMatchObject({ code: "TRANSPORT_RESET" });
    await world.run(listen(world.runtime("server"), { onRequest: die }));
    expect(await world.run(failureOf(post(client)))).toMatchObject({ code: "TRANSPORT_RESET" });
    world.runtime("server").timers.after(1, die);
    await world.advance(10);
    expect(world.isAlive("server")).toBe(false);
  });

  test("accepts no connection over which it died", async () => {
    const world = new SimulatedWorld({ seed: 5 });
    const onConnection = () => {
      world.kill("server");
      return { onText: () => {}, onClose: () => {} };
    };
    await world.run(listen(world.runtime("server"), { onConnection }));
    const handlers = { onText: () => {}, onClose: () => {} };
    const connecting = world
      .runtime("client")
      .webSocket.connect(`wss://${VENUE}/ws`, handlers, { handshakeTimeoutMs: 1_000 });
    expect(await world.run(failureOf(connecting))).toMatchObject({ code: "TRANSPORT_RESET" });
  });

  test("that was a server breaks its clients' connections and requests", async () => {
    const world = new SimulatedWorld({ seed: 5 });
    await world.run(listen(world.runtime("server"), { onRequest: () => new Promise(() => {}) }));
    const client = world.runtime("client");
    const { closes } = await openSocket(world, client);
    const failure = failureOf(post(client));
    await world.advance(10);
    world.kill("server");
    expect(await world.run(failure)).toMatchObject({ bytesMayHaveLeft: true, code: "TRANSPORT_RESET" });
    await world.advance(10);
    expect(closes).toEqual([{ code: 1006, reason: "" }]);
    expect(await world.run(failureOf(post(client)))).toMatchObject({ bytesMayHaveLeft: false });
    await world.run(listen(world.runtime("server")));
    expect((await world.run(post(client, "back"))).text).toBe("back");
  });

  test("leaves its disk to the next process and its journal unlocked, without the open transaction", async () => {
    const world = new SimulatedWorld({ seed: 5 });
    const first = world.runtime("client");
    const store = first.journals.open("journal.db");
    store.put("t", "a", "1");
    await first.files.writeText("conf.yml", "x");
    store.transaction(() => {
      store.put("t", "a", "2");
      world.kill("client");
      store.put("t", "b", "3");
    });
    expect(store.entries("t"), "what code of the dead process reads").toEqual([
      ["a", "2"],
      ["b", "3"],
    ]);
    const second = world.runtime("client");
    expect(second).not.toBe(first);
    expect(second.journals.open("journal.db").entries("t")).toEqual([["a", "1"]]);
    expect(await second.files.readText("conf.yml")).toBe("x");
  });

  test("dies between two journal writes when told to", async () => {
    const world = new SimulatedWorld({ seed: 5 });
    const store = world.runtime("client").journals.open("journal.db");
    let hasRun = false;
    world.runtime("client").timers.after(1, () => {
      hasRun = true;
    });
    world.killAfterWrites("client", 2);
    store.put("t", "1", "x");
    store.put("t", "2", "x");
    expect(world.isAlive("client")).toBe(true);
    store.put("t", "3", "x");
    expect(world.isAlive("client")).toBe(false);
    await world.advance(10);
    expect(hasRun).toBe(false);
    const restarted = world.runtime("client").journals.open("journal.db");
    expect(restarted.entries("t").map(([key]) => key)).toEqual(["1", "2"]);
    restarted.put("t", "3", "the order to die does not outlive the death");
  });
});

describe("a full disk", () => {
  test("fails writes after as many as told, keeps what was written, and can be repaired", () => {
    const world = new SimulatedWorld({ seed: 5 });
    const store = world.runtime().journals.open("journal.db");
    world.journals.failAfter(1);
    store.put("t", "1", "x");
    expect(() => store.put("t", "2", "x")).toThrow(JournalError);
    expect(() => store.delete("t", "1")).toThrow("cannot write the journal journal.db");
    expect(store.entries("t")).toEqual([["1", "x"]]);
    world.journals.repair();
    store.put("t", "2", "x");
    world.journals.failWrites("the disk is on fire");
    expect(() => store.transaction(() => store.put("t", "3", "x"))).toThrow("the disk is on fire");
    expect(store.entries("t")).toHaveLength(2);
  });

  test("says what seed it wants where a program without types gives none", () => {
    for (const options of [undefined, null, 7, {}, { seed: Number.NaN }]) {
      expect(() => new SimulatedWorld(options as unknown as { seed: number })).toThrow(ConfigError);
    }
  });
});
