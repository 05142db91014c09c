import { AuthError } from "../../../model/error.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { COMPONENTS, type Kit, OPEN_ORDER, rejection } from "../register.ts";
import { assertAuthenticated, assertNamed, assertSigned } from "../request-shape.ts";
import { assertNoSecrets } from "../secrets.ts";
import { differences } from "../template.ts";
import { venueAtUser } from "../venue-at.ts";

export function authTests({ describe, fixtures, test, pure }: Kit): void {
  const { tradingPair, venueModule } = fixtures;
  const authenticator = (nowMs: number, credentials = fixtures.credentials) =>
    venueAtUser(fixtures).createAuthenticator(credentials, { now: () => nowMs });

  describe("auth", () => {
    test(
      "rest authenticate",
      {
        needs: [
          ...OPEN_ORDER,
          "auth",
          "configureOpenOrderStatusResponse",
          "balanceRequestMockResponseOnlyBase",
          "fundingPaymentMockResponse",
        ],
      },
      async (scene, f) => {
        const { fixture } = await scene.openOrder();
        scene.route(f.configureOpenOrderStatusResponse, fixture);
        await scene.run(scene.connector.refresh());
        const created = scene.server.requestsOf(scene.fill(f.orderCreationRequestSuccessfulMockResponse, fixture));
        assert.ok(created[0]?.rawBody.includes(fixture.clientOrderId), "a body was signed");
        const statuses = scene.fill(f.configureOpenOrderStatusResponse, fixture);
        const asked = [[f.balanceRequestMockResponseOnlyBase].flat(), [f.fundingPaymentMockResponse], statuses];
        const requests = asked.map((routes) => scene.server.requestsOf(routes));
        for (const some of requests)
          assert.ok(some.length > 0, "one of balances, funding payments and status was not asked for");
        for (const request of [...created, ...requests.flat()]) {
          assertAuthenticated(scene, request, f.auth);
          await assertSigned(scene, request, f.auth);
        }
      },
    );

    test(
      "everything that signing adds to a new order is named, and its deadline is to come",
      { needs: [...COMPONENTS, ...OPEN_ORDER, "auth"] },
      async (scene, f) => {
        const { order } = await scene.openOrder();
        const { markets } = createComponents(scene);
        const terms = { reduceOnly: false, positionAction: "open", positionMode: "oneWay" } as const;
        const { request } = scene.venue.derivative.placeOrder(markets, { ...order.reference(), ...terms });
        await assertNamed(scene, request, f.auth);
      },
    );

    pure("rest authenticate makes the known signatures", ["authVectors"], async ({ authVectors }) => {
      assert.ok(authVectors.length > 0, "there is no known signature");
      for (const { credentials, nowMs, method, url, body, expected } of authVectors) {
        // A clock that has fractions of a millisecond, as a synchronised one does.
        const signer = authenticator(nowMs + 0.25, credentials);
        const signed = await signer.restAuthenticate({ method, url, headers: { accept: "kit" }, body });
        assert.deepEqual(differences(expected.headers ?? {}, signed.headers, true), [], `${method} ${url}`);
        assert.equal(signed.headers.accept, "kit", "the accept of the headers of the signed");
        assert.equal(signed.url, expected.url ?? url, "the url of the signed");
        assert.equal(signed.body, expected.body ?? body, "the body of the signed");
      }
    });

    pure("websocket authenticate makes the known signature", ["wsAuthVector"], async ({ wsAuthVector }) => {
      const { credentials, nowMs, expected } = wsAuthVector;
      assert.deepEqual(
        await authenticator(nowMs + 0.25, credentials).wsAuthenticate(),
        expected,
        "the login (wsAuthVector)",
      );
    });

    test(
      "a login that the venue refuses is an AuthError, and the stream is not live",
      { needs: ["wsAuthVector"], scene: { ready: false } },
      async (scene, f) => {
        const { wsAuthVector, ...socket } = { ...f, ...scene.server.socket };
        const refusal = scene.fill(wsAuthVector.refusal);
        scene.server.socket = {
          ...socket,
          answersTo: (frame) => (socket.isPrivate(frame) ? [refusal] : socket.answersTo(frame)),
        };
        await scene.run(scene.connector.start());
        const error = await rejection(scene, scene.connector.waitUntilReady({ timeoutMs: 5_000 }));
        assert.ok(error instanceof AuthError, String(error));
        assert.equal(scene.connector.status().userStreamInitialized, false, "whether the user stream is live");
      },
    );

    test("secrets are in no log line, whatever fails", { needs: OPEN_ORDER }, async (scene, f) => {
      const [creation] = scene.fill(f.orderCreationRequestSuccessfulMockResponse);
      const { method, path } = creation ?? assert.fail("there is no answer to a new order");
      const page = (status: number) => ({ status, text: "<html>" });
      for (const failure of ["reset", page(500), page(401), page(400), page(200)] as const) {
        scene.server.on(method, path, failure);
        scene.order({ amount: "0.1" });
        scene.server.on("GET", /./, failure);
        scene.connector.refresh().catch(() => undefined);
        await scene.world.advance(1_000);
      }
      scene.world.network.resetConnections("connector");
      await scene.world.advance(5_000);
      assert.ok(scene.logger.at("warn", "error").length > 0, "no fault was logged, so that nothing was tried");
      assertNoSecrets(scene.logger.text, scene.server, fixtures.credentials, venueModule.manifest.credentials);
    });

    test("a request that needs credentials is not sent without them", {
      needs: [],
      scene: { withoutCredentials: true },
    }, async (scene) => {
      assert.equal(scene.connector.hasCredentials, false, "whether there are credentials");
      const before = scene.server.requests.length;
      assert.throws(
        () => scene.connector.buy(tradingPair, { amount: "1", price: "5000", position: "open" }),
        {
          code: "CREDENTIALS_MISSING",
        },
        "an order without credentials",
      );
      const error = await rejection(scene, scene.connector.fetchOpenOrders());
      assert.equal((error as { code?: string }).code, "CREDENTIALS_MISSING", "the code of the error");
      assert.equal(scene.server.requests.length, before, "the number of requests");
    });
  });
}
