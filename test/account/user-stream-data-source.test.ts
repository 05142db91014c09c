import { describe, expect, test } from "vitest";
import type { VenueUserStreamDataSource } from "../../src/account/venue-user-stream-data-source.ts";
import { AuthError, isAbort } from "../../src/model/error.ts";
import { AUTHENTICATOR, type Behaviour, friendly, scene } from "./user-stream-scene.ts";

describe("going live", () => {
  test("login, then the private subscriptions, then live when both are confirmed; no gap the first time", async () => {
    const { world, received, notes, gaps, tracker } = await scene();
    expect(tracker.isHealthy()).toBe(false);
    await world.advance(100);
    expect(received.map((text) => JSON.parse(text) as unknown)).toEqual([
      { op: "login" },
      { op: "subscribe", channel: "orders" },
      { op: "subscribe", channel: "fills" },
    ]);
    expect(notes).toEqual(["live"]);
    expect(gaps()).toEqual([]);
    expect(tracker.isHealthy()).toBe(true);
    expect(tracker.liveSinceMs).toBeGreaterThan(0);
  });

  test("where a good login is silent, subscriptions follow at once and their confirmation makes it live", async () => {
    const behaviour: Behaviour = { answer: ({ op }) => (op === "subscribe" ? { kind: "subscribed" } : undefined) };
    const { world, received, notes } = await scene({ venue: { loginIsAcknowledged: false }, behaviour });
    await world.advance(100);
    expect(received).toHaveLength(3);
    expect(notes).toEqual(["live"]);
  });

  test.each([
    ["at once", (text: object) => ({ ...text, sign: "s-1" })],
    ["after a while", async (text: object) => ({ ...text, sign: "s-1" })],
  ])("a venue without a login has each subscription signed by itself, %s", async (_, sign) => {
    const behaviour: Behaviour = { answer: ({ op }) => (op === "subscribe" ? { kind: "subscribed" } : undefined) };
    const authenticator = {
      ...AUTHENTICATOR,
      wsAuthenticate: () => undefined,
      signFrame: (message: unknown) => sign(message as object),
    };
    const { world, received, notes } = await scene({ venue: { loginIsAcknowledged: false }, behaviour, authenticator });
    await world.advance(100);
    expect(received.map((text) => JSON.parse(text) as unknown)).toEqual([
      { op: "subscribe", channel: "orders", sign: "s-1" },
      { op: "subscribe", channel: "fills", sign: "s-1" },
    ]);
    expect(notes).toEqual(["live"]);
  });

  test("a venue that asks the login to answer its challenge is answered, and its pings as it wants", async () => {
    const behaviour: Behaviour = {
      answer: (message) => {
        const { op, answer } = message as { readonly op?: string; readonly answer?: string };
        if (op === "login") return { kind: answer === undefined ? "challenge" : "authenticated", asset: "riddle" };
        return op === "subscribe" ? { kind: "subscribed" } : undefined;
      },
    };
    const authenticator = {
      ...AUTHENTICATOR,
      wsAuthenticate: (challenge?: unknown) => {
        const { asset } = (challenge ?? {}) as { readonly asset?: string };
        return { op: "login", ...(asset === undefined ? {} : { answer: `to ${asset}` }) };
      },
    };
    const { world, received, notes, push } = await scene({
      behaviour,
      authenticator,
      venue: { pongOf: () => ({ op: "pong" }) },
    });
    await world.advance(100);
    expect(received.slice(0, 2)).toEqual(['{"op":"login"}', '{"op":"login","answer":"to riddle"}']);
    expect(notes).toEqual(["live"]);
    await push({ kind: "ping" });
    expect(received.at(-1)).toBe('{"op":"pong"}');
  });

  test("a venue whose stream has no lasting address is asked for it before each connection", async () => {
    const asked: number[] = [];
    const socketAddress = async () => ({ url: `ws://venue:80/private?token=secret-${asked.push(1)}` });
    const { world, connections, notes, logger } = await scene({ options: { socketAddress } });
    await world.advance(100);
    connections[0]?.terminate();
    await world.advance(5_000);
    expect([asked.length, notes]).toEqual([2, ["live", "interrupted", "live"]]);
    expect(connections.map(({ request }) => request.target)).toEqual([1, 2].map((n) => `/private?token=secret-${n}`));
    expect(JSON.stringify(logger.lines)).not.toContain("secret-");
  });

  test("a subscription that cannot be signed is a warning, and the connection is given up and opened anew", async () => {
    const authenticator = {
      ...AUTHENTICATOR,
      wsAuthenticate: () => undefined,
      signFrame: () => Promise.reject(new Error("the key cannot sign")),
    };
    const { world, received, connections } = await scene({ venue: { loginIsAcknowledged: false }, authenticator });
    await world.advance(30_000);
    expect(received).toEqual([]);
    expect(connections.length).toBeGreaterThan(1);
  });

  test.each([1, 3])("a login that is answered again (%d times) subscribes nothing twice", async (times) => {
    const behaviour: Behaviour = {
      answer(message, connection) {
        if (message.op === "login")
          for (let again = 0; again < times; again += 1) connection.send('{"kind":"authenticated"}');
        return friendly(message);
      },
    };
    const { world, received, notes, gaps, push } = await scene({ behaviour });
    await world.advance(100);
    await push({ kind: "authenticated" });
    expect(received).toHaveLength(3);
    expect(notes).toEqual(["live"]);
    expect(gaps()).toEqual([]);
  });

  test("a venue that ends each connection in the middle of the login is asked again, more and more slowly", async () => {
    const behaviour: Behaviour = {
      answer(_, connection) {
        connection.close(1000, "bye");
        return undefined;
      },
    };
    const { world, behaviour: now, connections, notes, gaps, loop } = await scene({ behaviour });
    void loop;
    await world.advance(60_000);
    expect(connections.length).toBeGreaterThan(2);
    expect(connections.length).toBeLessThan(30);
    expect(notes).not.toContain("live");
    now.answer = friendly;
    await world.advance(31_000);
    expect(notes.at(-1)).toBe("live");
    expect(gaps()).toEqual(["reconnected after: closed with code 1000: bye"]);
  });

  test("one confirmation of two is not live", async () => {
    let confirmations = 0;
    const behaviour: Behaviour = {
      answer: ({ op }) =>
        op === "login" ? { kind: "authenticated" } : confirmations++ === 0 ? { kind: "subscribed" } : undefined,
    };
    const { world, dataSource, tracker } = await scene({ behaviour });
    await world.advance(100);
    expect(dataSource.isConnected).toBe(true);
    expect(dataSource.isLive).toBe(false);
    expect(tracker.isHealthy()).toBe(false);
    expect(tracker.liveSinceMs).toBeUndefined();
  });

  test("a login that nobody answers is given up and tried again", async () => {
    const { world, connections, notes, behaviour } = await scene({ behaviour: { answer: () => undefined } });
    await world.advance(10_100);
    expect(notes).toEqual(["interrupted"]);
    behaviour.answer = friendly;
    await world.advance(2_000);
    expect(connections.length).toBe(2);
    expect(notes.at(-1)).toBe("live");
  });
});

