import type { InFlightOrder } from "../../../trading/in-flight-order.ts";
import { assert } from "../assertion.ts";
import { type Fixtures, OPEN_ORDER } from "../register.ts";
import type { Scene } from "../scene.ts";

/** Places two orders in one batch. They differ in every term that may differ: answers or terms that are swapped show. */
export function placeTwo(scene: Scene): readonly [one: InFlightOrder, other: InFlightOrder] {
  const terms = { tradingPair: scene.fixtures.tradingPair, position: "open" } as const;
  const [one, other] = scene.connector.batchOrderCreate([
    { ...terms, side: "buy", amount: "1", price: "5000" },
    { ...terms, side: "sell", amount: "2", price: "5100" },
  ]);
  if (one === undefined || other === undefined) return assert.fail("two orders were placed, and not so many came back");
  return [one, other];
}

export const TWO_CANCELS = [
  ...OPEN_ORDER,
  "expectedExchangeOrderIds",
  "configureOneSuccessfulOneErroneousCancelAllResponse",
  "configureOpenOrderStatusResponse",
  "orderEventForCanceledOrderWebsocketUpdate",
] as const;

/** Two orders that rest; the venue takes the cancel of the first one and refuses that of the other. */
export async function twoToCancel(scene: Scene, f: Fixtures<(typeof TWO_CANCELS)[number]>) {
  const [exchangeOrderId, otherExchangeOrderId] = f.expectedExchangeOrderIds;
  const one = await scene.openOrder({ exchangeOrderId });
  const other = await scene.openOrder({ exchangeOrderId: otherExchangeOrderId });
  const more = { other: scene.valuesOf(other.fixture) };
  const routes = scene.fill(f.configureOneSuccessfulOneErroneousCancelAllResponse, one.fixture, more);
  scene.route(routes);
  scene.route(f.configureOpenOrderStatusResponse, other.fixture);
  return { one, other, more, routes };
}
