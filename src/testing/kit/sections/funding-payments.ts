import type { FundingPayment } from "../../../model/funding.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { assertLogged, COMPONENTS, type Fixtures, type Kit } from "../register.ts";
import { assertRequest } from "../request-shape.ts";
import { assertIds } from "./facts.ts";

const NEEDS = ["fundingPaymentMockResponse", "expectedFundingPayment"] as const;

function assertPayment(
  payment: FundingPayment | undefined,
  tradingPair: string,
  f: Fixtures<"expectedFundingPayment">,
  /** False where the rate may be told beside the fixture, by another answer. */
  isRateTold = true,
): void {
  assert.ok(payment !== undefined, "there is no payment");
  const { paymentId, asset, timestampMs } = payment;
  const { rate: told, ...expected } = f.expectedFundingPayment;
  const rate = told ?? (isRateTold ? undefined : payment.rate?.toFixed());
  assert.deepEqual(
    { paymentId, asset, timestampMs, amount: payment.amount.toFixed(), tradingPair: payment.tradingPair },
    { ...expected, tradingPair },
    "the payment of fundingPaymentMockResponse",
  );
  assert.equal(payment.rate?.toFixed(), rate, "the rate of the payment (`rate` of expectedFundingPayment)");
}

export function fundingPaymentTests({ describe, test, fixtures: { tradingPair, startMs } }: Kit): void {
  describe("funding payments", () => {
    test(
      "funding payments come once each",
      { needs: [...NEEDS, "emptyFundingPaymentMockResponse", "fundingPaymentUrl"] },
      async (scene, f) => {
        scene.route(f.emptyFundingPaymentMockResponse);
        assert.equal(
          await scene.run(scene.connector.fetchLastFeePayment(tradingPair)),
          undefined,
          "the last payment, of emptyFundingPaymentMockResponse",
        );
        scene.route(f.fundingPaymentMockResponse);
        assertPayment(await scene.run(scene.connector.fetchLastFeePayment(tradingPair)), tradingPair, f, false);
        await scene.world.advance(3 * scene.connector.manifest.fundingFeePollIntervalMs);
        const payments = scene.named("fundingPayment");
        assert.equal(payments.length, 1, "the number of payments");
        assertPayment(payments[0], tradingPair, f);
        assert.equal(scene.connector.fundingPayments(tradingPair).length, 1, "the number of funding payments");
        assert.ok(
          scene.server.requestsTo("GET", scene.fill(f.fundingPaymentUrl)).length >= 3,
          `${f.fundingPaymentUrl} (fundingPaymentUrl) was asked less than three times`,
        );
      },
    );

    test(
      "funding payments that cannot be asked for are asked for again",
      { needs: [...NEEDS, "fundingPaymentUrl"] },
      async (scene, f) => {
        scene.server.on("GET", scene.fill(f.fundingPaymentUrl), { status: 503, text: "<html>" });
        await scene.world.advance(scene.connector.manifest.fundingFeePollIntervalMs + 1_000);
        assertLogged(scene, /funding/);
        assert.deepEqual(scene.named("fundingPayment"), [], "fundingPayment events");
        scene.route(f.fundingPaymentMockResponse);
        await scene.world.advance(2 * scene.connector.manifest.fundingFeePollIntervalMs);
        assert.equal(scene.named("fundingPayment").length, 1, "the number of fundingPayment events");
      },
    );

    test(
      "funding payments before the start are filled in, and not again after a restart",
      { needs: NEEDS, scene: (f) => ({ script: (server) => server.route(f.fundingPaymentMockResponse) }) },
      async (scene, f) => {
        const payments = scene.named("fundingPayment");
        assert.equal(payments.length, 1, "the number of payments");
        assertPayment(payments[0], tradingPair, f);
        await scene.run(scene.connector.stop());
        scene.restart();
        await scene.start();
        await scene.run(scene.connector.refresh());
        assert.deepEqual(scene.named("fundingPayment"), [], "fundingPayment events");
        assert.equal(scene.connector.fundingPayments(tradingPair).length, 1, "what was booked is known");
      },
    );

    test(
      "funding payments page to the end, from where they are asked for",
      { needs: [...COMPONENTS, "fundingPaymentPages", "auth"] },
      async (scene, f) => {
        const { routes, request, expectedIds } = f.fundingPaymentPages;
        const sinceMs = startMs - 3_600_000;
        scene.route(routes, undefined, { sinceMs });
        const before = scene.server.requests.length;
        const { context } = createComponents(scene);
        const payments = await scene.run(
          scene.venue.derivative.fetchFundingPayments(context(), sinceMs, [tradingPair]),
        );
        const ids = payments.map(({ paymentId }) => paymentId);
        assertIds(ids, expectedIds);
        const [first] = scene.server.requests.slice(before);
        if (request !== undefined) assertRequest(scene, first, request, { auth: f.auth, more: { sinceMs } });
      },
    );
  });
}
