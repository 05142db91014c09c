import { Decimal } from "../../../model/decimal.ts";
import type { OrderSide } from "../../../model/order.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import type { RequestChanges } from "../fixture-shapes.ts";
import type { PerpetualConnectorFixtures } from "../fixtures.ts";
import { COMPONENTS, type Fixtures, type Kit, OPEN_ORDER } from "../register.ts";
import { assertRequest, changedShape } from "../request-shape.ts";
import type { OrderChanges, SceneOptions } from "../scene.ts";
import { fill } from "../template.ts";

const NEEDS = [...OPEN_ORDER, "orderCreationRequest", "orderCreationRequestChanges", "auth"] as const;
const HEDGE_NEEDS = [...NEEDS, "configureSuccessfulSetPositionMode", "configurePositionModeResponse"] as const;

type Kind = "limitMaker" | "market" | "IOC" | "FOK" | "reduceOnly" | "close";
const KINDS: Readonly<Record<Kind, OrderChanges>> = {
  limitMaker: { type: "limitMaker" },
  market: { type: "market", price: null },
  IOC: { timeInForce: "IOC" },
  FOK: { timeInForce: "FOK" },
  reduceOnly: { position: "close", reduceOnly: true },
  close: { position: "close" },
};
const SIDES: readonly OrderSide[] = ["buy", "sell"];

/** Every order that the connector may send says on the wire what was asked for, and nothing else. */
export function orderRequestTests(kit: Kit): void {
  kit.describe("order requests", () => {
    for (const [kind, changes] of Object.entries(KINDS)) {
      for (const side of SIDES) oneWayTest(kit, kind as Kind, { ...changes, side });
    }
    for (const position of ["open", "close"] as const) {
      for (const side of SIDES) hedgeTest(kit, { side, position });
    }
    for (const side of SIDES) hedgeTest(kit, { side, position: "close", reduceOnly: true });
    amountTest(kit);
    for (const side of SIDES) boundTest(kit, side);
  });
}

function oneWayTest({ test, fixtures }: Kit, kind: Kind, changes: OrderChanges): void {
  const { orderTypes, timesInForce } = fixtures.venueModule.manifest;
  if (kind === "FOK" && !timesInForce.includes("FOK")) return;
  if ((kind === "market" || kind === "limitMaker") && !orderTypes.includes(kind)) return;
  test(`a ${kind} order to ${changes.side} is sent as such`, { needs: NEEDS }, async (scene, f) => {
    const { fixture } = await scene.openOrder(changes);
    const [request] = scene.server.requestsOf(scene.fill(f.orderCreationRequestSuccessfulMockResponse, fixture));
    const difference = f.orderCreationRequestChanges[kind];
    assert.ok(difference !== undefined, `the fixtures do not say how a ${kind} order differs`);
    const shape = changedShape(f.orderCreationRequest, difference);
    assertRequest(scene, request, shape, { order: fixture, auth: f.auth });
  });
}

/** An account in hedge mode. */
export function hedgeScene(
  { words }: PerpetualConnectorFixtures,
  f: Fixtures<"configureSuccessfulSetPositionMode" | "configurePositionModeResponse">,
): SceneOptions {
  const routes = [...f.configurePositionModeResponse, ...f.configureSuccessfulSetPositionMode];
  const filled = fill(routes, { positionMode: "hedge" }, words);
  return { positionMode: "hedge", script: (server) => server.route(...filled) };
}

interface HedgeOrder {
  readonly side: OrderSide;
  readonly position: "open" | "close";
  /** Said of an order that closes, which reduces only in any case. */
  readonly reduceOnly?: boolean | undefined;
}

function hedgeTest({ test, fixtures }: Kit, { side, position, reduceOnly }: HedgeOrder): void {
  const opens = position === "open";
  const which = (side === "buy") === opens ? "long" : "short";
  test(
    `an order to ${side} in hedge mode that ${opens ? "opens" : "closes"} a ${which} position${reduceOnly ? ", to reduce only," : ""} is sent as such`,
    { needs: HEDGE_NEEDS, scene: (f) => hedgeScene(fixtures, f) },
    async (scene, f) => {
      const { fixture } = await scene.openOrder({ side, position, reduceOnly });
      assert.equal(fixture.positionSide, which, "the position side of the fixture");
      const [request] = scene.server.requestsOf(scene.fill(f.orderCreationRequestSuccessfulMockResponse, fixture));
      const { hedgeOpen, hedgeClose } = f.orderCreationRequestChanges;
      const difference: RequestChanges | undefined = opens ? hedgeOpen : hedgeClose;
      assert.ok(difference !== undefined, "the fixtures do not say how an order in hedge mode differs");
      assertRequest(scene, request, changedShape(f.orderCreationRequest, difference), { order: fixture, auth: f.auth });
    },
  );
}

function amountTest({ test, fixtures: { tradingPair } }: Kit): void {
  test("an amount and a price with many digits are sent as plain decimal text", { needs: NEEDS }, async (scene, f) => {
    const { minOrderSize, minBaseAmountIncrement, minPriceIncrement, minNotionalSize } =
      scene.connector.tradingRule(tradingPair);
    const price = minPriceIncrement.times(3).plus(5_000);
    const least = minNotionalSize.div(price).div(minBaseAmountIncrement).ceil().times(minBaseAmountIncrement);
    const amount = (least.gt(minOrderSize) ? least : minOrderSize).plus(minBaseAmountIncrement.times(7));
    const { fixture } = await scene.openOrder({ amount: amount.toFixed(), price: price.toFixed() });
    const [request] = scene.server.requestsOf(scene.fill(f.orderCreationRequestSuccessfulMockResponse, fixture));
    assertRequest(scene, request, f.orderCreationRequest, { order: fixture, auth: f.auth });
  });
}

/** Numbers in a request, in their order. */
function numbersIn(value: unknown): readonly Decimal[] {
  if (typeof value === "number") return [new Decimal(value)];
  if (typeof value === "string") return /^\d+(\.\d+)?$/.test(value) ? [new Decimal(value)] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

function boundTest({ test, fixtures }: Kit, side: OrderSide): void {
  if (fixtures.venueModule.manifest.marketOrders !== "bounded") return;
  test(`a market order to ${side} is bounded ${side === "buy" ? "above" : "below"} the price that it is expected to trade at`, {
    needs: [...COMPONENTS, ...OPEN_ORDER],
  }, async (scene) => {
    const { order } = await scene.openOrder({ side });
    const { markets } = createComponents(scene);
    const terms = { type: "market", price: undefined, reduceOnly: false, positionAction: "open" } as const;
    const [low, high] = ["5000", "6000"].map((price) => {
      const toPlace = {
        ...order.reference(),
        ...terms,
        positionMode: "oneWay",
        referencePrice: new Decimal(price),
      } as const;
      const { request } = scene.venue.derivative.placeOrder(markets, toPlace);
      return numbersIn([request.params, request.data]);
    });
    const bounds = low?.filter((number, index) => !number.eq(high?.[index] ?? number)) ?? [];
    assert.ok(bounds.length > 0, "no number of the request follows the order's referencePrice: nothing bounds it");
    for (const bound of bounds) {
      const isRight = side === "buy" ? bound.gte(5_000) : bound.lte(5_000);
      assert.ok(isRight, `an order to ${side} at 5000 is bounded at ${bound.toFixed()}, where it cannot trade`);
    }
  });
}
