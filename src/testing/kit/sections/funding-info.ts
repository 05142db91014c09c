import type { FundingInfo } from "../../../model/funding.ts";
import { assert } from "../assertion.ts";
import type { SocketFixture } from "../fixture-shapes.ts";
import { assertLogged, type Fixtures, type Kit } from "../register.ts";
import type { Scene, SceneOptions } from "../scene.ts";
import { isFundingSilent, silenceFunding } from "./channels.ts";

const MAX_SILENCE_MS = 900_000;

const NEEDS = ["fundingInfoMockResponse", "expectedFundingInfo"] as const;
const EVENTS = ["fundingInfoEvent", "fundingInfoEventForWebsocketUpdate", "malformedFundingInfoEvent"] as const;
const scene = (f: Fixtures<"fundingInfoMockResponse">): SceneOptions => ({
  script: (server) => server.route(...f.fundingInfoMockResponse),
});

export function fundingInfoTests(kit: Kit): void {
  kit.describe("funding info", () => {
    updateTests(kit);
    pollingTests(kit);
  });
}

function told({ indexPrice, markPrice, rate, nextFundingTimestampMs }: FundingInfo) {
  const figures = { indexPrice: indexPrice.toFixed(), markPrice: markPrice.toFixed(), rate: rate.toFixed() };
  return { ...figures, nextFundingTimestampMs };
}

function updateTests({ test, fixtures: { tradingPair } }: Kit): void {
  test("listen for funding info update initializes funding info", { needs: NEEDS, scene }, async (scene, f) => {
    assert.deepEqual(told(scene.connector.fundingInfo(tradingPair)), f.expectedFundingInfo, "what was told");
  });

  test(
    "listen for funding info update updates funding info",
    { needs: [...NEEDS, "fundingInfoUpdate", "expectedUpdatedFundingRate"], uses: EVENTS, scene },
    async (scene, f) => {
      scene.route(f.fundingInfoUpdate);
      const { fundingInfoEventForWebsocketUpdate: change } = f;
      if (change !== undefined) scene.server.sendPublic(change);
      const rate = () => scene.connector.fundingInfo(tradingPair).rate.toFixed();
      await scene.until("the change", () => rate() === f.expectedUpdatedFundingRate);
      assert.equal(
        scene.named("fundingInfo").at(-1)?.rate.toFixed(),
        f.expectedUpdatedFundingRate,
        "the rate of the last fundingInfo event",
      );
      assert.equal(
        scene.connector.fundingInfo(tradingPair).indexPrice.toFixed(),
        f.expectedFundingInfo.indexPrice,
        "the index price of the funding info",
      );
    },
  );

  test("init funding info", { needs: NEEDS, scene: (f) => ({ ready: false, ...scene(f) }) }, async (scene, f) => {
    assert.equal(scene.connector.status().fundingInfo, false, "whether funding info is known");
    await scene.start();
    assert.equal(scene.connector.status().fundingInfo, true, "whether funding info is known");
    assert.equal(
      scene.connector.fundingInfo(tradingPair).rate.toFixed(),
      f.expectedFundingInfo.rate,
      "the rate of the funding info",
    );
  });
}

/** Waits until a venue that has a channel for it is polled, because its channel has fallen silent. */
async function untilPolled(scene: Scene, socket: SocketFixture): Promise<() => void> {
  if (scene.connector.manifest.fundingInfo.source === "poll") return () => undefined;
  const speakAgain = silenceFunding(scene, socket);
  await scene.until("the silence", () => isFundingSilent(scene), MAX_SILENCE_MS);
  return speakAgain;
}

function pollingTests({ test, fixtures: { tradingPair } }: Kit): void {
  test(
    "update funding info polling loop success",
    { needs: [...NEEDS, "fundingInfoUrl", "fundingInfoUpdate", "expectedUpdatedFundingRate", "socket"], scene },
    async (scene, f) => {
      const { fundingInfo } = scene.connector.manifest;
      const intervalMs = pollIntervalOf(scene);
      const asked = () => scene.server.requestsTo("GET", scene.fill(f.fundingInfoUrl)).length;
      const rate = () => scene.connector.fundingInfo(tradingPair).rate.toFixed();
      const speakAgain = await untilPolled(scene, f.socket);
      assert.equal(rate(), f.expectedFundingInfo.rate, "the rate");
      scene.route(f.fundingInfoUpdate);
      const before = asked();
      await scene.world.advance(3 * intervalMs + 1_000);
      assert.ok(Math.abs(asked() - before - 3) <= 1, `${asked() - before} polls in three intervals`);
      assert.equal(rate(), f.expectedUpdatedFundingRate, "the rate");
      assert.equal(
        scene.named("fundingInfo").at(-1)?.rate.toFixed(),
        f.expectedUpdatedFundingRate,
        "the rate of the last fundingInfo event",
      );
      speakAgain();
      if (fundingInfo.source === "poll" || fundingInfo.pollIntervalMs !== undefined) return;
      await scene.until("the channel", () => scene.named("channelRestored").length > 0, MAX_SILENCE_MS);
      await scene.world.advance(intervalMs);
      const atTheEnd = asked();
      await scene.world.advance(3 * intervalMs);
      assert.equal(asked(), atTheEnd, "a channel that speaks is not polled as well");
    },
  );

  test(
    "update funding info polling loop raise exception",
    { needs: [...NEEDS, "fundingInfoUpdate", "expectedUpdatedFundingRate", "socket"], uses: EVENTS, scene },
    async (scene, f) => {
      if (f.malformedFundingInfoEvent !== undefined) {
        scene.server.sendPublic(f.malformedFundingInfoEvent);
        await scene.world.advance(100);
        assertLogged(scene, /could not read a public message|could not be read and was left out/);
      }
      const [first, ...others] = scene.fill(f.fundingInfoUpdate);
      const { method, path } = first ?? assert.fail("there is no answer");
      scene.route(others);
      scene.server.on(method, path, { status: 500, text: "<html>" });
      await untilPolled(scene, f.socket);
      const rate = () => scene.connector.fundingInfo(tradingPair).rate.toFixed();
      const limitMs = 3 * pollIntervalOf(scene);
      await scene.until("a poll that fails", () => fundingFailures(scene) > 0, limitMs);
      assert.equal(rate(), f.expectedFundingInfo.rate, "what was known stays known");
      scene.route(f.fundingInfoUpdate);
      await scene.until("the next poll", () => rate() === f.expectedUpdatedFundingRate, limitMs);
    },
  );
}

/** Default interval of a venue whose channel is silent where nothing else is polled. */
const DEFAULT_POLL_MS = 10_000;

function pollIntervalOf({ connector }: Scene): number {
  const { fundingInfo } = connector.manifest;
  return (fundingInfo.source === "poll" ? fundingInfo.intervalMs : fundingInfo.pollIntervalMs) ?? DEFAULT_POLL_MS;
}

const fundingFailures = ({ logger }: Scene): number =>
  logger.at("error").filter(({ message }) => /when polling funding info/.test(message)).length;
