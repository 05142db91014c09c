import { splitTradingPair } from "../../../model/market.ts";
import { assert } from "../assertion.ts";
import { A_MOMENT_MS, type Kit, OPEN_ORDER } from "../register.ts";
import type { SceneOptions } from "../scene.ts";
import { expectedLevels, levelsOf } from "./books.ts";
import { assertFilledOnce, FILL } from "./facts.ts";

const POLL_MS = 3_000;
const MAX_WAIT_MS = 3 * POLL_MS;
/** A catch-up begins at once, and nothing of it waits for a poll. */
const MAX_CATCH_UP_MS = 10_000;
const POLLED: SceneOptions = { timings: { longPollIntervalMs: POLL_MS, shortPollIntervalMs: 500 } };

/** Loops of a connector that nobody asks for anything, and what its start reads. */
export function runningTests(kit: Kit): void {
  kit.describe("status polling", () => pollingTests(kit));
  kit.describe("gaps", () => gapTests(kit));
  kit.describe("start", () => startTests(kit));
  kit.describe("trading pairs", () => pairTests(kit));
  kit.describe("stop", () => stopTests(kit));
}

function pollingTests({ test, fixtures: { tradingPair } }: Kit): void {
  test(
    "status polling loop finds the end of an order that the user stream did not tell",
    { needs: [...OPEN_ORDER, "configureCanceledOrderStatusResponse"], scene: POLLED },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureCanceledOrderStatusResponse, fixture);
      await scene.until("the end, by a poll", () => order.isDone, MAX_WAIT_MS);
      assert.equal(order.state, "canceled", "the state of the order");
    },
  );

  test(
    "status polling loop finds a fill that the user stream did not tell",
    {
      needs: [
        ...OPEN_ORDER,
        ...FILL,
        "configureOpenOrderStatusResponse",
        "configurePartialFillTradeResponse",
        "expectedPartialFillAmount",
      ],
      scene: POLLED,
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureOpenOrderStatusResponse, fixture);
      scene.route(f.configurePartialFillTradeResponse, fixture);
      await scene.until("the fill, by a poll", () => order.executedAmount.gt(0), MAX_WAIT_MS);
      assertFilledOnce(scene, f, { side: "buy", amount: f.expectedPartialFillAmount });
    },
  );

  test(
    "status polling loop takes balances and positions",
    {
      needs: ["balanceRequestMockResponseForBaseAndQuote", "positionsRequestMockResponse", "expectedPositions"],
      scene: POLLED,
    },
    async (scene, f) => {
      const [base] = splitTradingPair(tradingPair);
      scene.route(f.positionsRequestMockResponse);
      scene.route(f.balanceRequestMockResponseForBaseAndQuote);
      const own = () => scene.connector.position(tradingPair)?.amount.toFixed();
      const expected = f.expectedPositions.find((each) => each.tradingPair === tradingPair)?.amount;
      await scene.until("balances, by a poll", () => scene.connector.balance(base).eq("15"), MAX_WAIT_MS);
      await scene.until("positions, by a poll", () => own() === expected, MAX_WAIT_MS);
    },
  );

  test(
    "status polling loop asks more often while the user stream is interrupted",
    {
      needs: ["balanceRequestMockResponseOnlyBase"],
      scene: { timings: { longPollIntervalMs: 600_000, shortPollIntervalMs: 1_000 } },
    },
    async (scene, f) => {
      const routes = scene.fill([f.balanceRequestMockResponseOnlyBase].flat());
      const asked = () => scene.server.requestsOf(routes).length;
      await scene.world.advance(20_000);
      const before = asked();
      await scene.world.advance(20_000);
      assert.equal(asked(), before, "the user stream tells what happens: no poll is due");
      scene.world.network.faults.onConnect = () => "refuse";
      scene.world.network.resetConnections("connector");
      await scene.world.advance(10_000);
      assert.ok(asked() - before >= 5, `${asked() - before} polls in 10 s without a user stream, expected 5 or more`);
    },
  );
}

function gapTests({ test }: Kit): void {
  test(
    "a gap of a user stream that lives on is answered at once: what may have been missed is asked for",
    {
      needs: [
        ...OPEN_ORDER,
        ...FILL,
        "configureOpenOrderStatusResponse",
        "configurePartialFillTradeResponse",
        "expectedPartialFillAmount",
      ],
      scene: { timings: { longPollIntervalMs: 600_000 } },
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      await scene.world.advance(20_000);
      scene.route(f.configureOpenOrderStatusResponse, fixture);
      scene.route(f.configurePartialFillTradeResponse, fixture);
      const [connection] = scene.server.openConnections(true);
      const gaps = scene.named("gap").length;
      scene.server.sendPrivate("{ not json");
      await scene.until("the gap", () => scene.named("gap").length > gaps);
      await scene.until("the fill that was missed", () => order.executedAmount.gt(0), MAX_CATCH_UP_MS);
      assertFilledOnce(scene, f, { side: "buy", amount: f.expectedPartialFillAmount });
      assert.deepEqual(scene.server.openConnections(true), [connection], "the stream was not to be opened anew");
    },
  );

  test(
    "an interruption of the user stream is told at once: a poll that is due does not wait for the next look",
    {
      needs: ["balanceRequestMockResponseOnlyBase"],
      scene: { timings: { longPollIntervalMs: 600_000, shortPollIntervalMs: 60_000 } },
    },
    async (scene, f) => {
      const routes = scene.fill([f.balanceRequestMockResponseOnlyBase].flat());
      const asked = () => scene.server.requestsOf(routes).length;
      await scene.world.advance(90_000);
      const before = asked();
      scene.world.network.faults.onConnect = () => "refuse";
      scene.world.network.resetConnections("connector");
      await scene.until("a poll, which has been due for half a minute", () => asked() > before, MAX_CATCH_UP_MS);
    },
  );
}

