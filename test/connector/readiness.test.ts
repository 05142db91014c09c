import { expect, test } from "vitest";
import { Readiness } from "../../src/connector/readiness.ts";
import type { ConnectorEvents } from "../../src/model/event.ts";
import { TypedEmitter } from "../../src/model/typed-emitter.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { recordingLogger } from "../net/recording-logger.ts";

test("a book that is invalid for a moment is told: not ready, and ready again", async () => {
  const world = new SimulatedWorld({ seed: 1 });
  const { clock, timers } = world.runtime("main");
  const events = new TypedEmitter<ConnectorEvents>(() => undefined);
  const status = { orderBooksInitialized: true };
  const readiness = new Readiness({
    ...{ clock, timers, events, logger: recordingLogger(), status: () => status, progress: () => ({}) },
  });
  const told: string[] = [];
  events.on("ready", ({ timestampMs }) => told.push(`ready ${timestampMs}`));
  events.on("notReady", ({ timestampMs }) => told.push(`not ready ${timestampMs}`));
  const stop = new AbortController();
  const running = readiness.run(stop.signal).catch(() => undefined);
  await world.advance(1_010);
  const atMs = clock.now();
  status.orderBooksInitialized = false;
  events.emit("bookInvalid", { tradingPair: "BTC-USD", reason: "gap", timestampMs: atMs });
  await world.advance(10);
  status.orderBooksInitialized = true;
  await world.advance(100);
  stop.abort();
  await running;
  expect(told.slice(1)).toEqual([`not ready ${atMs}`, `ready ${atMs + 50}`]);
});
