import { describe, expect, it } from "vitest";
import { type PerpwireError, TransportError } from "../../src/model/error.ts";
import type { Authenticator } from "../../src/net/auth.ts";
import { parseJson } from "../../src/net/json.ts";
import { OrderSocket, type OrderSocketConventions } from "../../src/net/order-socket.ts";
import type { RestRequest } from "../../src/net/venue-api.ts";
import { WsAssistant } from "../../src/net/ws-assistant.ts";
import type { ServerConnection } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { recordingLogger } from "./recording-logger.ts";

interface Message {
  readonly login?: string;
  readonly id?: string;
  readonly path?: string;
  readonly sign?: string;
}

interface Frame {
  readonly kind?: string;
  readonly id?: string;
  readonly isLast?: boolean;
}

const CREATE: RestRequest = { method: "POST", path: "/create", data: {}, isAuthRequired: true, limitId: "all" };
const SIGNED = { method: "POST", url: "http://venue/create", headers: {}, body: "{}" } as const;
const KINDS = ["answer", "authenticated", "authFailed", "reconnect"] as const;

const CONVENTIONS: OrderSocketConventions = {
  socket: "orders",
  needsLogin: true,
  messageOf: ({ path }, id) => (path === "/create" ? { id, path } : undefined),
  readFrame(message) {
    const { kind, id = "", isLast } = message as Frame;
    const known = KINDS.find((each) => each === kind);
    if (known === undefined) return { kind: "ignored" };
    const response = { status: 200, headers: {}, text: `made ${id}` };
    if (known === "answer") return { kind: known, id, response, isLast: isLast === true };
    return known === "authFailed" ? { kind: known, reason: "a wrong key" } : { kind: known };
  },
};
const AUTHENTICATOR: Authenticator = {
  restAuthenticate: (request) => request,
  wsAuthenticate: () => ({ login: "key" }),
};

type Answer = (message: Message, connection: ServerConnection) => object | undefined;

const friendly: Answer = ({ login, id }) => (login === undefined ? { kind: "answer", id } : { kind: "authenticated" });

interface Changes {
  readonly answer?: Answer;
  readonly conventions?: Partial<OrderSocketConventions>;
  readonly authenticator?: Partial<Authenticator>;
  readonly takeRoom?: (request: RestRequest) => boolean;
  readonly wasTimeWrong?: boolean;
}

async function scene({ answer = friendly, conventions, authenticator, takeRoom, wasTimeWrong }: Changes = {}) {
  const world = new SimulatedWorld({ seed: 11 });
  const { clock, timers, random, webSocket } = world.runtime("client");
  const connections: ServerConnection[] = [];
  const received: Message[] = [];
  const behaviour = { answer, isDown: false };
  const listening = world.runtime("venue").server.listen({
    host: "venue",
    port: 80,
    onRequest: () => ({ status: 404, body: "" }),
    onConnection(connection) {
      if (behaviour.isDown) return { refuse: 503 };
      connections.push(connection);
      const onText = (text: string): void => {
        const message = JSON.parse(text) as Message;
        received.push(message);
        const said = behaviour.answer(message, connection);
        if (said !== undefined) connection.send(JSON.stringify(said));
      };
      return { onText, onClose: () => undefined };
    },
  });
  await world.run(listening);
  const logger = recordingLogger();
  const signer = { ...AUTHENTICATOR, ...authenticator };
  const socket = new OrderSocket({
    conventions: { ...CONVENTIONS, ...conventions },
    url: "ws://venue:80/orders",
    heartbeat: { intervalMs: 20_000, ping: "protocol", timeoutMs: 5_000 },
    authenticator: signer,
    loginTime: { offsetMs: 0, wasWrong: async () => wasTimeWrong === true },
    createAssistant: () => new WsAssistant({ webSocket, clock, timers, logger, authenticator: signer }),
    parse: parseJson,
    ...(takeRoom === undefined ? {} : { takeRoom }),
    ...{ clock, timers, random, logger },
  });
  const stop = new AbortController();
  socket.run(stop.signal).catch(() => undefined);
  const send = (request = CREATE, signal?: AbortSignal) => socket.exchange(request, SIGNED, 3_000, signal);
  const failed = async (sent: Promise<unknown>): Promise<PerpwireError> =>
    await world.run(
      sent.then(
        () => expect.unreachable("it was answered"),
        (error: unknown) => error as PerpwireError,
      ),
    );
  await world.advance(100);
  return { world, socket, send, failed, connections, received, behaviour, stop, logger };
}

