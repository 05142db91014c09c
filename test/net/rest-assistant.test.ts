import { describe, expect, test } from "vitest";
import {
  AbortError,
  AuthError,
  ConfigError,
  NotFoundError,
  outcomeOf,
  PerpwireError,
  ProtocolError,
  RateLimitError,
  TimeSyncError,
  TransportError,
  VenueUnavailableError,
} from "../../src/model/error.ts";
import type { Authenticator, PreparedRequest } from "../../src/net/auth.ts";
import { Intent } from "../../src/net/intent.ts";
import { parseJson } from "../../src/net/json.ts";
import {
  type RequestMetrics,
  RestAssistant,
  type RestAssistantOptions,
  type RestConventions,
} from "../../src/net/rest-assistant.ts";
import { Throttler } from "../../src/net/throttler.ts";
import { TimeSynchronizer } from "../../src/net/time-synchronizer.ts";
import type { RestRequest } from "../../src/net/venue-api.ts";
import type { HttpResponse, ServerRequest, ServerResponse } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { recordingLogger } from "./recording-logger.ts";

const NOW = Date.UTC(2024, 0, 2);
const API_KEY = "key-abcdefgh";
const SIGNATURE = "sig-0123456789abcdef/+=";

const GET: RestRequest = { method: "GET", path: "/markets", isAuthRequired: false, limitId: "all" };
const POST: RestRequest = { method: "POST", path: "/orders", data: { a: 1 }, isAuthRequired: true, limitId: "all" };

/** `{"error": "<class>"}` throws, everything else is the payload. */
const webUtils: RestConventions = {
  restUrl: (request) => `http://venue:80/api${request.path}`,
  unwrapResponse(response) {
    const payload = parseJson(response.text) as { error?: string };
    const text = `${payload.error}: ${response.text}`;
    if (payload.error === "time") throw new TimeSyncError(text);
    if (payload.error === "rate") throw new RateLimitError(text);
    if (payload.error === "missing") throw new NotFoundError(text, { venueCode: response.text, hint: response.text });
    if (payload.error === "down") throw new VenueUnavailableError(text);
    if (payload.error === "bug") throw new TypeError(text);
    return payload;
  },
};

const signer: Authenticator = {
  restAuthenticate: (request) => ({
    ...request,
    url: `${request.url}${request.url.includes("?") ? "&" : "?"}signature=${encodeURIComponent(SIGNATURE)}`,
    headers: { ...request.headers, "x-key": API_KEY, "x-signature": SIGNATURE },
  }),
  wsAuthenticate: () => undefined,
};

type Answer = (request: ServerRequest) => Partial<ServerResponse> | string;

async function scene(answer: Answer, options: Partial<RestAssistantOptions> = {}) {
  const world = new SimulatedWorld({ seed: 5 });
  const { clock, timers, http } = world.runtime("client");
  const requests: ServerRequest[] = [];
  const listening = world.runtime("venue").server.listen({
    host: "venue",
    port: 80,
    onRequest(request) {
      requests.push(request);
      const answered = answer(request);
      return { status: 200, body: "{}", ...(typeof answered === "string" ? { body: answered } : answered) };
    },
    onConnection: () => ({ refuse: 404 }),
  });
  await world.run(listening);
  const rateLimits = [
    { limitId: "all", limit: 100, timeIntervalMs: 1_000 },
    { limitId: "narrow", limit: 1, timeIntervalMs: 1_000, linkedLimits: [{ limitId: "all", weight: 1 }] },
  ];
  const throttler = new Throttler({ rateLimits, clock, timers });
  const logger = recordingLogger();
  const assistant = new RestAssistant({ http, clock, timers, throttler, webUtils, logger, ...options });
  const send = (request: RestRequest, signal?: AbortSignal) => world.run(assistant.send(request, signal));
  return { world, clock, throttler, requests, logger, assistant, send };
}

async function failure(promise: Promise<unknown>): Promise<PerpwireError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  if (!(error instanceof PerpwireError)) throw new Error(`expected a PerpwireError, got ${String(error)}`);
  return error;
}

