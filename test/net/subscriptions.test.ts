import { describe, expect, test } from "vitest";
import { type SubscriptionAnswer, type SubscriptionOperation, Subscriptions } from "../../src/net/subscriptions.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

interface Sent {
  readonly id: number;
  readonly operation: SubscriptionOperation;
  readonly channels: readonly string[];
}

function scene(channelsPerRequest = 100, answerTimeoutMs: number | undefined = 10_000) {
  const world = new SimulatedWorld({ seed: 3 });
  const sent: Sent[] = [];
  const told: string[] = [];
  const subscriptions = new Subscriptions<string>({
    timers: world.runtime("bot").timers,
    answerTimeoutMs,
    channelsPerRequest,
    keyOf: (channel) => channel,
    send: (operation, channels, id) => sent.push({ operation, channels, id }),
    onConfirmed: (channel) => told.push(`confirmed ${channel}`),
    onRefused: (channel, reason) => told.push(`refused ${channel}: ${reason}`),
    onLimit: (reason) => told.push(`limit: ${reason}`),
    onUnanswered: (channel, times) => told.push(`unanswered ${channel} ${times}`),
    onSendFailed: () => told.push("send failed"),
  });
  return { world, sent, told, subscriptions };
}

const CHANNELS = Array.from({ length: 16 }, (_, index) => `c${index}`);
const answered = (answer: Partial<SubscriptionAnswer<string>>) => ({ isAccepted: false, ...answer });

/** A venue that refuses every request with one of these in it; it answers at once. */
function refuseRequestsWith(
  bad: readonly string[],
  naming: boolean,
  { sent, subscriptions }: ReturnType<typeof scene>,
) {
  for (let next = 0; next < sent.length; next += 1) {
    const { id, channels } = sent[next] as Sent;
    const wrong = channels.filter((channel) => bad.includes(channel));
    const reason = "invalid topic";
    if (wrong.length === 0) subscriptions.answer({ isAccepted: true, requestId: id });
    else
      subscriptions.answer(
        answered({ requestId: id, refusesAll: true, reason, channels: naming ? wrong.slice(0, 1) : [] }),
      );
  }
}

describe("a request that is refused as a whole", () => {
  test("is sent again without the channel that the venue names, so that all others live", () => {
    const own = scene();
    own.subscriptions.subscribe(CHANNELS);
    refuseRequestsWith(["c3", "c9"], true, own);
    expect(own.told.filter((line) => line.startsWith("refused"))).toEqual([
      "refused c3: invalid topic",
      "refused c9: invalid topic",
    ]);
    expect(own.told.filter((line) => line.startsWith("confirmed"))).toHaveLength(14);
    expect(own.sent.map(({ channels }) => channels.length)).toEqual([16, 15, 14]);
  });

  test("is halved until the channel at fault is found where the venue does not name it", () => {
    const own = scene();
    own.subscriptions.subscribe(CHANNELS);
    refuseRequestsWith(["c5"], false, own);
    expect(own.told.filter((line) => line.startsWith("refused"))).toEqual(["refused c5: invalid topic"]);
    expect(new Set(own.told.filter((line) => line.startsWith("confirmed"))).size).toBe(15);
    expect(own.sent.length).toBeLessThanOrEqual(1 + 2 * Math.log2(CHANNELS.length));
  });

  test("because a channel of it is subscribed already leaves that one as it is and asks for the others", () => {
    const { subscriptions, told, sent } = scene();
    subscriptions.subscribe(["a", "b"]);
    subscriptions.answer(answered({ requestId: 1, refusesAll: true, channels: ["a"], isAlreadySo: true }));
    expect(told).toEqual(["confirmed a"]);
    expect(sent[1]).toEqual({ id: 2, operation: "subscribe", channels: ["b"] });
  });
});

describe("an answer", () => {
  test("without an id is the one to the oldest request of its kind", () => {
    const { subscriptions, told } = scene(1);
    subscriptions.subscribe(["a", "b"]);
    subscriptions.unsubscribe(["z"]);
    subscriptions.answer({ isAccepted: true, operation: "subscribe" });
    subscriptions.answer(answered({ reason: "no such market" }));
    expect(told).toEqual(["confirmed a", "refused b: no such market"]);
  });

  test("that names a channel is about that channel alone, in whatever order answers come", () => {
    const { subscriptions, told } = scene();
    subscriptions.subscribe(["a", "b", "c"]);
    subscriptions.answer({ isAccepted: true, operation: "subscribe", channels: ["c"] });
    subscriptions.answer(answered({ channels: ["a"], reason: "does not exist" }));
    expect(told).toEqual(["confirmed c", "refused a: does not exist"]);
    expect(["a", "b", "c"].filter((channel) => subscriptions.isPending(channel))).toEqual(["b"]);
  });

  test("to an older subscription of a channel that was let go since says nothing", () => {
    const { subscriptions, told } = scene();
    subscriptions.subscribe(["a"]);
    subscriptions.unsubscribe(["a"]);
    subscriptions.answer(answered({ requestId: 1, refusesAll: true, channels: ["a"] }));
    expect(told).toEqual([]);
  });

  test("that the connection is full is no fault of a channel", () => {
    const { subscriptions, told } = scene();
    subscriptions.subscribe(["a", "b"]);
    subscriptions.answer(answered({ requestId: 1, isLimit: true, reason: "too frequent" }));
    expect(told).toEqual(["limit: too frequent"]);
  });
});

describe("a request that nobody answers", () => {
  test("is sent again, ever less often, without the channels whose data came", async () => {
    const { world, subscriptions, sent, told } = scene();
    subscriptions.subscribe(["a", "b"]);
    subscriptions.seen("a");
    await world.advance(10_001);
    expect(sent[1]).toEqual({ id: 2, operation: "subscribe", channels: ["b"] });
    await world.advance(12_000);
    expect(sent).toHaveLength(2);
    await world.advance(501);
    expect(told).toEqual(["unanswered b 1", "unanswered b 2"]);
    await world.advance(600_000);
    expect(sent.length).toBeLessThanOrEqual(10 + 300_000 / 80_000 + 1);
  });

  test("is waited for longer the more requests stand in line before it", async () => {
    const { world, subscriptions, sent } = scene(1);
    subscriptions.subscribe(["a", "b", "c"]);
    await world.advance(10_050);
    expect(sent).toHaveLength(4);
    await world.advance(100);
    expect(sent).toHaveLength(5);
  });

  test("and whose answer is only late, is not asked for a third time", async () => {
    const { world, subscriptions, sent, told } = scene();
    subscriptions.subscribe(["a", "b"]);
    await world.advance(10_500);
    expect(sent).toHaveLength(2);
    subscriptions.answer(answered({ requestId: 1, isAccepted: true }));
    subscriptions.answer(answered({ requestId: 2, refusesAll: true, channels: ["a"], reason: "already subscribed" }));
    await world.advance(600_000);
    expect(sent).toHaveLength(2);
    expect(told).toEqual(["unanswered a 1", "unanswered b 1", "confirmed a", "confirmed b"]);
  });

  test("is forgotten with its connection", async () => {
    const { world, subscriptions, sent } = scene();
    subscriptions.subscribe(["a"]);
    subscriptions.close();
    await world.advance(100_000);
    expect(sent).toHaveLength(1);
  });
});

test("no request has more channels than the venue takes in one", () => {
  const { subscriptions, sent } = scene(7);
  subscriptions.subscribe(CHANNELS);
  expect(sent.map(({ channels }) => channels.length)).toEqual([7, 7, 2]);
});
