import { describe, expect, test } from "vitest";
import { PrivateChannels } from "../../src/account/private-channels.ts";
import type { AccountUpdate } from "../../src/model/account-update.ts";
import { Decimal } from "../../src/model/decimal.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { recordingLogger } from "../net/recording-logger.ts";

const position = (amount: string): AccountUpdate => ({
  ...{ type: "position", tradingPair: "BTC-USD", side: "both", timestampMs: 0 },
  amount: new Decimal(amount),
});

function scene(options: { readonly canResubscribe?: boolean; readonly areAcknowledged?: boolean } = {}) {
  const world = new SimulatedWorld({ seed: 3 });
  const { clock, timers, random } = world.runtime("bot");
  const told: string[] = [];
  const channels = new PrivateChannels({
    channels: ["orders", "fills"].map((name) => ({ name, followsFills: true })),
    ...{ clock, timers, random, logger: recordingLogger(), answerTimeoutMs: 10_000 },
    areAcknowledged: options.areAcknowledged ?? true,
    canResubscribe: options.canResubscribe ?? true,
    send: (operation, names) => told.push(`${operation} ${names.join(", ")}`),
    onAllConfirmed: () => told.push("live"),
    onGap: (reason) => told.push(`gap: ${reason}`),
    onUseless: (reason) => told.push(`useless: ${reason}`),
  });
  return { world, channels, told };
}

const yes = (...names: string[]) => ({ isAccepted: true, operation: "subscribe", channels: names }) as const;
const no = (...names: string[]) => ({ isAccepted: false, channels: names, reason: "no" });

describe("a private stream", () => {
  test("is live when each of its channels is confirmed, by an answer or by data", () => {
    const { channels, told } = scene();
    channels.subscribe();
    channels.answer(yes("orders"));
    expect([told, channels.areConfirmed]).toEqual([["subscribe orders, fills"], false]);
    channels.seen("fills");
    expect([told.at(-1), channels.areConfirmed]).toEqual(["live", true]);
  });

  test("with a channel that is refused is not live; the channel is asked for again alone until it is there", async () => {
    const { world, channels, told } = scene();
    channels.subscribe();
    channels.answer(yes("orders"));
    channels.answer(no("fills"));
    expect([channels.areConfirmed, channels.areAnswered]).toEqual([false, true]);
    await world.advance(5_000);
    channels.answer(no("fills"));
    await world.advance(10_000);
    channels.answer(yes("fills"));
    expect(told).toEqual([
      "subscribe orders, fills",
      "gap: the private channel fills was refused: no",
      "subscribe fills",
      "subscribe fills",
      "live",
    ]);
  });

  test("of which every channel is refused is of no use", () => {
    const { channels, told } = scene();
    channels.subscribe();
    channels.answer(no("orders", "fills"));
    expect(told.at(-1)).toBe("useless: every private channel was refused: no");
  });

  test("whose subscription is ended by the venue after it was taken is not live", () => {
    const { channels } = scene();
    channels.subscribe();
    channels.answer(yes("orders", "fills"));
    channels.answer({ ...no("orders"), isRevoked: true });
    expect(channels.areConfirmed).toBe(false);
  });
});

describe("after a sign of a fill", () => {
  function live(options?: Parameters<typeof scene>[0]) {
    const own = scene(options);
    own.channels.subscribe();
    own.channels.answer(yes("orders", "fills"));
    own.told.length = 0;
    return own;
  }

  test("a channel that says nothing is a gap, and is subscribed anew alone", async () => {
    const { world, channels, told } = live();
    await world.advance(2_000);
    channels.noteFill(world.runtime("bot").clock.monotonic());
    channels.seen("orders");
    await world.advance(5_001);
    expect(told).toEqual([
      "gap: nothing came on the private channel fills after a fill",
      "unsubscribe fills",
      "subscribe fills",
    ]);
    channels.answer(yes("fills"));
    expect(told.at(-1)).toBe("gap: the private channel fills was subscribed anew");
  });

  test("channels that say something are left alone, before or after it", async () => {
    const { world, channels, told } = live();
    channels.seen("fills");
    channels.noteFill(world.runtime("bot").clock.monotonic());
    channels.seen("orders");
    await world.advance(60_000);
    expect(told).toEqual([]);
  });

  test("a channel that was subscribed anew in vain takes the connection with it", async () => {
    const { world, channels, told } = live();
    for (let round = 0; round < 2; round += 1) {
      channels.noteFill(world.runtime("bot").clock.monotonic());
      channels.seen("orders");
      await world.advance(5_001);
      channels.answer(yes("fills"));
    }
    expect(told.at(-1)).toBe("useless: nothing came on the private channel fills after a fill");
  });

  test("where channels cannot be subscribed anew the connection is of no use", async () => {
    const { world, channels, told } = live({ canResubscribe: false });
    channels.noteFill(world.runtime("bot").clock.monotonic());
    await world.advance(5_001);
    expect(told[0]).toMatch(/^useless: nothing came/);
  });

  test("a position of another size is one; those that come with the subscription are not", async () => {
    const { world, channels, told } = live();
    channels.seen("orders");
    channels.told("orders", [position("1")]);
    await world.advance(30_000);
    expect(told).toEqual([]);
    channels.seen("orders");
    channels.told("orders", [position("2")]);
    await world.advance(5_001);
    expect(told[0]).toBe("gap: nothing came on the private channel fills after a fill");
  });

  test("nothing is done on a connection that has ended", async () => {
    const { world, channels, told } = live();
    channels.noteFill(world.runtime("bot").clock.monotonic());
    channels.close();
    await world.advance(60_000);
    expect(told).toEqual([]);
  });
});
