import { Decimal } from "../../../model/decimal.ts";
import type { OrderReference, OrderToPlace } from "../../../model/order.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { COMPONENTS, type Kit } from "../register.ts";
import type { Scene } from "../scene.ts";
import { differences, isRecord, type Values } from "../template.ts";

const NOT_READY = { ready: false } as const;

/** Terms in which orders of one batch may differ. */
function variantsOf({ fixtures, venue: { manifest } }: Scene): Readonly<Record<string, Partial<OrderToPlace>>> {
  const hedge = { positionMode: "hedge" } as const;
  return {
    "a sale": { side: "sell" },
    ...(manifest.orderTypes.includes("limitMaker") ? { "a post-only order": { type: "limitMaker" } } : {}),
    ...(manifest.orderTypes.includes("market") ? { "a market order": { type: "market", price: undefined } } : {}),
    ...Object.fromEntries(manifest.timesInForce.map((timeInForce) => [`an order ${timeInForce}`, { timeInForce }])),
    "a reduce-only order": { positionAction: "close", reduceOnly: true },
    "an order of another market": { tradingPair: fixtures.otherTradingPair },
    "an order of an isolated position": { marginMode: "isolated" },
    ...(manifest.positionModes.includes("hedge")
      ? {
          "an order that opens a hedged position": hedge,
          "an order that closes a hedged position": { ...hedge, positionAction: "close", reduceOnly: true },
        }
      : {}),
  };
}

/** Terms of an order are the same on the wire in a batch, whatever the order beside it has. */
export function batchTermTests({ test }: Kit): void {
  test("an order says in a batch what it says alone", { needs: COMPONENTS, scene: NOT_READY }, async (scene) => {
    const { markets } = createComponents(scene);
    const { placeOrder, placeOrders } = scene.venue.derivative;
    const usual = orderOf(scene, "ab1", {});
    for (const [name, terms] of Object.entries(variantsOf(scene))) {
      const order = orderOf(scene, "ab2", terms);
      const alone = rowOf(placeOrder(markets, order).request, order.clientOrderId);
      assert.ok(alone !== undefined, `the request of ${name} does not hold its client order id`);
      for (const batch of [
        [usual, order],
        [order, usual],
      ]) {
        const row = rowOf(placeOrders?.(markets, batch).request, order.clientOrderId);
        assert.ok(row !== undefined, `a batch with ${name} does not hold its client order id`);
        const said = Object.fromEntries(Object.keys(alone.own).map((key) => [key, row.own[key] ?? row.around[key]]));
        assert.deepEqual(differences(alone.own, said), [], `${name} in a batch: what differs`);
        const added = Object.keys(row.own).filter((key) => !(key in alone.own) && row.own[key] !== undefined);
        assert.deepEqual(added, [], `${name} in a batch: what it says beside`);
      }
    }
  });
}

/** A batch of cancels names each order by an id that the venue knows it by. */
export function batchNameTests({ test }: Kit): void {
  test(
    "a batch of cancels names orders by the client's id where the venue's is not known",
    { needs: [...COMPONENTS, "expectedExchangeOrderIds"], scene: NOT_READY },
    async (scene, f) => {
      const { markets } = createComponents(scene);
      const [known, other] = f.expectedExchangeOrderIds;
      const named = { ...referenceOf(orderOf(scene, "ab1", {})), exchangeOrderId: known };
      const alsoNamed = { ...referenceOf(orderOf(scene, "ab2", {})), exchangeOrderId: other };
      const unnamed = referenceOf(orderOf(scene, "ab3", {}));
      for (const batch of [
        [named, unnamed],
        [unnamed, named],
        [named, alsoNamed],
      ]) {
        const text = JSON.stringify(scene.venue.derivative.placeCancels?.(markets, batch).request);
        for (const { exchangeOrderId, clientOrderId } of batch) {
          const isNamed =
            text.includes(clientOrderId) || (exchangeOrderId !== undefined && text.includes(exchangeOrderId));
          assert.ok(isNamed, `a batch of cancels does not name order ${exchangeOrderId ?? clientOrderId}: ${text}`);
        }
        assert.ok(!/\bnull\b|NaN|undefined/.test(text), `a batch of cancels names an order by nothing: ${text}`);
      }
    },
  );
}

function orderOf(scene: Scene, name: string, terms: Partial<OrderToPlace>): OrderToPlace {
  return {
    ...{ clientOrderId: scene.foreignClientOrderId(name), tradingPair: scene.fixtures.tradingPair, side: "buy" },
    ...{ type: "limit", amount: new Decimal(1), price: new Decimal(5_000), timeInForce: "GTC", reduceOnly: false },
    ...{ positionAction: "open", positionMode: "oneWay", referencePrice: new Decimal(5_000) },
    ...terms,
  };
}

const referenceOf = (order: OrderToPlace): OrderReference => ({ ...order, createdAtMs: 0 });

interface Row {
  readonly own: Values;
  /** Fields of what it stands in. */
  readonly around: Values;
}

/** The innermost object with a value, also within texts that are JSON. */
function rowOf(value: unknown, id: string, around: Values = {}): Row | undefined {
  if (typeof value === "string" && /^[[{]/.test(value)) return rowOf(JSON.parse(value), id, around);
  if (Array.isArray(value)) return value.map((each) => rowOf(each, id, around)).find((row) => row !== undefined);
  if (!isRecord(value)) return undefined;
  for (const each of Object.values(value)) {
    const inner = rowOf(each, id, { ...around, ...value });
    if (inner !== undefined) return inner;
  }
  return Object.values(value).includes(id) ? { own: value, around } : undefined;
}
