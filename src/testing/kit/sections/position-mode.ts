import { PerpwireError, POSITION_MODE_MISMATCH } from "../../../model/error.ts";
import type { PositionMode } from "../../../model/order.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { COMPONENTS, type Kit, OPEN_ORDER, rejection } from "../register.ts";
import { assertRequest, changedShape } from "../request-shape.ts";
import { setPositionModeTests } from "./set-position-mode.ts";

const MODES: readonly PositionMode[] = ["oneWay", "hedge"];

export function positionModeTests(kit: Kit): void {
  const { describe, test, fixtures } = kit;
  describe("position mode", () => {
    test(
      "set position mode failure",
      { needs: [], uses: ["configureFailedSetPositionMode"] },
      async (scene, { configureFailedSetPositionMode: refusal }) => {
        const before = scene.connector.positionMode;
        const wanted = before === "hedge" ? "oneWay" : "hedge";
        if (refusal !== undefined) scene.route(refusal, undefined, { positionMode: wanted });
        const requests = scene.server.requests.length;
        const error = await rejection(scene, scene.connector.setPositionMode(wanted));
        assert.ok(error instanceof PerpwireError, `${String(error)} is no PerpwireError`);
        assert.equal(scene.connector.positionMode, before, "the position mode");
        const failures = scene.named("positionModeChangeFailed").map(({ positionMode }) => positionMode);
        assert.deepEqual(failures, [wanted], "the changes that failed");
        assert.equal(scene.named("positionModeChanged").length, 0, "the number of positionModeChanged events");
        if (refusal === undefined) {
          assert.equal(scene.server.requests.length, requests, "there is nothing to ask of the venue");
        }
      },
    );

    setPositionModeTests(kit);

    test(
      "a position mode that was changed by hand is read again at the refusal that it causes, and the next order fits",
      {
        needs: [
          ...OPEN_ORDER,
          "auth",
          "orderCreationRequest",
          "orderCreationRequestChanges",
          "configurePositionModeResponse",
          "configurePositionModeMismatchResponse",
        ],
      },
      async (scene, f) => {
        assert.equal(scene.connector.positionMode, "oneWay", "the position mode");
        scene.route(f.configurePositionModeResponse, undefined, { positionMode: "hedge" });
        scene.route(f.configurePositionModeMismatchResponse);
        const refused = await scene.run(scene.order().done);
        if (refused.ok) assert.fail("it was not refused");
        assert.deepEqual(
          [refused.state, refused.error.code],
          ["failed", POSITION_MODE_MISMATCH],
          "the state of the refused and code of the error of the refused",
        );
        await scene.until("the mode", () => scene.connector.positionMode === "hedge");
        assert.deepEqual(
          scene.named("positionModeChanged").map(({ positionMode }) => positionMode),
          ["hedge"],
          "what was named",
        );
        const { fixture } = await scene.openOrder();
        const { method, path } = f.orderCreationRequest;
        const request = scene.server.requestsTo(method, scene.fill(path, fixture)).at(-1);
        const { hedgeOpen = {} } = f.orderCreationRequestChanges;
        assertRequest(scene, request, changedShape(f.orderCreationRequest, hedgeOpen), {
          order: fixture,
          auth: f.auth,
        });
      },
    );

    test(
      "a position mode that was changed by hand is read again with the positions, and told",
      { needs: ["configurePositionModeResponse", "hedgePositionsRequestMockResponse", "expectedHedgePositions"] },
      async (scene, f) => {
        scene.route(f.configurePositionModeResponse, undefined, { positionMode: "hedge" });
        scene.route(f.hedgePositionsRequestMockResponse);
        await scene.run(scene.connector.refresh());
        await scene.until("the mode", () => scene.connector.positionMode === "hedge");
        assert.equal(scene.named("positionModeChanged").length, 1, "the number of positionModeChanged events");
        await scene.run(scene.connector.refresh());
        const sides = scene.connector.positions().map(({ side, amount }) => [side, amount.toFixed()]);
        const expected = f.expectedHedgePositions.map(({ side, amount }) => [side, amount]);
        assert.deepEqual(sides.toSorted(), expected.toSorted(), "the positions");
      },
    );

    test(
      "a position mode that was changed by hand in one market is told of that market, and orders fit in each",
      {
        needs: [
          ...OPEN_ORDER,
          "auth",
          "orderCreationRequest",
          "orderCreationRequestChanges",
          "expectedExchangeOrderIds",
          "configurePositionModeOfMarketResponse",
        ],
        scene: { options: { tradingPairs: [fixtures.tradingPair, fixtures.otherTradingPair] } },
      },
      async (scene, f) => {
        const { connector } = scene;
        const pairs = [fixtures.tradingPair, fixtures.otherTradingPair] as const;
        const changed = () => scene.named("positionModeChanged").map((each) => [each.tradingPair, each.positionMode]);
        const change = async (modes: readonly PositionMode[]) => {
          modes.forEach((positionMode, index) => {
            const symbol = scene.symbolOf(pairs[index] ?? "");
            scene.route(f.configurePositionModeOfMarketResponse, undefined, { positionMode, symbol });
          });
          await scene.run(connector.refresh());
          await scene.until("the modes", () =>
            pairs.every((pair, index) => connector.positionModeOf(pair) === modes[index]),
          );
        };
        await change(["hedge", "oneWay"]);
        assert.deepEqual(changed(), [[pairs[0], "hedge"]], "the position modes that were told");
        const { hedgeOpen = {} } = f.orderCreationRequestChanges;
        const [firstId, secondId] = f.expectedExchangeOrderIds;
        for (const [tradingPair, exchangeOrderId, changes] of [
          [pairs[0], firstId, hedgeOpen],
          [pairs[1], secondId, {}],
        ] as const) {
          const { fixture } = await scene.openOrder({ tradingPair, exchangeOrderId });
          const { method, path } = f.orderCreationRequest;
          const request = scene.server.requestsTo(method, scene.fill(path, fixture)).at(-1);
          const shape = changedShape(f.orderCreationRequest, changes);
          assertRequest(scene, request, shape, { order: fixture, auth: f.auth });
        }
        await change(["oneWay", "hedge"]);
        assert.deepEqual(
          changed().slice(1).toSorted(),
          [
            [pairs[0], "oneWay"],
            [pairs[1], "hedge"],
          ].toSorted(),
          "the later changes",
        );
      },
    );

    test(
      "a market that does not answer keeps its position mode, and nobody hears of another",
      {
        needs: ["configurePositionModeOfMarketResponse"],
        scene: { options: { tradingPairs: [fixtures.tradingPair, fixtures.otherTradingPair] } },
      },
      async (scene, f) => {
        const { connector } = scene;
        const pairs = [fixtures.tradingPair, fixtures.otherTradingPair];
        const routesOf = (tradingPair: string) =>
          scene.fill(f.configurePositionModeOfMarketResponse, undefined, {
            positionMode: "hedge",
            symbol: scene.symbolOf(tradingPair),
          });
        for (const tradingPair of pairs) scene.route(routesOf(tradingPair));
        await scene.run(connector.refresh());
        await scene.until("hedge mode", () => pairs.every((pair) => connector.positionModeOf(pair) === "hedge"));
        const told = scene.named("positionModeChanged").length;
        scene.route(routesOf(fixtures.tradingPair).map((route) => ({ ...route, status: 503, body: {} })));
        await rejection(scene, connector.refresh());
        assert.deepEqual(
          pairs.map((pair) => connector.positionModeOf(pair)),
          ["hedge", "hedge"],
          "the trading pairs",
        );
        assert.equal(scene.named("positionModeChanged").length, told, "the number of positionModeChanged events");
        scene.route(routesOf(fixtures.tradingPair));
        await scene.run(connector.refresh());
      },
    );

    test(
      "get position mode: each market has its own, and one that does not answer has none",
      {
        needs: [...COMPONENTS, "configurePositionModeOfMarketResponse"],
        scene: { options: { tradingPairs: [fixtures.tradingPair, fixtures.otherTradingPair] } },
      },
      async (scene, f) => {
        const { fetchPositionMode } = scene.venue.derivative;
        if (fetchPositionMode === undefined) assert.fail("the venue cannot be asked for its position modes");
        const { context } = createComponents(scene);
        const pairs = [fixtures.tradingPair, fixtures.otherTradingPair] as const;
        const routesOf = (tradingPair: string, positionMode: PositionMode) =>
          scene.fill(f.configurePositionModeOfMarketResponse, undefined, {
            positionMode,
            symbol: scene.symbolOf(tradingPair),
          });
        const failed: string[] = [];
        const ask = async () => {
          const onMarketFailure = (tradingPair: string) => failed.push(tradingPair);
          const told = await scene.run(fetchPositionMode({ ...context(), onMarketFailure }, pairs));
          return typeof told === "string" ? [told] : pairs.map((pair) => told.get(pair));
        };
        scene.route(routesOf(pairs[0], "hedge"));
        scene.route(routesOf(pairs[1], "oneWay"));
        assert.deepEqual(await ask(), ["hedge", "oneWay"], "the position modes that the venue tells");
        assert.deepEqual(failed, [], "what failed");
        scene.route(routesOf(pairs[0], "hedge").map((route) => ({ ...route, status: 503, body: {} })));
        assert.deepEqual(await ask(), [undefined, "oneWay"], "the position modes that the venue tells");
        assert.deepEqual(failed, [pairs[0]], "what failed");
      },
    );

    for (const mode of MODES) {
      test(
        `get position mode: the venue says ${mode}`,
        { needs: [...COMPONENTS, "configurePositionModeResponse"] },
        async (scene, f) => {
          scene.route(f.configurePositionModeResponse, undefined, { positionMode: mode });
          const { derivative } = scene.venue;
          if (derivative.fetchPositionMode === undefined)
            assert.fail("the venue cannot be asked for its position mode");
          const { context } = createComponents(scene);
          const { tradingPair } = scene.fixtures;
          const told = await scene.run(derivative.fetchPositionMode(context(), [tradingPair]));
          assert.equal(
            typeof told === "string" ? told : told.get(tradingPair),
            mode,
            "the position mode of configurePositionModeResponse",
          );
        },
      );
    }
  });
}