describe("encoding", () => {
  test("the query keeps its order and its undefined values are left out; slashes of the path stay", async () => {
    const { send, requests } = await scene(() => "{}");
    const params = { symbol: "BTC/USD", skipped: undefined, limit: 5, flag: false, text: "a b&c=d'é" };
    await send({ ...GET, path: "/orders/by_client_id/a/b", params });
    expect(requests[0]?.target).toBe(
      "/api/orders/by_client_id/a/b?symbol=BTC%2FUSD&limit=5&flag=false&text=a%20b%26c%3Dd'%C3%A9",
    );
    expect(requests[0]?.body).toBe("");
  });

  test("parameters that are all undefined leave no question mark", async () => {
    const { send, requests } = await scene(() => "{}");
    await send({ ...GET, params: { a: undefined } });
    expect(requests[0]?.target).toBe("/api/markets");
  });

  test("a JSON body is compact and says so", async () => {
    const { send, requests } = await scene(() => "{}", { authenticator: signer });
    await send({ ...POST, data: { market: "BTC-PERP", size: "0.01", clientId: null } });
    expect(requests[0]?.body).toBe('{"market":"BTC-PERP","size":"0.01","clientId":null}');
    expect(requests[0]?.headers["content-type"]).toBe("application/json");
  });

  test("a form body is encoded as a query", async () => {
    const { send, requests } = await scene(() => "{}");
    await send({ ...GET, method: "PUT", form: { a: "1 2", b: undefined, c: 3 } });
    expect(requests[0]?.body).toBe("a=1%202&c=3");
    expect(requests[0]?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
  });

  test("a venue's own headers go with every request, signed or not, whatever its body", async () => {
    const headers = { "x-simulated-trading": "1" };
    const { send, requests } = await scene(() => "{}", { authenticator: signer, webUtils: { ...webUtils, headers } });
    await send(GET);
    await send({ ...POST, data: { a: 1 } });
    await send({ ...GET, method: "PUT", form: { a: 1 } });
    expect(requests.map((request) => request.headers["x-simulated-trading"])).toEqual(["1", "1", "1"]);
    expect(requests[1]?.headers).toMatchObject({ "content-type": "application/json", "x-key": API_KEY });
  });

  test("two bodies are refused, unsent", async () => {
    const { send, requests } = await scene(() => "{}", { authenticator: signer });
    await expect(send({ ...POST, form: { b: 1 } })).rejects.toThrow(ConfigError);
    expect(requests).toHaveLength(0);
  });
});

describe("the way of a request", () => {
  test("pre-processors, rate limit, signature, network, post-processors, in this order", async () => {
    const steps: string[] = [];
    const { send, world, clock, throttler } = await scene(
      (request) => {
        steps.push(`server ${request.headers["x-extra"]} ${request.target}`);
        return '{"value":1}';
      },
      {
        preProcessors: [
          async (request) => {
            steps.push("pre-process");
            return { ...request, params: { added: 1 } };
          },
        ],
        authenticator: {
          async restAuthenticate(request: PreparedRequest) {
            await Promise.resolve();
            steps.push(`sign ${request.url} ${request.body} at ${clock.monotonic()}`);
            return { ...request, headers: { ...request.headers, "x-extra": "signed" } };
          },
          wsAuthenticate: () => undefined,
        },
        postProcessors: [(response: HttpResponse) => ({ ...response, text: response.text.replace("1", "2") })],
      },
    );
    await world.run(throttler.acquire("narrow") ?? Promise.resolve());
    const startMs = clock.monotonic();
    expect(await send({ ...POST, limitId: "narrow" })).toEqual({ value: 2 });
    expect(steps).toEqual([
      "pre-process",
      `sign http://venue:80/api/orders?added=1 {"a":1} at ${startMs + 1_000}`,
      "server signed /api/orders?added=1",
    ]);
  });

  test("cancels overtake polls at the rate limit", async () => {
    const { world, assistant, throttler, requests } = await scene(() => "{}");
    throttler.acquire("narrow");
    const narrow = { ...GET, limitId: "narrow" };
    await world.run(
      Promise.all([
        assistant.send({ ...narrow, path: "/poll" }),
        assistant.send({ ...narrow, path: "/create", lane: "create" }),
        assistant.send({ ...narrow, path: "/cancel", lane: "cancel" }),
      ]),
    );
    expect(requests.map(({ target }) => target)).toEqual(["/api/cancel", "/api/create", "/api/poll"]);
  });

  test("a question that waits for its turn is asked once for all who ask the same, and again for who asks later", async () => {
    const { world, assistant, throttler, requests } = await scene(() => String(requests.length));
    throttler.acquire("narrow");
    const narrow = { ...GET, limitId: "narrow" };
    const first = [assistant.send(narrow), assistant.send({ ...narrow }), assistant.send(narrow)];
    expect(await world.run(Promise.all(first))).toEqual([1, 1, 1]);
    const left = assistant.send(narrow);
    await world.advance(1_000);
    expect(requests).toHaveLength(2);
    expect(await world.run(Promise.all([left, assistant.send(narrow)]))).toEqual([2, 3]);
  });

  test("a question that is a POST is shared where the venue says that it is one, by its body, and no other POST is", async () => {
    const { world, assistant, throttler, requests } = await scene(() => String(requests.length));
    throttler.acquire("narrow");
    const info: RestRequest = { ...POST, isAuthRequired: false, limitId: "narrow", isQuestion: true };
    const plain: RestRequest = { ...info, isQuestion: undefined };
    const asked = [info, { ...info }, { ...info, data: { a: 2 } }, plain, plain];
    await world.run(Promise.all(asked.map((request) => assistant.send(request))));
    expect(requests.map(({ body }) => body).toSorted()).toEqual(['{"a":1}', '{"a":1}', '{"a":1}', '{"a":2}']);
  });

  test("a question says for how long its answer may be told again, unless something changed what it is about", async () => {
    const { world, assistant, requests } = await scene(() => String(requests.length));
    const dear: RestRequest = { ...GET, freshForMs: 1_000 };
    const ask = () => world.run(assistant.send(dear));
    expect([await ask(), await ask()]).toEqual([1, 1]);
    expect(await world.run(assistant.send({ ...dear, freshForMs: 60_000 }))).toBe(1);
    await world.advance(1_000);
    expect([await ask(), await ask()]).toEqual([2, 2]);
    // An answer that was asked for before a change, and comes after it, may be of before.
    const asked = assistant.send({ ...dear, params: { of: "change" } });
    await world.run(assistant.send({ ...POST, isAuthRequired: false, outdatesAnswers: true }));
    await world.run(asked);
    const before = requests.length;
    await world.run(Promise.all([assistant.send(dear), assistant.send({ ...dear, params: { of: "change" } })]));
    expect(requests.length).toBe(before + 2);
  });

  test("a question is given up when the last who asked it has left, and not before", async () => {
    const { world, assistant, throttler, requests } = await scene(() => "{}");
    throttler.acquire("narrow");
    const narrow = { ...GET, limitId: "narrow" };
    const [one, other] = [new AbortController(), new AbortController()];
    const asked = [one, other].map(({ signal }) => failure(assistant.send(narrow, signal)));
    const stays = assistant.send(narrow);
    one.abort();
    other.abort();
    expect((await world.run(Promise.all(asked))).map(({ name }) => name)).toEqual(["AbortError", "AbortError"]);
    await world.run(stays);
    expect(requests).toHaveLength(1);
    const last = new AbortController();
    const alone = failure(assistant.send(narrow, last.signal));
    last.abort();
    expect(await world.run(alone)).toMatchObject({ name: "AbortError", outcome: "definite" });
    await world.advance(5_000);
    expect(requests).toHaveLength(1);
  });

  test("sendTimed tells when the request itself left and was answered", async () => {
    const { world, clock, assistant, throttler } = await scene(() => '"pong"');
    throttler.acquire("narrow");
    const startMs = clock.monotonic();
    const timed = await world.run(assistant.sendTimed({ ...GET, limitId: "narrow" }));
    expect(timed.payload).toBe("pong");
    expect(timed.sentMonotonicMs).toBe(startMs + 1_000);
    expect(timed.receivedMonotonicMs).toBe(clock.monotonic());
    expect(timed.receivedMonotonicMs).toBeGreaterThan(timed.sentMonotonicMs);
  });

  test("public requests are not signed", async () => {
    const { send, requests } = await scene(() => "{}", { authenticator: signer });
    await send(GET);
    expect(requests[0]?.headers).not.toHaveProperty("x-signature");
  });

  test("every request is reported, with its status or without one", async () => {
    const metrics: RequestMetrics[] = [];
    const onRequest = (metric: RequestMetrics) => metrics.push(metric);
    const { send, world } = await scene(() => ({ status: 404, body: '{"error":"missing"}' }), { onRequest });
    await failure(send({ ...GET, params: { secret: "x" } }));
    world.network.faults.onHttpRequest = () => ({ kind: "refuse" });
    await failure(send(GET));
    const unanswered = { method: "GET", path: "/markets", status: undefined };
    expect(metrics).toMatchObject([
      { method: "GET", path: "/markets", status: 404 },
      ...Array.from({ length: 4 }, () => unanswered),
    ]);
    expect(metrics[0]?.durationMs).toBeGreaterThan(0);
  });

  test("requests that had no connection take nothing of the limits, and those whose answer was lost do", async () => {
    const { send, throttler, world } = await scene(() => "{}");
    const used = () => throttler.usage().reduce((total, usage) => total + usage.used, 0);
    world.network.faults.onHttpRequest = () => ({ kind: "refuse" });
    await failure(send({ ...GET, weight: 3 }));
    const refused = used();
    expect(refused).toBeGreaterThan(0);
    world.network.faults.onHttpRequest = () => undefined;
    await send({ ...GET, weight: 2 });
    expect(used()).toBe(2);
    world.network.faults.onHttpRequest = () => ({ kind: "dropResponse" });
    await failure(send(GET));
    world.network.faults.onHttpRequest = () => undefined;
    await send({ ...GET, weight: 2 });
    expect(used()).toBe(5);
  });

  test("a failing metrics listener does not change the outcome", async () => {
    const { send, logger } = await scene(() => '"fine"', {
      onRequest: () => {
        throw new Error("listener");
      },
    });
    expect(await send(GET)).toBe("fine");
    expect(logger.lines.join()).toContain("listener");
  });
});

describe("failures before the network", () => {
  test("a private request without credentials is an AuthError with a hint, unsent", async () => {
    const { send, requests, throttler } = await scene(() => "{}");
    const error = await failure(send(POST));
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ outcome: "definite", hint: expect.stringContaining("api_key") });
    expect(requests).toHaveLength(0);
    expect(throttler.usage()[0]?.used).toBe(0);
  });

  test("a pre-processor's failure is definite even where the same error of the request would not be", async () => {
    const { send, requests } = await scene(() => "{}", {
      authenticator: signer,
      preProcessors: [() => Promise.reject(new VenueUnavailableError("no server time"))],
    });
    const error = await failure(send(POST));
    expect(error).toMatchObject({ outcome: "definite", bytesMayHaveLeft: false });
    expect(error.message).toBe("POST /orders was not sent: no server time");
    expect(requests).toHaveLength(0);
  });

  test("a signer's failure is definite", async () => {
    const broken: Authenticator = { ...signer, restAuthenticate: () => Promise.reject(new Error("no key")) };
    const { send } = await scene(() => "{}", { authenticator: broken });
    expect(outcomeOf(await failure(send(POST)))).toBe("definite");
  });

  test("an unknown rate limit is named", async () => {
    const { send } = await scene(() => "{}");
    await expect(send({ ...GET, limitId: "nope" })).rejects.toThrow(/unknown rate limit "nope"/);
  });

  test("an abort while waiting for the rate limit sends nothing", async () => {
    const { world, assistant, throttler, requests } = await scene(() => "{}");
    const controller = new AbortController();
    throttler.acquire("narrow");
    const sending = assistant.send({ ...GET, limitId: "narrow" }, controller.signal);
    sending.catch(() => undefined);
    await world.advance(10);
    controller.abort();
    const error = await failure(sending);
    expect(error).toBeInstanceOf(AbortError);
    expect(error.outcome).toBe("definite");
    await world.advance(5_000);
    expect(requests).toHaveLength(0);
  });

  test("an abort during signing sends nothing", async () => {
    const controller = new AbortController();
    const aborting: Authenticator = {
      ...signer,
      restAuthenticate: async (request) => {
        controller.abort();
        return request;
      },
    };
    const { send, requests } = await scene(() => "{}", { authenticator: aborting });
    await expect(send(POST, controller.signal)).rejects.toThrow(AbortError);
    expect(requests).toHaveLength(0);
  });
});

