import assert from "node:assert/strict";
import type { ListenKeyLease } from "../../../account/listen-key.ts";
import type { AccountUpdate } from "../../../model/account-update.ts";
import { isAbort } from "../../../model/error.ts";
import { listenKeyOf } from "../abilities.ts";
import { createComponents } from "../components.ts";
import {
  A_MOMENT_MS,
  assertEndsWithAbort,
  assertLogged,
  COMPONENTS,
  type Kit,
  OPEN_ORDER,
  rejection,
} from "../register.ts";
import { assertAuthenticated } from "../request-shape.ts";
import type { FixtureOrder, Scene, SceneOptions } from "../scene.ts";
import { secretsOf } from "../secrets.ts";
import { differences } from "../template.ts";

const ORDER = { clientOrderId: "pw-test-1", side: "buy", amount: "1", price: "5000" } as const;

export function userStreamDataSourceTests(kit: Kit): void {
  kit.describe("user stream data source", () => {
    kit.describe("get listen key", () => listenKeyTests(kit));
    kit.describe("listen for user stream", () => {
      listenKeyStreamTests(kit);
      streamTests(kit);
    });
  });
}

function createLease(scene: Scene): ListenKeyLease {
  const { lease } = createComponents(scene);
  assert.ok(lease !== undefined);
  return lease;
}

function keepAliveIntervalOf(scene: Scene): number {
  const { listenKey } = scene.venue.userStreamDataSource;
  return listenKey?.keepAliveIntervalMs ?? assert.fail("the venue has no listen key");
}

function listenKeyTests({ test, fixtures }: Kit): void {
  const ability = listenKeyOf(fixtures);
  const scene: SceneOptions = { ready: false, venue: ability.venue };
  const needs = COMPONENTS;
  const uses = ["listenKey"] as const;
  const { invented } = ability;
  const { listenKey, fetchListenKey, getListenKeyRefused, pingListenKey, pingListenKeyRefused } = ability.fixture;
  const { signal } = new AbortController();
  const count = ({ server }: Scene, { method, path }: typeof fetchListenKey) => server.requestsTo(method, path).length;

  test("get listen key log exception", { needs, uses, scene, invented }, async (scene) => {
    scene.route(getListenKeyRefused);
    await rejection(scene, createLease(scene).fetchListenKey(signal));
    assertLogged(scene, /no listen key was created/);
  });

  test("get listen key successful", { needs: [...needs, "auth"], uses, scene, invented }, async (scene, { auth }) => {
    scene.route(fetchListenKey);
    assert.equal(await scene.run(createLease(scene).fetchListenKey(signal)), listenKey);
    assertAuthenticated(scene, scene.server.requestsTo(fetchListenKey.method, fetchListenKey.path)[0], auth);
  });

  test("ping listen key log exception", { needs, uses, scene, invented }, async (scene) => {
    scene.route([fetchListenKey, pingListenKeyRefused]);
    const lease = createLease(scene);
    await scene.run(lease.fetchListenKey(signal));
    await rejection(scene, lease.pingListenKey(signal));
    assertLogged(scene, /the listen key was not kept alive/);
  });

  test("ping listen key successful", { needs, uses, scene, invented }, async (scene) => {
    scene.route([fetchListenKey, pingListenKey]);
    const lease = createLease(scene);
    await scene.run(lease.fetchListenKey(signal));
    await scene.run(lease.pingListenKey(signal));
    assert.equal(lease.state, "keptAlive");
    assert.equal(count(scene, pingListenKey), 1);
  });

  test("manage listen key task loop keep alive failed", { needs, uses, scene, invented }, async (scene) => {
    scene.route([fetchListenKey, pingListenKeyRefused]);
    const lease = createLease(scene);
    const stop = new AbortController();
    const losses: string[] = [];
    lease.onLost((reason) => losses.push(reason));
    const loop = lease.manageListenKeyTaskLoop(stop.signal);
    loop.catch(() => undefined);
    await scene.world.advance(keepAliveIntervalOf(scene) + 10_000);
    assert.equal(losses.length, 1);
    assert.equal(count(scene, fetchListenKey), 2, "a new key is made");
    await assertEndsWithAbort(scene, loop, stop);
  });

  test("manage listen key task loop keep alive successful", { needs, uses, scene, invented }, async (scene) => {
    scene.route([fetchListenKey, pingListenKey]);
    const lease = createLease(scene);
    const stop = new AbortController();
    const loop = lease.manageListenKeyTaskLoop(stop.signal);
    loop.catch(() => undefined);
    const { validForMs = 0 } = scene.venue.userStreamDataSource.listenKey ?? {};
    assert.ok(keepAliveIntervalOf(scene) < validForMs, "it would have ended before it is kept alive");
    await scene.world.advance(3 * keepAliveIntervalOf(scene) + 10_000);
    assert.equal(count(scene, pingListenKey), 3);
    assert.equal(count(scene, fetchListenKey), 1);
    assert.equal(lease.state, "keptAlive");
    await assertEndsWithAbort(scene, loop, stop);
  });
}

