import type { PositionUpdate } from "../../../model/account-update.ts";
import { PerpwireError } from "../../../model/error.ts";
import { splitTradingPair } from "../../../model/market.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import type { ExpectedPosition, Route } from "../fixture-shapes.ts";
import { COMPONENTS, type Kit, rejection } from "../register.ts";
import { assertAuthenticated, assertRequest } from "../request-shape.ts";
import type { Scene } from "../scene.ts";
import { hedgeScene } from "./order-requests.ts";

export function accountTests(kit: Kit): void {
  balanceTests(kit);
  availableTest(kit);
  feeTests(kit);
  positionTests(kit);
  leverageTests(kit);
}

function balanceTests({ test, fixtures: { tradingPair, collateralToken } }: Kit): void {
  const [base, quoteAsset] = splitTradingPair(tradingPair);
  const quote = collateralToken ?? quoteAsset;
  const BALANCES = [
    "balanceRequestMockResponseForBaseAndQuote",
    "balanceRequestMockResponseOnlyBase",
    "restingRoutes",
  ] as const;

  test("update balances", { needs: BALANCES }, async (scene, f) => {
    const { connector } = scene;
    const told = () =>
      [base, quote].map((asset) => [connector.balance(asset).toFixed(), connector.availableBalance(asset).toFixed()]);
    scene.route(f.balanceRequestMockResponseForBaseAndQuote);
    await scene.run(connector.refresh());
    assert.deepEqual(
      told(),
      [
        ["15", "10"],
        ["2000", "2000"],
      ],
      "what was told",
    );
    scene.route(f.balanceRequestMockResponseOnlyBase);
    await scene.run(connector.refresh());
    assert.equal(connector.balance(base).toFixed(), "15", "the balance");
    assert.equal(connector.balance(quote).toFixed(), "0", "what the venue no longer lists is gone");
    assert.equal(connector.availableBalance(quote).toFixed(), "0", "the available balance");
    scene.route(f.restingRoutes);
    await scene.run(connector.refresh());
    assert.equal(connector.balance(base).toFixed(), "0", "an asset that is not among the collateral is gone as well");
    assert.equal(connector.balance(quote).toFixed(), "10000", "the balance");
  });

  test(
    "update balances from the balance event",
    { needs: ["balanceEventWebsocketUpdate", "expectedBalanceEvent"] },
    async (scene, f) => {
      const { asset, total, available } = f.expectedBalanceEvent;
      const before = scene.named("balance").length;
      scene.send(f.balanceEventWebsocketUpdate);
      await scene.until("a balance", () => scene.named("balance").length > before);
      const told = scene.named("balance").findLast((event) => event.asset === asset);
      assert.equal(told?.total.toFixed(), total, "the total that was told");
      assert.equal(scene.connector.balance(asset).toFixed(), total, "the balance");
      if (available === undefined) return;
      assert.equal(told?.available.toFixed(), available, "what was told to be available");
      assert.equal(scene.connector.availableBalance(asset).toFixed(), available, "the available balance");
    },
  );

  test(
    "the manifest says whether a channel carries balances",
    { needs: [], uses: BALANCE_EVENTS },
    async (scene, f) => {
      const { carriesBalances } = scene.connector.manifest.userStream;
      // A channel of totals alone does not say what an order may use.
      assert.equal(carriesBalances, f.expectedBalanceEvent?.available !== undefined, "carriesBalances of the manifest");
    },
  );

  test("the collateral tokens drive budget and fee", { needs: [] }, async (scene) => {
    const { connector } = scene;
    const { buyOrderCollateralToken, sellOrderCollateralToken } = connector.tradingRule(tradingPair);
    assert.equal(connector.buyCollateralToken(tradingPair), buyOrderCollateralToken, "the buy collateral token");
    assert.equal(connector.sellCollateralToken(tradingPair), sellOrderCollateralToken, "the sell collateral token");
    const fee = connector.fee(tradingPair, { side: "buy", positionAction: "open", isMaker: true });
    assert.equal(fee.percentToken, buyOrderCollateralToken, "the percent token of the fee");
    assert.throws(
      () => scene.order({ amount: "500" }),
      {
        name: "InsufficientMarginError",
        message: new RegExp(`${buyOrderCollateralToken}, \\d+ is available`),
      },
      "an order that is larger than the budget",
    );
  });

  test(
    "the budget is what the venue says is available",
    { needs: ["balanceRequestMockResponseOnlyBase"] },
    async (scene, f) => {
      scene.route(f.balanceRequestMockResponseOnlyBase);
      await scene.run(scene.connector.refresh());
      const before = scene.server.requests.length;
      assert.throws(() => scene.order(), { name: "InsufficientMarginError" }, "an order without a budget");
      assert.equal(scene.server.requests.length, before, "the number of requests");
    },
  );
}

const BALANCE_EVENTS = ["balanceEventWebsocketUpdate", "expectedBalanceEvent"] as const;