describe("failures on the way", () => {
  test("a refused connection is definite, a lost answer is not, and what may have arrived is not sent twice", async () => {
    const { send, world, requests } = await scene(() => "{}");
    world.network.faults.onHttpRequest = () => ({ kind: "refuse" });
    expect(await failure(send(GET))).toMatchObject({ outcome: "definite", bytesMayHaveLeft: false });
    world.network.faults.onHttpRequest = () => ({ kind: "dropResponse" });
    const lost = await failure(send(GET));
    expect(lost).toBeInstanceOf(TransportError);
    expect(lost.outcome).toBe("unknown");
    expect(requests).toHaveLength(1);
  });

  test("an abort after the request left is of unknown outcome", async () => {
    const { world, assistant } = await scene(() => "{}");
    world.network.faults.onHttpRequest = () => ({ kind: "dropRequest" });
    const controller = new AbortController();
    const sending = assistant.send(GET, controller.signal);
    sending.catch(() => undefined);
    await world.advance(100);
    controller.abort();
    const error = await failure(world.run(sending));
    expect(error).toMatchObject({ name: "AbortError", outcome: "unknown" });
  });

  test("the timeout is the request's own, else the default", async () => {
    const { send, world, clock } = await scene(() => "{}", { defaultTimeoutMs: 3_000 });
    world.network.faults.onHttpRequest = () => ({ kind: "dropRequest" });
    const startMs = clock.monotonic();
    await failure(send({ ...GET, timeoutMs: 700 }));
    expect(clock.monotonic() - startMs).toBe(700);
    await failure(send(GET));
    expect(clock.monotonic() - startMs).toBe(3_700);
  });

  test("an error of the venue's table comes out as it is; a bug of the table is a ProtocolError", async () => {
    let body = '{"error":"missing"}';
    const { send } = await scene(() => ({ status: 400, body }));
    expect(await failure(send(GET))).toBeInstanceOf(NotFoundError);
    body = '{"error":"bug"}';
    const bug = await failure(send(GET));
    expect(bug).toBeInstanceOf(ProtocolError);
    expect(bug.message).toBe("GET /markets: cannot read the response (HTTP 400)");
    expect(bug.outcome).toBe("unknown");
    expect(bug.cause).toBeInstanceOf(TypeError);
  });
});

