import { expect, test } from "vitest";
import { ByteCollector } from "../../src/runtime/byte-collector.ts";

test("joins the pieces of a text, also where one ends within a character", () => {
  const collected = new ByteCollector();
  for (const byte of Buffer.from("größer 😀".repeat(10_000))) collected.add(Uint8Array.of(byte));
  expect(collected.text()).toBe("größer 😀".repeat(10_000));
  expect(collected.length).toBe(Buffer.byteLength("größer 😀") * 10_000);
  collected.clear();
  expect([collected.text(), collected.length]).toEqual(["", 0]);
});

test("keeps no piece: a million of one byte take little more than a million bytes", () => {
  const collected = new ByteCollector();
  const memory = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  const before = memory();
  const piece = Uint8Array.of(49);
  for (let count = 0; count < 1_000_000; count += 1) collected.add(piece);
  expect(memory() - before).toBeLessThan(20_000_000);
  expect(collected.length).toBe(1_000_000);
});
