import type { PerpetualVenue } from "../../../connector/perpetual-venue.ts";
import { OrderRejectedError } from "../../../model/error.ts";
import type { Credentials } from "../../../net/auth.ts";
import type { InFlightOrder } from "../../../trading/in-flight-order.ts";
import type { SocketCommand } from "../ability-fixtures.ts";
import { assert } from "../assertion.ts";
import type { SocketAnswer } from "../fixture-shapes.ts";
import { A_MOMENT_MS, type Fixtures, type Kit } from "../register.ts";
import type { Scene, SceneOptions } from "../scene.ts";
import { scriptedSocket } from "../scripted-socket.ts";
import { differences, lookUp } from "../template.ts";
import { venueAtUser } from "../venue-at.ts";
import { placeTwo } from "./two-orders.ts";

const NEEDS = ["socket", "orderSocket", "orderCreationRequest", "expectedExchangeOrderId"] as const;
type Given = Fixtures<(typeof NEEDS)[number]>;

/** Time in which the connection for orders is made and logged in. */
const CONNECTED_MS = 2_000;

export function orderSocketTests({ describe, test, pure, fixtures }: Kit): void {
  const venue = venueAtUser(fixtures);
  if (venue.orderSocket === undefined) return;
  const signerOf = (credentials: Credentials, nowMs: number) =>
    venue.createAuthenticator(credentials, { now: () => nowMs });
  describe("orders over a socket", () => {
    test("an order leaves as its message, and not over REST", { needs: NEEDS, scene: overSocket }, async (scene, f) => {
      const order = await placed(scene, f, f.orderSocket.accepted);
      const accepted = await scene.run(order.accepted);
      assert.ok(accepted.ok, `the order was not taken: ${accepted.ok ? "" : String(accepted.error)}`);
      const [message, ...others] = messagesOf(scene, order.clientOrderId);
      assert.deepEqual(others, [], "messages after the first");
      const fixture = scene.fixture(order);
      assert.deepEqual(differences(scene.fill(f.orderSocket.message, fixture), message), [], "the message");
      const { time } = f.orderSocket;
      const offMs = time === undefined ? 0 : Number(lookUp(time, Object(message))) - scene.world.now();
      assert.ok(Math.abs(offMs) <= 1_000, `${time} (time of orderSocket) is ${offMs} ms off`);
      assert.deepEqual([order.state, order.exchangeOrderId], ["open", f.expectedExchangeOrderId], "the order");
      assertNothingOverRest(scene, f, order);
    });

    if (signerOf(fixtures.credentials, fixtures.startMs).signOrderFrame !== undefined) {
      pure("a message is signed as the known one", ["orderFrameVector"], async ({ orderFrameVector: vector }) => {
        const { credentials = fixtures.credentials, nowMs, message, expected } = vector;
        const signed: unknown = await signerOf(credentials, nowMs).signOrderFrame?.(message);
        assert.deepEqual(differences(expected, signed), [], "what differs");
      });
    }

    test("an order that is refused there fails", { needs: NEEDS, scene: overSocket }, async (scene, f) => {
      const order = await placed(scene, f, f.orderSocket.refused);
      const accepted = await scene.run(order.accepted);
      assert.ok(
        !accepted.ok && accepted.error instanceof OrderRejectedError && accepted.error.outcome === "definite",
        `the answer is no refusal: ${accepted.ok ? "the order was taken" : String(accepted.error)}`,
      );
      assert.equal((await scene.run(order.done)).state, "failed", "the state of the order");
      assertNothingOverRest(scene, f, order);
    });

    test(
      "an order of which nobody knows what became is unknown, and sent no second time",
      { needs: NEEDS, scene: overSocket },
      async (scene, f) => {
        const order = await placed(scene, f, f.orderSocket.unsure);
        await scene.until("the message", () => messagesOf(scene, order.clientOrderId).length > 0);
        await assertUnknown(scene, f, order);
      },
    );

    for (const command of commandsOf(venue)) commandTest(test, command);

    test(
      "an order whose answer is lost there is unknown, and is sent no second time",
      { needs: NEEDS, scene: overSocket },
      async (scene, f) => {
        const order = await placed(scene, f, []);
        await scene.until("the message", () => messagesOf(scene, order.clientOrderId).length > 0);
        for (const { connection } of scene.server.connections) connection.terminate();
        await assertUnknown(scene, f, order);
      },
    );
  });
}

const overSocket = (f: Given): SceneOptions => ({
  options: { orderEntry: "socket" },
  script: (server) => {
    server.socket = scriptedSocket({ ...f.socket, answers: [...(f.orderSocket.login ?? []), ...f.socket.answers] });
  },
});