describe("the venue's time", () => {
  test("a refusal for our clock asks for the venue's time and tries once more, signed anew", async () => {
    const log: string[] = [];
    let answers = 0;
    const { send } = await scene(
      () => {
        log.push("request");
        answers += 1;
        return answers === 1 ? '{"error":"time"}' : '"accepted"';
      },
      {
        authenticator: {
          ...signer,
          restAuthenticate: (request) => {
            log.push("sign");
            return request;
          },
        },
        resynchronizeTime: async () => {
          log.push("resynchronize");
        },
      },
    );
    expect(await send(POST)).toBe("accepted");
    expect(log).toEqual(["sign", "request", "resynchronize", "sign", "request"]);
  });

  test("a second refusal is final", async () => {
    let resynchronized = 0;
    const { send, requests } = await scene(() => '{"error":"time"}', {
      authenticator: signer,
      resynchronizeTime: async () => {
        resynchronized += 1;
      },
    });
    expect(await failure(send(POST))).toBeInstanceOf(TimeSyncError);
    expect(requests).toHaveLength(2);
    expect(resynchronized).toBe(1);
  });

  test("when the venue's time cannot be had the refusal stands, definite, and is not repeated", async () => {
    const { send, requests, logger } = await scene(() => '{"error":"time"}', {
      authenticator: signer,
      resynchronizeTime: () => Promise.reject(new VenueUnavailableError("time is down")),
    });
    const error = await failure(send(POST));
    expect(error).toMatchObject({ name: "TimeSyncError", outcome: "definite" });
    expect(requests).toHaveLength(1);
    expect(logger.lines.join()).toContain("time is down");
  });

  test("a refusal that names the venue's time is enough to sign again when its time cannot be asked for", async () => {
    const world = new SimulatedWorld({ seed: 5 });
    const timeSynchronizer = new TimeSynchronizer({ clock: world.runtime("client").clock });
    const signed: number[] = [];
    let answers = 0;
    const { send } = await scene(() => (answers++ === 0 ? '{"error":"time"}' : '"accepted"'), {
      timeSynchronizer,
      authenticator: {
        ...signer,
        restAuthenticate: (request) => {
          signed.push(timeSynchronizer.signingTime());
          return request;
        },
      },
      webUtils: {
        ...webUtils,
        unwrapResponse: (response, request) => {
          if (!response.text.includes("time")) return webUtils.unwrapResponse(response, request);
          throw new TimeSyncError("ahead", { refusal: { serverTimeMs: NOW + 77_000 } });
        },
      },
      resynchronizeTime: () => Promise.reject(new VenueUnavailableError("time is down")),
    });
    expect(await send(POST)).toBe("accepted");
    expect(Math.abs((signed[1] ?? 0) - NOW - 77_000)).toBeLessThan(50);
  });

  test("without a way to ask for the time nothing is repeated", async () => {
    const { send, requests } = await scene(() => '{"error":"time"}', { authenticator: signer });
    expect(await failure(send(POST))).toBeInstanceOf(TimeSyncError);
    expect(requests).toHaveLength(1);
  });

  test.each(["rate", "missing", "down", "bug"])("an error of kind %s is not repeated", async (kind) => {
    const { send, requests } = await scene(() => `{"error":"${kind}"}`, { resynchronizeTime: async () => undefined });
    await failure(send(GET));
    expect(requests).toHaveLength(1);
  });
});

