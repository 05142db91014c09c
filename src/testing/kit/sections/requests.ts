import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { COMPONENTS, type Kit, OPEN_ORDER, rejection } from "../register.ts";

/** Tests the steps that every request goes through before it leaves, whatever it is about. */
export function requestTests({ describe, test }: Kit): void {
  describe("requests", () => {
    test(
      "a pre-processor of the factory sees every request and decides what is sent",
      { needs: [...COMPONENTS, "networkStatusRequestSuccessfulMockResponse"], scene: { ready: false } },
      async (scene, f) => {
        const { networkStatusRequestSuccessfulMockResponse: ping } = f;
        const path = `${ping.path === "/" ? "" : ping.path}/pre-processed`;
        scene.route({ ...ping, path });
        const seen: string[] = [];
        const { factory } = createComponents(scene, {
          restPreProcessors: [
            (request) => {
              seen.push(request.path);
              return { ...request, path };
            },
          ],
        });
        await scene.run(
          scene.venue.derivative.checkNetwork({ api: factory.getRestAssistant() }).catch(() => undefined),
        );
        assert.equal(seen.length, 1, `the pre-processor has seen ${seen.length} requests, expected 1`);
        const sent = scene.server.requests.map((request) => request.path);
        assert.ok(sent.length === 1 && sent[0]?.endsWith("/pre-processed"), `what was sent is ${sent.join(", ")}`);
      },
    );

    test(
      "a request that needs credentials fails before it leaves where there are none",
      { needs: [...COMPONENTS, ...OPEN_ORDER] },
      async (scene, f) => {
        const { order, fixture } = await scene.openOrder();
        scene.route(f.orderCreationRequestSuccessfulMockResponse, fixture);
        const { factory, markets } = createComponents(scene, { hasCredentials: false });
        const { request } = scene.venue.derivative.placeCancel(markets, order.reference());
        assert.equal(request.isAuthRequired, true, "a cancel is not said to need credentials");
        const before = scene.server.requests.length;
        const error = await rejection(scene, factory.getRestAssistant().send(request));
        assert.equal((error as { code?: string }).code, "CREDENTIALS_MISSING", String(error));
        assert.equal(scene.server.requests.length, before, "a request without a signature has left");
      },
    );
  });
}
