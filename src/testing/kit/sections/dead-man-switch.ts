import { PerpwireError } from "../../../model/error.ts";
import { assert } from "../assertion.ts";
import { type Kit, rejection } from "../register.ts";
import { assertAuthenticated, assertRequest } from "../request-shape.ts";
import { venueAtUser } from "../venue-at.ts";

/** A minute, which every venue takes. */
const TIMEOUT_MS = 60_000;
const A_SECOND_MS = 1_000;
const ON = { timeoutMs: TIMEOUT_MS, timeoutSeconds: TIMEOUT_MS / 1_000 };
const OFF = { timeoutMs: 0, timeoutSeconds: 0 };

export function deadManSwitchTests({ describe, test, fixtures }: Kit): void {
  if (venueAtUser(fixtures).derivative.cancelAllAfter === undefined) return;
  describe("dead-man switch", () => {
    for (const [name, fixture, values] of [
      ["asks the venue to cancel everything after that time", "cancelAllAfterRequest", ON],
      ["is switched off with 0", "cancelAllAfterOffRequest", OFF],
    ] as const) {
      test(name, { needs: [fixture, "configureSuccessfulCancelAllAfterResponse", "auth"] }, async (scene, f) => {
        const routes = scene.fill(f.configureSuccessfulCancelAllAfterResponse, undefined, values);
        scene.route(routes);
        await scene.run(scene.connector.cancelAllAfter(values.timeoutMs));
        const [request, ...others] = scene.server.requestsOf(routes);
        assert.deepEqual(others, [], "requests after the first");
        const cancelAtMs = (request?.atMs ?? 0) + values.timeoutMs;
        const more = { ...values, cancelAtMs: numberNear(request?.body, cancelAtMs) ?? cancelAtMs };
        assertRequest(scene, request, f[fixture], { auth: f.auth, more });
        assertAuthenticated(scene, request, f.auth);
      });
    }

    test(
      "rejects where the venue refuses it: nobody may believe that it is on",
      { needs: ["configureFailedCancelAllAfterResponse"] },
      async (scene, f) => {
        const routes = scene.fill(f.configureFailedCancelAllAfterResponse, undefined, ON);
        scene.route(routes);
        const error = await rejection(scene, scene.connector.cancelAllAfter(TIMEOUT_MS));
        assert.equal(scene.server.requestsOf(routes).length, 1, "the number of requests");
        assert.ok(
          error instanceof PerpwireError && error.outcome === "definite",
          `configureFailedCancelAllAfterResponse is no refusal: ${String(error)}`,
        );
      },
    );
  });
}

/** The number of a body that is a time of the wanted second: a request is made a moment before it arrives. */
function numberNear(value: unknown, wanted: number): number | undefined {
  if (typeof value === "number") return Math.abs(value - wanted) <= A_SECOND_MS ? value : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const each of Object.values(value)) {
    const found = numberNear(each, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
