import { assert } from "../assertion.ts";
import { assertEndsWithAbort, assertLogged, COMPONENTS, type Kit } from "../register.ts";
import { connected, UNSTARTED } from "./books.ts";

const EVENTS = ["fundingInfoEvent", "fundingInfoEventForWebsocketUpdate", "malformedFundingInfoEvent"] as const;

export function fundingInfoListeningTests({ test }: Kit): void {
  const needs = [...COMPONENTS, "fundingInfoMockResponse"] as const;

  test(
    "listen for funding info cancelled when listening",
    { needs, uses: EVENTS, scene: UNSTARTED },
    async (scene, f) => {
      const { source } = await connected(scene);
      scene.route(f.fundingInfoMockResponse);
      const stop = new AbortController();
      let count = 0;
      const loop = source.listenForFundingInfo(stop.signal, () => {
        count += 1;
      });
      loop.catch(() => undefined);
      if (f.fundingInfoEvent !== undefined) scene.server.sendPublic(...[f.fundingInfoEvent].flat());
      await scene.until("funding info", () => count > 0);
      await assertEndsWithAbort(scene, loop, stop);
      const atTheEnd = count;
      const { fundingInfoEventForWebsocketUpdate: change } = f;
      if (change !== undefined) scene.server.sendPublic(change);
      await scene.world.advance(60_000);
      assert.equal(count, atTheEnd, "how many came");
    },
  );

  test("listen for funding info logs exception", { needs, uses: EVENTS, scene: UNSTARTED }, async (scene, f) => {
    const { source } = await connected(scene);
    const [first, ...others] = scene.fill(f.fundingInfoMockResponse);
    assert.ok(first !== undefined, "fundingInfoMockResponse has no answer");
    scene.route(others);
    scene.server.on("GET", first.path, { status: 500, text: "<html>" }, { body: first.body });
    const stop = new AbortController();
    let count = 0;
    const sink = () => {
      count += 1;
    };
    source.listenForFundingInfo(stop.signal, sink).catch(() => undefined);
    const isPolled = f.fundingInfoEvent === undefined;
    if (!isPolled) scene.server.sendPublic(f.malformedFundingInfoEvent, ...[f.fundingInfoEvent].flat());
    await scene.until("what follows the fault", () => count > 0);
    assertLogged(scene, isPolled ? /funding info/ : /could not read a public message/);
    stop.abort();
  });

  test(
    "listen for funding info successful",
    {
      needs: [...needs, "fundingInfoUpdate", "expectedFundingInfo", "expectedUpdatedFundingRate"],
      uses: EVENTS,
      scene: UNSTARTED,
    },
    async (scene, f) => {
      const { source, stop } = await connected(scene);
      scene.route(f.fundingInfoMockResponse);
      const told: Record<string, unknown> = {};
      const sink: Parameters<typeof source.listenForFundingInfo>[1] = (update) => {
        const { indexPrice, markPrice, rate, nextFundingTimestampMs } = update;
        if (indexPrice !== undefined) told.indexPrice = indexPrice.toFixed();
        if (markPrice !== undefined) told.markPrice = markPrice.toFixed();
        if (rate !== undefined) told.rate = rate.toFixed();
        if (nextFundingTimestampMs !== undefined) told.nextFundingTimestampMs = nextFundingTimestampMs;
      };
      source.listenForFundingInfo(stop.signal, sink).catch(() => undefined);
      if (f.fundingInfoEvent !== undefined) scene.server.sendPublic(...[f.fundingInfoEvent].flat());
      const isWhole = () => Object.keys(told).length === Object.keys(f.expectedFundingInfo).length;
      await scene.until("funding info", isWhole);
      assert.deepEqual(told, f.expectedFundingInfo, "what was told");
      scene.route(f.fundingInfoUpdate);
      const { fundingInfoEventForWebsocketUpdate: change } = f;
      if (change !== undefined) scene.server.sendPublic(change);
      await scene.until("the change", () => told.rate === f.expectedUpdatedFundingRate);
    },
  );
}
