import { describe, expect, it } from "vitest";
import type { Route } from "../../src/testing/kit/fixture-shapes.ts";
import { isPaste } from "../../src/testing/kit/paste.ts";
import { openScene } from "../../src/testing/kit/scene.ts";
import { binanceFixtures } from "../venues/binance/fixtures.ts";
import { bybitFixtures } from "../venues/bybit/fixtures.ts";
import { ftxFixtures } from "../venues/ftx/fixtures.ts";
import { gateIoFixtures } from "../venues/gate-io/fixtures.ts";
import { hyperliquidFixtures } from "../venues/hyperliquid/fixtures.ts";
import { okxFixtures } from "../venues/okx/fixtures.ts";

/** Routes that a venue's fixtures have. */
function routesOf(fixture: unknown): readonly Route[] {
  if (isPaste(fixture)) throw new TypeError("the fixtures are not whole");
  return [fixture as Route | readonly Route[]].flat();
}

const VENUES = [ftxFixtures, bybitFixtures, binanceFixtures, okxFixtures, gateIoFixtures, hyperliquidFixtures];

describe.each(VENUES.map((fixtures) => [fixtures.connectorName, fixtures] as const))(
  "an order of %s that has ended",
  (_name, fixtures) => {
    it("does not live and end again for answers from a copy of the venue's books that is behind", async () => {
      await using scene = await openScene(fixtures);
      const { order, fixture } = await scene.openOrder();
      scene.send(fixtures.orderEventForCanceledOrderWebsocketUpdate, fixture);
      await scene.until("canceled", () => order.state === "canceled");
      scene.route(routesOf(fixtures.configureOpenOrdersResponse), fixture);
      scene.route(routesOf(fixtures.configureOpenOrderStatusResponse), fixture);
      await scene.world.advance(300);
      const states = new Set<string>([order.state]);
      const refreshed = scene.connector.refresh();
      for (let ms = 0; ms < 3_000; ms += 50) {
        await scene.world.advance(50);
        states.add(order.state);
      }
      scene.server.route(...routesOf(fixtures.restingRoutes));
      scene.route(routesOf(fixtures.configureCanceledOrderStatusResponse), fixture);
      await scene.run(refreshed);
      await scene.world.advance(20_000);
      expect([...states]).toEqual(["canceled"]);
      expect(scene.named("orderCanceled")).toHaveLength(1);
    });

    it("is open again where the venue says so when no copy can be behind any more", async () => {
      await using scene = await openScene(fixtures);
      const { order, fixture } = await scene.openOrder();
      scene.send(fixtures.orderEventForCanceledOrderWebsocketUpdate, fixture);
      await scene.until("canceled", () => order.state === "canceled");
      scene.route(routesOf(fixtures.configureOpenOrdersResponse), fixture);
      scene.route(routesOf(fixtures.configureOpenOrderStatusResponse), fixture);
      await scene.world.advance(300);
      await scene.run(scene.connector.refresh());
      await scene.world.advance(6_000);
      expect(order.state).toBe("open");
    });
  },
);
