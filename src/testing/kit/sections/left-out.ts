import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { isNotOffered, type PerpetualConnectorFixtures } from "../fixtures.ts";
import { pastesIn } from "../paste.ts";
import { COMPONENTS, type Kit, OPEN_ORDER, rejection } from "../register.ts";
import type { Scene } from "../scene.ts";

/**
 * Tests that nothing is left out of the fixtures that the venue is seen to do: its own requests and channels tell. What it
 * says of itself is looked at with its declaration.
 */
export function leftOutTests(kit: Kit): void {
  kit.describe("left out", () => {
    channelTest(kit);
    orderTests(kit);
    marketDataTest(kit);
  });
}

function channelTest({ test, fixtures }: Kit): void {
  test(
    "every private channel has a frame in the fixtures",
    {
      needs: [...COMPONENTS, "orderEventForNewOrderWebsocketUpdate", "tradeEventForFullFillWebsocketUpdate"],
      scene: { ready: false },
    },
    async (scene) => assertCovered(scene, fixtures),
  );
}

/** Private frames of the fixtures, as far as they are there. */
function framesOf(fixtures: PerpetualConnectorFixtures): readonly unknown[] {
  const { liquidationEvents = [], deleveragingEvents = [], ...others } = fixtures;
  return [
    others.orderEventForNewOrderWebsocketUpdate,
    others.tradeEventForFullFillWebsocketUpdate,
    others.positionEventForFullFillWebsocketUpdate,
    others.balanceEventWebsocketUpdate,
    others.fundingPaymentEvent,
    ...[liquidationEvents, deleveragingEvents].flatMap((frames) => ("paste" in frames ? [] : frames)),
  ];
}

/** Asserts that nothing is subscribed of which no fixture shows how it is read. */
function assertCovered(scene: Scene, fixtures: PerpetualConnectorFixtures): void {
  const { channels = [], channelOf } = scene.venue.userStreamDataSource;
  if (channelOf === undefined) return;
  const isThere = (frame: unknown) => frame !== undefined && pastesIn(frame).length === 0;
  const messages = framesOf(fixtures)
    .filter(isThere)
    .map((frame): unknown => JSON.parse(JSON.stringify(scene.fill(frame))));
  const told = new Set(messages.map((message) => channelOf(message)));
  const untold = channels.map(({ name }) => name).filter((name) => !told.has(name));
  assert.deepEqual(
    untold,
    [],
    "no fixture is a frame of these private channels: give positionEventForFullFillWebsocketUpdate, " +
      "balanceEventWebsocketUpdate (with expectedBalanceEvent) or fundingPaymentEvent, whichever they carry",
  );
}

/** Parameters by which lists are asked for page by page. */
const PAGE_PARAMETER = /limit|size|count|page|offset|cursor|after|before/i;

function orderTests({ test, fixtures }: Kit): void {
  const { tradingPair } = fixtures;
  if (isNotOffered(fixtures, "openOrderPages")) {
    test("open orders are asked for in one answer that has all of them", { needs: COMPONENTS }, async (scene) => {
      const before = scene.server.requests.length;
      const { context } = createComponents(scene);
      await scene.run(scene.venue.derivative.fetchOpenOrders(context(), [tradingPair]));
      const named = scene.server.requests.slice(before).flatMap(({ params }) => Object.keys(params));
      const paging = named.filter((name) => PAGE_PARAMETER.test(name));
      assert.ok(
        paging.length === 0,
        `open orders are asked for with ${paging.join(", ")}, so there are pages: give openOrderPages instead of leaving it out`,
      );
    });
  }
  if (fixtures.configureForgottenOrderStatusResponse !== undefined) return;
  test(
    "an order that is not known by its id is not known at all",
    { needs: [...COMPONENTS, ...OPEN_ORDER, "configureOrderNotFoundResponse"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureOrderNotFoundResponse, fixture);
      const { context } = createComponents(scene);
      // The first request also asks for the venue's time.
      await rejection(scene, scene.venue.derivative.requestOrderStatus(context(), order.reference()));
      await scene.world.advance(scene.venue.manifest.clientOrderId.queryableForMs ?? 0);
      const reference = order.reference();
      for (const exchangeOrderId of [reference.exchangeOrderId, undefined]) {
        const before = scene.server.requests.length;
        const status = scene.venue.derivative.requestOrderStatus(context(), { ...reference, exchangeOrderId });
        await rejection(scene, status);
        const asked = new Set(scene.server.requests.slice(before).map(({ method, path }) => `${method} ${path}`));
        assert.ok(
          asked.size <= 1,
          `the status of an order that is not found is asked for at ${[...asked].join(" and ")}: give ` +
            "configureForgottenOrderStatusResponse, in which the first does not know the order and the other lists it",
        );
      }
    },
  );
}

function marketDataTest({ test, fixtures }: Kit): void {
  const { otherTradingPair, expectedOtherMarketData: expected } = fixtures;
  test("a market has the names in requests that its row gives it", {
    needs: COMPONENTS,
    uses: expected === undefined ? [] : ["expectedOtherMarketData"],
  }, async (scene) => {
    const { venueData } = scene.connector.market(otherTradingPair);
    assert.ok(
      venueData === undefined || expected !== undefined,
      `requests name ${otherTradingPair} by ${JSON.stringify(venueData)} beside its symbol: give expectedOtherMarketData`,
    );
    assert.deepEqual(venueData, expected, `venueData of ${otherTradingPair}, expected as in expectedOtherMarketData`);
  });
}
