import type { ListenKeyLease } from "../../../account/listen-key.ts";
import { listenKeyOf } from "../abilities.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { assertEndsWithAbort, assertLogged, COMPONENTS, type Kit, OPEN_ORDER, rejection } from "../register.ts";
import { assertAuthenticated } from "../request-shape.ts";
import type { Scene, SceneOptions } from "../scene.ts";

function createLease(scene: Scene): ListenKeyLease {
  const { lease } = createComponents(scene);
  assert.ok(lease !== undefined, "the venue has no lease of a listen key");
  return lease;
}

function keepAliveIntervalOf(scene: Scene): number {
  const { listenKey } = scene.venue.userStreamDataSource;
  return listenKey?.keepAliveIntervalMs ?? assert.fail("the venue has no listen key");
}

/** The key by which some venues open the private stream. */
export function listenKeyTests({ test, fixtures }: Kit): void {
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
    assert.equal(await scene.run(createLease(scene).fetchListenKey(signal)), listenKey, "the listen key of the answer");
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
    assert.equal(lease.state, "keptAlive", "the state of the lease");
    assert.equal(count(scene, pingListenKey), 1, "how many came");
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
    assert.equal(losses.length, 1, "the number of lost connections");
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
    assert.equal(count(scene, pingListenKey), 3, "how many came");
    assert.equal(count(scene, fetchListenKey), 1, "how many came");
    assert.equal(lease.state, "keptAlive", "the state of the lease");
    await assertEndsWithAbort(scene, loop, stop);
  });
}

export function listenKeyStreamTests({ test, fixtures }: Kit): void {
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
      assert.equal(streamsOf(scene).length, 1, "the number of streams");
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
    assert.equal(scene.connector.ready, true, "whether the connector is ready");
    assert.equal(streamsOf(scene).length, losses() + 1, "the number of streams");
    assert.equal(scene.server.openConnections(true).length, 1, "the interrupted connections are closed");
  });
}