describe("messages", () => {
  test("account updates go to the sink in order", async () => {
    const { world, push, balances } = await scene();
    await world.advance(100);
    await push({ kind: "update", asset: "USD" });
    await push({ kind: "update", asset: "BTC" });
    expect(balances()).toEqual(["USD", "BTC"]);
  });

  test("an empty payload is not passed on and is no gap", async () => {
    const { world, push, updates, logger } = await scene();
    await world.advance(100);
    for (const empty of ["", " ", "{}", "[]", "null"]) await push(empty);
    await push({ kind: "pong" });
    await push({ kind: "ignored" });
    expect(updates).toEqual([]);
    expect(logger.lines).toEqual([]);
  });

  test("a message that cannot be read is logged and is a gap; the stream goes on", async () => {
    const { world, push, gaps, balances, logger, connections } = await scene();
    await world.advance(100);
    await push("{not json");
    await push({ kind: "update", broken: true });
    await push({ kind: "update" });
    expect(gaps()).toEqual(["unreadable message: not JSON: {not json", "unreadable message: a field is missing"]);
    expect(balances()).toEqual(["USD"]);
    expect(logger.lines.filter((line) => line.includes("could not be read"))).toHaveLength(2);
    expect(connections).toHaveLength(1);
  });

  test("a login that comes back in a message that cannot be read is in no log and in no gap", async () => {
    const login = { op: "login", key: "api-key-of-mine", sign: "signature-of-mine" };
    const { world, push, gaps, logger } = await scene({
      authenticator: { ...AUTHENTICATOR, wsAuthenticate: () => login },
    });
    await world.advance(100);
    await push(`<<${JSON.stringify(login)}`);
    expect(gaps().join()).toContain('"key":"[redacted]"');
    expect(gaps().join() + logger.lines.join()).not.toMatch(/api-key-of-mine|signature/);
  });

  test("a login that comes back in the refusal of a channel is in no log and in no gap", async () => {
    const login = { op: "login", passphrase: "12345678" };
    const venue: Partial<VenueUserStreamDataSource> = {
      channels: [{ name: "orders", followsFills: false }],
      subscriptionAnswer: () => ({ isAccepted: false, channels: ["orders"], reason: "no orders for 12345678" }),
    };
    const told: (string | undefined)[] = [];
    const { world, gaps, logger } = await scene({
      venue,
      options: { onChannel: (_name, refusal) => told.push(refusal) },
      authenticator: { ...AUTHENTICATOR, wsAuthenticate: () => login },
    });
    await world.advance(100);
    expect(told).toEqual(["no orders for [redacted]"]);
    expect(gaps().join() + logger.lines.join()).not.toContain("12345678");
  });

  test("an update that cannot be applied is logged and is a gap", async () => {
    const { world, push, gaps, sink, updates, logger } = await scene();
    await world.advance(100);
    sink.accept = (update) => {
      if (update.type === "balance") throw new Error("cannot apply");
      updates.push(update);
    };
    await push({ kind: "update" });
    expect(gaps()).toEqual(["an update of type balance could not be applied"]);
    expect(logger.lines.join()).toContain("cannot apply");
  });

  test("unknown messages are one gap a minute, however many there are", async () => {
    const { world, push, gaps, logger } = await scene();
    await world.advance(100);
    for (let count = 0; count < 5; count += 1) await push({ kind: "unknown" });
    expect(gaps()).toEqual(["message of an unknown kind"]);
    expect(logger.lines.filter((line) => line.includes("unknown kind"))).toHaveLength(5);
    await world.advance(60_000);
    await push({ kind: "unknown" });
    expect(gaps()).toHaveLength(2);
  });

  test("an error of the venue on a live stream is a gap", async () => {
    const { world, push, gaps, connections } = await scene();
    await world.advance(100);
    await push({ kind: "error" });
    expect(gaps()).toEqual(["error message of the venue"]);
    expect(connections).toHaveLength(1);
  });
});