function pairTests({ test, fixtures: { tradingPair, otherTradingPair } }: Kit): void {
  test(
    "a trading pair is subscribed and unsubscribed at run time, on connections that stay",
    { needs: ["expectedBook"] },
    async (scene, f) => {
      const { connector, server } = scene;
      const symbol = scene.symbolOf(otherTradingPair).toLowerCase();
      // Name as a whole, or as a part of a channel's name.
      const names = new RegExp(`(?<![a-z0-9])${symbol.replace(/[^a-z0-9]/g, String.raw`\$&`)}(?![a-z0-9])`);
      const named = () =>
        server.connections
          .flatMap(({ received }) => received.map((frame) => JSON.stringify(frame).toLowerCase()))
          .filter((frame) => names.test(frame));
      const connections = server.openConnections(false);
      assert.deepEqual(named(), [], "a market that is not followed is not subscribed");
      connector.addTradingPair(otherTradingPair);
      assert.deepEqual(connector.tradingPairs, [tradingPair, otherTradingPair], "the trading pairs");
      await scene.until("its subscription", () => named().length > 0);
      const subscribed = named().length;
      await scene.world.advance(1_000);
      connector.removeTradingPair(otherTradingPair);
      assert.deepEqual(connector.tradingPairs, [tradingPair], "the trading pairs");
      await scene.until("its end", () =>
        named()
          .slice(subscribed)
          .some((frame) => frame.includes("unsub")),
      );
      assert.throws(
        () => connector.orderBook(otherTradingPair),
        { name: "NotFoundError" },
        "the book of a market that is no longer followed",
      );
      await scene.until("ready", () => connector.ready);
      for (const connection of connections) assert.ok(connection.connection.isOpen, "a connection was opened anew");
      assert.deepEqual(
        levelsOf(connector.orderBook(tradingPair)),
        expectedLevels(f.expectedBook),
        "the levels of the book",
      );
    },
  );
}

function stopTests({ test }: Kit): void {
  test("stop ends the user stream and every loop without a fault", { needs: [] }, async (scene) => {
    const faults = scene.logger.at("warn", "error").length;
    await scene.run(scene.connector.stop());
    await scene.world.advance(A_MOMENT_MS);
    assert.equal(
      scene.server.openConnections(true).length + scene.server.openConnections(false).length,
      0,
      "the number of open connections after the stop",
    );
    const requests = scene.server.requests.length;
    await scene.world.advance(600_000);
    assert.equal(scene.server.requests.length, requests, "something goes on after the stop");
    assert.equal(scene.logger.at("warn", "error").length, faults, scene.logger.text);
  });
}

function startTests({ test, fixtures: { tradingPair } }: Kit): void {
  test(
    "start asks for the account's trading fees, and an order's fee is by them",
    {
      needs: ["tradingFeesRequestMockResponse", "expectedTradingFees"],
      scene: (f) => ({ script: (server) => server.route(...[f.tradingFeesRequestMockResponse].flat()) }),
    },
    async (scene, f) => {
      const percent = (isMaker: boolean) =>
        scene.connector.fee(tradingPair, { side: "buy", positionAction: "open", isMaker }).percent.toFixed();
      assert.deepEqual({ maker: percent(true), taker: percent(false) }, f.expectedTradingFees, "the fees of an order");
    },
  );

  test("start asks for balances before it resolves", { needs: [], scene: { ready: false } }, async (scene) => {
    await scene.run(scene.connector.start());
    assert.equal(
      scene.connector.balance(scene.collateralToken).toFixed(),
      "10000",
      "the account at rest has 10000 of the quote asset",
    );
  });

  test(
    "start asks for the position mode before it resolves",
    {
      needs: ["configurePositionModeResponse"],
      scene: { ready: false },
    },
    async (scene, f) => {
      scene.route(f.configurePositionModeResponse, undefined, { positionMode: "hedge" });
      await scene.run(scene.connector.start());
      assert.equal(scene.connector.positionMode, "hedge", "the position mode");
    },
  );
}
