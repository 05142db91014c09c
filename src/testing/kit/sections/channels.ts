import { assert } from "../assertion.ts";
import type { SocketFixture } from "../fixture-shapes.ts";
import type { Kit } from "../register.ts";
import type { Scene } from "../scene.ts";
import { scriptedSocket } from "../scripted-socket.ts";

const FUNDING = ["fundingInfo", "markPrice", "indexPrice", "fundingRate"];

/** Channels that are not `live` or `confirmed`, by name. */
const badChannels = ({ connector }: Scene) =>
  connector.channelStatuses().flatMap(({ name, state }) => (state === "refused" || state === "silent" ? [name] : []));

/** The socket says nothing of funding any more; returns what lets it speak again. */
export function silenceFunding(scene: Scene, socket: SocketFixture): () => void {
  const { server, venue } = scene;
  const whole = scriptedSocket(socket);
  const isFunding = (frame: unknown) => {
    const message: unknown = JSON.parse(JSON.stringify(scene.fill(frame)));
    return venue.orderBookDataSource.channelOriginatingMessage(message) === "fundingInfo";
  };
  server.socket = {
    ...whole,
    answersTo: (frame) => whole.answersTo(frame).filter((answer) => !isFunding(answer)),
  };
  return () => {
    server.socket = whole;
  };
}

/** A channel that tells of funding has fallen silent, and that was told. */
export const isFundingSilent = (scene: Scene): boolean =>
  scene.named("channelSilent").some(({ channel }) => FUNDING.includes(channel));

/** Each wire channel of a market stands for itself: what becomes of one is no other's. */
export function channelTests({ describe, test }: Kit): void {
  describe("channels", () => {
    test(
      "a channel that the venue refuses is left out, told and asked for again, and silences no other",
      {
        needs: ["socketThatRefusesTrades", "tradeEvent", "expectedTrade", "expectedBook", "socket"],
        scene: ({ socketThatRefusesTrades }) => ({
          ready: false,
          script: (server) => {
            server.socket = scriptedSocket(socketThatRefusesTrades);
          },
        }),
      },
      async (scene, f) => {
        const { connector, fixtures } = scene;
        await scene.run(connector.start());
        await scene.until("the refusal", () => scene.named("channelRefused").length > 0);
        const [refused] = scene.named("channelRefused");
        assert.deepEqual(
          [refused?.tradingPair, refused?.channel],
          [fixtures.tradingPair, "trades"],
          "the refused channel",
        );
        assert.ok((refused?.reason ?? "") !== "", "the venue's words are told");
        await scene.until("the book", () => connector.status().orderBooksInitialized === true);
        assert.ok(connector.orderBook(fixtures.tradingPair).isValid, "the book is not valid");
        assert.deepEqual(badChannels(scene), ["trades"], "channels that are refused or silent");
        assert.equal(scene.named("channelRefused").length, 1, "told once");
        scene.server.socket = scriptedSocket(f.socket);
        await scene.until("the channel", () => scene.named("channelRestored").length > 0, 900_000);
        assert.deepEqual(badChannels(scene), [], "channels that are refused or silent");
        scene.server.sendPublic(scene.fill(f.tradeEvent));
        await scene.until("a trade", () => scene.named("trade").length > 0);
        assert.equal(
          scene.named("trade")[0]?.tradeId,
          f.expectedTrade.tradeId,
          "the trade id of the first trade event",
        );
      },
    );

    test(
      "a channel of funding info that falls silent is told, and heals when it speaks again",
      {
        needs: ["fundingInfoEvent", "socket"],
        // Risk limits that read the mark price must not rely on an old one.
        scene: { options: { riskLimits: { priceCollar: "0.5" } } },
      },
      async (scene, f) => {
        const speakAgain = silenceFunding(scene, f.socket);
        await scene.until("the silence", () => isFundingSilent(scene), 900_000);
        await scene.until("all of it", () => badChannels(scene).some((name) => FUNDING.includes(name)), 900_000);
        assert.equal(scene.connector.ready, false, "whether the connector is ready");
        speakAgain();
        const isBack = () => !badChannels(scene).some((name) => FUNDING.includes(name));
        await scene.until("the channel", isBack, 900_000);
        assert.ok(
          scene.named("channelRestored").some(({ channel }) => FUNDING.includes(channel)),
          "nobody was told that the funding channel is back",
        );
        await scene.until("ready", () => scene.connector.ready, 900_000);
      },
    );
  });
}