describe("a request of which nothing left", () => {
  /** Refuses connections until `untilMs`. */
  async function outage(untilMs: number) {
    const signedAt: number[] = [];
    const opened = await scene(() => '"accepted"', {
      authenticator: {
        ...signer,
        restAuthenticate: (request) => {
          signedAt.push(opened.clock.monotonic());
          return request;
        },
      },
    });
    opened.world.network.faults.onHttpRequest = () =>
      opened.clock.monotonic() < untilMs ? { kind: "refuse" } : undefined;
    const { timers } = opened.world.runtime("client");
    const intent = (maxAgeMs?: number) =>
      new Intent({ clock: opened.clock, timers, name: "the creation of order pw-1", maxAgeMs });
    return { ...opened, signedAt, intent };
  }

  test("is sent again at once, signed anew, also a POST", async () => {
    const { send, requests, signedAt } = await outage(1);
    expect(await send(POST)).toBe("accepted");
    expect(requests).toHaveLength(1);
    expect(signedAt).toHaveLength(2);
    expect((signedAt[1] ?? 0) - (signedAt[0] ?? 0)).toBeLessThan(20);
  });

  test("is given up after a few tries when it is a poll", async () => {
    const { send, requests, signedAt } = await outage(Number.POSITIVE_INFINITY);
    const error = await failure(send({ ...POST, method: "GET", data: undefined }));
    expect(error).toMatchObject({ code: "TRANSPORT_REFUSED", outcome: "definite" });
    expect(signedAt).toHaveLength(4);
    expect(requests).toHaveLength(0);
  });

  test("is sent again for as long as it may be old, with pauses, when it is a create", async () => {
    const { world, assistant, requests, signedAt, intent } = await outage(4_000);
    const create = { ...POST, lane: "create" } as const;
    expect(await world.run(assistant.send(create, undefined, intent(5_000)))).toBe("accepted");
    expect(requests).toHaveLength(1);
    expect(signedAt.length).toBeLessThan(12);
  });

  test("ends as never sent when it is too old, or called back during a pause", async () => {
    const { world, clock, assistant, requests, intent } = await outage(60_000);
    const create = { ...POST, lane: "create" } as const;
    const startedMs = clock.monotonic();
    const old = await failure(world.run(assistant.send(create, undefined, intent(5_000))));
    expect(old).toMatchObject({ code: "NOT_SENT", outcome: "definite", retry: "later" });
    expect(clock.monotonic() - startedMs).toBeLessThan(5_100);
    const wanted = intent(30_000);
    const calledBack = failure(assistant.send(create, undefined, wanted));
    await world.advance(3_000);
    expect(wanted.withdraw()).toBe(true);
    expect(await calledBack).toMatchObject({ code: "NOT_SENT", outcome: "definite" });
    await world.advance(120_000);
    expect(requests).toHaveLength(0);
  });

  test("is tried for seconds when it is a cancel, and ended by its caller's signal", async () => {
    const { world, clock, assistant, requests } = await outage(60_000);
    const cancel = { ...POST, method: "DELETE", data: undefined, lane: "cancel" } as const;
    const startedMs = clock.monotonic();
    expect(await failure(world.run(assistant.send(cancel)))).toBeInstanceOf(TransportError);
    expect(clock.monotonic() - startedMs).toBeGreaterThanOrEqual(5_000);
    const controller = new AbortController();
    const aborted = failure(assistant.send(cancel, controller.signal));
    await world.advance(2_000);
    controller.abort();
    expect(await aborted).toBeInstanceOf(AbortError);
    expect(requests).toHaveLength(0);
  });

  test("is not sent again when it may have arrived, or can never be sent", async () => {
    const { send, world, requests, signedAt } = await outage(0);
    world.network.faults.onHttpRequest = () => ({ kind: "dropResponse" });
    await failure(send(POST));
    expect(requests).toHaveLength(1);
    expect(signedAt).toHaveLength(1);
    const invalid = await scene(() => "{}", { webUtils: { ...webUtils, restUrl: () => "nowhere" } });
    expect(await failure(invalid.send(GET))).toMatchObject({ code: "TRANSPORT_INVALID" });
  });
});

