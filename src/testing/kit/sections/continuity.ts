import { snapshotSourceOf } from "../../../market-data/continuity.ts";
import { BookInvalidError } from "../../../model/error.ts";
import { assert } from "../assertion.ts";
import type { Kit } from "../register.ts";
import type { Scene } from "../scene.ts";
import { expectedLevels, levelsOf } from "./books.ts";

const BOOKS = ["expectedBook", "expectedBookAfterDiffs"] as const;
const NEEDS = ["orderBookDiffEvents", ...BOOKS] as const;
const LATER_SNAPSHOT = "orderBookSnapshotAfterDiffsMockResponse";
const SETTLE_MS = 100;
const DAY_MS = 86_400_000;

/** A book equals the venue's or is invalid: what a lost, a repeated and a swapped frame do to it. */
export function continuityTests(kit: Kit): void {
  kit.describe("order book continuity", () => {
    const isOfSnapshots = kit.fixtures.venueModule.manifest.continuity.kind === "snapshots";
    const messages = isOfSnapshots ? "orderBookSnapshotEvents" : "orderBookDiffEvents";
    orderTests(kit, messages);
    if (isOfSnapshots) snapshotTests(kit);
    else gapTests(kit);
    silenceTests(kit, messages);
  });
}

function bookOf(scene: Scene) {
  return levelsOf(scene.connector.orderBook(scene.fixtures.tradingPair));
}

async function healed(scene: Scene, times = 1): Promise<void> {
  await scene.until("the book heals", () => scene.named("bookHealed").length >= times, 120_000);
  await scene.until("ready", () => scene.connector.ready, 120_000);
}

type Messages = "orderBookDiffEvents" | "orderBookSnapshotEvents";

function orderTests({ test }: Kit, messages: Messages): void {
  const needs = [...BOOKS, messages] as const;

  test("frames in order make the venue's book", { needs }, async (scene, f) => {
    assert.deepEqual(bookOf(scene), expectedLevels(f.expectedBook), "the book");
    scene.server.sendPublic(...f[messages]);
    await scene.world.advance(SETTLE_MS);
    assert.deepEqual(bookOf(scene), expectedLevels(f.expectedBookAfterDiffs), "the book");
    assert.deepEqual(scene.named("bookInvalid"), [], "bookInvalid events");
    const { timestampMs } = scene.connector.orderBook(scene.fixtures.tradingPair);
    assert.ok(Math.abs(timestampMs - scene.fixtures.startMs) < DAY_MS, `the book is of ${timestampMs}`);
  });

  test("a repeated frame changes nothing", { needs }, async (scene, f) => {
    const [first, second, third] = f[messages];
    scene.server.sendPublic(first, first, second, second, third, third);
    await scene.world.advance(SETTLE_MS);
    if (scene.named("bookInvalid").length === 0) {
      assert.deepEqual(bookOf(scene), expectedLevels(f.expectedBookAfterDiffs), "the book");
      return;
    }
    await healed(scene);
    assert.deepEqual(bookOf(scene), expectedLevels(f.expectedBook), "it starts over with the venue's book");
  });

  test("a broken connection makes the book invalid, and it heals", { needs }, async (scene, f) => {
    scene.server.sendPublic(...f[messages]);
    await scene.world.advance(SETTLE_MS);
    scene.world.network.resetConnections("connector");
    await scene.until("the book is invalid", () => scene.named("bookInvalid").length > 0);
    await healed(scene);
    assert.deepEqual(bookOf(scene), expectedLevels(f.expectedBook), "the book");
  });
}

/** Every message is the whole book: nothing is lost with one that does not come, and one that is late is older. */
function snapshotTests({ test }: Kit): void {
  const needs = [...BOOKS, "orderBookSnapshotEvents"] as const;

  test("a dropped frame is made up for by the next one", { needs }, async (scene, f) => {
    const [first, , third] = f.orderBookSnapshotEvents;
    scene.server.sendPublic(first, third);
    await scene.world.advance(SETTLE_MS);
    assert.deepEqual(bookOf(scene), expectedLevels(f.expectedBookAfterDiffs), "the book");
    assert.deepEqual(scene.named("bookInvalid"), [], "bookInvalid events");
  });

  test("a frame that is older than the book is dropped", { needs }, async (scene, f) => {
    const [first, second, third] = f.orderBookSnapshotEvents;
    scene.server.sendPublic(first, third, second);
    await scene.world.advance(SETTLE_MS);
    assert.deepEqual(bookOf(scene), expectedLevels(f.expectedBookAfterDiffs), "the book");
    assert.deepEqual(scene.named("bookInvalid"), [], "bookInvalid events");
  });
}

