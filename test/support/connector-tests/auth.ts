import assert from "node:assert/strict";
import type { ConnectorFixtures } from "../connector-fixtures.ts";
import { rejection, sceneTests, type TestApi } from "./kit.ts";

export function authTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);
  api.describe("auth", () => {
    test("rest authenticate", {}, async (scene) => {
      const { order } = await scene.openOrder();
      scene.server.on("GET", /^\/orders/, { body: {} });
      scene.connector.openOrders().catch(() => undefined);
      await scene.world.advance(100);
      const signed = scene.server.requests.filter(
        ({ path, method }) => /^\/(orders|account)/.test(path) || method === "POST",
      );
      assert.ok(
        signed.some(({ rawBody }) => rawBody.includes(order.clientOrderId)),
        "a body was signed",
      );
      assert.ok(signed.length > 2);
      for (const request of signed) fixtures.validateAuthCredentialsPresent(request);
    });

    test("a request that needs credentials is not sent without them", { withoutCredentials: true }, async (scene) => {
      assert.equal(scene.connector.authenticator, undefined);
      const before = scene.server.requests.length;
      const { tradingPair } = fixtures;
      assert.throws(() => scene.connector.buy(tradingPair, { amount: "1", price: "5000", position: "open" }), {
        code: "CREDENTIALS_MISSING",
      });
      const error = await rejection(scene, scene.connector.openOrders());
      assert.equal((error as { code?: string }).code, "CREDENTIALS_MISSING");
      assert.equal(scene.server.requests.length, before);
    });
  });
}