describe("bans", () => {
  const banned = (error: RateLimitError): RestConventions => ({
    ...webUtils,
    unwrapResponse: () => {
      throw error;
    },
  });
  const openings = ({ throttler, clock }: Awaited<ReturnType<typeof scene>>) =>
    throttler.usage().map(({ closedUntilMonotonicMs = 0 }) => Math.round(closedUntilMonotonicMs - clock.monotonic()));

  test("close every limit, also those that the refused request does not use", async () => {
    const opened = await scene(() => "{}", { webUtils: banned(new RateLimitError("banned", { isBan: true })) });
    await failure(opened.send(GET));
    expect(openings(opened)).toEqual([120_000, 120_000]);
  });

  test("last until the time of the venue that the text names, whatever our wall clock says", async () => {
    const world = new SimulatedWorld({ seed: 5 });
    const timeSynchronizer = new TimeSynchronizer({ clock: world.runtime("client").clock });
    const error = new RateLimitError("banned", { isBan: true, retryAtMs: NOW + 100_000 });
    const opened = await scene(() => "{}", { timeSynchronizer, webUtils: banned(error) });
    const sentMonotonicMs = opened.clock.monotonic();
    timeSynchronizer.addSample({ serverTimeMs: NOW, sentMonotonicMs, receivedMonotonicMs: sentMonotonicMs });
    opened.world.setClockSkew("client", 3_600_000);
    await failure(opened.send(GET));
    for (const opensInMs of openings(opened)) expect(Math.abs(opensInMs - 100_000)).toBeLessThan(50);
  });
});

