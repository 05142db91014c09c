import { describe, expect, test } from "vitest";
import { ConfigError, JournalError } from "../../src/model/error.ts";
import type { JournalStore, WebSocketClose } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { failureOf } from "../support/failure-of.ts";
import { listen, openSocket, post } from "./simulated-scene.ts";

const SEEDS = Array.from({ length: 30 }, (_, seed) => seed);

/** Numbered transactions, each of two rows of which the second takes the place of an earlier one. */
function writeTransactions(store: JournalStore, from: number, count: number): void {
  for (let number = from; number < from + count; number += 1) {
    store.transaction(() => {
      store.put("log", String(number).padStart(4, "0"), "x");
      store.put("state", "last", String(number));
    });
  }
}

function whatIsThere(store: JournalStore): { readonly log: number; readonly last: number } {
  return { log: store.entries("log").length, last: Number(store.get("state", "last") ?? 0) };
}

describe("a power cut", () => {
  test("loses the last transactions that were not synced, any number of them and each whole", () => {
    const left = new Set<number>();
    for (const seed of SEEDS) {
      const world = new SimulatedWorld({ seed });
      writeTransactions(world.runtime("bot").journals.open("j"), 1, 5);
      world.cutPower("bot");
      const store = world.runtime("bot").journals.open("j");
      const { log, last } = whatIsThere(store);
      expect(last).toBe(log);
      left.add(log);
      writeTransactions(store, log + 1, 1);
      expect(whatIsThere(store)).toEqual({ log: log + 1, last: log + 1 });
    }
    expect([...left].toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("loses nothing of a journal that is durable against it, nor of a transaction before one that was", () => {
    for (const seed of SEEDS) {
      const world = new SimulatedWorld({ seed });
      const { journals } = world.runtime("bot");
      writeTransactions(journals.open("j"), 1, 2);
      world.kill("bot");
      writeTransactions(world.runtime("bot").journals.open("j", { durability: "power" }), 3, 3);
      world.cutPower("bot");
      expect(whatIsThere(world.runtime("bot").journals.open("j"))).toEqual({ log: 5, last: 5 });
    }
  });

  test("loses nothing from before the journal was closed or its log was synced", () => {
    for (const seed of SEEDS) {
      const world = new SimulatedWorld({ seed });
      const store = world.runtime("bot").journals.open("j");
      writeTransactions(store, 1, 3);
      store.close();
      writeTransactions(world.runtime("bot").journals.open("j"), 4, 2);
      world.cutPower("bot");
      const next = world.runtime("bot").journals.open("j");
      expect(whatIsThere(next).log).toBeGreaterThanOrEqual(3);
      writeTransactions(next, 10, 600);
      world.cutPower("bot");
      expect(whatIsThere(world.runtime("bot").journals.open("j")).log).toBeGreaterThanOrEqual(3 + 500);
    }
  });

  test("can lose what was there before a kill, which alone loses nothing", () => {
    const left = new Set<number>();
    for (const seed of SEEDS) {
      const world = new SimulatedWorld({ seed });
      writeTransactions(world.runtime("bot").journals.open("j"), 1, 2);
      world.kill("bot");
      const store = world.runtime("bot").journals.open("j");
      expect(whatIsThere(store).log).toBe(2);
      world.cutPower("bot");
      left.add(whatIsThere(world.runtime("bot").journals.open("j")).log);
    }
    expect([...left].toSorted()).toEqual([0, 1, 2]);
  });

  test("keeps files, and takes the open transaction with it", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { journals, files } = world.runtime("bot");
    await files.writeText("conf.yml", "x");
    const store = journals.open("j", { durability: "power" });
    store.put("state", "last", "1");
    store.transaction(() => {
      store.put("state", "last", "2");
      world.cutPower("bot");
    });
    const next = world.runtime("bot");
    expect(next.journals.open("j").get("state", "last")).toBe("1");
    expect(await next.files.readText("conf.yml")).toBe("x");
  });

  test("is not heard by peers until the machine runs again and they send something", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    await world.run(listen(world.runtime("server")));
    const client = world.runtime("client");
    const { connection, closes } = await openSocket(world, client);
    const silent = await openSocket(world, client);
    const waiting = failureOf(post(client, "x", 5_000));
    world.cutPower("server");
    connection.send("into the dark");
    expect(await world.run(waiting)).toMatchObject({ code: "TRANSPORT_TIMEOUT", bytesMayHaveLeft: true });
    expect(await world.run(failureOf(post(client, "y", 1_000)))).toMatchObject({ code: "TRANSPORT_TIMEOUT" });
    await world.advance(60_000);
    expect(closes).toEqual([]);
    expect(connection.bufferedAmount).toBe("into the dark".length);
    await world.run(listen(world.runtime("server")));
    await world.advance(10);
    expect(closes).toEqual([{ code: 1006, reason: "" }]);
    expect((await world.run(post(client, "z"))).text).toBe("z");
    silent.connection.ping();
    await world.advance(10);
    expect(silent.closes).toEqual([{ code: 1006, reason: "" }]);
  });

  test("of a client leaves its server with an open connection", async () => {
    const serverCloses: WebSocketClose[] = [];
    const sends: ((text: string) => void)[] = [];
    const world = new SimulatedWorld({ seed: 1 });
    const server = world.runtime("server");
    const listening = listen(server, {
      onConnection: (connection) => {
        sends.push((text) => connection.send(text));
        return { onText: () => {}, onClose: (info) => void serverCloses.push(info) };
      },
    });
    await world.run(listening);
    await openSocket(world, world.runtime("client"));
    world.cutPower("client");
    await world.advance(60_000);
    expect(serverCloses).toEqual([]);
    const client = world.runtime("client");
    await openSocket(world, client);
    expect(serverCloses).toEqual([]);
    sends[0]?.("for the one that is gone");
    await world.advance(10);
    expect(serverCloses).toEqual([{ code: 1006, reason: "" }]);
  });
});

describe("a full disk of one host", () => {
  test("fails writes of journals and files as a real one does, and reads go on until there is room again", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { journals, files } = world.runtime("bot");
    const other = world.runtime("other").journals.open("j");
    const store = journals.open("j");
    const inMemory = journals.open(":memory:");
    world.disk("bot").failAfter(2);
    store.put("t", "1", "x");
    await files.writeText("conf.yml", "x");
    const hint = "free some space; what was written is safe";
    expect(() => store.put("t", "2", "x")).toThrow(
      new JournalError("cannot write the journal j: the disk is full", { hint }),
    );
    const failure = await failureOf(files.writeText("conf.yml", "y"));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure).toMatchObject({ message: "cannot write conf.yml: the disk is full" });
    expect(() => journals.open("new")).toThrow("cannot open the journal new: the disk is full");
    expect([store.get("t", "1"), store.get("t", "2")]).toEqual(["x", undefined]);
    expect(await files.readText("conf.yml")).toBe("x");
    for (const free of [other, inMemory]) free.put("t", "1", "x");
    world.disk("bot").repair();
    store.put("t", "2", "x");
    await files.writeText("conf.yml", "y");
    expect(await files.readText("conf.yml")).toBe("y");
  });

  test("rolls the transaction back, of which nothing can be read or written any more", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const store = world.runtime("bot").journals.open("j");
    world.disk("bot").failAfter(1);
    const stubborn = () =>
      store.transaction(() => {
        store.put("t", "1", "x");
        expect(() => store.put("t", "2", "x")).toThrow("the disk is full");
        expect(() => store.get("t", "1")).toThrow("the transaction was rolled back");
      });
    expect(stubborn).toThrow("cannot write the journal j: the transaction was rolled back");
    world.disk("bot").repair();
    expect(store.entries("t")).toEqual([]);
    store.transaction(() => store.put("t", "3", "x"));
    expect(store.entries("t")).toEqual([["3", "x"]]);
  });

  test("stays full for the next process", () => {
    const world = new SimulatedWorld({ seed: 1 });
    world.runtime("bot").journals.open("j").put("t", "1", "x");
    world.disk("bot").failWrites("the disk is on fire");
    world.kill("bot");
    const store = world.runtime("bot").journals.open("j");
    expect(store.get("t", "1")).toBe("x");
    expect(() => store.put("t", "2", "x")).toThrow("the disk is on fire");
  });
});
