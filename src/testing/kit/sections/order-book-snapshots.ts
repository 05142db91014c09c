import type { BookFrameBuffer } from "../../../market-data/book-frame-buffer.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { A_MOMENT_MS, assertEndsWithAbort, assertLogged, COMPONENTS, type Kit } from "../register.ts";
import { wirePathOf } from "../shared-paths.ts";
import { assertTold, connected, expectedLevels, levelsOfFrame, type ToldFrame, toldFrame, UNSTARTED } from "./books.ts";

export function orderBookSnapshotTests({ test, fixtures: { tradingPair } }: Kit): void {
  const needs = [...COMPONENTS, "orderBookSnapshotMockResponse"] as const;

  test(
    "listen for order book snapshots cancelled when fetching snapshot",
    { needs, scene: UNSTARTED },
    async (scene, f) => {
      const { orderBookDataSource: source } = createComponents(scene);
      const path = scene.fill(f.orderBookSnapshotMockResponse.path);
      scene.server.on("GET", path, "silence");
      const stop = new AbortController();
      const loop = source.listenForOrderBookSnapshots(stop.signal, () => assert.fail("a snapshot came"));
      loop.catch(() => undefined);
      source.requestSnapshot(tradingPair);
      await scene.until("the request", () => scene.server.requestsTo("GET", path).length === 1);
      await assertEndsWithAbort(scene, loop, stop);
      await scene.world.advance(A_MOMENT_MS);
      const wirePath = wirePathOf(path, scene.fixtures.sharedPaths);
      const given = scene.logger.lines.filter(
        ({ message, fields }) => message === "request" && fields.path === wirePath,
      );
      assert.equal(given.length, 1, "the request itself was not given up: it goes on until its time is up");
    },
  );

  test("listen for order book snapshots log exception", { needs, scene: UNSTARTED }, async (scene, f) => {
    const { orderBookDataSource: source } = createComponents(scene);
    const { path, body } = scene.fill(f.orderBookSnapshotMockResponse);
    scene.server.on("GET", path, { status: 500, text: "<html>" }, { body });
    const stop = new AbortController();
    let count = 0;
    const sink = () => {
      count += 1;
    };
    source.listenForOrderBookSnapshots(stop.signal, sink).catch(() => undefined);
    source.requestSnapshot(tradingPair);
    await scene.until("a snapshot", () => count === 1);
    assertLogged(scene, /unexpected error when fetching an order book snapshot/);
    stop.abort();
  });

  test(
    "listen for order book snapshots successful",
    { needs: [...needs, "expectedBook"], uses: ["orderBookSnapshotEvent"], scene: UNSTARTED },
    async (scene, f) => {
      const { source, stop } = await connected(scene);
      scene.route(f.orderBookSnapshotMockResponse);
      const snapshots: ToldFrame[] = [];
      const sink = (frame: BookFrameBuffer) => snapshots.push(toldFrame(frame));
      source.listenForOrderBookSnapshots(stop.signal, sink).catch(() => undefined);
      source.requestSnapshot(tradingPair);
      if (f.orderBookSnapshotEvent === undefined) {
        await scene.until("the snapshot over REST", () => snapshots.length > 0);
      } else {
        // The one of the subscription was kept; one more comes over REST and one more on the stream.
        scene.server.sendPublic(f.orderBookSnapshotEvent);
        await scene.until("three snapshots", () => snapshots.length === 3);
      }
      assertTold(scene, snapshots, "snapshot");
      for (const snapshot of snapshots)
        assert.deepEqual(levelsOfFrame(snapshot), expectedLevels(f.expectedBook), "the levels of the frame");
    },
  );
}