describe("rate-limit feedback", () => {
  test("used weight from the headers corrects the throttler, also with an error", async () => {
    const { send, throttler } = await scene(
      () => ({ status: 404, headers: { "X-Used": "40" }, body: '{"error":"missing"}' }),
      {
        webUtils: {
          ...webUtils,
          rateLimitFeedback: ({ headers }) => [{ limitId: "all", used: Number(headers["x-used"]) }],
        },
      },
    );
    await failure(send(GET));
    expect(throttler.usage()[0]?.used).toBe(40);
  });

  test("a refusal closes what the venue's headers name, and only that", async () => {
    const { send, clock, throttler } = await scene(() => ({ status: 429, body: '{"error":"rate"}' }), {
      webUtils: { ...webUtils, rateLimitFeedback: () => [{ limitId: "narrow", retryAfterMs: 4_000 }] },
    });
    await failure(send({ ...GET, limitId: "narrow" }));
    const closed = throttler.usage().map(({ closedUntilMonotonicMs }) => closedUntilMonotonicMs);
    expect(closed).toEqual([undefined, clock.monotonic() + 4_000]);
  });

  test("without such headers Retry-After closes the limit and its linked pools", async () => {
    const { send, clock, throttler } = await scene(() => ({
      status: 418,
      headers: { "Retry-After": "30" },
      body: '{"error":"rate"}',
    }));
    await failure(send({ ...GET, limitId: "narrow", lane: "cancel" }));
    const openMs = clock.monotonic() + 30_000;
    expect(throttler.usage().map(({ closedUntilMonotonicMs }) => closedUntilMonotonicMs)).toEqual([openMs, openMs]);
    await failure(send({ ...GET, lane: "cancel" }));
    expect(clock.monotonic()).toBeGreaterThan(openMs);
  });

  test("unreadable headers are logged and change nothing", async () => {
    const { send, logger } = await scene(() => '"fine"', {
      webUtils: { ...webUtils, rateLimitFeedback: () => [{ limitId: "unknown", used: 1 }] },
    });
    expect(await send(GET)).toBe("fine");
    expect(logger.lines.join()).toContain("unknown rate limit");
  });
});

