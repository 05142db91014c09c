import assert from "node:assert/strict";
import type { ListenKeyLease } from "../../../src/account/listen-key.ts";
import type { AccountUpdate } from "../../../src/model/account-update.ts";
import { isAbort } from "../../../src/model/error.ts";
import { createComponents } from "../components.ts";
import type { ConnectorFixtures, ListenKeyFixtures } from "../connector-fixtures.ts";
import type { Scene, SceneOptions } from "../scene.ts";
import { assertEndsWithAbort, assertLogged, rejection, sceneTests, type TestApi } from "./kit.ts";

const ORDER = {
  clientOrderId: "pw-test-1",
  side: "buy",
  amount: "1",
  price: "5000",
} as const;

function createLease(scene: Scene): ListenKeyLease {
  const { lease } = createComponents(scene);
  assert.ok(lease !== undefined);
  return lease;
}

export function listenKeyTests(fixtures: ConnectorFixtures, listenKeys: ListenKeyFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);
  const options: SceneOptions = { ready: false, venue: listenKeys.venue };
  const { signal } = new AbortController();
  const { getListenKey, getListenKeyRefused, pingListenKey, pingListenKeyRefused, keepAliveIntervalMs } = listenKeys;

  api.describe("get listen key", () => {
    test("get listen key log exception", options, async (scene) => {
      scene.server.route(getListenKeyRefused);
      await rejection(scene, createLease(scene).getListenKey(signal));
      assertLogged(scene, /no listen key was created/);
    });

    test("get listen key successful", options, async (scene) => {
      scene.server.route(getListenKey);
      assert.equal(await scene.run(createLease(scene).getListenKey(signal)), listenKeys.listenKey);
      const [request] = scene.server.requestsTo(getListenKey.method, getListenKey.path);
      assert.ok(request !== undefined);
      fixtures.validateAuthCredentialsPresent(request);
    });

    test("ping listen key log exception", options, async (scene) => {
      scene.server.route(getListenKey, pingListenKeyRefused);
      const lease = createLease(scene);
      await scene.run(lease.getListenKey(signal));
      await rejection(scene, lease.pingListenKey(signal));
      assertLogged(scene, /the listen key was not kept alive/);
    });

    test("ping listen key successful", options, async (scene) => {
      scene.server.route(getListenKey, pingListenKey);
      const lease = createLease(scene);
      await scene.run(lease.getListenKey(signal));
      await scene.run(lease.pingListenKey(signal));
      assert.equal(lease.state, "keptAlive");
      assert.equal(scene.server.requestsTo(pingListenKey.method, pingListenKey.path).length, 1);
    });

    test("manage listen key task loop keep alive failed", options, async (scene) => {
      scene.server.route(getListenKey, pingListenKeyRefused);
      const lease = createLease(scene);
      const stop = new AbortController();
      const losses: string[] = [];
      lease.onLost((reason) => losses.push(reason));
      const loop = lease.manageListenKeyTaskLoop(stop.signal);
      loop.catch(() => undefined);
      await scene.world.advance(keepAliveIntervalMs + 10_000);
      assert.equal(losses.length, 1);
      assert.equal(scene.server.requestsTo(getListenKey.method, getListenKey.path).length, 2, "a new key is made");
      await assertEndsWithAbort(scene, loop, stop);
    });

    test("manage listen key task loop keep alive successful", options, async (scene) => {
      scene.server.route(getListenKey, pingListenKey);
      const lease = createLease(scene);
      const stop = new AbortController();
      const loop = lease.manageListenKeyTaskLoop(stop.signal);
      loop.catch(() => undefined);
      await scene.world.advance(3 * keepAliveIntervalMs + 10_000);
      assert.equal(scene.server.requestsTo(pingListenKey.method, pingListenKey.path).length, 3);
      assert.equal(scene.server.requestsTo(getListenKey.method, getListenKey.path).length, 1);
      assert.equal(lease.state, "keptAlive");
      await assertEndsWithAbort(scene, loop, stop);
    });

    test("listen for user stream get listen key successful with user update event", options, async (scene) => {
      scene.server.route(getListenKey, pingListenKey);
      await scene.start();
      const streams = scene.server.connections.filter(({ target }) => target.includes(listenKeys.listenKey));
      assert.equal(streams.length, 1);
      const { order, fixture } = await scene.openOrder();
      scene.server.sendPrivate(fixtures.orderEventForCanceledOrderWebsocketUpdate(fixture));
      await scene.until("the update", () => order.isDone);
    });

    test("a lost listen key is a gap and opens the stream anew with another key", options, async (scene) => {
      scene.server.route(getListenKey, pingListenKeyRefused);
      await scene.start();
      await scene.world.advance(keepAliveIntervalMs + 30_000);
      assert.ok(scene.named("gap").some(({ reason }) => /listen key lost/.test(reason)));
      assert.equal(scene.connector.ready, true);
      assert.equal(scene.server.connections.filter(({ target }) => target.includes(listenKeys.listenKey)).length, 2);
    });
  });
}

