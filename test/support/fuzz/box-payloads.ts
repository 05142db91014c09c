import { connect } from "../../../src/connect.ts";
import type { PerpetualConnector } from "../../../src/connector/perpetual-connector.ts";
import { PAPER_MARKETS } from "../../../src/paper/index.ts";
import { SILENT_LOGGER } from "../../../src/runtime/logger.ts";
import { SimulatedWorld } from "../../../src/runtime/simulated.ts";
import { BOX_PROTOCOLS, type BoxConnector } from "../../../src/simulation/box-protocols.ts";
import type { PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { ownPathOf } from "../../../src/testing/kit/shared-paths.ts";
import { overheard } from "./overheard.ts";
import type { Payloads } from "./seeds.ts";

const SECOND_MS = 1_000;

/** Answers and frames that the exchange in the box sends a connector which does everything once. */
export async function boxPayloads(
  name: BoxConnector,
  { restBasePath, sharedPaths }: Pick<PerpetualConnectorFixtures, "restBasePath" | "sharedPaths">,
): Promise<Payloads> {
  const answers: [path: string, body: unknown][] = [];
  const frames: unknown[] = [];
  const world = new SimulatedWorld({ seed: 1 });
  const runtime = overheard(world.runtime("bot"), {
    onAnswer(url, response, { body }) {
      // The box serves all of its protocols at one address: the path may have one of its own before the venue's.
      const { pathname } = new URL(url);
      const path =
        sharedPaths?.find((shared) => pathname.endsWith(shared.path))?.path ?? pathname.slice(restBasePath.length);
      const asked: unknown = typeof body === "string" && sharedPaths !== undefined ? JSON.parse(body) : undefined;
      answers.push([ownPathOf(path, asked, sharedPaths)?.path ?? path, JSON.parse(response.text)]);
      return response;
    },
    onFrame: (text) => void frames.push(text === "pong" ? text : JSON.parse(text)),
  });
  const pair = `BTC-${BOX_PROTOCOLS[name].quote}`;
  const paper = { seed: 1, markets: PAPER_MARKETS.slice(0, 2), fundingIntervalMs: 60 * SECOND_MS };
  const connector = await world.run(connect(name, { tradingPairs: [pair], paper, runtime, logger: SILENT_LOGGER }));
  await actOnce(connector, pair, world);
  await world.run(connector.stop());
  return { answers, frames };
}

async function actOnce(connector: PerpetualConnector, pair: string, world: SimulatedWorld): Promise<void> {
  const price = connector.orderBook(pair).bestBid?.price ?? connector.tradingRule(pair).minPriceIncrement;
  const far = price.times("0.9").toDecimalPlaces(0);
  const rest = (amount = "0.01") => connector.buy(pair, { amount, price: far, position: "open" }).clientOrderId;
  const ignore = (promise: Promise<unknown>) => promise.catch(() => undefined);
  const [first, second, third] = [rest(), rest("0.02"), rest("0.03")];
  connector.buy(pair, { amount: "0.5", type: "market", position: "open" });
  connector.buy(pair, {
    amount: "0.01",
    price: price.times(2).toDecimalPlaces(0),
    type: "limitMaker",
    position: "open",
  });
  connector.batchOrderCreate([
    { tradingPair: pair, side: "buy", amount: "0.01", price: far, position: "open" },
    { tradingPair: pair, side: "sell", amount: "0.01", price: price.times("1.1").toDecimalPlaces(0), position: "open" },
  ]);
  await world.advance(3 * SECOND_MS);
  await world.run(ignore(connector.amend(first, { price: far.minus(1) })));
  await world.run(ignore(connector.cancel(second)));
  await world.run(ignore(connector.batchOrderCancel([third])));
  await world.run(ignore(connector.setLeverage(pair, "5")));
  await world.run(ignore(connector.cancelAllAfter(60 * SECOND_MS)));
  await world.advance(150 * SECOND_MS);
  for (const ask of [
    () => connector.refresh(),
    () => connector.fetchOpenOrders(),
    () => connector.fetchLastTradedPrice(pair),
    () => connector.fetchTradingRules(),
    () => connector.fetchLastFeePayment(pair),
    () => connector.checkNetwork(),
    () => connector.flatten(),
    () => connector.setPositionMode("hedge"),
  ])
    await world.run(ignore(ask()));
  await world.advance(10 * SECOND_MS);
}