/** A figure of an answer: where it is, and what it is. */
interface Figure {
  readonly path: readonly string[];
  readonly value: string | number;
}

function figuresIn(value: unknown, path: readonly string[] = []): readonly Figure[] {
  const isFigure = typeof value === "number" || (typeof value === "string" && /^\d+(\.\d+)?$/.test(value));
  if (isFigure) return [{ path, value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => figuresIn(each, [...path, name]));
}

/** The answer with another figure. */
function withFigure(value: unknown, [name, ...rest]: readonly string[], figure: unknown): unknown {
  if (name === undefined) return figure;
  if (Array.isArray(value))
    return value.map((each, index) => (String(index) === name ? withFigure(each, rest, figure) : each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, key === name ? withFigure(each, rest, figure) : each]),
  );
}

/** Tells that one figure of an answer changes what is available, and not the total. */
async function changesAvailableAlone(
  scene: Scene,
  route: Route,
  { path, value }: Figure,
  other: number,
): Promise<boolean> {
  const { context } = createComponents(scene);
  const read = async () => {
    const updates = await scene.venue.derivative.fetchBalances(context());
    const own = updates.find((each) => each.type === "balance" && each.asset === scene.collateralToken);
    return own?.type === "balance" ? own : undefined;
  };
  const [before, after] = await scene.run(
    (async () => {
      const first = await read();
      scene.route({ ...route, body: withFigure(route.body, path, typeof value === "number" ? other : String(other)) });
      const second = await read().catch(() => undefined);
      scene.route(route);
      return [first, second];
    })(),
  );
  if (before?.total === undefined || after?.total === undefined) return false;
  return after.total.eq(before.total) && after.available?.eq(before.available ?? after.available) === false;
}

function availableTest({ test }: Kit): void {
  test(
    "what is available is read from another figure than the total",
    { needs: [...COMPONENTS, "restingRoutes"] },
    async (scene, f) => {
      const before = scene.server.requests.length;
      const { context } = createComponents(scene);
      await scene.run(scene.venue.derivative.fetchBalances(context()));
      const asked = scene.server.requests.slice(before);
      const isAsked = ({ method, path }: Route) => asked.some((each) => each.method === method && each.path === path);
      const routes = scene.fill(f.restingRoutes).filter(isAsked);
      for (const route of routes) {
        for (const figure of figuresIn(route.body)) {
          const value = Number(figure.value);
          // The greater of two figures does not change with the smaller one.
          for (const other of value === 0 ? [1_000] : [value * 0.9, value * 1.1])
            if (await changesAvailableAlone(scene, route, figure, other)) return;
        }
      }
      assert.fail(
        `no figure of ${routes.map(({ path }) => path).join(", ")} (restingRoutes) changes what is available and leaves the ` +
          `total of ${scene.collateralToken} as it is: both are read from the same field`,
      );
    },
  );
}

function feeTests({ test, fixtures: { tradingPair } }: Kit): void {
  test(
    "update trading fees",
    { needs: [...COMPONENTS, "tradingFeesRequestMockResponse", "expectedTradingFees"] },
    async (scene, f) => {
      scene.route(f.tradingFeesRequestMockResponse);
      const { context } = createComponents(scene);
      const fees = await scene.run(scene.venue.derivative.tradingFees(context(), [tradingPair]));
      const schema = "makerPercentFee" in fees ? fees : fees.get(tradingPair);
      const { makerPercentFee: maker, takerPercentFee: taker } = schema ?? assert.fail("no fees of the market");
      assert.deepEqual(
        { maker: maker.toFixed(), taker: taker.toFixed() },
        f.expectedTradingFees,
        "the fees of tradingFeesRequestMockResponse",
      );
    },
  );
}

/** A position as the fixtures tell one; figures that are not known are left out. */
function toldPosition(update: Omit<PositionUpdate, "type" | "timestampMs">): ExpectedPosition {
  const { tradingPair, side, amount, entryPrice, unrealizedPnl, leverage, liquidationPrice, markPrice } = update;
  const figures = { entryPrice, unrealizedPnl, leverage, liquidationPrice, markPrice };
  const known = Object.entries(figures).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value.toFixed()] as const],
  );
  return { tradingPair, side, amount: amount.toFixed(), entryPrice: "", ...Object.fromEntries(known) };
}

const byName = (a: ExpectedPosition, b: ExpectedPosition): number =>
  `${a.tradingPair} ${a.side}`.localeCompare(`${b.tradingPair} ${b.side}`);

async function positionsOf(scene: Scene, tradingPairs: readonly string[]): Promise<readonly ExpectedPosition[]> {
  const { context } = createComponents(scene);
  const updates = await scene.run(scene.venue.derivative.fetchPositions(context(), tradingPairs));
  const positions = updates.flatMap((update) =>
    update.type === "position" && !update.amount.isZero() ? [update] : [],
  );
  return positions.map(toldPosition).sort(byName);
}