function gapTests({ test, fixtures: { tradingPair, venueModule } }: Kit): void {
  const isFromRest = snapshotSourceOf(venueModule.manifest.continuity) === "rest";
  const spec = { needs: NEEDS, uses: isFromRest ? ([LATER_SNAPSHOT] as const) : [] };
  const brokenBy = async (scene: Scene, frames: readonly unknown[]) => {
    let isReadable = true;
    scene.connector.on("bookInvalid", () => {
      try {
        scene.connector.orderBook(tradingPair).bids();
      } catch (error) {
        assert.ok(error instanceof BookInvalidError, `${String(error)} is no BookInvalidError`);
        isReadable = false;
      }
    });
    scene.server.sendPublic(...frames);
    await scene.until("the book is invalid", () => scene.named("bookInvalid").length > 0);
    assert.equal(isReadable, false, "an invalid book cannot be read");
    assert.equal(
      scene.named("bookInvalid")[0]?.tradingPair,
      tradingPair,
      "the trading pair of the first bookInvalid event",
    );
  };

  test("a dropped frame makes the book invalid, and it heals", spec, async (scene, f) => {
    const [first, , third] = f.orderBookDiffEvents;
    if (f[LATER_SNAPSHOT] !== undefined) scene.route(f[LATER_SNAPSHOT]);
    await brokenBy(scene, [first, third]);
    await healed(scene);
    assert.deepEqual(bookOf(scene), expectedLevels(isFromRest ? f.expectedBookAfterDiffs : f.expectedBook), "the book");
    scene.server.sendPublic(...f.orderBookDiffEvents);
    await scene.world.advance(SETTLE_MS);
    assert.deepEqual(bookOf(scene), expectedLevels(f.expectedBookAfterDiffs), "it goes on from there");
  });

  test("reordered frames make the book invalid, and it heals", spec, async (scene, f) => {
    const [first, second, third] = f.orderBookDiffEvents;
    if (f[LATER_SNAPSHOT] !== undefined) scene.route(f[LATER_SNAPSHOT]);
    await brokenBy(scene, [first, third, second]);
    await healed(scene);
    scene.server.sendPublic(...f.orderBookDiffEvents);
    await scene.world.advance(SETTLE_MS);
    assert.deepEqual(bookOf(scene), expectedLevels(f.expectedBookAfterDiffs), "the book");
  });
}

function silenceTests({ test }: Kit, messages: Messages): void {
  test("a channel that is dead is noticed and heals", { needs: [...BOOKS, messages] }, async (scene, f) => {
    const { server, connector } = scene;
    const { orderBook: cadenceMs } = connector.manifest.cadencesMs;
    const isSubscription = (frame: unknown) =>
      /subscri.*(book|depth)|(book|depth).*subscri/i.test(JSON.stringify(frame));
    const actions = () =>
      server.connections.flatMap(({ received }) => received).filter(isSubscription).length +
      server.requests.filter(({ method, path }) => method === "GET" && /book|depth/i.test(path)).length;
    const before = actions();
    await scene.world.advance(cadenceMs - 1_000);
    assert.equal(actions(), before, "a quiet market is no fault before its time");
    await scene.world.advance(cadenceMs + 10_000);
    assert.ok(actions() > before, "nothing was asked of a channel that is silent");
    await scene.until("ready", () => connector.ready, 120_000);
    assert.deepEqual(bookOf(scene), expectedLevels(f.expectedBook), "the book");
    server.sendPublic(...f[messages]);
    await scene.world.advance(SETTLE_MS);
    assert.deepEqual(bookOf(scene), expectedLevels(f.expectedBookAfterDiffs), "the book");
  });

  test("a private channel that is dead is noticed, is a gap, and heals", { needs: [] }, async (scene) => {
    const { intervalMs, timeoutMs } = scene.connector.manifest.heartbeat;
    const before = scene.named("gap").length;
    scene.world.network.partition("connector");
    await scene.world.advance(2 * (intervalMs + timeoutMs) + 5_000);
    assert.equal(scene.connector.ready, false, "whether the connector is ready");
    scene.world.network.heal();
    await scene.until("ready", () => scene.connector.ready, 180_000);
    assert.ok(scene.named("gap").length > before, "what was missed is asked for");
    assert.equal(scene.server.openConnections(true).length, 1, "the number of open connections");
  });
}
