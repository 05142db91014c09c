import assert from "node:assert/strict";
import type { ConnectorFixtures } from "../connector-fixtures.ts";
import { rejection, sceneTests, type TestApi } from "./kit.ts";

export function authTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);
  api.describe("auth", () => {
    test("rest authenticate", {}, async (scene) => {
      const { fixture } = await scene.openOrder();
      scene.server.route(...fixtures.configureOpenOrderStatusResponse(fixture));
      await scene.run(scene.connector.refresh());
      const created = scene.server.requestsOf(fixtures.orderCreationRequestSuccessfulMockResponse(fixture));
      assert.ok(created[0]?.rawBody.includes(fixture.clientOrderId), "a body was signed");
      const { balanceRequestMockResponseOnlyBase: balances, fundingPaymentMockResponse: payments } = fixtures;
      const statuses = fixtures.configureOpenOrderStatusResponse(fixture);
      const asked = [[balances], [payments], statuses].map((routes) => scene.server.requestsOf(routes));
      for (const requests of asked) assert.ok(requests.length > 0);
      const signed = [...created, ...asked.flat()];
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
