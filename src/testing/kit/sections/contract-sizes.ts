import type { Decimal } from "../../../model/decimal.ts";
import { createVenueMarkets, type VenueMarkets } from "../../../model/venue-markets.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { COMPONENTS, type Fixtures, type Kit, OPEN_ORDER } from "../register.ts";
import type { FixtureOrder, Scene } from "../scene.ts";

const TO_PLACE = { reduceOnly: false, positionAction: "open", positionMode: "oneWay" } as const;
const FACTOR = 10;

/** The same markets with contracts of another size. */
function withContracts({ connectorName, domain, byPair, account }: VenueMarkets): VenueMarkets {
  const markets = [...byPair.values()].map((market) => {
    const { rule } = market;
    return { ...market, rule: { ...rule, contractSize: rule.contractSize.times(FACTOR) } };
  });
  return createVenueMarkets(connectorName, domain, markets, account);
}

const NEEDS = [
  ...COMPONENTS,
  ...OPEN_ORDER,
  "orderEventForFullFillWebsocketUpdate",
  "tradeEventForFullFillWebsocketUpdate",
  "configureOpenOrderStatusResponse",
  "configureOpenOrdersResponse",
  "configureFullFillTradeResponse",
  "positionsRequestMockResponse",
  "tradeEvent",
] as const;

/** Amounts that the venue reads of each fixture, by its name. */
async function amountsOf(
  scene: Scene,
  f: Fixtures<(typeof NEEDS)[number]>,
  order: FixtureOrder,
  markets: VenueMarkets,
): Promise<ReadonlyMap<string, readonly Decimal[]>> {
  const { derivative, userStreamDataSource, orderBookDataSource } = scene.venue;
  const { tradingPair } = scene.fixtures;
  const context = { ...createComponents(scene).context(), markets };
  const asMessage = (frame: unknown): unknown => JSON.parse(JSON.stringify(scene.fill(frame, order)));
  const pushed = (frame: unknown) => userStreamDataSource.parseUserStreamMessage(markets, asMessage(frame));
  const trades = orderBookDataSource.parseTradeMessage(markets, asMessage(f.tradeEvent));
  const orders = await scene.run(derivative.fetchOpenOrders(context, [tradingPair]));
  const positions = await scene.run(derivative.fetchPositions(context, [tradingPair]));
  const fills = await scene.run(derivative.tradesSince(context, scene.fixtures.startMs - 3_600_000, [tradingPair]));
  const amounts = (rows: readonly object[]): readonly Decimal[] =>
    rows.flatMap((row) => ("amount" in row ? [row.amount as Decimal] : []));
  return new Map([
    [
      "orderEventForFullFillWebsocketUpdate",
      pushed(f.orderEventForFullFillWebsocketUpdate).flatMap((update) =>
        update.type === "order" ? [update.executedAmount ?? [], update.order?.amount ?? []].flat() : [],
      ),
    ],
    ["tradeEventForFullFillWebsocketUpdate", amounts(pushed(f.tradeEventForFullFillWebsocketUpdate))],
    ["configureOpenOrdersResponse", amounts(orders)],
    ["configureFullFillTradeResponse", amounts(fills)],
    ["positionsRequestMockResponse", amounts(positions)],
    ["tradeEvent", amounts(trades)],
  ]);
}

/** Sizes of contracts are a matter of every amount, or of none. */
export function contractSizeTests({ describe, test, fixtures: { tradingPair } }: Kit): void {
  describe("contract sizes", () => {
    test("the market of the tests is one whose contract is not a base unit, where the venue lists one", {
      needs: COMPONENTS,
    }, async (scene) => {
      const { markets } = createComponents(scene);
      const own = markets.byPair.get(tradingPair)?.rule.contractSize;
      const others = [...markets.byPair.values()].filter(({ rule }) => !rule.contractSize.eq(1));
      const [other] = others;
      assert.ok(
        own?.eq(1) !== true || other === undefined,
        `tradingPair is ${tradingPair}, whose contract is one base unit, while allSymbolsRequestMockResponse lists ` +
          `${other?.tradingPair} with contracts of ${other?.rule.contractSize.toFixed()}: choose a market like that one, ` +
          "for with a size of 1 nobody sees where it is forgotten",
      );
    });

    test("the size of contracts is applied to every amount, or to none", { needs: NEEDS }, async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      for (const name of [
        "configureOpenOrderStatusResponse",
        "configureOpenOrdersResponse",
        "configureFullFillTradeResponse",
      ] as const)
        scene.route(f[name], fixture);
      scene.route(f.positionsRequestMockResponse);
      const { markets } = createComponents(scene);
      const changed = withContracts(markets);
      const [sent, sentAfter] = [markets, changed].map((each) => {
        const { request } = scene.venue.derivative.placeOrder(each, { ...order.reference(), ...TO_PLACE });
        return JSON.stringify([request.params, request.data]);
      });
      const isInContracts = sent !== sentAfter;
      const [before, after] = [
        await amountsOf(scene, f, fixture, markets),
        await amountsOf(scene, f, fixture, changed),
      ];
      const wrong = [...before].filter(([name, amounts]) => {
        const expected = amounts.map((amount) => (isInContracts ? amount.times(FACTOR) : amount).toFixed());
        return JSON.stringify(after.get(name)?.map((amount) => amount.toFixed())) !== JSON.stringify(expected);
      });
      assert.deepEqual(
        wrong.map(([name]) => name),
        [],
        isInContracts
          ? "an order is sent in contracts, and the amounts of these fixtures are read as base units"
          : "an order is sent in base units, and the amounts of these fixtures are read as contracts",
      );
    });
  });
}