function listenKeyStreamTests({ test, fixtures }: Kit): void {
  const ability = listenKeyOf(fixtures);
  const { invented } = ability;
  const { listenKey, fetchListenKey, pingListenKey, pingListenKeyRefused } = ability.fixture;
  const isPrivateTarget = (target: string) => target.includes(listenKey);
  const scene: SceneOptions = {
    ready: false,
    venue: ability.venue,
    script: (server) => {
      server.socket = { ...server.socket, isPrivateTarget };
    },
  };
  const streamsOf = ({ server }: Scene) => server.connections.filter(({ target }) => target.includes(listenKey));
  const needs = [...OPEN_ORDER, "orderEventForCanceledOrderWebsocketUpdate"] as const;

  test(
    "listen for user stream get listen key successful with user update event",
    { needs, uses: ["listenKey"], scene, invented },
    async (scene, f) => {
      scene.route([fetchListenKey, pingListenKey]);
      await scene.start();
      assert.equal(streamsOf(scene).length, 1);
      const { order, fixture } = await scene.openOrder();
      scene.send(f.orderEventForCanceledOrderWebsocketUpdate, fixture);
      await scene.until("the update", () => order.isDone);
    },
  );

  test("a lost listen key is a gap and opens the stream anew with another key", {
    needs: COMPONENTS,
    uses: ["listenKey"],
    scene,
    invented,
  }, async (scene) => {
    const losses = () => scene.named("gap").filter(({ reason }) => /^listen key lost/.test(reason)).length;
    scene.route([fetchListenKey, pingListenKey]);
    await scene.start();
    scene.route([pingListenKeyRefused]);
    await scene.world.advance(keepAliveIntervalOf(scene));
    // The new key is lost as well before its connection is opened, which the venue does not tell.
    await scene.until("lost twice", () => losses() >= 2);
    scene.route([pingListenKey]);
    await scene.world.advance(30_000);
    assert.equal(scene.connector.ready, true);
    assert.equal(streamsOf(scene).length, losses() + 1);
    assert.equal(scene.server.openConnections(true).length, 1, "the interrupted connections are closed");
  });
}

