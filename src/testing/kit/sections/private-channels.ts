import type { AccountUpdate } from "../../../model/account-update.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { COMPONENTS, type Fixtures, type Kit } from "../register.ts";
import type { Scene, SceneOptions } from "../scene.ts";
import { scriptedSocket } from "../scripted-socket.ts";

const NEEDS = [...COMPONENTS, "socket", "socketThatRefusesPrivateChannel"] as const;
type Needed = Fixtures<(typeof NEEDS)[number]>;

/** Long enough for a channel that is refused to be asked for a second time. */
const ASKED_AGAIN_MS = 30_000;
const HEALED_MS = 180_000;

const refusing = ({ socketThatRefusesPrivateChannel: { socket } }: Needed): SceneOptions => ({
  ready: false,
  script: (server) => {
    server.socket = scriptedSocket(socket);
  },
});

/** Frames that were sent on the private connections, as text. */
const sentOn = ({ server }: Scene): readonly string[] =>
  server.connections
    .filter(({ isPrivate }) => isPrivate)
    .flatMap(({ received }) => received.map((frame) => JSON.stringify(frame)));

/** The venue's other private channels. */
function othersOf({ venue }: Scene, channel: string): readonly string[] {
  const { channels = [] } = venue.userStreamDataSource;
  const others = channels.map(({ name }) => name).filter((name) => name !== channel);
  assert.equal(others.length, channels.length - 1, `the venue has no private channel "${channel}"`);
  return others;
}

/** Each private channel stands for itself: the account is not known while one is refused, and the others go on. */
export function privateChannelTests({ describe, test }: Kit): void {
  describe("private channels", () => {
    test(
      "a private channel that the venue refuses is asked for again alone, and the others go on",
      { needs: [...NEEDS, "orderEventForNewOrderWebsocketUpdate", "expectedExchangeOrderId"], scene: refusing },
      async (scene, f) => {
        const { channel } = f.socketThatRefusesPrivateChannel;
        const { userStreamDataSource: stream } = createComponents(scene);
        const updates: AccountUpdate[] = [];
        const stop = new AbortController();
        stream.listenForUserStream(stop.signal, (update) => updates.push(update)).catch(() => undefined);
        await scene.until("the refusal", () => updates.some(({ type }) => type === "gap"));
        await scene.world.advance(1_000);
        const before = sentOn(scene).length;
        await scene.world.advance(ASKED_AGAIN_MS);
        const asked = sentOn(scene).slice(before);
        assert.ok(
          asked.some((frame) => frame.includes(channel)),
          "it is not asked for again",
        );
        const others = othersOf(scene, channel).filter((name) => asked.some((frame) => frame.includes(`"${name}"`)));
        assert.deepEqual(others, [], "the others are asked for again with it");
        assert.equal(scene.server.connections.length, 1, "the connection is kept");
        const side = { side: "buy", amount: "1", price: "5000" } as const;
        const clientOrderId = scene.foreignClientOrderId("test-1");
        const order = { clientOrderId, exchangeOrderId: f.expectedExchangeOrderId, ...side };
        scene.send(f.orderEventForNewOrderWebsocketUpdate, order);
        await scene.until("what another channel tells", () => updates.some(({ type }) => type === "order"));
        assert.equal(stream.isLive, false, "whether the stream is live");
        scene.server.socket = scriptedSocket(f.socket);
        await scene.until("live", () => stream.isLive, HEALED_MS);
        assert.equal(scene.server.connections.length, 1, "the number of connections");
        stop.abort();
      },
    );

    test(
      "a connector is not ready while a private channel is refused, says so, and is when it is taken",
      { needs: NEEDS, scene: refusing },
      async (scene, f) => {
        const { connector } = scene;
        const { channel } = f.socketThatRefusesPrivateChannel;
        await scene.run(connector.start());
        const refusals = () => scene.named("gap").filter(({ reason }) => reason.includes(channel));
        await scene.until("the refusal", () => refusals().length > 0);
        await scene.world.advance(ASKED_AGAIN_MS);
        assert.equal(refusals().length, 1, "told once");
        const told = (event: "channelRefused" | "channelRestored") =>
          scene.named(event).map(({ tradingPair, channel: name }) => [tradingPair, name]);
        assert.deepEqual(told("channelRefused"), [[undefined, channel]], "what was told");
        assert.equal(connector.ready, false, "whether the connector is ready");
        const missing = Object.entries(connector.status()).flatMap(([name, isReady]) => (isReady ? [] : [name]));
        assert.deepEqual(missing, ["userStreamInitialized"], "what is not ready");
        scene.server.socket = scriptedSocket(f.socket);
        await scene.until("ready", () => connector.ready, HEALED_MS);
        assert.deepEqual(told("channelRestored"), [[undefined, channel]], "what was told");
      },
    );
  });
}