describe("a socket for orders", () => {
  it("logs in, and then carries a request to its answer, each under an id of its own", async () => {
    const { world, socket, send, received } = await scene();
    expect(socket.isLive).toBe(true);
    const [one, two] = await world.run(Promise.all([send(), send()]));
    const ids = received.flatMap(({ id }) => id ?? []);
    expect([one?.text, two?.text]).toEqual(ids.map((id) => `made ${id}`));
    expect(new Set(ids).size).toBe(2);
    expect(ids.every((id) => /^\d{1,16}$/.test(id))).toBe(true);
  });

  it("is live at once where there is no login, and signs each message where the venue wants that", async () => {
    const { world, send, received } = await scene({
      conventions: { needsLogin: false },
      authenticator: { signOrderFrame: async (message) => ({ ...(message as object), sign: "s" }) },
    });
    await world.run(send());
    expect(received.map(({ sign }) => sign)).toEqual(["s"]);
  });

  it("leaves to REST what it has no message for, and everything before it is live", async () => {
    const silent = await scene({ answer: () => undefined });
    expect(await silent.world.run(silent.send())).toBeUndefined();
    expect(silent.received.some(({ id }) => id !== undefined)).toBe(false);
    const { world, send } = await scene();
    expect(await world.run(send({ ...CREATE, path: "/leverage" }))).toBeUndefined();
  });

  it("tells of a request that is not answered in time that it may have happened, and ignores the late answer", async () => {
    const { world, send, failed, connections, received } = await scene({
      answer: (message, connection) => (message.login === undefined ? undefined : friendly(message, connection)),
    });
    const error = await failed(send());
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ code: "TRANSPORT_TIMEOUT", bytesMayHaveLeft: true, outcome: "unknown" });
    connections[0]?.send(JSON.stringify({ kind: "answer", id: received.at(-1)?.id }));
    await world.advance(100);
  });

  it("leaves a connection that does not answer to REST, and opens another one later", async () => {
    const { world, socket, send, failed, connections, behaviour } = await scene({
      answer: (message, connection) => (message.login === undefined ? undefined : friendly(message, connection)),
    });
    expect(await failed(send())).toMatchObject({ code: "TRANSPORT_TIMEOUT", outcome: "unknown" });
    expect(socket.isLive).toBe(false);
    expect(await world.run(send())).toBeUndefined();
    behaviour.answer = friendly;
    await world.advance(20_000);
    expect([connections.length, await world.run(send())]).toEqual([1, undefined]);
    await world.advance(20_000);
    expect(connections).toHaveLength(2);
    expect((await world.run(send()))?.text).toMatch(/^made /);
  });

  it.each([
    ["an answer says that it is the last one", { kind: "answer", isLast: true }],
    ["the venue does not know its login any more", { kind: "authFailed" }],
  ])("leaves a connection where %s, after the answers that are due", async (_, frame) => {
    const { world, socket, send, connections, received } = await scene({
      answer: (message, connection) => (message.login === undefined ? undefined : friendly(message, connection)),
    });
    const sent = [send(), send()];
    await world.advance(50);
    const [first, second] = received.flatMap(({ id }) => id ?? []);
    connections[0]?.send(JSON.stringify({ ...frame, id: first }));
    await world.advance(50);
    expect(socket.isLive).toBe(false);
    expect(await world.run(send())).toBeUndefined();
    for (const id of [first, second]) connections[0]?.send(JSON.stringify({ kind: "answer", id }));
    expect((await world.run(Promise.all(sent))).map((response) => response?.text)).toEqual([
      ...[`made ${first}`, `made ${second}`],
    ]);
    await world.advance(3_000);
    expect(connections).toHaveLength(2);
  });

  it("tells with an answer what its message was signed with, and nothing of the message itself", async () => {
    const { world, send } = await scene({
      conventions: { messageOf: ({ path }, id) => ({ id, path, symbol: "1000PEPEUSDT" }) },
      authenticator: { signOrderFrame: (message) => ({ ...(message as object), sign: "signature-of-the-frame" }) },
    });
    expect((await world.run(send()))?.secrets).toEqual(["signature-of-the-frame"]);
  });

  it("leaves to REST what finds no room in the limit of its messages, or more without an answer than the venue takes", async () => {
    const full = await scene({ takeRoom: ({ weight = 1 }) => weight < 3 });
    expect(await full.world.run(full.send({ ...CREATE, weight: 3 }))).toBeUndefined();
    expect((await full.world.run(full.send()))?.status).toBe(200);
    const { world, send, received, connections } = await scene({
      conventions: { maxUnanswered: 2 },
      answer: (message, connection) => (message.login === undefined ? undefined : friendly(message, connection)),
    });
    const sent = [send(), send()];
    await world.advance(50);
    expect(await world.run(send())).toBeUndefined();
    connections[0]?.send(JSON.stringify({ kind: "answer", id: received.at(-1)?.id }));
    await world.run(Promise.race(sent));
    sent.push(send());
    await world.advance(50);
    for (const { id } of received) connections[0]?.send(JSON.stringify({ kind: "answer", id }));
    expect((await world.run(Promise.all(sent))).map((response) => response?.status)).toEqual([200, 200, 200]);
  });

  it("logs in with a message of its own where the venue has one for orders", async () => {
    const { socket, received } = await scene({
      authenticator: { wsAuthenticateForOrders: () => ({ login: "orders" }) },
    });
    expect([socket.isLive, received.map(({ login }) => login)]).toEqual([true, ["orders"]]);
  });

  it("leaves a request to REST that cannot be signed for the socket", async () => {
    const signOrderFrame = () => Promise.reject(new Error("no signer"));
    const { world, send, received } = await scene({ authenticator: { signOrderFrame } });
    expect(await world.run(send())).toBeUndefined();
    expect(received.some(({ id }) => id !== undefined)).toBe(false);
  });

  it("tells of a request whose connection ends before the answer that it may have happened, and connects anew", async () => {
    const { world, socket, send, failed, connections, behaviour } = await scene({
      answer(message, connection) {
        if (message.login !== undefined) return friendly(message, connection);
        connection.terminate();
        return undefined;
      },
    });
    expect(await failed(send())).toMatchObject({ code: "TRANSPORT_RESET", bytesMayHaveLeft: true });
    expect(socket.isLive).toBe(false);
    expect(await world.run(send())).toBeUndefined();
    behaviour.answer = friendly;
    await world.advance(2_000);
    expect(connections).toHaveLength(2);
    expect((await world.run(send()))?.text).toMatch(/^made /);
  });

  it("tells of an aborted request whether it had left", async () => {
    const { world, send, failed, received } = await scene({
      answer: (message, connection) => (message.login === undefined ? undefined : friendly(message, connection)),
    });
    const before = new AbortController();
    before.abort();
    expect(await failed(send(CREATE, before.signal))).toMatchObject({ name: "AbortError", outcome: "definite" });
    expect(received.filter(({ id }) => id !== undefined)).toHaveLength(0);
    const after = new AbortController();
    const sent = send(CREATE, after.signal).catch((error: unknown) => error);
    await world.advance(50);
    after.abort();
    expect(await world.run(sent)).toMatchObject({ name: "AbortError", outcome: "unknown" });
  });

  it("sends nothing more on a connection that the venue announces to end, and waits there for the last answers", async () => {
    const { world, send, connections, received } = await scene({
      answer: (message, connection) => (message.login === undefined ? undefined : friendly(message, connection)),
    });
    const sent = send();
    await world.advance(50);
    connections[0]?.send(JSON.stringify({ kind: "reconnect" }));
    await world.advance(50);
    expect(await world.run(send())).toBeUndefined();
    const id = received.at(-1)?.id;
    connections[0]?.send(JSON.stringify({ kind: "answer", id }));
    expect((await world.run(sent))?.text).toBe(`made ${id}`);
    await world.advance(3_000);
    expect([connections[0]?.isOpen, connections.length]).toEqual([false, 2]);
  });

  it("logs in again at once where the venue refused a login that was made with a wrong time", async () => {
    const { world, socket, behaviour } = await scene({ answer: () => ({ kind: "authFailed" }), wasTimeWrong: true });
    expect(socket.isLive).toBe(false);
    behaviour.answer = friendly;
    await world.advance(2_000);
    expect(socket.isLive).toBe(true);
  });

  it("asks a venue that refuses the login again after a minute, without the key in its log, while orders go over REST", async () => {
    const { world, connections, send, logger } = await scene({ answer: () => ({ kind: "authFailed" }) });
    await world.advance(30_000);
    expect(connections).toHaveLength(1);
    expect(await world.run(send())).toBeUndefined();
    await world.advance(40_000);
    expect(connections).toHaveLength(2);
    expect(JSON.stringify(logger)).not.toContain('"key"');
  });

  it("warns of a connection that the venue closed, and of none that a stop closed", async () => {
    const { world, socket, connections, stop, logger } = await scene();
    connections[0]?.close(1000, "bye");
    await world.advance(5_000);
    expect(logger.lines.filter((line) => line.includes("orders go over REST"))).toEqual([
      'warn the socket for orders was closed, orders go over REST {"code":1000,"reason":"bye"}',
    ]);
    expect(socket.isLive).toBe(true);
    const before = logger.lines.length;
    stop.abort();
    await world.advance(5_000);
    expect(socket.isLive).toBe(false);
    expect(logger.lines.slice(before)).toEqual([]);
  });

  it("comes back after an outage, and a frame that cannot be read is no end of it", async () => {
    const { world, socket, send, connections, behaviour } = await scene();
    behaviour.isDown = true;
    connections[0]?.terminate();
    await world.advance(60_000);
    expect(socket.isLive).toBe(false);
    behaviour.isDown = false;
    await world.advance(31_000);
    expect(socket.isLive).toBe(true);
    connections.at(-1)?.send("no JSON");
    await world.advance(10);
    expect((await world.run(send()))?.status).toBe(200);
  });
});