/** The private stream of the venue itself, with its own way to log in. */
function streamTests({ test, fixtures }: Kit): void {
  const UNSTARTED = { ready: false };
  const needs = [...COMPONENTS, "tradeEventForFullFillWebsocketUpdate", "expectedExchangeOrderId"] as const;
  const orderOf = (exchangeOrderId: string): FixtureOrder => ({ ...ORDER, exchangeOrderId });
  const listening = async (scene: Scene) => {
    const { userStreamDataSource } = createComponents(scene);
    const updates: AccountUpdate[] = [];
    const stop = new AbortController();
    const loop = userStreamDataSource.listenForUserStream(stop.signal, (update) => updates.push(update));
    loop.catch(() => undefined);
    await scene.until("live", () => userStreamDataSource.isLive);
    return { userStreamDataSource, updates, stop, loop };
  };
  const trades = (updates: readonly AccountUpdate[]) => updates.filter(({ type }) => type === "trade");

  test(
    "listen for user stream subscribes the private channels and delivers an update",
    { needs: [...needs, "expectedPrivateSubscriptions", "expectedFillTradeId"], scene: UNSTARTED },
    async (scene, f) => {
      const { updates, stop, loop } = await listening(scene);
      const received = scene.server.connections.flatMap((connection) => connection.received);
      const expected = scene.fill(f.expectedPrivateSubscriptions);
      assert.deepEqual(differences(expected, received.slice(received.length - expected.length)), []);
      assert.equal(scene.server.openConnections(true).length, 1);
      scene.send(f.tradeEventForFullFillWebsocketUpdate, orderOf(f.expectedExchangeOrderId));
      await scene.until("an update", () => trades(updates).length > 0);
      const [update] = trades(updates);
      assert.equal(update?.type === "trade" && update.fillId, f.expectedFillTradeId);
      await assertEndsWithAbort(scene, loop, stop);
      await scene.world.advance(A_MOMENT_MS);
      assert.equal(scene.server.openConnections(true).length, 0);
    },
  );

  test("listen for user stream does not queue empty payload", {
    needs: COMPONENTS,
    scene: UNSTARTED,
  }, async (scene) => {
    const { updates } = await listening(scene);
    scene.server.sendPrivate("", " ", {}, [], null);
    await scene.world.advance(A_MOMENT_MS);
    assert.deepEqual(updates, []);
    assert.deepEqual(scene.logger.at("warn", "error"), []);
  });

  test(
    "listen for user stream logs errors for a frame that cannot be applied",
    { needs, scene: UNSTARTED },
    async (scene, f) => {
      const { userStreamDataSource } = createComponents(scene);
      const sink = () => {
        throw new TypeError("it cannot be applied");
      };
      userStreamDataSource.listenForUserStream(new AbortController().signal, sink).catch(() => undefined);
      await scene.until("live", () => userStreamDataSource.isLive);
      scene.send(f.tradeEventForFullFillWebsocketUpdate, orderOf(f.expectedExchangeOrderId));
      await scene.world.advance(A_MOMENT_MS);
      assertLogged(scene, /an account update could not be applied/);
      assert.equal(userStreamDataSource.isLive, true, "the stream goes on");
    },
  );

  test("listen for user stream connection failed", { needs: COMPONENTS, scene: UNSTARTED }, async (scene) => {
    let refusals = 3;
    scene.world.network.faults.onConnect = () => (refusals-- > 0 ? "refuse" : undefined);
    const { updates } = await listening(scene);
    assertLogged(scene, /the user stream failed.*connection refused/);
    assert.equal(updates[0]?.type, "gap");
  });

  test("listen for user stream iter message throws exception", { needs, scene: UNSTARTED }, async (scene, f) => {
    const { updates } = await listening(scene);
    scene.server.sendPrivate("{ not json");
    scene.send(f.tradeEventForFullFillWebsocketUpdate, orderOf(f.expectedExchangeOrderId));
    await scene.until("what follows the broken message", () => trades(updates).length > 0);
    assertLogged(scene, /a private message could not be read/);
    assert.equal(updates[0]?.type, "gap");
  });

  test("listen for user stream opens a broken connection again and reports the gap", {
    needs: COMPONENTS,
    scene: UNSTARTED,
  }, async (scene) => {
    const { updates, userStreamDataSource, stop, loop } = await listening(scene);
    scene.world.network.resetConnections("connector");
    await scene.until("a new connection", () => updates.length > 0 && userStreamDataSource.isLive);
    assert.equal(updates[0]?.type, "gap");
    stop.abort();
    assert.ok(isAbort(await rejection(scene, loop)));
  });

  const secrets = secretsOf(fixtures.credentials, fixtures.venueModule.manifest.credentials);
  test("the private connection shows no secret", { needs: COMPONENTS, scene: UNSTARTED }, async (scene) => {
    await listening(scene);
    const sent = JSON.stringify(scene.server.connections.map(({ received, target }) => [received, target]));
    const [signing] = secrets;
    assert.ok(signing !== undefined && !sent.includes(signing.secret), "a frame holds what it is signed with");
  });
}