async function placed(
  scene: Scene,
  f: Given,
  answers: readonly SocketAnswer[],
  exchangeOrderId = f.expectedExchangeOrderId,
): Promise<InFlightOrder> {
  await scene.world.advance(CONNECTED_MS);
  const order = scene.order();
  const own = scene.fill([...answers, ...(f.orderSocket.login ?? [])], scene.fixture(order, exchangeOrderId));
  scene.server.socket = scriptedSocket({ ...f.socket, answers: [...own, ...f.socket.answers] });
  return order;
}

/** Frames that name the order. */
function messagesOf(scene: Scene, id: string): readonly unknown[] {
  const frames = scene.server.connections.flatMap(({ received }) => received);
  return frames.filter((frame) => JSON.stringify(frame).includes(id));
}

function commandsOf({ derivative }: PerpetualVenue): readonly SocketCommand[] {
  const { amendOrder, placeOrders, placeCancels } = derivative;
  return [
    "cancel",
    ...(amendOrder === undefined ? [] : (["amend"] as const)),
    ...(placeOrders === undefined ? [] : (["batchCreate"] as const)),
    ...(placeCancels === undefined ? [] : (["batchCancel"] as const)),
  ];
}

const NEW_PRICE = "5100";

/** Another command of orders that rest is the message that the fixtures say, and no other. */
function commandTest(test: Kit["test"], command: SocketCommand): void {
  const needs = [...NEEDS, "expectedExchangeOrderIds"] as const;
  test(`the command ${command} is sent as such`, { needs, scene: overSocket }, async (scene, f) => {
    const shape = f.orderSocket.commands[command];
    assert.ok(shape !== undefined, `orderSocket does not say how ${command} is sent: give it in commands, or "rest"`);
    const [order, other] = command === "batchCreate" ? placeTwo(scene) : await openTwo(scene, f, command);
    if (command === "batchCreate") await scene.world.advance(A_MOMENT_MS);
    const [id, otherId] = f.expectedExchangeOrderIds;
    const fixture = scene.fixture(order, id);
    const more = other === undefined ? {} : { other: scene.valuesOf(scene.fixture(other, otherId)) };
    const named = command === "batchCreate" ? order.clientOrderId : id;
    const before = new Set(command === "batchCreate" ? [] : messagesOf(scene, named));
    void send(scene, command, order, other)?.catch(() => undefined);
    await scene.world.advance(A_MOMENT_MS);
    const messages = messagesOf(scene, named).filter((frame) => !before.has(frame));
    if (shape === "rest") return assert.deepEqual(messages, [], `messages of ${command}, which goes over REST`);
    assert.equal(messages.length, 1, `the number of messages of ${command}`);
    const asked = command === "amend" ? { ...fixture, price: NEW_PRICE } : fixture;
    assert.deepEqual(differences(scene.fill(shape, asked, more), messages[0]), [], `the message of ${command}`);
  });
}

/** Orders that rest, the second one only for a batch. */
async function openTwo(
  scene: Scene,
  f: Fixtures<(typeof NEEDS)[number] | "expectedExchangeOrderIds">,
  command: SocketCommand,
): Promise<readonly [InFlightOrder, InFlightOrder | undefined]> {
  const open = async (exchangeOrderId: string): Promise<InFlightOrder> => {
    const order = await placed(scene, f, f.orderSocket.accepted, exchangeOrderId);
    assert.ok((await scene.run(order.accepted)).ok, "the order was not taken");
    return order;
  };
  const [id, otherId] = f.expectedExchangeOrderIds;
  const order = await open(id);
  return [order, command === "batchCancel" ? await open(otherId) : undefined];
}

function send(scene: Scene, command: SocketCommand, one: InFlightOrder, other: InFlightOrder | undefined) {
  const { connector } = scene;
  switch (command) {
    case "cancel":
      return connector.cancel(one.clientOrderId);
    case "amend":
      return connector.amend(one.clientOrderId, { price: NEW_PRICE });
    case "batchCancel":
      return connector.batchOrderCancel([one.clientOrderId, ...(other === undefined ? [] : [other.clientOrderId])]);
    case "batchCreate":
      return undefined;
  }
}

/** Soon after, the order is in doubt: neither failed nor sent again. */
async function assertUnknown(scene: Scene, f: Given, order: InFlightOrder): Promise<void> {
  await scene.world.advance(A_MOMENT_MS);
  assert.equal(order.state, "unknown", "the state of the order");
  assert.deepEqual(scene.named("orderFailed"), [], "orderFailed events");
  assert.equal(messagesOf(scene, order.clientOrderId).length, 1, "the number of messages");
  assertNothingOverRest(scene, f, order);
}

function assertNothingOverRest(scene: Scene, f: Given, order: InFlightOrder): void {
  const { method, path } = scene.fill(f.orderCreationRequest, scene.fixture(order));
  assert.deepEqual(scene.server.requestsTo(method, path), [], `requests to ${method} ${path}`);
}