describe("secrets", () => {
  const everything = (error: unknown): string => {
    const texts: string[] = [];
    for (let current = error; current instanceof Error; current = current.cause) {
      for (const name of Object.getOwnPropertyNames(current)) texts.push(String(Reflect.get(current, name)));
    }
    return texts.join("\n");
  };

  test.each(["time", "rate", "missing", "down", "bug"])(
    "a venue that echoes them in an error of kind %s",
    async (kind) => {
      const { send, logger } = await scene(
        ({ headers, target }) => JSON.stringify({ error: kind, echo: { key: headers["x-key"], target, ...headers } }),
        { authenticator: signer, resynchronizeTime: async () => undefined },
      );
      const error = await failure(send({ ...POST, params: { timestamp: 1_700_000_000_000 } }));
      for (const text of [everything(error), logger.lines.join("\n")]) {
        expect(text).not.toContain(API_KEY);
        expect(text).not.toContain(SIGNATURE);
        expect(text).not.toContain(encodeURIComponent(SIGNATURE));
      }
      expect(everything(error)).toContain("[redacted]");
    },
  );

  test.each(["time", "rate", "missing", "down", "bug"])(
    "a socket for orders that echoes what its own message was signed with, in an error of kind %s",
    async (kind) => {
      const text = JSON.stringify({ error: kind, echo: "of-the-frame-alone", time: "1700000000000" });
      const response = { status: 200, headers: {}, text, secrets: ["of-the-frame-alone"] };
      const orderSocket = { isLive: true, exchange: async () => response };
      const { send, logger } = await scene(() => "{}", {
        ...{ authenticator: signer, orderSocket, resynchronizeTime: async () => undefined },
      });
      const error = await failure(send(POST));
      expect(everything(error)).toContain("[redacted]");
      for (const told of [everything(error), logger.lines.join("\n")]) expect(told).not.toContain("of-the-frame-alone");
    },
  );

  test("transport errors name the path without the query", async () => {
    const { send, world } = await scene(() => "{}", { authenticator: signer });
    for (const kind of ["refuse", "dropRequest", "dropResponse"] as const) {
      world.network.faults.onHttpRequest = () => ({ kind });
      const text = everything(await failure(send({ ...POST, params: { symbol: "BTC" } })));
      expect(text).toContain("/api/orders");
      expect(text).not.toContain("symbol=BTC");
      expect(text).not.toContain(encodeURIComponent(SIGNATURE));
    }
  });

  test("a signed body that is echoed is redacted, a timestamp is kept: clock errors are read by it", async () => {
    const { send } = await scene(({ body }) => JSON.stringify({ error: "missing", body, t: "1700000000000" }), {
      authenticator: {
        ...signer,
        restAuthenticate: (request) => ({
          ...request,
          headers: { ...request.headers, "x-time": "1700000000000" },
          body: "sign-of-the-body",
        }),
      },
    });
    const error = await failure(send(POST));
    expect(everything(error)).not.toContain("sign-of-the-body");
    expect(error.message).toContain("1700000000000");
  });
});

describe("intents", () => {
  const NARROW: RestRequest = { ...POST, limitId: "narrow" };

  test("called back while it waits for a rate limit, a request is never sent and frees its place", async () => {
    const { world, clock, timers, assistant, requests } = await intentScene();
    await world.run(assistant.send(NARROW));
    const intent = new Intent({ clock, timers, name: "the creation of order pw-1" });
    const refused = failure(assistant.send(NARROW, undefined, intent));
    await world.advance(100);
    expect(intent.withdraw()).toBe(true);
    expect(await refused).toMatchObject({ code: "NOT_SENT", outcome: "definite" });
    await world.advance(5_000);
    expect(requests).toHaveLength(1);
  });

  test("a request that is too old when its turn comes is not sent", async () => {
    const { world, clock, timers, assistant, throttler, requests } = await intentScene();
    throttler.closeUntil("narrow", clock.monotonic() + 60_000);
    const intent = new Intent({ clock, timers, name: "the creation of order pw-1", maxAgeMs: 5_000 });
    const error = await failure(world.run(assistant.send(NARROW, undefined, intent)));
    expect(error).toMatchObject({ code: "NOT_SENT", outcome: "definite", retry: "later" });
    await world.advance(120_000);
    expect(requests).toHaveLength(0);
  });

  test("once it has left, a request is answered, called back or not", async () => {
    const { world, clock, timers, assistant } = await intentScene();
    const intent = new Intent({ clock, timers, name: "the creation of order pw-1" });
    const answered = assistant.send(POST, undefined, intent);
    await world.settle();
    expect(intent.withdraw()).toBe(false);
    expect(await world.run(answered)).toEqual({});
  });

  async function intentScene() {
    const opened = await scene(() => "{}", { authenticator: signer });
    return { ...opened, timers: opened.world.runtime("client").timers };
  }
});

test("an answer that stays fresh is asked for anew once it was to be forgotten", async () => {
  const { world, assistant, requests } = await scene(() => String(requests.length));
  const dear = { ...GET, freshForMs: 60_000 };
  expect(await world.run(assistant.send(dear))).toBe(1);
  expect(await world.run(assistant.send(dear))).toBe(1);
  assistant.forgetAnswers();
  expect(await world.run(assistant.send(dear))).toBe(2);
});