/** The private stream of the venue itself, with its own way to log in. */
export function userStreamTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);
  const options = { ready: false };
  const order = { ...ORDER, exchangeOrderId: fixtures.expectedExchangeOrderId };
  const listening = async (scene: Scene) => {
    const { userStreamDataSource } = createComponents(scene);
    const updates: AccountUpdate[] = [];
    const stop = new AbortController();
    const loop = userStreamDataSource.listenForUserStream(stop.signal, (update) => updates.push(update));
    loop.catch(() => undefined);
    await scene.until("live", () => userStreamDataSource.isLive);
    return { userStreamDataSource, updates, stop, loop };
  };

  api.describe("listen for user stream", () => {
    test("listen for user stream subscribes the private channels and delivers an update", options, async (scene) => {
      const { updates, stop, loop } = await listening(scene);
      const received = scene.server.connections.flatMap((connection) => connection.received);
      const { expectedPrivateSubscriptions: expected } = fixtures;
      assert.deepEqual(received.slice(received.length - expected.length), expected);
      assert.equal(scene.server.openConnections(true).length, 1);
      scene.server.sendPrivate(fixtures.tradeEventForFullFillWebsocketUpdate(order));
      await scene.until("an update", () => updates.length > 0);
      const [update] = updates;
      assert.equal(update?.type === "trade" && update.fillId, fixtures.expectedFillTradeId);
      await assertEndsWithAbort(scene, loop, stop);
      await scene.world.advance(50);
      assert.equal(scene.server.openConnections(true).length, 0);
    });

    test("listen for user stream does not queue empty payload", options, async (scene) => {
      const { updates } = await listening(scene);
      scene.server.sendPrivate("", " ", {}, [], null);
      await scene.world.advance(100);
      assert.deepEqual(updates, []);
      assert.deepEqual(scene.logger.at("warn", "error"), []);
    });

    test("listen for user stream connection failed", options, async (scene) => {
      let refusals = 3;
      scene.world.network.faults.onConnect = () => (refusals-- > 0 ? "refuse" : undefined);
      const { updates } = await listening(scene);
      assertLogged(scene, /the user stream failed.*connection refused/);
      assert.equal(updates[0]?.type, "gap");
    });

    test("listen for user stream iter message throws exception", options, async (scene) => {
      const { updates } = await listening(scene);
      scene.server.sendPrivate("{ not json", fixtures.tradeEventForFullFillWebsocketUpdate(order));
      await scene.until("what follows the broken message", () => updates.length >= 2);
      assertLogged(scene, /a private message could not be read/);
      assert.deepEqual(
        updates.slice(0, 2).map((update) => update.type),
        ["gap", "trade"],
      );
    });

    test("listen for user stream opens a broken connection again and reports the gap", options, async (scene) => {
      const { updates, userStreamDataSource, stop, loop } = await listening(scene);
      scene.world.network.resetConnections("connector");
      await scene.until("a new connection", () => updates.length > 0 && userStreamDataSource.isLive);
      assert.equal(updates[0]?.type, "gap");
      stop.abort();
      assert.ok(isAbort(await rejection(scene, loop)));
    });
  });
}