describe("interruptions", () => {
  test("a broken connection is made again, and the gap comes when the new one is live, not before", async () => {
    const { world, latest, gaps, notes, connections, tracker } = await scene();
    await world.advance(100);
    latest().terminate();
    await world.advance(10);
    expect(tracker.isHealthy()).toBe(false);
    expect(gaps()).toEqual([]);
    expect(notes).toEqual(["live", "interrupted"]);
    await world.advance(2_000);
    expect(connections).toHaveLength(2);
    expect(notes).toEqual(["live", "interrupted", "live"]);
    expect(gaps()).toEqual([expect.stringMatching(/^reconnected after: closed with code 1006/)]);
    expect(tracker.isHealthy()).toBe(true);
  });

  test("a connection that goes silent is noticed by its heartbeat", async () => {
    const { world, gaps, tracker } = await scene();
    await world.advance(100);
    world.network.partition("venue");
    await world.advance(20_100);
    expect(tracker.isHealthy()).toBe(false);
    expect(tracker.isConnected).toBe(false);
    world.network.heal();
    await world.advance(60_000);
    expect(tracker.isHealthy()).toBe(true);
    expect(gaps()).toEqual([expect.stringContaining("reconnected after:")]);
  });

  test("heartbeat answers keep a quiet stream healthy", async () => {
    const { world, tracker, connections } = await scene();
    await world.advance(600_000);
    expect(tracker.isHealthy()).toBe(true);
    expect(tracker.silentForMs).toBeLessThan(20_000);
    expect(connections).toHaveLength(1);
  });

  test("a venue that cannot be reached is tried with growing, jittered waits and is not fatal", async () => {
    const { world, behaviour, logger, notes, clock } = await scene({ behaviour: { refuse: 503 } });
    const times: number[] = [];
    world.network.faults.onConnect = () => {
      times.push(clock.monotonic());
      return undefined;
    };
    await world.advance(60_000);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits.length).toBeGreaterThan(3);
    expect(waits.at(-1)).toBeGreaterThan((waits[0] ?? 0) * 4);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_100);
    expect(logger.lines.join()).toContain("the user stream failed");
    expect(notes).not.toContain("live");
    behaviour.refuse = undefined;
    await world.advance(31_000);
    expect(notes.at(-1)).toBe("live");
  });

  test("a venue that asks for a new connection gets one", async () => {
    const { world, push, connections, gaps } = await scene();
    await world.advance(100);
    await push({ kind: "reconnect" });
    await world.advance(2_000);
    expect(connections).toHaveLength(2);
    expect(gaps()).toEqual(["reconnected after: the venue asked for a new connection"]);
  });

  test("a refused subscription is not taken for a live stream", async () => {
    const behaviour: Behaviour = {
      answer: ({ op }) => (op === "login" ? { kind: "authenticated" } : { kind: "error" }),
    };
    const { world, notes, logger } = await scene({ behaviour });
    await world.advance(100);
    expect(notes).toEqual(["interrupted"]);
    expect(logger.lines.join()).toContain("answered a private subscription with an error");
  });
});

