import type { AccountUpdate } from "../../../model/account-update.ts";
import { isAbort } from "../../../model/error.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { A_MOMENT_MS, assertEndsWithAbort, assertLogged, COMPONENTS, type Kit, rejection } from "../register.ts";
import type { FixtureOrder, Scene } from "../scene.ts";
import { secretsOf } from "../secrets.ts";
import { differences } from "../template.ts";
import { listenKeyStreamTests, listenKeyTests } from "./listen-keys.ts";

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
      assert.deepEqual(differences(expected, received.slice(received.length - expected.length)), [], "what differs");
      assert.equal(scene.server.openConnections(true).length, 1, "the number of open connections");
      scene.send(f.tradeEventForFullFillWebsocketUpdate, orderOf(f.expectedExchangeOrderId));
      await scene.until("an update", () => trades(updates).length > 0);
      const [update] = trades(updates);
      assert.equal(update?.type === "trade" && update.fillId, f.expectedFillTradeId, "the id of the fill");
      await assertEndsWithAbort(scene, loop, stop);
      await scene.world.advance(A_MOMENT_MS);
      assert.equal(scene.server.openConnections(true).length, 0, "the number of open connections");
    },
  );

  test(
    "the time of the last private message is that of the newest, also over an interruption",
    { needs, scene: UNSTARTED },
    async (scene, f) => {
      const { userStreamDataSource } = await listening(scene);
      const nowMs = () => scene.world.runtime("connector").clock.monotonic();
      await scene.world.advance(3_000);
      scene.send(f.tradeEventForFullFillWebsocketUpdate, orderOf(f.expectedExchangeOrderId));
      await scene.world.advance(A_MOMENT_MS);
      const ageMs = nowMs() - userStreamDataSource.lastReceivedMonotonicMs;
      assert.ok(ageMs >= 0 && ageMs <= A_MOMENT_MS, `it is ${ageMs} ms old`);
      scene.world.network.faults.onConnect = () => "refuse";
      scene.world.network.resetConnections("connector");
      await scene.world.advance(2_000);
      const laterMs = nowMs() - userStreamDataSource.lastReceivedMonotonicMs;
      assert.ok(
        laterMs >= 2_000 && laterMs <= 2_000 + A_MOMENT_MS,
        `it is ${laterMs} ms old after 2 s without a stream`,
      );
    },
  );

  test("listen for user stream does not queue empty payload", {
    needs: COMPONENTS,
    scene: UNSTARTED,
  }, async (scene) => {
    const { updates } = await listening(scene);
    scene.server.sendPrivate("", " ", {}, [], null);
    await scene.world.advance(A_MOMENT_MS);
    assert.deepEqual(updates, [], "the updates");
    assert.deepEqual(scene.logger.at("warn", "error"), [], "faults in the log");
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
    assert.equal(updates[0]?.type, "gap", "the type of the update");
  });

  test("listen for user stream iter message throws exception", { needs, scene: UNSTARTED }, async (scene, f) => {
    const { updates } = await listening(scene);
    scene.server.sendPrivate("{ not json");
    scene.send(f.tradeEventForFullFillWebsocketUpdate, orderOf(f.expectedExchangeOrderId));
    await scene.until("what follows the broken message", () => trades(updates).length > 0);
    assertLogged(scene, /a private message could not be read/);
    assert.equal(updates[0]?.type, "gap", "the type of the update");
  });

  test("listen for user stream opens a broken connection again and reports the gap", {
    needs: COMPONENTS,
    scene: UNSTARTED,
  }, async (scene) => {
    const { updates, userStreamDataSource, stop, loop } = await listening(scene);
    scene.world.network.resetConnections("connector");
    await scene.until("a new connection", () => updates.length > 0 && userStreamDataSource.isLive);
    assert.equal(updates[0]?.type, "gap", "the type of the update");
    stop.abort();
    assert.ok(isAbort(await rejection(scene, loop)), "the loop did not end with AbortError");
  });

  const secrets = secretsOf(fixtures.credentials, fixtures.venueModule.manifest.credentials);
  test("the private connection shows no secret", { needs: COMPONENTS, scene: UNSTARTED }, async (scene) => {
    await listening(scene);
    const sent = JSON.stringify(scene.server.connections.map(({ received, target }) => [received, target]));
    const [signing] = secrets;
    assert.ok(signing !== undefined && !sent.includes(signing.secret), "a frame holds what it is signed with");
  });
}