function positionTests({ test, fixtures: { tradingPair, otherTradingPair } }: Kit): void {
  test(
    "update positions, long and short",
    { needs: [...COMPONENTS, "positionsRequestMockResponse", "expectedPositions"] },
    async (scene, f) => {
      scene.route(f.positionsRequestMockResponse);
      assert.deepEqual(
        await positionsOf(scene, [tradingPair, otherTradingPair]),
        [...f.expectedPositions].sort(byName),
        "the positions of positionsRequestMockResponse",
      );
      const signs = new Set(f.expectedPositions.map(({ amount }) => amount.startsWith("-")));
      assert.equal(signs.size, 2, "the fixtures have a long and a short position");
    },
  );

  test(
    "update positions of the connector, and forget what the venue no longer lists",
    { needs: ["positionsRequestMockResponse", "expectedPositions", "restingRoutes"] },
    async (scene, f) => {
      const pairs = [tradingPair, otherTradingPair];
      const told = () => pairs.map((pair) => scene.connector.position(pair)?.amount.toFixed());
      scene.route(f.positionsRequestMockResponse);
      await scene.run(scene.connector.refresh());
      const expected = pairs.map((pair) => f.expectedPositions.find((each) => each.tradingPair === pair)?.amount);
      assert.deepEqual(told(), expected, "also that of a market which is not followed");
      scene.route(f.restingRoutes);
      await scene.run(scene.connector.refresh());
      assert.deepEqual(told(), [undefined, undefined], "what was told");
    },
  );

  test(
    "update positions in hedge mode, keyed by side",
    { needs: [...COMPONENTS, "hedgePositionsRequestMockResponse", "expectedHedgePositions"] },
    async (scene, f) => {
      scene.route(f.hedgePositionsRequestMockResponse);
      assert.deepEqual(
        await positionsOf(scene, [tradingPair]),
        [...f.expectedHedgePositions].sort(byName),
        "the positions of hedgePositionsRequestMockResponse",
      );
      const sides = f.expectedHedgePositions.map(({ side, amount }) => `${side} ${amount.startsWith("-") ? "-" : "+"}`);
      assert.deepEqual(sides.sort(), ["long +", "short -"], "the fixtures have both sides");
    },
  );
}

function leverageTests({ test, fixtures }: Kit): void {
  const { tradingPair } = fixtures;
  test(
    "set leverage success",
    { needs: ["configureSuccessfulSetLeverage", "setLeverageRequest", "auth"] },
    async (scene, f) => {
      const more = { leverage: "5" };
      const answers = scene.fill(f.configureSuccessfulSetLeverage, undefined, more);
      scene.route(answers);
      await scene.run(scene.connector.setLeverage(tradingPair, "5"));
      const requests = scene.server.requestsOf(answers);
      assert.equal(requests.length, 1, "the number of requests");
      assertRequest(scene, requests[0], f.setLeverageRequest, { auth: f.auth, more });
      assertAuthenticated(scene, requests[0], f.auth);
      assert.equal(scene.connector.leverage(tradingPair).toFixed(), "5", "the leverage");
      assert.equal(
        scene.named("leverageChanged").at(-1)?.leverage.toFixed(),
        "5",
        "the leverage of the last leverageChanged event",
      );
    },
  );

  test(
    "set leverage in hedge mode",
    {
      needs: [
        "setLeverageRequestInHedgeMode",
        "configureSuccessfulSetLeverage",
        "configureSuccessfulSetPositionMode",
        "configurePositionModeResponse",
        "auth",
      ],
      scene: (f) => hedgeScene(fixtures, f),
    },
    async (scene, f) => {
      const more = { leverage: "5" };
      const { method, path } = scene.fill(f.setLeverageRequestInHedgeMode, undefined, more);
      const [answer] = scene.fill(f.configureSuccessfulSetLeverage, undefined, more);
      scene.route({ ...(answer ?? { body: {} }), method, path });
      scene.server.on(answer?.method ?? method, answer?.path ?? path, { body: answer?.body });
      await scene.run(scene.connector.setLeverage(tradingPair, "5"));
      const sent = scene.server.requests.filter((each) => each.method === method && each.path.includes("everage"));
      assertRequest(scene, sent.at(-1), f.setLeverageRequestInHedgeMode, { auth: f.auth, more });
    },
  );

  test("set leverage failure", { needs: ["configureFailedSetLeverage"] }, async (scene, f) => {
    const before = scene.connector.leverage(tradingPair).toFixed();
    const changes = scene.named("leverageChanged").length;
    scene.route(f.configureFailedSetLeverage, undefined, { leverage: "21" });
    const error = await rejection(scene, scene.connector.setLeverage(tradingPair, "21"));
    assert.ok(error instanceof PerpwireError, `${String(error)} is no PerpwireError`);
    assert.equal(scene.connector.leverage(tradingPair).toFixed(), before, "the leverage");
    assert.equal(scene.named("leverageChanged").length, changes, "the number of leverageChanged events");
  });
}