describe("a login that the venue refuses", () => {
  test("is reported, is a gap, and is tried again slowly", async () => {
    const behaviour: Behaviour = { answer: ({ op }) => (op === "login" ? { kind: "authFailed" } : undefined) };
    const { world, notes, gaps, connections } = await scene({ behaviour });
    await world.advance(100);
    expect(notes).toEqual(["auth failure: the venue refused the login of the private stream", "interrupted"]);
    expect(gaps()).toEqual(["login failed: the venue refused the login of the private stream"]);
    await world.advance(59_000);
    expect(connections).toHaveLength(1);
    behaviour.answer = friendly;
    await world.advance(2_000);
    expect(connections).toHaveLength(2);
  });

  test("for its time, as after the machine slept, is made again at once, and the key is not blamed", async () => {
    const refuse: Behaviour = { answer: ({ op }) => (op === "login" ? { kind: "authFailed" } : undefined) };
    const { world, notes, behaviour } = await scene({ behaviour: refuse, wasTimeWrong: true });
    await world.advance(100);
    behaviour.answer = friendly;
    await world.advance(5_000);
    expect(notes.filter((note) => note !== "interrupted")).toEqual(["live"]);
  });

  test("without credentials nothing stays open", async () => {
    const { world, notes, dataSource } = await scene({ authenticator: undefined });
    await world.advance(2_000);
    expect(notes[0]).toMatch(/^auth failure: the private stream needs credentials/);
    expect(dataSource.isConnected).toBe(false);
  });
});

describe("a stream that is opened with a listen key", () => {
  const listenKeyVenue = { loginIsAcknowledged: false, subscribeChannels: () => [] };

  test("needs neither login nor subscriptions: open is live, and updates arrive", async () => {
    const { world, received, notes, latest, push, balances } = await scene({ withLease: true, venue: listenKeyVenue });
    await world.advance(100);
    expect(latest().request.target).toBe("/key1");
    expect(received).toEqual([]);
    expect(notes).toEqual(["live"]);
    await push({ kind: "update" });
    expect(balances()).toEqual(["USD"]);
  });

  test("an expiry told by the stream is a gap at once, and the next connection has a new key", async () => {
    const { world, push, gaps, latest } = await scene({ withLease: true, venue: listenKeyVenue });
    await world.advance(100);
    await push({ kind: "listenKeyExpired" });
    expect(gaps()).toEqual(["listen key lost: the stream says that it expired"]);
    await world.advance(2_000);
    expect(latest().request.target).toBe("/key2");
    expect(gaps()[1]).toBe("reconnected after: listen key lost: the stream says that it expired");
  });

  test("a loss that the lease notices ends the connection as well", async () => {
    const { world, lease, connections, gaps } = await scene({ withLease: true, venue: listenKeyVenue });
    await world.advance(100);
    lease?.expire("keep-alive refused");
    await world.advance(2_000);
    expect(gaps()[0]).toBe("listen key lost: keep-alive refused");
    expect(connections).toHaveLength(2);
  });
});

describe("the end", () => {
  test("an abort ends the loop with AbortError, closes the connection and is not logged as a fault", async () => {
    const { world, stop, loop, logger, connections, dataSource } = await scene();
    await world.advance(100);
    stop.abort();
    expect(isAbort(await world.run(loop))).toBe(true);
    await world.advance(100);
    expect(connections[0]?.isOpen).toBe(false);
    expect(dataSource.isConnected).toBe(false);
    expect(logger.lines).toEqual([]);
  });

  test("an abort while waiting for the next try ends the loop at once", async () => {
    const { world, stop, loop, clock } = await scene({ behaviour: { answer: () => ({ kind: "authFailed" }) } });
    await world.advance(1_000);
    stop.abort();
    const error = await world.run(loop);
    expect(isAbort(error)).toBe(true);
    expect(error).not.toBeInstanceOf(AuthError);
    expect(clock.monotonic()).toBe(1_000);
  });

  test("an abort during the handshake ends the loop", async () => {
    const { world, stop, loop } = await scene();
    world.network.faults.onConnect = () => "hang";
    stop.abort();
    expect(isAbort(await world.run(loop))).toBe(true);
  });
});
